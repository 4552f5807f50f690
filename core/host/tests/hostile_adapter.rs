//! Adapters that misbehave: the session ends with a code, nothing wrong comes through, the host stays well.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use common::{ADAPTER, adapter, limits};
use recoup_host::{AdapterPlugin, Control, Host, Input, Limits, PluginError};

const LINES: &str = "first\nsecond\n第三行\n";

fn lines() -> Arc<dyn Input> {
    Arc::new(LINES.as_bytes().to_vec())
}

/// Reads all lines, two at a time; answers with the texts, the totals and the fuel.
fn read(adapter: &AdapterPlugin, input: Arc<dyn Input>, profile: &str) -> Result<(Vec<String>, Vec<Control>, u64), PluginError> {
    let mut session = adapter.session(input, profile)?;
    let mut texts = Vec::new();
    while let Some(items) = session.next(2)? {
        texts.extend(items.items().map(|item| format!("{} {}", item.row, item.text)));
    }
    let controls = session.finish()?;
    Ok((texts, controls, session.fuel_used()))
}

/// Reads with a behaviour, and expects this failure; afterwards an honest session must still work.
#[track_caller]
fn fails(behaviour: &str, code: &str, says: &str) {
    let error = read(&adapter(), lines(), behaviour).expect_err(behaviour);
    assert_eq!(error.code(), code, "{behaviour}: {error}");
    for part in [says, "`hostile-adapter` 1.0.0", &adapter().digest().short()] {
        assert!(error.to_string().contains(part), "{behaviour}: no `{part}` in `{error}`");
    }
    assert_eq!(read(&adapter(), lines(), "").unwrap().0.len(), 3, "{behaviour}: the host must stay well");
}

#[test]
fn an_honest_session_hands_over_items_and_totals() {
    let (texts, controls, fuel) = read(&adapter(), lines(), "").unwrap();
    assert_eq!(texts, ["1 first", "2 second", "3 第三行"]);
    let [control] = controls.as_slice() else { panic!("{controls:?}") };
    assert_eq!((control.name.as_str(), control.stated, control.read.to_string()), ("lines", Some(control.read), "3.00".to_owned()));
    assert_eq!(adapter().probe("a.csv", b"first").unwrap(), 50);

    let again = read(&Host::new(limits()).unwrap().load(&ADAPTER).unwrap().into_adapter().unwrap(), lines(), "").unwrap();
    assert_eq!(again, (texts, controls, fuel), "same file and plugin: same items, same fuel");
}

#[test]
fn a_session_has_an_order() {
    let mut session = adapter().session(lines(), "").unwrap();
    assert_eq!(session.finish().unwrap_err().code(), "plugin.incompatible", "items are left");
    assert_eq!(session.next(usize::MAX).unwrap().unwrap().len(), 3);
    assert_eq!(session.next(1).unwrap(), None);
    assert_eq!(session.next(1).unwrap(), None);
    assert_eq!(session.finish().unwrap().len(), 1);
    assert!(session.finish().is_err() && session.next(1).is_err());
}

#[test]
fn an_empty_file_has_no_items() {
    let (texts, controls, _) = read(&adapter(), Arc::new(Vec::new()), "").unwrap();
    assert_eq!((texts.len(), controls[0].read.to_string()), (0, "0.00".to_owned()));
}

#[test]
fn what_runs_wild_is_stopped() {
    fails("panic", "plugin.panicked", "batch 1, after item 0");
    fails("spin", "plugin.out_of_fuel", "units of fuel");
    fails("memory", "plugin.memory", "bytes of memory and may have 67108864");
    fails("output", "plugin.too_large", "16777216");
    fails("greedy", "plugin.out_of_fuel", "open");
    assert_eq!(adapter().probe("panic", b"").unwrap_err().code(), "plugin.panicked");
    assert_eq!(adapter().probe("sure", b"").unwrap_err().code(), "plugin.bad_output");
}

#[test]
fn columns_that_are_no_items_are_refused() {
    let bad = |behaviour, says| fails(behaviour, "plugin.bad_output", says);
    bad("too-many", "items where 2 were asked for");
    bad("kind", "unknown kind");
    bad("numbers", "numbers");
    bad("ends", "ends at");
    bad("falling-ends", "ends at");
    bad("tail", "bytes of text behind");
    bad("not-utf8", "not UTF-8 at byte");
    bad("inside-character", "ends at");
    bad("row", "negative row");
    bad("scale", "scale above 18");
    bad("day", "day out of range");
    bad("no-calendar", "the calendar does not have");
    bad("due-source", "due source");
}

#[test]
fn totals_that_are_no_decimals_are_refused() {
    let bad = |behaviour, says| fails(behaviour, "plugin.bad_output", says);
    bad("figure", "`NaN` is not a decimal");
    bad("float", "`1e400` is not a decimal");
    bad("nameless", "without a name");
    bad("many-totals", "20000 control totals");
}

#[test]
fn the_plugins_own_judgement_comes_out_as_such() {
    fails("refuse", "plugin.rejected_input", "open: refused its input: h.refused at row 1: no header");
    fails("mid-refuse", "plugin.rejected_input", "no header");
    let error = adapter().session(lines(), "refuse").err().unwrap();
    assert_eq!(error.rejected().unwrap().at, "row 1");
}

#[test]
fn a_huge_log_line_is_cut_and_changes_nothing() {
    assert_eq!(read(&adapter(), lines(), "log").unwrap().0, read(&adapter(), lines(), "").unwrap().0);
}

#[test]
fn an_input_that_fails_is_not_the_plugins_fault() {
    struct Broken;
    impl Input for Broken {
        fn size(&self) -> u64 {
            10
        }
        fn read_at(&self, _: u64, _: u32) -> io::Result<Vec<u8>> {
            Err(io::Error::other("disk on fire"))
        }
    }
    for how in ["", "split-honestly"] {
        let error = read(&adapter(), Arc::new(Broken), how).unwrap_err();
        assert_eq!((error.code(), error.is_transient()), ("plugin.input_unreadable", true));
        assert!(error.to_string().contains("disk on fire"));
    }
}

/// A medium that fails while records are read, and a file of one line: neither is held against the plugin, and both end.
#[test]
fn what_is_split_may_fail_or_have_no_end() {
    struct Failing;
    impl Input for Failing {
        fn size(&self) -> u64 {
            1 << 20
        }
        fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
            if offset > 0 { Err(io::Error::other("disk on fire")) } else { Ok(vec![b'a'; length as usize]) }
        }
    }
    let error = read(&adapter(), Arc::new(Failing), "split-honestly").unwrap_err();
    assert_eq!((error.code(), error.is_transient()), ("plugin.input_unreadable", true));
    let one_line: Arc<dyn Input> = Arc::new(vec![b'a'; 70 << 20]);
    let roomy = Limits { fuel_per_batch: 1_000_000_000, ..limits() };
    let host = Host::new(roomy).unwrap();
    // The guest stops at the problem; then it reads the bytes for itself, and has no room for them.
    let error = read(&host.load(&ADAPTER).unwrap().into_adapter().unwrap(), one_line, "split-honestly").unwrap_err();
    assert_eq!(error.code(), "plugin.memory", "{error}");
}

#[test]
fn records_are_split_for_those_who_ask_as_the_contract_says() {
    assert_eq!(read(&adapter(), lines(), "split-honestly").unwrap().0, read(&adapter(), lines(), "").unwrap().0);
    fails("split-unopened", "plugin.bad_output", "before it opened them");
    for wrong in ["split-line-end", "split-no-ascii", "split-quote-delimits"] {
        fails(wrong, "plugin.bad_output", "two characters of ASCII");
    }
    fails("split-again", "plugin.bad_output", "opened its records twice");
    fails("split-behind-the-end", "plugin.out_of_fuel", "");
}

#[test]
fn a_full_pool_makes_callers_wait_and_then_says_so() {
    let small = Limits { pool_size: 1, pool_wait_ms: 200, ..limits() };
    let adapter = Host::new(small).unwrap().load(&ADAPTER).unwrap().into_adapter().unwrap();
    let held = adapter.session(lines(), "").unwrap();
    let started = Instant::now();
    let error = adapter.probe("a.csv", b"").unwrap_err();
    assert_eq!((error.code(), error.is_transient()), ("plugin.busy", true));
    assert!(started.elapsed() >= Duration::from_millis(200));
    drop(held);

    let patient = Limits { pool_size: 1, pool_wait_ms: 600_000, ..limits() };
    let adapter = Host::new(patient).unwrap().load(&ADAPTER).unwrap().into_adapter().unwrap();
    let held = adapter.session(lines(), "").unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| adapter.probe("a.csv", b""));
        thread::sleep(Duration::from_millis(50));
        drop(held);
        assert_eq!(waiting.join().unwrap().unwrap(), 50);
    });
}

#[test]
fn many_threads_share_a_small_pool() {
    let small = Limits { pool_size: 2, ..limits() };
    let adapter = Host::new(small).unwrap().load(&ADAPTER).unwrap().into_adapter().unwrap();
    thread::scope(|scope| {
        let readers: Vec<_> = (0..8)
            .map(|i| {
                let adapter = adapter.clone();
                scope.spawn(move || {
                    let behaviour = if i % 2 == 0 { "panic" } else { "" };
                    (0..20).all(|_| read(&adapter, lines(), behaviour).is_ok() == behaviour.is_empty())
                })
            })
            .collect();
        assert!(readers.into_iter().all(|r| r.join().unwrap()));
    });
}
