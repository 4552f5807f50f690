//! Whether an answer is one that the server's own description of the operation has: whatever a test provokes, an undocumented
//! status or code fails it.

use std::sync::OnceLock;
use std::time::SystemTime;

use serde_json::Value;

use crate::{Reply, Site, paths};

/// Problems of no operation: nothing is at the path, it does not take the method, or nobody has looked for it yet.
const OF_NO_OPERATION: [&str; 3] = ["request.no_route", "request.method", "request.too_large"];

/// Demands that the description of the operation has the answer.
#[track_caller]
pub(crate) fn demand_described(method: &str, path: &str, reply: &Reply) {
    if reply.header("content-type") != "application/problem+json" {
        return;
    }
    let code = reply.json_code();
    let path = path.split('?').next().unwrap_or_default();
    let operation = document().get("paths").and_then(Value::as_object).expect("the description has paths").iter();
    let operation = operation.filter(|(template, _)| fits(template, path)).find_map(|(_, item)| item.get(method));
    let Some(operation) = operation else {
        let is_of_none = code.as_deref().is_some_and(|c| OF_NO_OPERATION.contains(&c));
        return assert!(is_of_none, "{method} {path} is not described, and is answered with {}", reply.text());
    };
    let stated = operation.pointer(&format!("/responses/{}/x-problems", reply.status)).and_then(Value::as_array);
    let is_stated = stated.is_some_and(|codes| codes.iter().any(|c| c.as_str() == code.as_deref()));
    assert!(is_stated, "{method} {path} is answered with {} {code:?}, and the description has {stated:?}: {}", reply.status, reply.text());
}

/// Whether a path is one of a template: of several, the parts that are no parameters are in one alone.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t.starts_with('{') || t == p)
}

/// The description that the program gives of itself; asked for once for each build, and never of the server under test, whose
/// figures and limits it would disturb.
fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let changed = |path: &std::path::Path| std::fs::metadata(path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        let (program, kept) = (paths::binary(), paths::binary().with_extension("openapi.json"));
        if changed(&kept) > changed(&program) {
            let text = std::fs::read(&kept).expect("the description can be read");
            return serde_json::from_slice(&text).expect("the description is JSON");
        }
        let site = Site::sqlite();
        let document = site.serve().get("/api/v1/openapi.json").is(200).json();
        // Whole or not at all: other tests do the same.
        let part = site.write("openapi.json", document.to_string());
        let beside = kept.with_extension(format!("{}.part", std::process::id()));
        std::fs::copy(part, &beside).and_then(|_| std::fs::rename(&beside, &kept)).expect("the description can be kept");
        document
    })
}
