//! From a plugin's source to its component: cargo, then `wit-component`.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use recoup_model::Digest;
use serde_json::Value;
use wit_component::ComponentEncoder;

const TARGET: &str = "wasm32-unknown-unknown";

/// A component that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Where it is.
    pub path: PathBuf,
    /// Its digest.
    pub digest: Digest,
    /// Its size.
    pub bytes: usize,
}

/// What can go wrong with a build.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// There is no crate.
    #[error("{0} has no Cargo.toml: name the folder of the plugin's crate")]
    NoCrate(PathBuf),
    /// The compiler lacks the target.
    #[error(
        "the compiler cannot build for WebAssembly: run `rustup target add {TARGET}`, or name a cargo and rustc that can in RECOUP_GUEST_CARGO and RECOUP_GUEST_RUSTC"
    )]
    NoTarget,
    /// There is no cargo.
    #[error("`{0}` cannot be run: install Rust, or name its cargo in RECOUP_GUEST_CARGO")]
    NoCargo(String),
    /// Cargo failed.
    #[error("cargo failed:\n{0}")]
    Cargo(String),
    /// The crate is no plugin.
    #[error("the crate makes no WebAssembly module: add `crate-type = [\"cdylib\", \"rlib\"]` under `[lib]`")]
    NoModule,
    /// The module is no component.
    #[error("the module cannot be made a component: {0}; export a plugin with the SDK")]
    Component(String),
    /// A file or a program cannot be used.
    #[error("{0}: {1}")]
    Io(String, #[source] io::Error),
}

/// Builds the crate in `dir` and writes its component to `out`, or to `components/<crate>.wasm` in the target folder.
///
/// The target folder is `CARGO_TARGET_DIR`, or else `target-guests` under the workspace. `RECOUP_GUEST_CARGO` and
/// `RECOUP_GUEST_RUSTC` name a tool chain without the target's standard library: it is built along.
///
/// # Errors
/// [`BuildError`].
pub fn build(dir: &Path, out: Option<&Path>) -> Result<Built, BuildError> {
    build_in(dir, out, env::var_os("CARGO_TARGET_DIR").map(PathBuf::from))
}

/// As [`build`], with a target folder of the caller's choice.
///
/// # Errors
/// [`BuildError`].
pub fn build_in(dir: &Path, out: Option<&Path>, target_dir: Option<PathBuf>) -> Result<Built, BuildError> {
    let manifest = dir.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(BuildError::NoCrate(dir.to_owned()));
    }
    let tools = Tools::from_environment();
    let root = tools.workspace_root(&manifest)?;
    let target_dir = target_dir.unwrap_or_else(|| root.join("target-guests"));
    let module = tools.compile(&manifest, &root, &target_dir)?;
    let component = componentise(&std::fs::read(&module).map_err(|e| io_error(&module, e))?)?;
    let path = match out {
        Some(path) => path.to_owned(),
        None => {
            let name = module.file_stem().unwrap_or_default().to_string_lossy().replace('_', "-");
            target_dir.join("components").join(name + ".wasm")
        }
    };
    replace(&path, &component).map_err(|e| io_error(&path, e))?;
    Ok(Built { digest: Digest::of(&component), bytes: component.len(), path })
}

/// Writes a file whole or not at all: another process may be reading the one before.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    std::fs::write(&draft, bytes)?;
    std::fs::rename(&draft, path)
}

fn io_error(path: &Path, error: io::Error) -> BuildError {
    BuildError::Io(path.display().to_string(), error)
}

/// Wraps a core module that carries its world into a component.
///
/// # Errors
/// [`BuildError::Component`] when the module's imports and exports are not those of its world.
pub fn componentise(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    let encoded = ComponentEncoder::default().validate(true).module(module).and_then(|mut e| e.encode());
    encoded.map_err(|e| BuildError::Component(format!("{e:#}")))
}

/// The programs a build runs.
struct Tools {
    cargo: OsString,
    rustc: Option<OsString>,
    /// Whether the standard library has to be built along.
    build_std: bool,
}

impl Tools {
    fn from_environment() -> Self {
        let (own_cargo, own_rustc) = (env::var_os("RECOUP_GUEST_CARGO"), env::var_os("RECOUP_GUEST_RUSTC"));
        let build_std = own_cargo.is_some() || own_rustc.is_some();
        let cargo = own_cargo.or_else(|| env::var_os("CARGO")).unwrap_or_else(|| "cargo".into());
        Self { cargo, rustc: own_rustc, build_std }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        if let Some(rustc) = &self.rustc {
            command.env("RUSTC", rustc);
        }
        if self.build_std {
            command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
        }
        command
    }

    fn run(&self, command: &mut Command) -> Result<String, BuildError> {
        let done = command.output().map_err(|_| BuildError::NoCargo(self.cargo.to_string_lossy().into_owned()))?;
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        // E0463: can't find crate `core` or `std`; the compiler itself names the target.
        if said.contains("E0463") && said.contains(TARGET) { Err(BuildError::NoTarget) } else { Err(BuildError::Cargo(said)) }
    }

    fn workspace_root(&self, manifest: &Path) -> Result<PathBuf, BuildError> {
        let mut command = self.command();
        command.args(["locate-project", "--workspace", "--message-format", "plain", "--manifest-path"]).arg(manifest);
        let found = PathBuf::from(self.run(&mut command)?.trim_end());
        Ok(found.parent().map(Path::to_owned).unwrap_or_default())
    }

    /// Runs cargo and answers with the path of the module.
    fn compile(&self, manifest: &Path, root: &Path, target_dir: &Path) -> Result<PathBuf, BuildError> {
        let profile = if has_guest_profile(root) { "guest" } else { "release" };
        let mut command = self.command();
        command.args(["build", "--lib", "--target", TARGET, "--profile", profile, "--message-format", "json-render-diagnostics"]);
        command.arg("--manifest-path").arg(manifest).arg("--target-dir").arg(target_dir);
        if self.build_std {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        // Flags meant for the host's own build do not fit a guest.
        command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", flags(root));
        let messages = self.run(&mut command)?;
        module_of(&messages, manifest).ok_or(BuildError::NoModule)
    }
}

/// What makes a guest quick. Vector instructions, because decoders have code for them that the native build uses too; and more
/// inlining than a machine wants, because each call in the sandbox looks at stack and fuel.
const QUICK: [&str; 2] = ["-Ctarget-feature=+simd128", "-Cllvm-args=-inline-threshold=1000"];

/// Besides [`QUICK`]: panics name source files, and with the folders of this machine in them the same source would have another digest elsewhere.
fn flags(root: &Path) -> OsString {
    let home = env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    let registry = env::var_os("CARGO_HOME").map(PathBuf::from).or(home);
    let mut flags = OsString::from(QUICK.join("\x1f"));
    for (folder, name) in [(registry.as_deref(), "/cargo"), (Some(root), "/source")] {
        let Some(folder) = folder else { continue };
        flags.push("\x1f--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
        flags.push(name);
    }
    flags
}

fn has_guest_profile(root: &Path) -> bool {
    std::fs::read_to_string(root.join("Cargo.toml")).is_ok_and(|text| text.lines().any(|line| line.trim() == "[profile.guest]"))
}

/// The module among cargo's messages: that of the crate with this manifest.
fn module_of(messages: &str, manifest: &Path) -> Option<PathBuf> {
    let manifest = manifest.canonicalize().ok()?;
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let own = artifacts.filter(|m| {
        let path = m.get("manifest_path").and_then(Value::as_str);
        m.get("reason").and_then(Value::as_str) == Some("compiler-artifact") && path.is_some_and(|p| Path::new(p) == manifest)
    });
    let files = own.filter_map(|m| m.get("filenames")?.as_array().cloned()).flatten();
    files.filter_map(|f| f.as_str().map(PathBuf::from)).find(|f| f.extension().is_some_and(|e| e == "wasm"))
}
