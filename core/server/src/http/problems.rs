//! Which problems an operation can be answered with. They follow from what the operation is: what it needs, where it is, and which
//! parameters, headers and body it takes. Only what it does with the books it says itself.

use std::collections::BTreeMap;

use recoup_model::access::Permission;
use utoipa::openapi::RefOr;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::Ref;

use super::access::Needs;
use super::catalogue::entry_of;
use super::route::{Route, header};
use super::upload;

/// Whatever is asked.
const ALWAYS: &[&str] = &["request.too_large", "request.rate", "server.internal"];
/// Where it is asked from.
const ORIGIN: &[&str] = &["access.host", "access.cross_site", "access.proxy"];
/// Who asks.
const TOKEN: &[&str] = &["access.required", "access.token", "access.guesses"];
/// What the database may be.
pub(crate) const DATABASE: &[&str] = &[
    "server.timeout",
    "store.unreachable",
    "store.schema_older",
    "store.schema_newer",
    "store.busy",
    "store.too_long",
    "store.corrupt",
    "store.overflow",
    "store.database",
];
/// What a plugin may be, where one is asked.
pub(crate) const PLUGIN: &[&str] = &[
    "plugin.unknown",
    "plugin.unsigned",
    "plugin.unknown_key",
    "plugin.modified",
    "plugin.revoked_key",
    "plugin.bad_signature",
    "plugin.incompatible",
    "plugin.import_refused",
    "plugin.malformed",
    "plugin.too_large",
    "plugin.out_of_fuel",
    "plugin.timeout",
    "plugin.busy",
    "plugin.memory",
    "plugin.panicked",
    "plugin.stack_overflow",
    "plugin.bad_output",
    "plugin.rejected_input",
    "plugin.input_unreadable",
    "plugin.engine",
];
/// What is wrong with a body of JSON.
const BODY: &[&str] = &["request.malformed", "request.media_type", "request.body"];
/// What is wrong with a file.
const FILE: &[&str] = &["request.malformed", "import.file_too_large", "store.upload_gone"];

/// Codes of an operation's problems.
fn codes(route: &Route) -> Vec<&'static str> {
    let operation = &route.operation;
    let has = |name: &str| operation.parameters.iter().flatten().any(|p| matches!(p, RefOr::T(p) if p.name.eq_ignore_ascii_case(name)));
    let sends = |media: &str| matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.contains_key(media));
    let in_path = |part: &str| route.path.contains(part);
    let open = matches!(route.needs, Needs::Nothing);
    let is_file = route.path == upload::PATH;
    let of_what_it_is: [(bool, &[&'static str]); 20] = [
        (true, ALWAYS),
        (!open, ORIGIN),
        (!open, DATABASE),
        (!open && route.needs != Needs::Password, TOKEN),
        (route.needs == Needs::Password, &["access.guesses"]),
        // Whoever may not even read a ledger is not told that it is there.
        (matches!(route.needs, Needs::Leave(permission) if permission != Permission::Read), &["access.forbidden"]),
        (has(super::access::PURPOSE.as_str()), &["access.purpose"]),
        (in_path("{ledger}"), &["store.unknown_ledger"]),
        (route.method == HttpMethod::Get && (in_path("{key}") || in_path("{code}")), &["request.not_found"]),
        // No parameter is ignored.
        (matches!(route.needs, Needs::Known | Needs::Token | Needs::Password | Needs::Leave(_)), &["request.parameter"]),
        (has("known_at"), &["request.known_at"]),
        (has("cursor"), &["request.cursor"]),
        (has("format"), &["request.not_acceptable", "export.too_long"]),
        (has("Idempotency-Key"), &["request.idempotency_key", "store.idempotency_conflict"]),
        (has("If-Match"), &["request.precondition_failed"]),
        (route.method == HttpMethod::Put, &["request.precondition_required"]),
        (sends("application/json"), BODY),
        (is_file, FILE),
        (route.method != HttpMethod::Get, &["store.encode"]),
        (true, &route.problems),
    ];
    let all = of_what_it_is.into_iter().filter(|(is, _)| *is).flat_map(|(_, codes)| codes.iter().copied());
    // A file has a limit of its own.
    all.filter(|code| !(is_file && *code == "request.too_large")).collect()
}

/// The responses of an operation's problems, by status; `x-problems` lists the codes.
pub(crate) fn responses(route: &Route) -> BTreeMap<String, Response> {
    let mut by_status: BTreeMap<u16, Vec<&'static str>> = BTreeMap::new();
    for code in codes(route) {
        let codes = by_status.entry(entry_of(code).status).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), response(status, &codes))).collect()
}

fn response(status: u16, codes: &[&'static str]) -> Response {
    let told: Vec<String> = codes.iter().map(|code| format!("`{code}`: {}.", entry_of(code).en.title)).collect();
    let problem: Content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let listed = Extensions::from_iter([("x-problems", serde_json::json!(codes))]);
    let mut response = ResponseBuilder::new().description(told.join(" ")).content("application/problem+json", problem);
    if matches!(status, 429 | 503) {
        response = response.header("retry-after", header("After how many seconds it may be asked again, where that is known."));
    }
    response.extensions(Some(listed)).build()
}
