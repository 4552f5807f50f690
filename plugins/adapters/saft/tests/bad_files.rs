//! Files that cannot be used, and what is said about them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;
use common::{file, read};
use proptest::prelude::*;
use recoup_adapter_saft::Saft;
use recoup_sdk::adapter::{Adapter, Input, native};

fn refused(bytes: &[u8], code: &str) -> String {
    let problem = read(bytes).unwrap_err();
    assert_eq!(problem.code, code, "{problem}");
    problem.to_string()
}

#[test]
fn a_truncated_file_says_where_it_ends() {
    let whole = file("saft_idemo599999999.xml");
    let text = refused(&whole[..60_000], "saft.truncated");
    assert!(text.contains("byte 60000"), "{text}");
    assert!(text.contains("cut off"), "{text}");
    refused(&whole[..40], "saft.truncated");
}

#[test]
fn other_formats_are_named() {
    let text = refused(br#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>"#, "saft.namespace");
    assert!(text.contains("`urn:oasis:names:specification:ubl:schema:xsd:Invoice-2`"), "{text}");
    let romania = br#"<AuditFile xmlns="mfp:anaf:dgti:d406:declaratie:v1"></AuditFile>"#;
    assert!(refused(romania, "saft.namespace").contains("mfp:anaf:dgti:d406"), "namespace not named");
    let old = String::from_utf8_lossy(&file("saft-no-example.xml")).replacen("<n1:AuditFileVersion>1.0<", "<n1:AuditFileVersion>2.0<", 1);
    assert!(refused(old.as_bytes(), "saft.version").contains("`2.0`"), "version not named");
}

#[test]
fn empty_binary_and_misdeclared_files() {
    refused(b"", "file.empty");
    refused(b"PK\x03\x04rest of a workbook", "file.binary");
    refused(b"<AuditFile\0>", "file.binary");
    refused(b"<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", "saft.encoding");
    // Windows-1252 bytes in a file that says it is UTF-8: the first one is the ordinal in the company's id.
    let whole = file("saft_idemo599999999.xml");
    let at = whole.windows(12).position(|w| w == b"Windows-1252").unwrap();
    let lied = [&whole[..at], b"UTF-8", &whole[at + 12..]].concat();
    let offset = lied.iter().position(|b| *b >= 0x80).unwrap();
    assert!(refused(&lied, "file.encoding").contains(&format!("byte {offset}:")), "offset {offset}");
}

#[test]
fn document_types_entities_and_depth_are_refused() {
    refused(br#"<!DOCTYPE a [<!ENTITY x "y">]><AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"/>"#, "saft.doctype");
    refused(br#"<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"><Header>&x;</Header></AuditFile>"#, "saft.entity");
    let deep = format!("<AuditFile xmlns=\"urn:OECD:StandardAuditFile-Tax:PT_1.04_01\"><Header>{}", "<a>".repeat(40));
    refused(deep.as_bytes(), "saft.too_deep");
    let long = format!("<AuditFile xmlns=\"urn:OECD:StandardAuditFile-Tax:PT_1.04_01\"><Header>{}", "x".repeat(3_000_000));
    refused(long.as_bytes(), "saft.too_long");
    refused(b"<AuditFile xmlns=\"urn:OECD:StandardAuditFile-Tax:PT_1.04_01\"><Header><a></b>", "saft.malformed");
    refused(br#"<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"></AuditFile>"#, "saft.missing_element");
    refused(br#"<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"><MasterFiles>"#, "saft.missing_element");
}

#[test]
fn a_profile_has_nothing_to_say() {
    let bytes = file("saft-no-example.xml");
    assert!(native::open::<Saft>(&bytes[..], r#"{"id":"saft-no"}"#).is_ok());
    assert_eq!(native::open::<Saft>(&bytes[..], r#"{"x":1}"#).err().unwrap().code, "profile.invalid");
    assert_eq!(Saft::probe("f.xml", &bytes[..400]), 100);
    assert_eq!(Saft::probe("f.csv", b"a,b"), 0);
}

#[test]
fn pieces_of_any_size_give_the_same_items() {
    for name in ["saft_idemo599999999.xml", "saft-no-example.xml"] {
        let bytes = file(name);
        let whole = read(&bytes).unwrap();
        for chunk in [1, 7, 64, 1_000, 4_096] {
            let input = Input::memory(&bytes[..]).in_chunks_of(chunk);
            assert_eq!(native::read_all::<Saft>(input, "").unwrap(), whole, "{name} in pieces of {chunk}");
        }
    }
}

#[test]
fn batches_of_any_size_give_the_same_items() {
    let bytes = file("saft_idemo599999999.xml");
    let (whole, _) = read(&bytes).unwrap();
    let mut session = native::open::<Saft>(&bytes[..], "").unwrap();
    let mut all = recoup_sdk::adapter::Columns::default();
    loop {
        let batch = session.next(2).unwrap().check().unwrap();
        assert!(batch.len() <= 2);
        if batch.is_empty() {
            break;
        }
        batch.items().for_each(|i| all.push(&i));
    }
    assert_eq!(all.check().unwrap(), whole);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_panic(at in 0_usize..144_000, bytes in prop::collection::vec(any::<u8>(), 1..40), cut in any::<bool>()) {
        let mut damaged = file("saft_idemo599999999.xml");
        let end = (at + bytes.len()).min(damaged.len());
        if cut { damaged.drain(at..end); } else { damaged.splice(at..end, bytes); }
        let _ = read(&damaged);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let mut inside = br#"<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01">"#.to_vec();
        inside.extend(bytes);
        let _ = read(&inside);
    }
}
