//! Requests over loopback: `recoup serve` and a bare actix handler with the same answer, both asked by wrk.
//!
//! The bare handler runs in this process, which does nothing else meanwhile. wrk shares the machine with what it asks.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::Utc;
use recoup_model::Digest;
use recoup_model::access::{ApiToken, Grant, Role, User};
use recoup_model::id::TokenId;
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_store::bench::Scratch;
use recoup_store::{CommandMeta, StoreError};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use tempfile::NamedTempFile;

use super::{Line, Setup, grouped, kib_of, ledgers, ms};
use crate::context::{ACTOR, Context};
use crate::error::CliError;

/// Receivables of the ledger, with as many receipts.
const CLAIMS: usize = 1_000;
/// Requests over which memory must not grow.
const REQUESTS: usize = 1_000_000;
/// Connections of wrk.
const CONNECTIONS: u64 = 32;
const SECONDS: u64 = 8;
/// How long a patient connection waits between its requests, on average.
const PAUSE_MS: u64 = 10;
/// Hundredths of the bare handler's rate.
const POINT_MIN: u64 = 40;
const P99_MAX: Duration = Duration::from_millis(20);
const START_MAX: Duration = Duration::from_millis(500);
/// Hundredths of the memory after the first tenth of the requests.
const GROWTH_MAX: u64 = 110;
const SECRET: &str = "recoup_0000000000000000000000000000000000000000000000000000000000000000";

pub(super) fn run(bench: &Setup<'_>) -> Result<Vec<Line>, CliError> {
    let mut lines = Vec::new();
    for database in bench.databases() {
        let scratch = database.fresh()?;
        let mut store = scratch.store()?;
        ledgers::books(&mut store, CLAIMS, 1)?;
        admit(&mut store)?;
        drop(store);
        lines.extend(measure(bench, database.name(), &scratch)?);
    }
    Ok(lines)
}

/// Lets somebody with a token read everything.
fn admit(store: &mut recoup_store::Store) -> Result<(), CliError> {
    let login = "bench";
    let user = User { id: User::id_of(login), login: login.to_owned(), disabled: false, password_given: false };
    let (id, expires_at) = (TokenId::from_parts(&[login.as_bytes()]), Utc::now() + chrono::Duration::days(1));
    let secret = Digest::of(SECRET.as_bytes());
    let token = ApiToken { id, user: user.id, label: login.to_owned(), secret, expires_at, revoked: false, session: false };
    let grant = Grant::new(user.id, Role::Auditor, None, None);
    let leaves: Vec<Leaf> = [Record::User(user), Record::ApiToken(token), Record::Grant(grant)].into_iter().map(Leaf::from).collect();
    let meta = CommandMeta { kind: "admit".to_owned(), input: secret, actor: ACTOR.to_owned(), recorded_at: Context::now() };
    store.transact::<_, StoreError>(Ledger::installation(), &meta, |tx| tx.append(&leaves))?;
    Ok(())
}

fn measure(bench: &Setup<'_>, name: &str, scratch: &Scratch) -> Result<Vec<Line>, CliError> {
    let server = Served::start(scratch.url(), &[])?;
    let (started, idle) = (server.started, server.memory()?);
    let points: Vec<String> = (0..CLAIMS).map(|n| format!("/api/v1/ledgers/bench/receivables/{}", ledgers::claim(n))).collect();
    let aging = ["/api/v1/ledgers/bench/aging?as_of=2025-01-31".to_owned()];
    let bare = Bare::start(server.get(points.first().map_or("/", String::as_str))?, bench.context.config.server.workers)?;
    let ask_point = |connections, seconds, pause| ask(&server.address, &points, connections, seconds, pause);
    // One after the other and again, so that a slow moment of the machine does not hit one side only.
    let (mut plain, mut read) = (ask(&bare.address, &points, CONNECTIONS, SECONDS, None)?, ask_point(CONNECTIONS, SECONDS, None)?);
    plain.or_better(ask(&bare.address, &points, CONNECTIONS, SECONDS, None)?);
    read.or_better(ask_point(CONNECTIONS, SECONDS, None)?);
    let page = ask(&server.address, &aging, CONNECTIONS, SECONDS, None)?;

    // Each connection waits between its requests, so that all of them together ask at half the rate.
    let patient = |load: &Load| (load.per_second * PAUSE_MS / 2_000).clamp(1, 900);
    let half = ask_point(patient(&read), SECONDS, Some(PAUSE_MS))?;
    let half_page = ask(&server.address, &aging, patient(&page), SECONDS, Some(PAUSE_MS))?;

    // A server that keeps no answer reads the books for each request.
    let (unkept, half_unkept, unkept_page, half_unkept_page) = {
        let server = Served::start(scratch.url(), &[("RECOUP__SERVER__ANSWERS_BYTES_MAX", "0")])?;
        let point = ask(&server.address, &points, CONNECTIONS, SECONDS, None)?;
        let half = ask(&server.address, &points, patient(&point), SECONDS, Some(PAUSE_MS))?;
        let page = ask(&server.address, &aging, CONNECTIONS, SECONDS, None)?;
        let half_page = ask(&server.address, &aging, patient(&page), SECONDS, Some(PAUSE_MS))?;
        (point, half, page, half_page)
    };

    let (few, requests) = (bench.size(REQUESTS) as u64 / 10, bench.size(REQUESTS) as u64);
    let mut asked = 0;
    let mut until = |count: u64| -> Result<u64, CliError> {
        while asked < count {
            let left = (count - asked).div_ceil(read.per_second.max(1)).clamp(1, 60);
            asked += ask_point(CONNECTIONS, left, None)?.requests;
        }
        server.memory()
    };
    let (early, late) = (until(few)?, until(requests)?);

    let of_bare = |load: &Load| load.per_second * 100 / plain.per_second.max(1);
    let rate = |load: &Load| format!("{} requests/s", grouped(load.per_second));
    let least = |hundredths: u64| format!("at least {}", super::decimal(hundredths));
    let line = |what: &str, figure: String, limit: String, ok: Option<bool>| Line {
        what: format!("{what}, {name}"),
        figure,
        limit,
        ratio: String::new(),
        ok,
        note: String::new(),
    };
    let share = of_bare(&read);
    Ok(vec![
        line("point read : bare handler", rate(&read), least(POINT_MIN), Some(share >= POINT_MIN)).with_ratio(share).note(format!(
            "bare {}; {CONNECTIONS} connections; any of {} receivables; p99 {}",
            rate(&plain),
            grouped(CLAIMS as u64),
            us(read.p99)
        )),
        line("point read where no answer is kept : bare handler", rate(&unkept), String::new(), None).with_ratio(of_bare(&unkept)).note(format!(
            "p99 {}; at half load {}",
            us(unkept.p99),
            us(half_unkept.p99)
        )),
        line("aging page where no answer is kept : bare handler", rate(&unkept_page), String::new(), None).with_ratio(of_bare(&unkept_page)).note(format!(
            "p99 {}; at half load {}",
            us(unkept_page.p99),
            us(half_unkept_page.p99)
        )),
        line(&format!("aging page of {} receivables : bare handler", grouped(CLAIMS as u64)), rate(&page), String::new(), None)
            .with_ratio(of_bare(&page))
            .note(format!("p99 {}", us(page.p99))),
        line("point read, p99 at half load", us(half.p99), format!("at most {}", ms(P99_MAX)), Some(half.p99 <= P99_MAX)).note(rate(&half)),
        line("aging page, p99 at half load", us(half_page.p99), format!("at most {}", ms(P99_MAX)), Some(half_page.p99 <= P99_MAX)).note(rate(&half_page)),
        line("memory", format!("{} KiB", grouped(late)), format!("at most {}", super::decimal(GROWTH_MAX)), Some(late * 100 <= early * GROWTH_MAX))
            .with_ratio(late * 100 / early.max(1))
            .note(format!("after {} requests; {} KiB after {}; {} KiB idle", grouped(requests), grouped(early), grouped(few), grouped(idle))),
        line("start to ready, existing database", ms(started), format!("at most {}", ms(START_MAX)), Some(started <= START_MAX)),
    ])
}

/// A running `recoup serve`; it is killed when this is dropped.
struct Served {
    child: Child,
    address: String,
    started: Duration,
}

impl Served {
    fn start(database: &str, settings: &[(&str, &str)]) -> Result<Self, CliError> {
        let begun = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .env("RECOUP__DATABASE__URL", database)
            .env("RECOUP__SERVER__BIND", "127.0.0.1:0")
            .env("RECOUP__SERVER__LIMITS__TOKEN__BURST", "0")
            .env("RECOUP__LOG__LEVEL", "warn")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut said)?;
        }
        let address = said.trim().strip_prefix("listening on ").unwrap_or_default().to_owned();
        let mut server = Self { child, address, started: Duration::ZERO };
        while server.get("/readyz").is_err() {
            if begun.elapsed() > Duration::from_secs(30) {
                return Err(CliError::Failed("the server that is to be measured is not ready after 30 s; run `recoup serve` to see why".to_owned()));
            }
            thread::sleep(Duration::from_millis(1));
        }
        server.started = begun.elapsed();
        Ok(server)
    }

    fn get(&self, path: &str) -> Result<Vec<u8>, CliError> {
        let answer = ureq::get(format!("{}{path}", self.address)).header("authorization", format!("Bearer {SECRET}")).call();
        let body = answer.and_then(|mut a| a.body_mut().read_to_vec());
        body.map_err(|e| CliError::Failed(format!("{path} of the server that is measured: {e}")))
    }

    /// Its resident memory in KiB.
    fn memory(&self) -> Result<u64, CliError> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        kib_of(&status, "VmRSS:").ok_or_else(|| unreadable("memory", &status))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An actix handler that does nothing but answer.
struct Bare {
    address: String,
    handle: ServerHandle,
}

impl Bare {
    fn start(body: Vec<u8>, workers: usize) -> Result<Self, CliError> {
        let (tell, told) = mpsc::channel();
        let body = web::Bytes::from(body);
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let answer = move || {
                    let body = body.clone();
                    App::new().default_service(web::to(move || {
                        let body = body.clone();
                        async move { HttpResponse::Ok().content_type("application/json").body(body) }
                    }))
                };
                let bound = HttpServer::new(answer).workers(workers).disable_signals().bind("127.0.0.1:0");
                match bound {
                    Ok(http) => {
                        let address = http.addrs().first().map(ToString::to_string).unwrap_or_default();
                        let running = http.run();
                        let _ = tell.send(Ok((address, running.handle())));
                        let _ = running.await;
                    }
                    Err(e) => drop(tell.send(Err(e))),
                }
            });
        });
        let (address, handle) = told.recv().map_err(|e| CliError::Failed(e.to_string()))??;
        Ok(Self { address: format!("http://{address}"), handle })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// What wrk found.
struct Load {
    requests: u64,
    per_second: u64,
    p99: Duration,
}

impl Load {
    fn or_better(&mut self, other: Self) {
        if other.per_second > self.per_second {
            *self = other;
        }
    }
}

/// Asks a server for paths, at random, for some seconds; with a pause in milliseconds, connections wait about so long between
/// their requests.
fn ask(server: &str, paths: &[String], connections: u64, seconds: u64, pause: Option<u64>) -> Result<Load, CliError> {
    let mut script = NamedTempFile::with_suffix(".lua")?;
    writeln!(script, "local paths = {{ \"{}\" }}", paths.join("\", \""))?;
    writeln!(script, "function request() return wrk.format(\"GET\", paths[math.random(#paths)]) end")?;
    if let Some(pause) = pause {
        writeln!(script, "function delay() return math.random(0, {}) end", pause * 2)?;
    }
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--timeout", "10s", "--latency", "--header", &format!("authorization: Bearer {SECRET}")]);
    wrk.args(["--connections", &connections.to_string(), "--duration", &format!("{seconds}s"), "--script"]).arg(script.path()).arg(server);
    let done = wrk.output().map_err(|e| CliError::Failed(format!("wrk asks the requests of this bench, and cannot be run ({e}): install it")))?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let field = |name: &str| said.lines().find_map(|l| l.trim().strip_prefix(name)).map(str::trim);
    if !done.status.success() || field("Non-2xx or 3xx responses:").is_some() || field("Socket errors:").is_some() {
        return Err(unreadable("answers", &said));
    }
    let requests = said.lines().find_map(|l| l.trim().split_once(" requests in ")).and_then(|(n, _)| n.parse().ok());
    let per_second = field("Requests/sec:").and_then(|t| t.parse::<Decimal>().ok()).and_then(|d| d.to_u64());
    let p99 = field("99%").and_then(duration);
    match (requests, per_second, p99) {
        (Some(requests), Some(per_second), Some(p99)) => Ok(Load { requests, per_second, p99 }),
        _ => Err(unreadable("figures", &said)),
    }
}

/// `1.23ms` and its like.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let micros = match unit {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        _ => return None,
    };
    (number.parse::<Decimal>().ok()? * Decimal::from(micros)).to_u64().map(Duration::from_micros)
}

fn us(took: Duration) -> String {
    format!("{} µs", grouped(u64::try_from(took.as_micros()).unwrap_or(u64::MAX)))
}

fn unreadable(what: &str, said: &str) -> CliError {
    CliError::Failed(format!("the {what} are not what this bench expects:\n{said}"))
}
