//! Times what the host adds to a plugin: `cargo run -p recoup-host --example measure -- CRATE-DIR…`

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::float_arithmetic, reason = "a tool for developers")]

use std::time::Instant;

use recoup_host::{Host, Limits, Plugin, build};

fn main() {
    for dir in std::env::args().skip(1) {
        let built = build::build(dir.as_ref(), None).unwrap();
        let bytes = std::fs::read(&built.path).unwrap();
        let host = Host::new(Limits::standard()).unwrap();
        let started = Instant::now();
        let plugin = host.load(&bytes).unwrap();
        println!("{}: {} bytes, loaded in {:?}", plugin.name(), built.bytes, started.elapsed());
        let times = 10_000_u32;
        let started = Instant::now();
        for _ in 0..times {
            match &plugin {
                Plugin::Adapter(adapter) => drop(adapter.probe("a.csv", b"a;b;c").unwrap()),
                Plugin::Rules(rules) => drop(rules.check("{}").unwrap()),
            }
        }
        println!("  fresh instance and one call: {:?}", started.elapsed() / times);
    }
}
