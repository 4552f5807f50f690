//! What `bindgen!` makes of the contract. One module per frozen version; so far there is `next`.

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::allow_attributes_without_reason, clippy::indexing_slicing, reason = "generated code")]

/// World `adapter-plugin`.
pub(crate) mod adapter {
    wasmtime::component::bindgen!({ path: "../../plugins/wit/next", world: "adapter-plugin", exports: { default: async } });
    pub(crate) use self::exports::recoup::plugin::adapter as wit;
    pub(crate) use self::recoup::plugin::records;
}

/// World `rules-plugin`.
pub(crate) mod rules {
    wasmtime::component::bindgen!({ path: "../../plugins/wit/next", world: "rules-plugin", exports: { default: async } });
    pub(crate) use self::exports::recoup::plugin::rules as wit;
}
