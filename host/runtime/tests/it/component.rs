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

/// A component of this many core instances of one module.
fn instances_of(module: &str, count: usize) -> Vec<u8> {
    wat::parse_str(format!("(component {})", instances(module, count))).expect("valid")
}

fn instances(module: &str, count: usize) -> String {
    let instances = "(core instance (instantiate $many))".repeat(count);
    format!("(core module $many {module}) {instances}")
}

#[tokio::test]
async fn a_component_that_would_take_much_of_what_all_share_is_refused() {
    for (module, allowed, what) in [
        ("(memory 1)", 4, "linear memories"),
        ("(table 1 funcref)", 16, "tables"),
    ] {
        let error = host(instances_of(module, allowed + 1))
            .worker
            .prepare()
            .await;
        let text = error.expect_err("is refused").to_string();
        let told = format!("it has {} {what}; the limit is {allowed}", allowed + 1);
        assert!(text.contains(&told), "{text}");
        // What it lacks now is the handler.
        assert!(matches!(
            host(instances_of(module, allowed)).worker.prepare().await,
            Err(LoadError::Export(_))
        ));
    }
}

#[tokio::test]
async fn an_instance_of_too_many_core_instances_is_refused() {
    // One more is that of the handler.
    for (more, expected) in [
        (19, "without a response"),
        (20, "instance count too high at 21"),
    ] {
        let host = host(guest::component_with(&instances("", more), ""));
        let error = host.get().await.expect_err("no answer").to_string();
        assert!(error.contains(expected), "{error}");
    }
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
