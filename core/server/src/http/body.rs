//! Bodies of requests: JSON that is exactly what is described. What is wrong in one is named by its JSON pointer.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::problem::Problem;

/// Reads a body; an empty one stands for an object without fields.
pub(crate) fn read<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Result<T, Problem> {
    if body.is_empty() {
        return parse(b"{}");
    }
    let media = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new("request.media_type").detail(format!("the body is `{media}`, and is taken as application/json")));
    }
    parse(body)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if let Some(at) = nul(body) {
        let pointer = pointer(body.get(..at).unwrap_or(body));
        return Err(Problem::new("request.body").detail(format!("{pointer}: a text has a NUL in it")).pointer(pointer));
    }
    serde_json::from_slice(body).map_err(|e| match e.classify() {
        Category::Data => {
            let pointer = pointer(body.get(..offset(body, e.line(), e.column())).unwrap_or(body));
            // The place is said by the pointer.
            let text = e.to_string();
            let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
            Problem::new("request.body").detail(format!("{}: {what}", if pointer.is_empty() { "the body" } else { &pointer })).pointer(pointer)
        }
        Category::Io | Category::Syntax | Category::Eof => Problem::new("request.malformed").detail(format!("the body is no JSON: {e}")),
    })
}

/// Where a text has a NUL in it, which JSON can only write as an escape. PostgreSQL has no such text, so neither database takes it.
fn nul(body: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        match rest {
            [b'\\', b'u', b'0', b'0', b'0', b'0', ..] => return Some(at),
            // What follows is escaped, also another backslash.
            [b'\\', ..] => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// How many bytes lie before a place that is given by line and column.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let lines = text.split_inclusive(|b| *b == b'\n');
    lines.take(line.saturating_sub(1)).map(<[u8]>::len).sum::<usize>().saturating_add(column)
}

/// A place on the way through a JSON text.
enum Step {
    /// In an object, at the member with this name; none before the first.
    Member { name: Option<String>, is_value: bool },
    /// In an array, at the item with this number.
    Item(usize),
}

/// The JSON pointer (RFC 6901) of where a beginning of a JSON text ends.
fn pointer(text: &[u8]) -> String {
    let mut steps: Vec<Step> = Vec::new();
    let mut bytes = text.iter().copied().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'{' => steps.push(Step::Member { name: None, is_value: false }),
            b'[' => steps.push(Step::Item(0)),
            b'}' | b']' => drop(steps.pop()),
            b':' => {
                if let Some(Step::Member { is_value, .. }) = steps.last_mut() {
                    *is_value = true;
                }
            }
            b',' => match steps.last_mut() {
                Some(Step::Item(number)) => *number += 1,
                Some(Step::Member { is_value, .. }) => *is_value = false,
                None => {}
            },
            b'"' => {
                let mut end = text.len();
                while let Some((at, byte)) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => {
                            end = at + 1;
                            break;
                        }
                        _ => {}
                    }
                }
                if let Some(Step::Member { name, is_value: false }) = steps.last_mut() {
                    *name = text.get(at..end).and_then(|quoted| serde_json::from_slice(quoted).ok());
                }
            }
            _ => {}
        }
    }
    let part = |step: &Step| match step {
        Step::Member { name: Some(name), .. } => Some(format!("/{}", name.replace('~', "~0").replace('/', "~1"))),
        Step::Member { name: None, .. } => None,
        Step::Item(number) => Some(format!("/{number}")),
    };
    steps.iter().filter_map(part).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde::Deserialize;

    use super::{parse, pointer};

    #[test]
    fn a_pointer_leads_to_where_a_text_ends() {
        for (text, expected) in [
            ("", ""),
            ("{", ""),
            ("{\"a\"", "/a"),
            ("{\"a\": 1", "/a"),
            ("{\"a\": {\"b\": 1}", "/a"),
            ("{\"a\": {\"b\": [1, {\"c\": \"x\"", "/a/b/1/c"),
            ("{\"a\": 1, \"b/~\": [", "/b~1~0/0"),
            ("{\"a\\\"}\": [[], [1, 2, \"],[\"", "/a\"}/1/2"),
            ("{\"a\": \"}{\", \"b\"", "/b"),
        ] {
            assert_eq!(pointer(text.as_bytes()), expected, "{text}");
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only read")]
        items: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only read")]
        name: String,
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        for (text, code, says) in [
            (r#"{"items": [{"name": "a"}, {"name": 7}]}"#, "request.body", "/items/1/name: invalid type: integer `7`, expected a string"),
            (r#"{"items": [{"name": "a", "nmae": ""}]}"#, "request.body", "/items/0/nmae: unknown field `nmae`, expected `name`"),
            ("{\n\n\"items\":\n [{}, {}]}", "request.body", "/items/0: missing field `name`"),
            (r#"{"more": 1}"#, "request.body", "/more: unknown field"),
            ("{}", "request.body", "the body: missing field `items`"),
            ("[1]", "request.body", "/0: invalid type"),
            ("{\"items\"", "request.malformed", "EOF"),
            ("items", "request.malformed", "expected value"),
            ("\u{fffd}", "request.malformed", "expected value"),
            (r#"{"items": [{"name": "a"}, {"name": "a\u0000b"}]}"#, "request.body", "/items/1/name: a text has a NUL in it"),
            (r#"{"items": [{"name": "\\\u0000"}]}"#, "request.body", "/items/0/name: a text has a NUL in it"),
        ] {
            let problem = parse::<Outer>(text.as_bytes()).unwrap_err();
            assert_eq!(problem.code(), code, "{text}");
            assert!(problem.to_string().contains(says), "{text}: {problem}");
        }
    }
}
