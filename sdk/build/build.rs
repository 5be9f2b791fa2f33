//! Builds the JavaScript engine (`sdk/engine`) for WebAssembly, once per world, and leaves `engine-worker.wasm`,
//! `engine-management.wasm` and `engine-standalone.wasm` in `OUT_DIR`.
//!
//! The engine is a cargo workspace of its own: another target, another profile, and C code that needs a toolchain for WebAssembly.
//! Its target directory lies inside the outer one and is the same for all profiles, so that it is compiled once.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// One engine for each world in `wit/world.wit` whose name begins with `engine`; the names are cargo features of the engine.
const ENGINES: [&str; 3] = ["worker", "management", "standalone"];
const TARGET: &str = "wasm32-wasip1";
const PACKAGES: &str =
    "clang-19 lld-19 llvm-19 libclang-19-dev libclang-rt-19-dev-wasm32 wasi-libc";
const LIBCLANG: &str = "/usr/lib/llvm-19/lib";
const MISSING_PRELUDE: &str = "its JavaScript part, `sdk/js/dist`, is missing\nhint: `make setup` installs what builds it, \
    then `npm run build` in sdk/js, or `make build` for everything";
const WASI_HEADERS: &str = "/usr/include/wasm32-wasi";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: cannot build the JavaScript engine: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let manifest = path_variable("CARGO_MANIFEST_DIR")?;
    let engine = manifest.join("../engine");
    for input in [
        "src",
        "cc",
        "build.rs",
        "Cargo.toml",
        "Cargo.lock",
        "../../wit",
    ] {
        println!("cargo:rerun-if-changed={}", engine.join(input).display());
    }
    println!("cargo:rerun-if-changed=build.rs");
    check_toolchain()?;
    let built = |file| manifest.join("../js/dist").join(file).exists();
    if !built("prelude.js") || !built("modules.json.zz") {
        return Err(MISSING_PRELUDE.into());
    }

    let out = path_variable("OUT_DIR")?;
    let target = nested_target(&out)?;
    let sysroot = link_headers(&target)?;
    let guard = copy_guard(&engine.join("cc/qjs_guard.h"), &target)?;
    let _lock = lock(&target)?;
    for name in ENGINES {
        compile(&engine, &target, &sysroot, &guard, name)?;
        let built = target.join(TARGET).join("release/ouro_engine.wasm");
        let to = out.join(format!("engine-{name}.wasm"));
        fs::copy(&built, &to).map_err(|e| format!("`{}`: {e}", built.display()))?;
    }
    Ok(())
}

fn path_variable(name: &str) -> Result<PathBuf, String> {
    env::var_os(name)
        .map(PathBuf::from)
        .ok_or_else(|| format!("`{name}` is not set: this is a cargo build script"))
}

/// `OUT_DIR` is `<target>/<profile>/build/<package>-<hash>/out`.
fn nested_target(out: &Path) -> Result<PathBuf, String> {
    let target = out
        .ancestors()
        .nth(4)
        .ok_or_else(|| format!("`{}` is not inside a target directory", out.display()))?;
    Ok(target.join("ouro-engine"))
}

/// Builds of other profiles write to the same place: what one compiled must not be what another copies. Released when dropped.
fn lock(target: &Path) -> Result<fs::File, String> {
    let path = target.join("lock");
    let file = fs::File::create(&path).map_err(|e| format!("`{}`: {e}", path.display()))?;
    file.lock()
        .map_err(|e| format!("`{}`: {e}", path.display()))?;
    Ok(file)
}

fn check_toolchain() -> Result<(), String> {
    let missing =
        |what: &str| format!("{what} is missing\nhint: on Debian 12, apt install {PACKAGES}");
    for program in ["clang-19", "llvm-ar-19"] {
        let found = Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !found.is_ok_and(|status| status.success()) {
            return Err(missing(&format!("the program `{program}`")));
        }
    }
    let has_libclang = fs::read_dir(LIBCLANG).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("libclang"))
    });
    if !has_libclang {
        return Err(missing(&format!("the library `{LIBCLANG}/libclang.so`")));
    }
    if !Path::new(WASI_HEADERS).join("stdlib.h").exists() {
        return Err(missing(&format!(
            "the C library's headers in `{WASI_HEADERS}`"
        )));
    }
    Ok(())
}

/// The header that goes in front of QuickJS's files, under a name that changes with its text: cargo compiles C again when the flags
/// differ, but does not look into what they name.
fn copy_guard(from: &Path, target: &Path) -> Result<PathBuf, String> {
    let text = fs::read(from).map_err(|e| format!("`{}`: {e}", from.display()))?;
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let to = target.join(format!("qjs_guard-{:016x}.h", hasher.finish()));
    fs::create_dir_all(target)
        .and_then(|()| fs::write(&to, text))
        .map_err(|e| format!("`{}`: {e}", to.display()))?;
    Ok(to)
}

/// Debian has the headers under a name that clang does not look for with this target. Only headers come from there: Rust links a
/// C library of its own.
fn link_headers(target: &Path) -> Result<PathBuf, String> {
    let sysroot = target.join("sysroot");
    let include = sysroot.join("include");
    fs::create_dir_all(&include).map_err(|e| format!("`{}`: {e}", include.display()))?;
    for name in ["wasm32-wasi", TARGET] {
        let link = include.join(name);
        if !link.exists() {
            std::os::unix::fs::symlink(WASI_HEADERS, &link)
                .map_err(|e| format!("`{}`: {e}", link.display()))?;
        }
    }
    Ok(sysroot)
}

fn compile(
    engine: &Path,
    target: &Path,
    sysroot: &Path,
    guard: &Path,
    feature: &str,
) -> Result<(), String> {
    let sysroot = format!("--sysroot={}", sysroot.display());
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.args([
        "build",
        "--release",
        "--locked",
        "--target",
        TARGET,
        "--no-default-features",
        "--features",
        feature,
    ]);
    cargo.current_dir(engine);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(disturbs) {
            cargo.env_remove(name);
        }
    }
    cargo
        .env("CARGO_TARGET_DIR", target)
        // Without it the build script of rquickjs-sys downloads a toolchain.
        .env("RQUICKJS_SYS_NO_WASI_SDK", "1")
        .env("LIBCLANG_PATH", LIBCLANG)
        .env("CC_wasm32_wasip1", "clang-19")
        .env("AR_wasm32_wasip1", "llvm-ar-19")
        .env(
            "CFLAGS_wasm32_wasip1",
            format!("{sysroot} -O3 -DNDEBUG -include {}", guard.display()),
        )
        .env("BINDGEN_EXTRA_CLANG_ARGS_wasm32_wasip1", sysroot);
    // Output on stdout would be read as instructions to the outer cargo.
    let output = cargo
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("cargo: {e}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    eprintln!("{log}");
    if output.status.success() {
        return Ok(());
    }
    if log.contains("target may not be installed") {
        return Err(format!(
            "the Rust target `{TARGET}` is missing\nhint: rustup target add {TARGET}"
        ));
    }
    Err(format!(
        "cargo failed for the engine `{feature}`; its messages are above"
    ))
}

/// Is this variable of the outer cargo one that would change how the engine is compiled? Where crates come from must stay.
fn disturbs(name: &str) -> bool {
    const KEPT: [&str; 7] = [
        "CARGO_HOME",
        "CARGO_NET_",
        "CARGO_HTTP_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_MAKEFLAGS",
        "CARGO_TERM_",
    ];
    const DROPPED: [&str; 9] = [
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "TARGET",
        "HOST",
        "OUT_DIR",
        "PROFILE",
    ];
    let cargo = name.starts_with("CARGO_") && !KEPT.iter().any(|kept| name.starts_with(kept));
    cargo || DROPPED.contains(&name) || name.starts_with("CFLAGS") || name.starts_with("DEP_")
}
