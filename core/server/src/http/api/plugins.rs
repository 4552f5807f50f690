//! Policies that are in force, and plugins that made what the ledger holds.

use recoup_model::access::Permission;
use std::collections::BTreeMap;

use recoup_model::Digest;
use recoup_store::{Page, Sort};

use super::parties::NO_DAY;
use crate::http::export::cell::{Hash, row};
use crate::http::list::{List, Rows};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::All;

row! {
    /// A policy that was put in force.
    PolicyRow {
        /// Position that recorded it.
        position: i64,
        /// Policy pack (制度包).
        pack: String,
        /// Version of the pack.
        version: String,
        /// Digest of its component.
        component: Hash,
        /// Its parameters, as canonical JSON.
        parameters: String,
        /// Whether it is the last one of its pack.
        in_force: bool,
    }
}

row! {
    /// A plugin that made records of the ledger.
    PluginRow {
        /// adapter or rules.
        kind: &'static str,
        /// Plugin id.
        plugin: String,
        /// Version.
        version: String,
        /// Digest of its component.
        component: Hash,
        /// Position of the first command that used it.
        first_used: i64,
        /// Position of the last command that used it.
        last_used: i64,
    }
}

/// The list of policies.
pub(crate) struct Policies;

impl List for Policies {
    type Row = PolicyRow;
    type Filter = All;
    const PATH: &'static str = "/policies";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Policies that were put in force: pack, component and parameters.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<PolicyRow>, Problem> {
        let policies = read.view.policies(read.moment.known_at)?;
        let last: BTreeMap<String, i64> = policies.iter().map(|(position, p)| (p.pack.clone(), *position)).collect();
        let rows = policies.into_iter().map(|(position, p)| PolicyRow {
            position,
            in_force: last.get(&p.pack) == Some(&position),
            pack: p.pack,
            version: p.version,
            component: Hash(p.component),
            parameters: p.parameters,
        });
        Ok(Rows::of(rows, page))
    }
}

/// The list of plugins.
pub(crate) struct Plugins;

impl List for Plugins {
    type Row = PluginRow;
    type Filter = All;
    const PATH: &'static str = "/plugins";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Plugins that made records of the ledger, each version by the digest of its component.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<PluginRow>, Problem> {
        let known_at = read.moment.known_at;
        let mut used: BTreeMap<(&'static str, String, Digest), (String, i64, i64)> = BTreeMap::new();
        let mut at = |kind, plugin: String, component, version: Option<String>, position: i64| {
            let entry = used.entry((kind, plugin, component)).or_insert_with(|| (String::new(), position, position));
            entry.0 = version.unwrap_or_else(|| entry.0.clone());
            (entry.1, entry.2) = (entry.1.min(position), entry.2.max(position));
        };
        for (position, b) in read.view.batches(known_at)? {
            at("adapter", b.adapter, b.component, Some(b.adapter_version), position);
        }
        for (position, p) in read.view.policies(known_at)? {
            at("rules", p.pack, p.component, Some(p.version), position);
        }
        for (position, e) in read.view.evaluations(known_at)? {
            at("rules", e.pack, e.component, None, position);
        }
        let rows = used.into_iter().map(|((kind, plugin, component), (version, first_used, last_used))| PluginRow {
            kind,
            plugin,
            version,
            component: Hash(component),
            first_used,
            last_used,
        });
        Ok(Rows::of(rows, page))
    }
}
