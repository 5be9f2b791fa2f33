//! A worker in Rust: `GET /` greets, `GET /visits` counts in a database. Everything it uses is declared in `wit/`.

mod visits;

wit_bindgen::generate!({
    path: "../../wit",
    world: "ouro:host/worker",
    generate_all,
});

use crate::exports::wasi::http::incoming_handler::Guest;
use crate::ouro::host::{env, logging};
use crate::wasi::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Worker;

impl Guest for Worker {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (status, text) = answer(&request);
        respond(out, status, &text);
    }
}

fn answer(request: &IncomingRequest) -> (u16, String) {
    if !matches!(request.method(), Method::Get) {
        return (405, "only GET is answered here\n".to_owned());
    }
    let target = request.path_with_query().unwrap_or_default();
    match target.split('?').next().unwrap_or_default() {
        "/" => {
            let greeting = env::get("GREETING").unwrap_or_else(|| "Hello".to_owned());
            (200, format!("{greeting}\n"))
        }
        "/visits" => match visits::count() {
            Ok(count) => (200, format!("visit {count}\n")),
            Err(error) => {
                logging::log(logging::Level::Error, &format!("counting: {error:?}"));
                (500, "the database did not answer\n".to_owned())
            }
        },
        path => (404, format!("nothing at {path}\n")),
    }
}

fn respond(out: ResponseOutparam, status: u16, text: &str) {
    let headers = Fields::new();
    // Fails for a forbidden or malformed field alone, and this one is neither.
    let _ = headers.append("content-type", b"text/plain; charset=utf-8");
    let response = OutgoingResponse::new(headers);
    let _ = response.set_status_code(status);
    let Ok(body) = response.body() else { return };
    ResponseOutparam::set(out, Ok(response));
    if let Ok(stream) = body.write() {
        // A client that has gone is no error of ours.
        let _ = stream.blocking_write_and_flush(text.as_bytes());
    }
    let _ = OutgoingBody::finish(body, None);
}

export!(Worker);
