//! Mutations: a parameter that a scenario covers is changed, and the scenario must notice.

use rust_decimal::Decimal;
use serde_json::Value;

/// One changed parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// JSON pointer into the default parameters.
    pub pointer: String,
    /// The value there now.
    pub was: Value,
    /// The value instead.
    pub is: Value,
}

impl std::fmt::Display for Mutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} → {}", self.pointer, self.was, self.is)
    }
}

/// The mutations of the value at a pointer: a decimal is doubled (zero becomes 0.01), a choice becomes
/// each other choice, a number grows by one, a boolean is negated.
///
/// # Errors
/// The pointer names nothing that can be changed.
pub fn mutations(defaults: &Value, schema: &Value, pointer: &str) -> Result<Vec<Mutation>, String> {
    let was = defaults.pointer(pointer).ok_or_else(|| format!("`{pointer}` is not in the default parameters"))?;
    let others: Vec<Value> = match was {
        Value::String(text) => match Decimal::from_str_exact(text) {
            Ok(d) if d.is_zero() => vec![Value::String("0.01".to_owned())],
            Ok(d) => vec![Value::String((d + d).to_string())],
            Err(_) => choices(schema, pointer, text),
        },
        Value::Number(n) => n.as_i64().map(|n| Value::from(n.saturating_add(1))).into_iter().collect(),
        Value::Bool(b) => vec![Value::Bool(!b)],
        Value::Null | Value::Array(_) | Value::Object(_) => Vec::new(),
    };
    if others.is_empty() {
        return Err(format!("`{pointer}` cannot be changed: it must name a decimal, a choice, a number or a boolean"));
    }
    Ok(others.into_iter().map(|is| Mutation { pointer: pointer.to_owned(), was: was.clone(), is }).collect())
}

/// The other choices that the schema of the pointer's parameter allows.
fn choices(schema: &Value, pointer: &str, now: &str) -> Vec<Value> {
    let parameter = pointer.split('/').nth(1).unwrap_or_default();
    let mut found = Vec::new();
    let resolve = |v: &Value| -> Option<Value> {
        let target = v.get("$ref")?.as_str()?.strip_prefix('#')?;
        schema.pointer(target).cloned()
    };
    let mut open: Vec<Value> = schema.get("properties").and_then(|p| p.get(parameter)).cloned().into_iter().collect();
    let mut steps = 0;
    while let Some(v) = open.pop() {
        steps += 1;
        if steps > 1_000 {
            break;
        }
        open.extend(resolve(&v));
        match &v {
            Value::Object(o) => {
                if let Some(all) = o.get("enum").and_then(Value::as_array).filter(|all| all.iter().any(|c| c == now)) {
                    found.extend(all.iter().filter(|c| *c != now).cloned());
                }
                open.extend(o.values().cloned());
            }
            Value::Array(a) => open.extend(a.iter().cloned()),
            _ => {}
        }
    }
    found.dedup();
    let mut unique: Vec<Value> = Vec::new();
    for c in found {
        if !unique.contains(&c) {
            unique.push(c);
        }
    }
    unique
}
