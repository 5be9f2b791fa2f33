mod allocator;
mod p1;
mod bindings {
    #[cfg(all(feature = "worker", not(feature = "management")))]
    wit_bindgen::generate!({ path: "../../wit", world: "engine", generate_all });
    #[cfg(feature = "management")]
    wit_bindgen::generate!({ path: "../../wit", world: "engine-management", generate_all });
    #[cfg(feature = "standalone")]
    wit_bindgen::generate!({ path: "../../wit", world: "engine-standalone", generate_all });
}
struct Engine;
#[cfg(not(feature = "standalone"))]
impl bindings::exports::ouro::host::guest::Guest for Engine {
    fn fetch(_r: bindings::exports::ouro::host::guest::Request, _e: Vec<bindings::ouro::host::env::Entry>) { 
        let rt = javy::Runtime::new(Default::default()).unwrap();
        rt.context().with(|c| { let _ = c.eval::<(), _>("1"); });
    }
}
#[cfg(feature = "standalone")]
impl bindings::exports::wasi::http::incoming_handler::Guest for Engine {
    fn handle(_req: bindings::wasi::http::types::IncomingRequest, _out: bindings::wasi::http::types::ResponseOutparam) {
        let rt = javy::Runtime::new(Default::default()).unwrap();
        rt.context().with(|c| { let _ = c.eval::<(), _>("1"); });
    }
}
bindings::export!(Engine with_types_in bindings);
