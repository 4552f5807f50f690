//! Killing the program at chosen moments.

use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use recoup_model::record::Ledger;
use recoup_store::{Store, audit};
use recoup_tests::Site;

/// How often the program is killed per database.
pub(crate) fn kills() -> u32 {
    std::env::var("RECOUP_KILLS").ok().map_or(10, |n| n.parse().expect("RECOUP_KILLS is a number"))
}

/// A small generator with a fixed seed: the moments are the same in every run.
pub(crate) struct Moments(u64);

impl Moments {
    pub(crate) fn seeded() -> Self {
        Self(0x5eed_0f4e_c0de_cafe)
    }

    /// The n-th of `of` moments: its own slice of the run time, and somewhere within that slice.
    pub(crate) fn moment(&mut self, n: u32, of: u32, run: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let jitter = u32::try_from(self.0 >> 33).expect("31 bits") % 1_000;
        run * (n * 1_000 + jitter) / (of * 1_000)
    }
}

/// What became of a program that was to be killed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Killed,
    /// It said that it was done before the signal came.
    Done,
}

/// Starts a program and sends it SIGKILL after a time.
pub(crate) fn kill_after(command: &mut Command, after: Duration) -> End {
    let mut child = command.spawn().expect("the program starts");
    sleep(after);
    child.kill().expect("the program can be killed");
    let output = child.wait_with_output().expect("the program ends");
    match output.status.code() {
        None => End::Killed,
        Some(0) => End::Done,
        Some(code) => panic!("exit code {code}: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Runs a program to its end, and says how long it took.
pub(crate) fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    start.elapsed()
}

pub(crate) fn main_ledger(store: &mut Store) -> Ledger {
    store.ledger("main").expect("the store answers").expect("the ledger is open")
}

/// The tables are what the log adds up to.
pub(crate) fn prove(site: &Site) {
    let mut store = site.store();
    let ledger = main_ledger(&mut store);
    let mut scratch = Store::open("sqlite::memory:").expect("a scratch database");
    let rebuild = audit::rebuild(&mut store, ledger.id, &mut scratch).expect("a rebuild");
    assert!(rebuild.is_proof(), "{rebuild:?}");
}
