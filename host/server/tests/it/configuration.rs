//! Layers, and what stops a start.

use std::path::PathBuf;
use std::time::Duration;

use ouro_server::config::{ArtifactsBackend, LogFormat, reference};
use ouro_server::{Config, Layers};

fn layers(
    file: Option<&str>,
    variables: &[(&str, &str)],
    flags: &[(&str, &str)],
) -> Result<Config, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ouro.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).expect("a file");
    }
    let owned = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(a, b)| (a.to_string(), b.to_string()))
            .collect()
    };
    let layers = Layers {
        file: file.map(|_| path),
        variables: owned(variables),
        flags: owned(flags),
    };
    layers.load().map_err(|error| error.to_string())
}

#[track_caller]
fn refused(result: Result<Config, String>, part: &str) {
    let error = result.map(|_| ()).expect_err("a refusal");
    assert!(error.contains(part), "{error}");
}

#[test]
fn no_configuration_is_the_documented_defaults() {
    let config = layers(None, &[], &[]).expect("the defaults");
    assert_eq!(config.data_dir, PathBuf::from("./data"));
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.base_domain, "localhost");
    assert_eq!(config.artifacts.backend, ArtifactsBackend::Filesystem);
    assert_eq!(config.executions.retention_days, 30);
    assert_eq!(config.drain_timeout(), Duration::from_secs(30));
    assert_eq!(config.public_url(8080), "http://localhost:8080");
}

#[test]
fn the_forwarded_host_has_the_name_that_other_systems_have_for_it() {
    let trusts = |variables: &[(&str, &str)]| {
        let config = layers(None, variables, &[]).expect("a configuration");
        config.trust_forwarded_host
    };
    let foreign = ("USE_FORWARDED_HOST", "true");
    assert!(trusts(&[foreign]));
    assert!(!trusts(&[foreign, ("OURO_TRUST_FORWARDED_HOST", "false")]));
    let wrong = layers(None, &[("USE_FORWARDED_HOST", "1")], &[]);
    refused(wrong, "`USE_FORWARDED_HOST`");
}

#[test]
fn the_resolver_of_domains_is_an_address() {
    let resolver = |text: &str| {
        let config = layers(None, &[], &[("domains.resolver", text)])?;
        let resolver = config.domains.resolver().expect("checked");
        Ok::<_, String>(resolver.map(|address| address.to_string()))
    };
    assert_eq!(resolver(""), Ok(None));
    assert_eq!(resolver("9.9.9.9"), Ok(Some("9.9.9.9:53".to_owned())));
    assert_eq!(resolver("[::1]:5353"), Ok(Some("[::1]:5353".to_owned())));
    let error = resolver("dns.example").expect_err("a name");
    assert!(
        error.contains("`domains.resolver` is `dns.example`"),
        "{error}"
    );
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let file = "listen = \"127.0.0.1:1\"\nbase_domain = \"file.test\"\nthreads = 3\n[log]\nformat = \"json\"\n";
    let variables = [
        ("OURO_LISTEN", "127.0.0.1:2"),
        ("OURO_BASE_DOMAIN", "variable.test"),
        ("PATH", "/bin"),
    ];
    let config =
        layers(Some(file), &variables, &[("listen", "127.0.0.1:3")]).expect("a configuration");
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.base_domain, "variable.test");
    assert_eq!(config.threads, 3);
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn an_unknown_key_is_named_in_every_layer() {
    refused(layers(Some("lissten = 1"), &[], &[]), "`lissten`");
    refused(
        layers(Some("[artifacts.s3]\nbuket = \"x\""), &[], &[]),
        "`artifacts.s3.buket`",
    );
    refused(
        layers(Some("bucket = \"x\""), &[], &[]),
        "hint: `artifacts.s3.bucket`",
    );
    refused(
        layers(None, &[("OURO_LISSTEN", "1")], &[]),
        "`OURO_LISSTEN`",
    );
    refused(layers(None, &[], &[("lissten", "1")]), "`lissten`");
}

#[test]
fn a_wrong_value_is_named_with_what_was_expected() {
    refused(
        layers(Some("threads = \"many\""), &[], &[]),
        "`threads` is `many`: expected a whole number",
    );
    refused(
        layers(None, &[("OURO_THREADS", "9999")], &[]),
        "from 0 to 1024",
    );
    refused(
        layers(None, &[], &[("artifacts.backend", "ftp")]),
        "one of `filesystem`, `s3`",
    );
    refused(layers(Some("listen = \"here\""), &[], &[]), "listen");
    refused(
        layers(None, &[], &[("metrics.listen", "9090")]),
        "`metrics.listen` is `9090`: expected an address with a port",
    );
    refused(
        layers(Some("listen = {}"), &[], &[]),
        "`listen` is `a table`",
    );
    refused(
        layers(Some("base_domain = \"a:80\""), &[], &[]),
        "`base_domain` is `a:80`",
    );
    refused(
        layers(Some("public_url = \"ouro\""), &[], &[]),
        "`public_url`",
    );
}

#[test]
fn an_impossible_pair_is_refused() {
    let s3 = [("OURO_ARTIFACTS_BACKEND", "s3")];
    refused(layers(None, &s3, &[]), "`artifacts.s3.bucket` is not given");
    refused(
        layers(None, &s3, &[("artifacts.s3.bucket", "b")]),
        "`artifacts.s3.access_key_id` is not given",
    );
    refused(
        layers(None, &[("OURO_ARTIFACTS_S3_BUCKET", "b")], &[]),
        "`artifacts.backend` is `filesystem`",
    );
}

#[test]
fn the_secret_of_s3_is_never_printed() {
    let variables = [
        ("OURO_ARTIFACTS_BACKEND", "s3"),
        ("OURO_ARTIFACTS_S3_BUCKET", "b"),
        ("OURO_ARTIFACTS_S3_ACCESS_KEY_ID", "id"),
        ("OURO_ARTIFACTS_S3_SECRET_ACCESS_KEY", "hunter2"),
    ];
    let config = layers(None, &variables, &[]).expect("a configuration");
    assert!(!format!("{config:?}").contains("hunter2"));
}

/// With `OURO_TEST_WRITE=1` in the environment the page is written instead.
#[test]
fn the_reference_page_is_what_the_table_says() {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/configuration.md");
    if std::env::var_os("OURO_TEST_WRITE").is_some() {
        std::fs::write(&path, reference()).expect("the page");
    }
    let page = std::fs::read_to_string(&path).expect("the page");
    assert_eq!(
        page,
        reference(),
        "run this test with OURO_TEST_WRITE=1 to write the page anew"
    );
}

#[test]
fn a_secret_in_a_file_that_cannot_be_read_is_not_told() {
    let file = "[artifacts.s3]\nbucket = \"b\"\nsecret_access_key = \"c0rrect-h0rse\n";
    let error = layers(Some(file), &[], &[])
        .map(|_| ())
        .expect_err("no TOML");
    assert!(error.contains("line 3: "), "{error}");
    assert!(!error.contains("c0rrect"), "{error}");
}

#[test]
fn a_list_is_no_value_of_a_key() {
    let file = "[artifacts.s3]\nsecret_access_key = [\"c0rrect-h0rse\"]\n";
    let error = "`artifacts.s3.secret_access_key` is `…`: expected text";
    refused(layers(Some(file), &[], &[]), error);
    let file = "data_dir = [\"data\"]\n";
    refused(layers(Some(file), &[], &[]), "`data_dir` is `a list`");
}
