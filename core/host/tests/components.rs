//! Files that are no plugins: refused before anything of them runs, with what to do about it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{ADAPTER, HOST, RULES, limits, patched, rules};
use recoup_host::{Host, Limits, What, build, inspect};

#[track_caller]
fn refused(bytes: &[u8], code: &str, says: &str) {
    let error = HOST.load(bytes).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(says), "no `{says}` in `{error}`");
    assert!(HOST.load(&RULES).is_ok());
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

#[test]
fn garbage_is_malformed() {
    refused(b"", "plugin.malformed", "no WebAssembly at all");
    refused(b"PK\x03\x04 a spreadsheet", "plugin.malformed", "no WebAssembly at all");
    refused(&RULES[..RULES.len() / 2], "plugin.malformed", "damaged");
    refused(&RULES[..RULES.len() - 1], "plugin.malformed", "damaged");
    // A wrong byte anywhere never brings the host down, whatever it makes of the plugin.
    for at in (0..RULES.len()).step_by(RULES.len() / 40) {
        let mut bent = RULES.to_vec();
        bent[at] ^= 0x5a;
        if let Err(error) = HOST.load(&bent) {
            assert!(error.code().starts_with("plugin."), "{error}");
        }
    }
}

#[test]
fn a_core_module_is_sent_to_plugin_build() {
    refused(&wat("(module)"), "plugin.malformed", "run `recoup plugin build`");
}

#[test]
fn compiled_code_is_never_accepted() {
    refused(b"\x7fELF\x02\x01\x01 a .cwasm", "plugin.malformed", ".cwasm");
}

#[test]
fn unasked_imports_are_refused_by_name() {
    let asks = r#"(component
        (import "recoup:plugin/log@0.1.0" (instance (export "write" (func (param "message" string)))))
        (import "wasi:cli/environment@0.2.0" (instance))
        (import "wasi:filesystem/preopens@0.2.0" (instance))
        (import "spy" (func)))"#;
    refused(&wat(asks), "plugin.import_refused", "wasi:cli/environment@0.2.0, wasi:filesystem/preopens@0.2.0, spy");
    let error = HOST.load(&wat(asks)).unwrap_err();
    assert!(matches!(error.what, What::ImportRefused(list) if list.len() == 3), "the log is allowed");
    // A pack has no input to read.
    let (log, input) = ("recoup:plugin/log@0.1.0", "recoup:plugin/inp@0.1.0");
    refused(&patched_everywhere(&RULES, log, input), "plugin.import_refused", "recoup:plugin/inp@0.1.0");
}

/// All places of a text replaced.
fn patched_everywhere(component: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut bytes = component.to_vec();
    while bytes.windows(from.len()).any(|w| w == from.as_bytes()) {
        bytes = patched(&bytes, from, to);
    }
    bytes
}

#[test]
fn what_is_no_plugin_does_not_fit() {
    refused(&wat("(component)"), "plugin.incompatible", "it offers nothing");
    let newer = patched_everywhere(&RULES, "recoup:plugin/rules@0.1.0", "recoup:plugin/rules@9.1.0");
    refused(&newer, "plugin.incompatible", "recoup:plugin/rules@9.1.0");
    // The right name and the wrong functions.
    let hollow = r#"(component (instance $i) (export "recoup:plugin/rules@0.1.0" (instance $i)))"#;
    refused(&wat(hollow), "plugin.incompatible", "SDK");
    let both = r#"(component (instance $i)
        (export "recoup:plugin/rules@0.1.0" (instance $i)) (export "recoup:plugin/adapter@0.1.0" (instance $i)))"#;
    refused(&wat(both), "plugin.incompatible", "two plugins");
}

#[test]
fn size_and_memory_are_bounded_before_compiling() {
    let small = Limits { component_bytes_max: 1_000, ..limits() };
    let error = Host::new(small).unwrap().load(&RULES).unwrap_err();
    assert_eq!(error.code(), "plugin.too_large");
    let hungry = "(component (core module (memory 2000)))";
    refused(&wat(hungry), "plugin.memory", "131072000 bytes of memory");
    // More of anything than the limits name.
    let crowd = format!("(component (core module $m (table 1 funcref)) {})", "(core instance (instantiate $m)) ".repeat(50));
    refused(&wat(&crowd), "plugin.incompatible", "");
    let threads = "(component (core module (memory 1 2 shared)))";
    assert!(HOST.load(&wat(threads)).is_err());
}

#[test]
fn limits_that_make_no_host_are_refused() {
    let none = Limits { pool_size: 0, ..limits() };
    assert!(Host::new(none).err().unwrap().to_string().contains("pool_size"));
}

#[test]
fn a_built_component_names_no_folder_of_this_machine() {
    let folder = env!("CARGO_MANIFEST_DIR").trim_end_matches("core/host");
    for component in [&RULES, &ADAPTER] {
        assert!(!component.windows(folder.len()).any(|w| w == folder.as_bytes()));
        assert!(!component.windows(8).any(|w| w == b"/.cargo/"));
    }
}

#[test]
fn the_same_bytes_are_compiled_once() {
    let first = HOST.load(&RULES).unwrap();
    let again = HOST.load(&RULES).unwrap();
    assert_eq!((first.digest(), first.size()), (again.digest(), RULES.len()));
    assert_eq!(first.name(), rules().name());
}

#[test]
fn inspect_says_what_a_component_is() {
    let pack = inspect(&HOST, &RULES).unwrap();
    assert_eq!((pack.kind, pack.id.as_str(), pack.version.as_str(), pack.contract.as_str()), ("rules", "hostile", "1.0.0", "next"));
    assert!(pack.exports.contains(&"recoup:plugin/rules@0.1.0".to_owned()));
    assert!(pack.imports.iter().all(|i| i.starts_with("recoup:plugin/")), "{:?}", pack.imports);
    assert_eq!(pack.description["clauses"][0]["id"], "H-1");
    let adapter = inspect(&HOST, &ADAPTER).unwrap();
    assert_eq!((adapter.kind, adapter.bytes), ("adapter", ADAPTER.len()));
    assert_eq!(serde_json::to_value(&adapter).unwrap()["id"], "hostile-adapter");
}

#[test]
fn a_folder_without_a_crate_cannot_be_built() {
    let dir = tempfile::tempdir().unwrap();
    let error = build::build(dir.path(), None).unwrap_err();
    assert!(error.to_string().contains("Cargo.toml"), "{error}");
    let plain = wat("(module (func (export \"f\")))");
    assert!(build::componentise(&plain).is_ok_and(|c| HOST.load(&c).is_err()) || build::componentise(&plain).is_err());
    assert!(build::componentise(b"nothing").is_err());
}
