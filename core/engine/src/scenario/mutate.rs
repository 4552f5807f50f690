//! Mutations: a parameter that a scenario covers is changed, and the scenario must notice.

use rust_decimal::Decimal;
use serde_json::Value;

/// One parameter changed in one way. What a pack takes depends on the parameter, so a change may have several forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// JSON pointer into the default parameters.
    pub pointer: String,
    /// The value there now.
    pub was: Value,
    /// The change; the first form that the pack accepts is the one to try.
    pub forms: Vec<Form>,
}

/// One form of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The value instead.
    pub is: Value,
    /// The default parameters with it.
    pub parameters: Value,
}

impl Mutation {
    fn new(defaults: &Value, pointer: &str, was: &Value, forms: Vec<Value>) -> Self {
        let forms = forms.into_iter().map(|is| Form { parameters: changed(defaults, pointer, &is), is }).collect();
        Self { pointer: pointer.to_owned(), was: was.clone(), forms }
    }
}

/// The mutations of the value at a pointer: a decimal is doubled, or else halved (zero becomes 0.01); a choice becomes each
/// other choice, a number grows by one, or else shrinks by one; a boolean is negated. An edge that two bands share is one
/// number: it moves in both, and a band that is empty then goes.
///
/// # Errors
/// The pointer names nothing that can be changed.
pub fn mutations(defaults: &Value, schema: &Value, pointer: &str) -> Result<Vec<Mutation>, String> {
    let was = defaults.pointer(pointer).ok_or_else(|| format!("`{pointer}` is not in the default parameters"))?;
    let of = |forms: Vec<Value>| Mutation::new(defaults, pointer, was, forms);
    let found = match was {
        Value::String(text) => match Decimal::from_str_exact(text) {
            Ok(d) if d.is_zero() => vec![of(vec!["0.01".into()])],
            Ok(d) => vec![of([Some(d + d), d.checked_div(Decimal::TWO)].into_iter().flatten().map(|d| d.normalize().to_string().into()).collect())],
            Err(_) => choices(schema, pointer, text).into_iter().map(|choice| of(vec![choice])).collect(),
        },
        Value::Number(n) => n.as_i64().map(|n| of([n.checked_add(1), n.checked_sub(1)].into_iter().flatten().map(Value::from).collect())).into_iter().collect(),
        Value::Bool(b) => vec![of(vec![(!b).into()])],
        Value::Null | Value::Array(_) | Value::Object(_) => Vec::new(),
    };
    if found.is_empty() {
        return Err(format!("`{pointer}` cannot be changed: it must name a decimal, a choice, a number or a boolean"));
    }
    Ok(found)
}

/// The defaults with another value at a pointer, and the same at the other side of a shared edge.
fn changed(defaults: &Value, pointer: &str, is: &Value) -> Value {
    let mut parameters = defaults.clone();
    let edge = Edge::at(defaults, pointer);
    let sides = edge.iter().flat_map(Edge::sides);
    for at in sides.chain([pointer.to_owned()]) {
        if let Some(slot) = parameters.pointer_mut(&at) {
            slot.clone_from(is);
        }
    }
    if let Some(bands) = edge.and_then(|e| parameters.pointer_mut(&e.bands)).and_then(Value::as_array_mut) {
        bands.retain(|band| band.get("to").is_none() || band.get("to") != band.get("from"));
    }
    parameters
}

/// Where one band ends and the next one begins.
struct Edge {
    /// Pointer to the bands.
    bands: String,
    /// The number of the band below.
    below: usize,
}

impl Edge {
    fn at(parameters: &Value, pointer: &str) -> Option<Self> {
        let (band, side) = pointer.rsplit_once('/')?;
        let (bands, number) = band.rsplit_once('/')?;
        let number: usize = number.parse().ok()?;
        let below = match side {
            "to" => number,
            "from" => number.checked_sub(1)?,
            _ => return None,
        };
        let edge = Self { bands: bands.to_owned(), below };
        let [to, from] = edge.sides().map(|at| parameters.pointer(&at));
        (to.is_some() && to == from).then_some(edge)
    }

    fn sides(&self) -> [String; 2] {
        [format!("{}/{}/to", self.bands, self.below), format!("{}/{}/from", self.bands, self.below + 1)]
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]

    use serde_json::{Value, json};

    use super::mutations;

    /// From 1 year 1 %, from 3 years 2 %, from 4 years 3 %.
    fn bands() -> Value {
        json!({"bonus": [{"from": 1, "to": 3, "rate": "0.01"}, {"from": 3, "to": 4, "rate": "0.02"}, {"from": 4, "rate": "0.03"}]})
    }

    /// What a pack is asked to take for the value at a pointer, in the order of asking.
    fn forms(defaults: &Value, pointer: &str) -> Vec<Value> {
        let all = mutations(defaults, &Value::Null, pointer).unwrap_or_default();
        all.into_iter().flat_map(|m| m.forms).map(|f| f.parameters).collect()
    }

    #[test]
    fn a_share_is_doubled_or_else_halved() {
        assert_eq!(forms(&json!({"share": "0.2"}), "/share"), [json!({"share": "0.4"}), json!({"share": "0.1"})]);
        assert_eq!(forms(&json!({"share": "1"}), "/share"), [json!({"share": "2"}), json!({"share": "0.5"})]);
        assert_eq!(forms(&json!({"share": "0"}), "/share"), [json!({"share": "0.01"})]);
    }

    #[test]
    fn a_number_grows_or_else_shrinks_by_one() {
        assert_eq!(forms(&json!({"months": 12}), "/months"), [json!({"months": 13}), json!({"months": 11})]);
    }

    #[test]
    fn an_edge_that_two_bands_share_moves_in_both() {
        let moved =
            |first: i64| json!({"bonus": [{"from": first, "to": 3, "rate": "0.01"}, {"from": 3, "to": 4, "rate": "0.02"}, {"from": 4, "rate": "0.03"}]});
        assert_eq!(forms(&bands(), "/bonus/0/from"), [moved(2), moved(0)]);
        let below = json!({"bonus": [{"from": 1, "to": 2, "rate": "0.01"}, {"from": 2, "to": 4, "rate": "0.02"}, {"from": 4, "rate": "0.03"}]});
        for side in ["/bonus/0/to", "/bonus/1/from"] {
            assert_eq!(forms(&bands(), side)[1], below, "{side}");
        }
        let above = json!({"bonus": [{"from": 1, "to": 3, "rate": "0.01"}, {"from": 3, "to": 5, "rate": "0.02"}, {"from": 5, "rate": "0.03"}]});
        for side in ["/bonus/1/to", "/bonus/2/from"] {
            assert_eq!(forms(&bands(), side)[0], above, "{side}");
        }
    }

    /// The second band holds one year: 3. When the edge moves up to 4, the first band holds it too.
    #[test]
    fn a_band_that_would_be_empty_goes() {
        let first_holds_it = json!({"bonus": [{"from": 1, "to": 4, "rate": "0.01"}, {"from": 4, "rate": "0.03"}]});
        assert_eq!(forms(&bands(), "/bonus/0/to")[0], first_holds_it);
        assert_eq!(forms(&bands(), "/bonus/1/from")[0], first_holds_it);
    }
}
