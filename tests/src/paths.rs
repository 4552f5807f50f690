//! Where things are.

use std::path::{Path, PathBuf};

/// The workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the workspace is above tests").to_owned()
}

/// The target folder.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A file that another step makes.
fn made(path: PathBuf, how: &str) -> PathBuf {
    assert!(path.is_file(), "{} is missing: make it with `{how}`", path.display());
    path
}

/// The `recoup` program.
pub fn binary() -> PathBuf {
    made(target().join("debug").join("recoup"), "cargo build -p recoup")
}

/// Folder of the built components.
pub fn components() -> PathBuf {
    root().join("plugins").join("dist")
}

/// A built component by its id, such as `table`.
pub fn component(id: &str) -> PathBuf {
    made(components().join(format!("{id}.wasm")), "target/debug/recoup plugin build plugins/…")
}

/// A sample export.
pub fn export(name: &str) -> PathBuf {
    let path = root().join("tests").join("exports").join(name);
    assert!(path.is_file(), "{} is no sample export", path.display());
    path
}

/// Folder of the executable specifications.
pub fn scenarios() -> PathBuf {
    root().join("tests").join("scenarios")
}
