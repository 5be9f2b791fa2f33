//! The top level of a worker runs once, while it is built, in a sandbox.

use ouro_build::unpack;

use crate::project::{HELLO, Project};

/// Builds a worker whose second line is `line`, expects it to be refused there, and gives the error.
fn refused(line: &str) -> String {
    let error = Project::of(&format!("// the first line\n{line}\n{HELLO}")).build_error();
    assert!(error.contains("--> src/index.ts:2:"), "{error}");
    assert!(error.contains(&format!("2 | {line}")), "{error}");
    error
}

#[test]
fn secure_randomness_timers_and_network_are_refused_with_their_line() {
    for (line, what) in [
        ("export const id = crypto.randomUUID();", "randomUUID"),
        ("setTimeout(() => {}, 10);", "setTimeout"),
        ("await fetch(\"https://example.com/\");", "fetch"),
    ] {
        let error = refused(line);
        assert!(
            error.contains(what) && error.contains("is not allowed at the top level of a worker"),
            "{error}"
        );
    }
}

#[test]
fn an_error_in_a_library_shows_its_line_and_the_way_to_it() {
    let project = Project::with([
        (
            "src/index.ts",
            "import { start } from \"./library\";\n\nexport const value = start();\nexport default { fetch: () => new Response() };\n",
        ),
        (
            "src/library.ts",
            "type Value = { text: string };\n\nexport function start(): Value {\n  throw new TypeError(\"not today\");\n}\n",
        ),
    ]);
    let error = project.build_error();
    assert!(error.starts_with("TypeError: not today\n"), "{error}");
    assert!(error.contains("--> src/library.ts:4:"), "{error}");
    assert!(
        error.contains("throw new TypeError(\"not today\");"),
        "{error}"
    );
    assert!(error.contains("src/index.ts:3:"), "{error}");
}

#[test]
fn a_worker_without_a_handler_is_refused() {
    let error = Project::of("export const answer = 42;\n").build_error();
    assert!(
        error.contains("handler") || error.contains("fetch"),
        "{error}"
    );
}

#[test]
fn an_endless_loop_is_ended() {
    let error = Project::of(&format!("for (;;) {{}}\n{HELLO}")).build_error();
    assert!(
        error.starts_with("the worker's top level took more than 10 s"),
        "{error}"
    );
}

#[test]
fn a_memory_bomb_is_ended() {
    let error = Project::of(&format!(
        "const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));\n{HELLO}"
    ))
    .build_error();
    assert!(
        error.contains("needs more than 128 MiB of memory"),
        "{error}"
    );
}

#[test]
fn endless_recursion_is_an_error_of_the_worker() {
    let error = Project::of(&format!(
        "function down(): number {{ return 1 + down(); }}\ndown();\n{HELLO}"
    ))
    .build_error();
    assert!(
        error.contains("RangeError") || error.contains("stack"),
        "{error}"
    );
}

#[test]
fn data_without_a_bottom_is_an_error_of_the_worker() {
    for (code, what) in [
        ("JSON.parse(\"[\".repeat(300_000));", "SyntaxError: "),
        (
            "let list: unknown[] = []; for (let i = 0; i < 300_000; i++) list = [list]; JSON.stringify(list);",
            "RangeError: ",
        ),
        (
            "const self = { get me(): unknown { return self.me; } }; self.me;",
            "RangeError: ",
        ),
        (
            "let source: object = {}; for (let i = 0; i < 200_000; i++) source = new Proxy(source, {}); Object.keys(source);",
            "RangeError: ",
        ),
    ] {
        let error = Project::of(&format!("{code}\n{HELLO}")).build_error();
        assert!(error.starts_with(what), "{code}: {error}");
    }
}

#[test]
fn garbage_with_cycles_is_collected_while_the_top_level_runs() {
    let code =
        "for (let i = 0; i < 100_000; i++) { const a: unknown[] = Array(100).fill(i); a.push(a); }";
    Project::of(&format!("{code}\n{HELLO}"))
        .build()
        .expect("built");
}

#[test]
fn console_lines_of_the_top_level_are_warnings() {
    let built = Project::of(&format!("console.log(\"while building\");\n{HELLO}"))
        .build()
        .expect("built");
    let warnings: Vec<String> = built.warnings.iter().map(ToString::to_string).collect();
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("while building")),
        "{warnings:?}"
    );
}

#[test]
fn the_same_input_gives_the_same_component() {
    let code = format!(
        "const table = new Map(Array.from({{ length: 500 }}, (_, i) => [`k${{i}}`, {{ i }}]));\nexport {{ table }};\n{HELLO}"
    );
    let (first, second) = (
        Project::of(&code).build().expect("built"),
        Project::of(&code).build().expect("built"),
    );
    assert_eq!(first.digest, second.digest);
    assert!(unpack(&first.component).is_ok());
}

#[test]
fn syntax_that_only_the_engine_refuses_is_shown_with_a_hint() {
    let error = Project::of(&format!(
        "const mark = (target: unknown) => target;\n@mark class Marked {{}}\nexport {{ Marked }};\n{HELLO}"
    ))
    .build_error();
    assert!(error.starts_with("SyntaxError: "), "{error}");
    assert!(error.contains("--> src/index.ts:2:"), "{error}");
    assert!(error.contains("experimentalDecorators"), "{error}");
}

#[test]
fn a_syntax_error_that_the_code_itself_throws_has_no_such_hint() {
    let error = Project::of(&format!("JSON.parse(\"{{oops\");\n{HELLO}")).build_error();
    assert!(error.starts_with("SyntaxError: "), "{error}");
    assert!(error.contains("--> src/index.ts:1:"), "{error}");
    assert!(!error.contains("hint:"), "{error}");
}

#[test]
fn functions_give_their_text() {
    let code = "function add(a: number, b = \"ü\") { return a + b; }
class Animal { #name = 1; constructor(name: unknown) { void name; } get name() { return this.#name; } static make = () => new Animal(1); }
const object = { async *method() { yield 1; }, arrow: (x: number) => (y: number) => x + y };
const getter = Object.getOwnPropertyDescriptor(Animal.prototype, \"name\")!.get!;
const all = [add, Animal, Animal.make, getter, object.method, object.arrow, object.arrow(1), Math.max, new Function(\"a\", \"return a\")];
for (const one of all) console.log(String(one).replaceAll(\"\\n\", \" \"));
console.log(Function.prototype.toString.name, \"prototype\" in Function.prototype.toString);
";
    let built = Project::of(&format!("{code}{HELLO}"))
        .build()
        .expect("built");
    let lines: Vec<String> = built.warnings.iter().map(ToString::to_string).collect();
    let starts = [
        "function add(a, b = \"ü\") {",
        "class Animal {",
        "() => new Animal(1)",
        "get name() {",
        "async *method() {",
        "(x) => (y) => x + y",
        "(y) => x + y",
        "function max() {     [native code] }",
        "function anonymous(a ) { return a }",
        "toString false",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:#?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(&format!("console: {start}")), "{line}");
    }
    assert!(
        lines[1].ends_with('}') && lines[1].contains("static"),
        "{}",
        lines[1]
    );
}

#[test]
fn modules_that_read_env_at_the_top_level_are_put_off_and_named() {
    let project = Project::with([
        (
            "src/index.ts",
            "import { database } from \"./database\";\nimport { once } from \"./once\";\nexport default { fetch: () => new Response(String([database, once])) };\n",
        ),
        (
            "src/database.ts",
            "import { env } from \"cloudflare:workers\";\nimport \"./once\";\nexport const database = (env as Record<string, string>)[\"DB\"]!.length;\nthrow new Error(\"only when an invocation evaluates it\");\n",
        ),
        (
            "src/once.ts",
            "console.log(\"evaluated at the build\");\nexport const once = 1;\n",
        ),
    ]);
    let built = project.build().expect("built");
    let warnings: Vec<String> = built.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "`env` of `cloudflare:workers` is read at the top level, so every invocation evaluates these modules anew: `src/index.ts`, `src/database.ts`",
            "console: evaluated at the build",
        ]
    );
}

#[test]
fn modules_that_format_at_the_top_level_are_put_off_and_named() {
    let project = Project::with([
        (
            "src/index.ts",
            "import { day } from \"./day\";\nimport { price } from \"./price\";\nimport \"./once\";\nexport default { fetch: () => new Response(day + price) };\n",
        ),
        (
            "src/day.ts",
            "export const day = new Intl.DateTimeFormat(\"en\").format(0);\n",
        ),
        (
            "src/price.ts",
            "export const price = (1).toLocaleString(\"de\");\n",
        ),
        ("src/once.ts", "console.log(\"evaluated at the build\");\n"),
    ]);
    let built = project.build().expect("built");
    let warnings: Vec<String> = built.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "`Intl` formats at the top level, so every invocation evaluates these modules anew: `src/index.ts`, `src/day.ts`, `src/price.ts`",
            "console: evaluated at the build",
        ]
    );
}

#[test]
fn a_worker_that_reads_env_in_functions_alone_is_evaluated_whole() {
    let code = "import { env } from \"cloudflare:workers\";\nexport default { fetch: () => new Response(String(Object.keys(env))) };\n";
    let built = Project::of(code).build().expect("built");
    assert!(built.warnings.is_empty(), "{:?}", built.warnings);
}
