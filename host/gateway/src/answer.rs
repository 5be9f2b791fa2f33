//! The answers that the gateway gives itself: JSON `{ code, message, request_id }`. They reveal nothing of a worker's
//! failure; that stands in the log and in the execution record, found by the request id.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use ouro_runtime::{Excess, InvocationError};

use crate::body::GatewayBody;
use crate::named::NotFound;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Why the host ended an invocation.
pub const TERMINATION: HeaderName = HeaderName::from_static("x-ouro-termination");

/// What the gateway says instead of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: &'a str,
}

impl<'a> Answer<'a> {
    pub const fn new(status: StatusCode, code: &'static str, message: &'a str) -> Self {
        Self {
            status,
            code,
            message,
        }
    }

    pub fn response(self, request_id: &str) -> Response<GatewayBody> {
        let body = serde_json::json!({ "code": self.code, "message": self.message, "request_id": request_id });
        let mut response = Response::new(GatewayBody::full(Bytes::from(body.to_string())));
        *response.status_mut() = self.status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

pub const BAD_HOST: Answer<'static> = Answer::new(
    StatusCode::BAD_REQUEST,
    "bad_host",
    "the request names no valid host",
);
pub const ASSETS_UNAVAILABLE: Answer<'static> = Answer::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "unavailable",
    "the artifact store did not answer",
);

/// A host that leads to no version.
pub fn not_found(why: NotFound, host: &str, request_id: &str) -> Response<GatewayBody> {
    let host: String = host.chars().take(255).collect();
    let (status, code, message) = match why {
        NotFound::Unknown => (
            StatusCode::NOT_FOUND,
            "unknown_host",
            format!("no worker is served at `{host}`"),
        ),
        NotFound::Ambiguous => (
            StatusCode::CONFLICT,
            "ambiguous_version",
            format!(
                "more than one version is meant by `{host}`: give more digits of the version's id"
            ),
        ),
        NotFound::NotRunnable => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "not_runnable",
            format!("the version at `{host}` cannot run on this host"),
        ),
        NotFound::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            format!("what is served at `{host}` cannot be looked up at the moment"),
        ),
    };
    Answer::new(status, code, &message).response(request_id)
}

/// The client's view of an invocation without a response.
pub fn failed(error: &InvocationError, request_id: &str) -> Response<GatewayBody> {
    let (code, message) = describe(error);
    let status =
        StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Answer::new(status, code, message).response(request_id);
    if let Some(reason) = termination(error) {
        response
            .headers_mut()
            .insert(TERMINATION, HeaderValue::from_static(reason));
    }
    if matches!(
        error,
        InvocationError::Overloaded { .. }
            | InvocationError::Sockets { .. }
            | InvocationError::Crowded { .. }
    ) {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn describe(error: &InvocationError) -> (&'static str, &'static str) {
    match error {
        InvocationError::Overloaded { .. } => (
            "overloaded",
            "the host is at its limit of running invocations",
        ),
        InvocationError::Sockets { .. } => {
            ("overloaded", "the host is at its limit of open WebSockets")
        }
        InvocationError::Crowded { .. } => (
            "exceeded_invocations",
            "the worker is at its limit of running invocations",
        ),
        InvocationError::Exceeded { exceeded, .. } => describe_excess(exceeded.excess),
        InvocationError::ExceededCpu { .. } => (
            "exceeded_cpu",
            "the worker used more CPU time than its limit",
        ),
        InvocationError::ExceededWall { .. } => {
            ("exceeded_wall", "the worker took longer than its limit")
        }
        InvocationError::ExceededMemory { .. } => (
            "exceeded_memory",
            "the worker needed more memory than its limit",
        ),
        InvocationError::Load(_) if error.status_code() == 503 => {
            ("unavailable", "the worker cannot be loaded at the moment")
        }
        InvocationError::Load(_) => ("not_runnable", "the worker cannot run on this host"),
        InvocationError::NoResponse => ("no_response", "the worker ended without a response"),
        _ => ("worker_error", "the worker failed"),
    }
}

fn describe_excess(excess: Excess) -> (&'static str, &'static str) {
    match excess {
        Excess::RequestHeaders => (
            "exceeded_request_headers",
            "the header section of the request is larger than the worker takes",
        ),
        Excess::RequestBody => (
            "exceeded_request_body",
            "the body of the request is larger than the worker takes",
        ),
        Excess::ResponseHeaders | Excess::ResponseBody => (
            "exceeded_response",
            "the worker's response was larger than its limit",
        ),
        Excess::Subrequests => (
            "exceeded_subrequests",
            "the worker made more subrequests than its limit",
        ),
        Excess::Operations => (
            "exceeded_operations",
            "the worker used its bindings more often than its limit",
        ),
    }
}

fn termination(error: &InvocationError) -> Option<&'static str> {
    match error {
        InvocationError::ExceededCpu { .. } => Some("exceeded-cpu"),
        InvocationError::ExceededWall { .. } => Some("exceeded-wall"),
        InvocationError::ExceededMemory { .. } => Some("exceeded-memory"),
        InvocationError::Overloaded { .. } | InvocationError::Sockets { .. } => Some("overloaded"),
        InvocationError::Crowded { .. } => Some("exceeded-invocations"),
        InvocationError::Exceeded { exceeded, .. } => Some(match exceeded.excess {
            Excess::RequestHeaders => "exceeded-request-headers",
            Excess::RequestBody => "exceeded-request-body",
            Excess::ResponseHeaders | Excess::ResponseBody => "exceeded-response",
            Excess::Subrequests => "exceeded-subrequests",
            Excess::Operations => "exceeded-operations",
        }),
        InvocationError::Trapped(_) => Some("trapped"),
        _ => None,
    }
}
