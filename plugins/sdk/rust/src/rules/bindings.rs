//! Bindings to the contract's world `rules-plugin`, written by `wit-bindgen`.
//!
//! Nothing outside the SDK names this module: packs see the types that
//! `rules::wire` passes on and the macro `export_rules!`.

#![allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, clippy::allow_attributes_without_reason, clippy::indexing_slicing, reason = "generated code")]

wit_bindgen::generate!({
    world: "rules-plugin",
    path: "../../wit/next",
    pub_export_macro: true,
    export_macro_name: "export_rules_world",
    generate_all,
    additional_derives: [PartialEq, Eq],
});
