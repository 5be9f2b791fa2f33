//! From files to one module: what is found, and how mistakes are shown.

use ouro_build::{BundleOptions, Compatibility, bundle};

use crate::project::Project;

fn code(project: &Project) -> String {
    let options = BundleOptions {
        entry: project.path("src/index.ts"),
        minify: false,
        compatibility: Compatibility::default(),
    };
    bundle(&options).expect("bundled").code
}

#[test]
fn a_syntax_error_shows_file_line_and_source() {
    let error = Project::of("const fine = 1;\nconst broken = ;\n").build_error();
    assert!(error.contains("--> src/index.ts:2:16"), "{error}");
    assert!(error.contains("2 | const broken = ;"), "{error}");
}

#[test]
fn a_package_that_is_not_installed_is_named_with_the_line_that_imports_it() {
    let error = Project::of("import { z } from \"zod\";\nexport default { fetch: () => z };\n")
        .build_error();
    assert!(error.starts_with("cannot find `zod`\n"), "{error}");
    assert!(error.contains("--> src/index.ts:1:19"), "{error}");
    assert!(error.contains("1 | import { z } from \"zod\";"), "{error}");
    assert!(error.ends_with("hint: npm install zod"), "{error}");
}

#[test]
fn a_missing_file_and_a_foreign_module_are_named() {
    let error = Project::of("import \"./absent\";\nexport default {};\n").build_error();
    assert!(error.contains("cannot find `./absent`"), "{error}");
    let error = Project::of(
        "import { readFileSync } from \"node:fs\";\nexport default { readFileSync };\n",
    )
    .build_error();
    assert!(
        error.contains("cannot find `node:fs`")
            && error.contains("`node:fs` needs `compatibility_flags = [\"nodejs_compat\"]`"),
        "{error}"
    );
    let error =
        Project::of("import { connect } from \"cloudflare:absent\";\nconnect();\n").build_error();
    assert!(error.contains("cannot find `cloudflare:absent`"), "{error}");
}

#[test]
fn every_missing_import_is_named_at_its_place() {
    let project = Project::with([
        (
            "src/index.ts",
            "import { z } from \"zod\"; import \"./absent\";\nimport a from \"./other\";\nimport fs from \"node:fs\";\nexport default { z, a, fs };\n",
        ),
        (
            "src/other.ts",
            "import \"./also-absent\";\nexport { b as default } from \"./third\";\n",
        ),
        (
            "src/third.ts",
            "import \"hono\"; export const b = import(\"../x\");\n",
        ),
    ]);
    let error = project.build_error();
    let places: Vec<_> = error
        .split("\n\n")
        .map(|mistake| mistake.lines().take(2).collect::<Vec<_>>().join(""))
        .collect();
    assert_eq!(
        places,
        [
            "cannot find `zod` --> src/index.ts:1:19",
            "cannot find `./absent` --> src/index.ts:1:33",
            "cannot find `node:fs` --> src/index.ts:3:16",
            "cannot find `./also-absent` --> src/other.ts:1:8",
            "cannot find `hono` --> src/third.ts:1:8",
            "cannot find `../x` --> src/third.ts:1:40",
        ]
    );
}

#[test]
fn a_missing_file_does_not_hide_a_mistake_elsewhere() {
    let project = Project::with([
        (
            "src/index.ts",
            "import \"./absent\";\nimport \"./other\";\n",
        ),
        ("src/other.ts", "const broken = ;\n"),
    ]);
    let error = project.build_error();
    assert!(error.contains("--> src/index.ts:1:8"), "{error}");
    assert_eq!(error.matches("--> src/other.ts:1:16").count(), 1, "{error}");
}

#[test]
fn an_entry_that_is_not_utf_8_is_a_mistake_in_it() {
    let project = Project::of("");
    let entry = project.path("src/index.ts");
    std::fs::write(entry, b"export default {}; // caf\xe9\n").expect("written");
    let error = project.build_error();
    assert!(
        error.contains("src/index.ts") && error.contains("UTF-8"),
        "{error}"
    );
}

/// A worker of a former date begins with imports that its author has not written.
#[test]
fn places_on_the_first_line_are_the_authors_own() {
    let of = |source: &str| {
        let project = Project::of(source);
        let mut options = project.options();
        options.compatibility.date = Some("2021-01-01".into());
        match ouro_build::build(&options) {
            Ok(_) => panic!("it was built"),
            Err(error) => error.to_string(),
        }
    };
    let error = of("import fs from \"node:fs\";\nexport default { fs };\n");
    assert!(error.contains("--> src/index.ts:1:16"), "{error}");
    let error = of("const broken = ;\n");
    assert!(error.contains("--> src/index.ts:1:16"), "{error}");
    let error = of("const a = 1; null.x;\nexport default { a };\n");
    assert!(error.contains("--> src/index.ts:1:14"), "{error}");
}

#[test]
fn what_modules_of_ouro_import_is_refused_to_others() {
    for specifier in ["ouro:internal", "ouro:build", "ouro:globals/buffer"] {
        let code = format!("import \"{specifier}\";\nexport default {{ fetch() {{}} }};\n");
        let error = Project::of(&code).build_error();
        assert!(
            error.contains(&format!("cannot find `{specifier}`")),
            "{error}"
        );
    }
}

fn node_code(source: &str) -> String {
    let project = Project::of(source);
    let options = BundleOptions {
        entry: project.path("src/index.ts"),
        minify: false,
        compatibility: Compatibility {
            date: None,
            flags: vec!["nodejs_compat".into()],
        },
    };
    bundle(&options).expect("bundled").code
}

#[test]
fn a_bundle_holds_the_modules_of_node_that_it_uses() {
    let code = node_code(
        "import { readFileSync } from \"node:fs\";\nimport \"os\";\nexport default { fetch: () => readFileSync };\n",
    );
    assert!(code.contains("readFileSync"), "{code}");
    assert!(!code.contains("readFile\""), "{code}");
}

#[test]
fn require_of_a_module_of_node_gives_its_default_export() {
    let project = Project::with([
        (
            "src/index.ts",
            "import stat from \"./old.cjs\";\nexport default { fetch: () => stat };\n",
        ),
        (
            "src/old.cjs",
            "module.exports = require(\"fs\").statSync;\n",
        ),
    ]);
    let mut options = project.options();
    options.compatibility.flags = vec!["nodejs_compat".into()];
    ouro_build::build(&options).expect("built");
}

#[test]
fn a_global_of_node_is_defined_where_the_bundle_mentions_it() {
    let using = node_code("export default { fetch: () => new Response(typeof global) };\n");
    assert!(using.contains("defineProperty(globalThis"), "{using}");
    let other = node_code("export default { fetch: () => new Response(\"\") };\n");
    assert!(!other.contains("defineProperty(globalThis"), "{other}");
}

#[test]
fn an_export_that_does_not_exist_is_named() {
    let project = Project::with([
        (
            "src/index.ts",
            "import { wrong } from \"./other\";\nexport default { fetch: () => wrong };\n",
        ),
        ("src/other.ts", "export const right = 1;\n"),
    ]);
    let error = project.build_error();
    assert!(
        error.contains("wrong") && error.contains("--> src/index.ts:1:10"),
        "{error}"
    );
}

#[test]
fn an_entry_that_does_not_exist_is_named() {
    let error = Project::with([]).build_error();
    assert!(
        error.starts_with("no such entry: `") && error.contains("src/index.ts"),
        "{error}"
    );
}

#[test]
fn packages_resolve_with_the_conditions_of_workers() {
    let project = Project::with([
        (
            "src/index.ts",
            "import { where } from \"greeting\";\nexport default { fetch: () => new Response(where) };\n",
        ),
        (
            "node_modules/greeting/package.json",
            r#"{ "name": "greeting", "type": "module", "exports": { "node": "./node.js", "workerd": "./workerd.js", "default": "./other.js" } }"#,
        ),
        (
            "node_modules/greeting/node.js",
            "export const where = \"in Node.js\";\n",
        ),
        (
            "node_modules/greeting/workerd.js",
            "export const where = \"on workerd\";\n",
        ),
        (
            "node_modules/greeting/other.js",
            "export const where = \"elsewhere\";\n",
        ),
    ]);
    let code = code(&project);
    assert!(
        code.contains("on workerd") && !code.contains("in Node.js"),
        "{code}"
    );
    project.build().expect("a worker with a dependency");
}

#[test]
fn common_js_json_text_dynamic_imports_and_path_aliases_end_in_one_module() {
    let project = Project::with([
        (
            "src/index.ts",
            "import old from \"old\";\nimport data from \"./data.json\";\nimport page from \"./page.html\";\nimport { aliased } from \"@lib/aliased\";\n\
             const late = await import(\"./late\");\nexport default { fetch: () => new Response([old.name, data.name, page, aliased, late.name].join()) };\n",
        ),
        ("src/data.json", r#"{ "name": "from json" }"#),
        ("src/page.html", "<p>from text</p>"),
        (
            "src/late.ts",
            "export const name: string = \"from late\";\n",
        ),
        ("lib/aliased.ts", "export const aliased = \"from alias\";\n"),
        (
            "tsconfig.json",
            r#"{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }"#,
        ),
        (
            "node_modules/old/package.json",
            r#"{ "name": "old", "main": "main.js" }"#,
        ),
        (
            "node_modules/old/main.js",
            "if (process.env.NODE_ENV !== \"production\") throw Error(\"development\");\nmodule.exports = { name: \"from cjs\" };\n",
        ),
    ]);
    let code = code(&project);
    for text in [
        "from cjs",
        "from json",
        "from text",
        "from alias",
        "from late",
    ] {
        assert!(code.contains(text), "{text} is missing in {code}");
    }
    assert!(
        !code.contains("import(") && !code.contains("NODE_ENV"),
        "{code}"
    );
    project.build().expect("evaluated");
}

#[test]
fn neither_bundle_nor_source_map_names_the_machine() {
    let project = Project::with([
        (
            "src/index.ts",
            "import { helper } from \"./helper\";\nexport default { fetch: () => new Response(helper()) };\n",
        ),
        (
            "src/helper.ts",
            "export function helper(): string { return import.meta.url; }\n",
        ),
    ]);
    let bundle = bundle(&BundleOptions {
        entry: project.path("src/index.ts"),
        minify: false,
        compatibility: Compatibility::default(),
    })
    .expect("bundled");
    let folder = project
        .path("")
        .canonicalize()
        .expect("a folder")
        .display()
        .to_string();
    assert!(!bundle.code.contains(&folder), "{}", bundle.code);
    assert!(
        !bundle.source_map.contains(&folder),
        "{}",
        bundle.source_map
    );
    assert!(
        bundle.source_map.contains("\"src/helper.ts\""),
        "{}",
        bundle.source_map
    );
    assert_eq!(bundle.modules.len(), 2);
}

#[tokio::test]
async fn bundling_works_inside_a_runtime() {
    Project::of("export default {};\n").build_error();
    code(&Project::of(
        "export default { fetch: () => new Response() };\n",
    ));
}
