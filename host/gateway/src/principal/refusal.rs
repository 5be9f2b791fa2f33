//! Why a request is refused before it reaches a worker.

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use crate::answer::Answer;
use crate::body::GatewayBody;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing proves who asks.
    Unauthorized(&'static str),
    /// Who asks may not do this.
    Forbidden(&'static str),
    /// Keys and sessions cannot be looked up.
    Unavailable,
}

impl Refusal {
    pub(crate) fn response(&self, request_id: &str) -> Response<GatewayBody> {
        let (status, code, message) = match self {
            Self::Unauthorized(message) => (StatusCode::UNAUTHORIZED, "unauthorized", *message),
            Self::Forbidden(message) => (StatusCode::FORBIDDEN, "forbidden", *message),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "who asks cannot be looked up at the moment",
            ),
        };
        let mut response = Answer::new(status, code, message).response(request_id);
        let headers = response.headers_mut();
        match self {
            // RFC 6750 3.
            Self::Unauthorized(_) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
            }
            Self::Forbidden(_) => None,
            Self::Unavailable => headers.insert(RETRY_AFTER, HeaderValue::from_static("1")),
        };
        response
    }
}
