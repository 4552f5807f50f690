//! An adapter that misbehaves on demand: its profile is the word for a behaviour.
//!
//! Honestly, every line of its input is an issue with the line as its text; told `records`, it is the claim or the
//! receipt that the line says: `claim KEY PARTY FEN`, `money KEY PARTY FEN`.

wit_bindgen::generate!({ world: "adapter-plugin", path: "../../../plugins/wit/next", generate_all });

use std::cell::RefCell;
use std::hint::black_box;

use exports::recoup::plugin::adapter::*;
use recoup::plugin::{input, log, records};

const NONE: i64 = i64::MIN;
const DESCRIBE: &str = concat!(
    r#"{"id":"hostile-adapter","version":"1.0.0","contract":"next","title":{"en":"Misbehaves","zh":"行为不端"},"#,
    r#""formats":["lines"],"profile_schema":{}}"#
);

#[derive(Default)]
struct Session {
    mode: String,
    lines: Vec<String>,
    read: usize,
}

thread_local! {
    static SESSION: RefCell<Session> = RefCell::default();
}

/// Has the input split into records, in ways that no honest adapter asks for.
fn split(mode: &str) {
    let comma = records::Dialect { encoding: records::Encoding::Utf8, delimiter: b',', quote: Some(b'"'), record_max: u32::MAX };
    match mode {
        "unopened" => drop(black_box(records::next())),
        "line-end" => drop(black_box(records::open(records::Dialect { delimiter: b'\n', ..comma }))),
        "no-ascii" => drop(black_box(records::open(records::Dialect { delimiter: 0xa6, ..comma }))),
        "quote-delimits" => drop(black_box(records::open(records::Dialect { quote: Some(b','), ..comma }))),
        "again" => loop {
            drop(black_box(records::open(comma)));
        },
        "behind-the-end" => {
            drop(records::open(comma));
            loop {
                drop(black_box(records::next()));
            }
        }
        _ => {
            drop(records::open(comma));
            while records::next().is_ok_and(|batch| !batch.ended) {}
        }
    }
}

struct Adapter;
export!(Adapter);

impl Guest for Adapter {
    fn describe() -> String {
        DESCRIBE.to_owned()
    }

    fn probe(name: String, _: Vec<u8>) -> u8 {
        match name.as_str() {
            "panic" => panic!("as told"),
            "sure" => 101,
            _ => 50,
        }
    }

    fn open(profile: String) -> Result<(), Problem> {
        if profile == "refuse" {
            return Err(problem());
        }
        if profile == "greedy" {
            // The same megabyte again and again: copying is the host's work, and has to be paid for.
            loop {
                black_box(input::read_at(0, 1 << 20));
            }
        }
        if let Some(mode) = profile.strip_prefix("split-") {
            split(mode);
        }
        let size = input::size();
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < size {
            bytes.extend(input::read_at(bytes.len() as u64, 4_096));
        }
        let lines = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
        SESSION.set(Session { mode: profile, lines, read: 0 });
        Ok(())
    }

    fn next(limit: u32) -> Result<Items, Problem> {
        SESSION.with_borrow_mut(|s| s.next(limit as usize))
    }

    fn finish() -> Result<Vec<Control>, Problem> {
        SESSION.with_borrow(|s| {
            let read = match s.mode.as_str() {
                "figure" => "NaN".to_owned(),
                "float" => "1e400".to_owned(),
                _ => format!("{}.00", s.read),
            };
            let name = if s.mode == "nameless" { String::new() } else { "lines".to_owned() };
            let times = if s.mode == "many-totals" { 20_000 } else { 1 };
            Ok(vec![Control { name, stated: Some("3.00".into()), read, subject: String::new() }; times])
        })
    }
}

fn problem() -> Problem {
    Problem { code: "h.refused".into(), at: "row 1".into(), message: "no header".into() }
}

impl Session {
    fn next(&mut self, limit: usize) -> Result<Items, Problem> {
        let first = self.read;
        let batch = self.lines.iter().skip(first).take(limit);
        let mut items = Items { kinds: vec![], numbers: vec![], ends: vec![], text: vec![] };
        for (i, line) in batch.enumerate() {
            let row = (first + i + 1) as i64;
            match (self.mode.as_str(), line.split(' ').collect::<Vec<_>>().as_slice()) {
                ("records", ["claim", key, party, fen]) => record(&mut items, row, 3, key, party, fen),
                ("records", ["money", key, party, fen]) => record(&mut items, row, 4, key, party, fen),
                _ => push(&mut items, row, line),
            }
        }
        self.read += items.kinds.len();
        if !items.kinds.is_empty() {
            self.misbehave(&mut items, limit)?;
        }
        Ok(items)
    }

    fn misbehave(&self, items: &mut Items, limit: usize) -> Result<(), Problem> {
        match self.mode.as_str() {
            "panic" => panic!("as told"),
            "spin" => loop {
                black_box(0);
            },
            "memory" => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(black_box(Vec::<u8>::with_capacity(1 << 20)));
                }
            }
            "mid-refuse" => return Err(problem()),
            "log" => log::write(&"x".repeat(1 << 20)),
            "too-many" => (0..=limit).for_each(|_| push(items, 1, "again")),
            "output" => items.text = vec![b'x'; 20 << 20],
            "kind" => items.kinds[0] = 99,
            "numbers" => drop(items.numbers.pop()),
            "ends" => items.ends[3] = u32::MAX,
            "falling-ends" => items.ends[9] = 0,
            "tail" => items.text.extend(b"left over"),
            "inside-character" => {
                items.text.extend("长".bytes());
                *items.ends.last_mut().expect("an item") += 1;
            }
            "not-utf8" => *items.text.last_mut().expect("a byte") = 0xff,
            "row" => items.numbers[0] = -5,
            "scale" => (items.numbers[1], items.numbers[3]) = (1, 200),
            "day" => items.numbers[4] = i64::from(i32::MAX) + 1,
            "no-calendar" => items.numbers[5] = i64::from(i32::MAX),
            "due-source" => items.numbers[7] = 77,
            _ => {}
        }
        Ok(())
    }
}

/// An issue: the columns as `codec/item.rs` states them.
fn push(items: &mut Items, row: i64, line: &str) {
    items.kinds.push(9);
    items.numbers.extend([row, NONE, NONE, 0, NONE, NONE, 0, 0]);
    for column in 0..10 {
        if column == 8 {
            items.text.extend(line.bytes());
        }
        items.ends.push(items.text.len() as u32);
    }
}

/// A claim (3) or a receipt (4) of 2024-01-10 in CNY.
fn record(items: &mut Items, row: i64, kind: u8, key: &str, party: &str, fen: &str) {
    items.kinds.push(kind);
    items.numbers.extend([row, fen.parse().expect("an amount"), NONE, 2, 19_732, NONE, 0, 0]);
    for text in ["", key, party, "", "CNY", key, "", "", "", ""] {
        items.text.extend(text.bytes());
        items.ends.push(items.text.len() as u32);
    }
}
