//! Components of other languages.

use bytes::Bytes;
use ouro_core::Outcome;
use ouro_runtime::{InvocationError, LoadError};

use crate::guest;
use crate::host::{Host, Settings, host_with};

fn host(component: Vec<u8>) -> Host {
    let settings = Settings {
        component: Some(component.into()),
        ..Settings::default()
    };
    host_with(guest::javascript(""), settings)
}

#[tokio::test]
async fn a_component_runs_and_its_end_is_recorded() {
    let mut host = host(guest::component("unreachable"));
    let error = host.get().await.expect_err("traps");
    assert!(matches!(&error, InvocationError::Trapped(_)), "{error}");
    assert_eq!(host.record().await.outcome, Outcome::Trapped);
}

#[tokio::test]
async fn a_component_without_an_answer_is_told_so() {
    let mut host = host(guest::component(""));
    assert!(matches!(host.get().await, Err(InvocationError::NoResponse)));
    assert_eq!(host.record().await.outcome, Outcome::NoResponse);
}

#[tokio::test]
async fn an_unknown_import_is_named() {
    let component = wat::parse_str(
        r#"(component (import "acme:magic/wand@1.0.0" (instance (export "wave" (func)))))"#,
    );
    let host = host(component.expect("valid"));
    let error = host.worker.prepare().await.expect_err("is refused");
    assert!(
        matches!(&error, LoadError::Import { import, .. } if import == "acme:magic/wand@1.0.0"),
        "{error}"
    );
}

#[tokio::test]
async fn a_component_that_serves_no_requests_is_refused() {
    let host = host(wat::parse_str("(component)").expect("valid"));
    assert!(matches!(
        host.worker.prepare().await,
        Err(LoadError::Export(_))
    ));
}

#[tokio::test]
async fn what_is_no_component_is_refused() {
    let settings = Settings {
        component: Some(Bytes::from_static(b"not wasm")),
        ..Settings::default()
    };
    let host = host_with(guest::javascript(""), settings);
    assert!(matches!(
        host.worker.prepare().await,
        Err(LoadError::Invalid { .. })
    ));
    let error = host.get().await.expect_err("is refused");
    assert!(error.outcome().is_none());
}
