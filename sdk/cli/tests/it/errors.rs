//! What a user gets wrong: the message names it, and the exit status is 1.

use crate::command::{folder, ouro};

fn fails(folder: &std::path::Path, args: &[&str], expected: &str) {
    let ran = ouro(folder, args);
    assert_eq!((ran.stderr.as_str(), ran.stdout.as_str()), (expected, ""));
    assert_eq!(ran.status, 1);
}

#[test]
fn a_wrong_argument_is_a_mistake_of_the_user() {
    let ran = ouro(folder(&[]).path(), &["deploy", "--nmae", "x"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("--nmae"), "{}", ran.stderr);
}

#[test]
fn who_looks_for_logs_is_sent_to_the_executions() {
    let ran = ouro(folder(&[]).path(), &["logs", "shop"]);
    assert_eq!(ran.status, 1);
    let hint = "hint: `ouro executions <worker> --logs` shows console lines and errors\n";
    assert!(ran.stderr.ends_with(hint), "{}", ran.stderr);
}

#[test]
fn deploy_without_a_project_says_what_is_missing() {
    fails(
        folder(&[]).path(),
        &["deploy"],
        "error: the worker has no name\nhint: set `name` in ouro.toml, or give `--name`\n",
    );
    fails(
        folder(&[]).path(),
        &["deploy", "--name", "a"],
        "error: no entry: no argument, and no ouro.toml or wrangler file here\n\
         hint: name the file, as in `ouro build src/index.ts`\n",
    );
}

#[test]
fn an_unknown_key_is_shown_with_its_line() {
    let folder = folder(&[("ouro.toml", "name = \"a\"\nmian = \"index.ts\"\n")]);
    let ran = ouro(folder.path(), &["deploy"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr
            .starts_with("error: `ouro.toml`: TOML parse error at line 2"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("unknown field `mian`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_name_that_is_no_dns_label_is_refused_before_anything_is_built() {
    fails(
        folder(&[("a.ts", "")]).path(),
        &["deploy", "a.ts", "--name", "My_Worker"],
        "error: `My_Worker` is not a worker name: expected 1 to 63 of a-z, 0-9 and -, neither first nor last being -\n",
    );
}

#[test]
fn the_management_api_is_not_replaced_by_a_slip() {
    fails(
        folder(&[("a.ts", "")]).path(),
        &["deploy", "a.ts", "--name", "management"],
        "error: `management` is the management API itself\n\
         hint: --name gives another name; --management deploys a new version of that API\n",
    );
}

#[test]
fn an_absent_entry_is_named() {
    let folder = folder(&[("ouro.toml", "name = \"a\"\nmain = \"src/index.ts\"\n")]);
    fails(
        folder.path(),
        &["build"],
        "error: no file `src/index.ts`\nhint: where a framework's build makes it, run that first\n",
    );
    fails(
        folder.path(),
        &["build", "other.ts"],
        "error: no file `other.ts`\n",
    );
}

#[test]
fn a_binding_and_a_var_of_one_name_are_refused() {
    let text = "name = \"a\"\n[vars]\nDB = \"x\"\n[[databases]]\nbinding = \"DB\"\nname = \"b\"\n";
    fails(
        folder(&[("ouro.toml", text)]).path(),
        &["deploy"],
        "error: `DB` names two things of `env`: vars and bindings share one set of names\n",
    );
}

#[test]
fn a_mistake_in_the_code_is_shown_with_file_and_line() {
    let folder = folder(&[("index.ts", "const a = 1;\nexport default {{ fetch() };\n")]);
    let ran = ouro(folder.path(), &["build", "index.ts"]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("error: cannot build `index.ts`\n"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("index.ts:2:"), "{}", ran.stderr);
}

#[test]
fn without_a_token_the_user_is_told_where_one_lies() {
    fails(
        folder(&[]).path(),
        &["workers", "list"],
        "error: no token for `http://localhost:8080/`\n\
         hint: there is no `./data/admin-token`: run this where `ouro serve` runs, name its folder with --data-dir, or set OURO_TOKEN\n",
    );
}

#[test]
fn the_token_of_this_machine_is_not_sent_to_another() {
    let folder = folder(&[("data/admin-token", "secret")]);
    fails(
        folder.path(),
        &["workers", "list", "--url", "http://ouro.invalid"],
        "error: no token for `http://ouro.invalid/`\n\
         hint: set OURO_TOKEN to what the server's file `admin-token` holds, or give --token-file\n",
    );
}

#[test]
fn a_server_that_does_not_run_is_the_users_to_start() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://localhost:{port}");
    let ran = ouro(
        folder(&[]).path(),
        &["workers", "list", "--token", "t", "--url", &url],
    );
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr
            .starts_with(&format!("error: cannot reach `{url}/`: ")),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("\nhint: is `ouro serve` running there?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn serve_refuses_an_unknown_key_of_its_file() {
    let folder = folder(&[("server.toml", "listn = \"127.0.0.1:1\"\n")]);
    let ran = ouro(folder.path(), &["serve", "--config", "server.toml"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("`listn`"), "{}", ran.stderr);
}

#[test]
fn admin_names_a_folder_that_is_no_data_directory() {
    let ran = ouro(
        folder(&[]).path(),
        &["admin", "rollback", "management", "--data-dir", "nowhere"],
    );
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("`nowhere`"), "{}", ran.stderr);
    assert!(!std::path::Path::new("nowhere").exists());
}

#[test]
fn the_place_of_the_token_is_printed() {
    let folder = folder(&[("data/admin-token", "secret")]);
    let ran = ouro(folder.path(), &["admin", "token", "path"]);
    assert!(
        ran.stdout.ends_with("/data/admin-token\n"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("secret"));
}
