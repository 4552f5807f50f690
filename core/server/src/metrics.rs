//! Figures for Prometheus: of requests, of jobs, of events and of the process. Labels are words of the program, never of its data.

use std::time::Duration;

use prometheus::{Encoder as _, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};
use recoup_model::job::{JobKind, JobState};
use recoup_store::Undelivered;

/// Upper bounds of the buckets of a request's duration, in seconds.
const REQUEST: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Likewise of a job's.
const JOB: [f64; 10] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1_800.0];

/// What became of a job when a process was done with it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Worked {
    /// It ended so.
    Ended(JobState),
    /// It goes back to be taken again.
    HandedBack,
    /// Another process has it.
    Lost,
}

impl Worked {
    const fn word(self) -> &'static str {
        match self {
            Self::Ended(state) => state.word(),
            Self::HandedBack => "handed-back",
            Self::Lost => "lost",
        }
    }
}

/// The figures of a process.
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    in_flight: IntGauge,
    kept: IntCounter,
    jobs: IntGaugeVec,
    job_seconds: HistogramVec,
    events: IntGaugeVec,
    deliveries: IntCounterVec,
    memory: IntGauge,
}

impl Metrics {
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let histogram =
            |name: &str, help: &str, buckets: &[f64], labels: &[&str]| HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels);
        let build = IntGaugeVec::new(Opts::new("recoup_build_info", "The release that answers; always 1."), &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let all = Self {
            requests: IntCounterVec::new(Opts::new("recoup_http_requests_total", "Requests that were answered."), &["method", "route", "status"])?,
            seconds: histogram("recoup_http_request_seconds", "Time until the head of the answer.", &REQUEST, &["method", "route"])?,
            in_flight: IntGauge::new("recoup_http_requests_in_flight", "Requests that are being answered.")?,
            kept: IntCounter::new("recoup_http_answers_kept_total", "Requests that were answered with what was answered before.")?,
            jobs: IntGaugeVec::new(Opts::new("recoup_jobs", "Jobs of all ledgers."), &["state"])?,
            job_seconds: histogram("recoup_job_seconds", "For how long this process worked on a job, by what became of it.", &JOB, &["kind", "became"])?,
            events: IntGaugeVec::new(Opts::new("recoup_outbox_events", "Events that webhooks are yet to be told of, or were given up."), &["state"])?,
            deliveries: IntCounterVec::new(Opts::new("recoup_outbox_deliveries_total", "Attempts of this process to deliver an event."), &["outcome"])?,
            memory: IntGauge::new("process_resident_memory_bytes", "Resident memory of the process; zero where the system does not say.")?,
            registry,
        };
        let Self { registry, requests, seconds, in_flight, kept, jobs, job_seconds, events, deliveries, memory } = &all;
        registry.register(Box::new(build))?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(in_flight.clone()))?;
        registry.register(Box::new(kept.clone()))?;
        registry.register(Box::new(jobs.clone()))?;
        registry.register(Box::new(job_seconds.clone()))?;
        registry.register(Box::new(events.clone()))?;
        registry.register(Box::new(deliveries.clone()))?;
        registry.register(Box::new(memory.clone()))?;
        Ok(all)
    }

    /// Counts a request as being answered until the answer is dropped.
    pub(crate) fn in_flight(&self) -> InFlight {
        InFlight::new(&self.in_flight)
    }

    /// A request of a route was answered.
    pub(crate) fn answered(&self, method: &str, route: &str, status: &str, took: Duration) {
        self.requests.with_label_values(&[method, route, status]).inc();
        self.seconds.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    /// A request was answered with what was answered before.
    pub(crate) fn kept(&self) {
        self.kept.inc();
    }

    /// This process is done with a job.
    pub(crate) fn worked(&self, kind: JobKind, became: Worked, took: Duration) {
        self.job_seconds.with_label_values(&[kind.word(), became.word()]).observe(took.as_secs_f64());
    }

    /// An event was sent, or was not.
    pub(crate) fn delivered(&self, done: bool) {
        self.deliveries.with_label_values(&[if done { "delivered" } else { "failed" }]).inc();
    }

    /// What the database says of long work and of events; figures that it does not say are none, rather than those of before.
    pub(crate) fn work(&self, told: Option<(Vec<(JobState, u64)>, Undelivered)>) {
        self.jobs.reset();
        self.events.reset();
        let Some((jobs, Undelivered { waiting, dead })) = told else { return };
        let set = |gauge: &IntGaugeVec, state: &str, n: u64| gauge.with_label_values(&[state]).set(i64::try_from(n).unwrap_or(i64::MAX));
        jobs.into_iter().for_each(|(state, n)| set(&self.jobs, state.word(), n));
        set(&self.events, "waiting", waiting);
        set(&self.events, "dead", dead);
    }

    /// The figures in Prometheus' text format.
    pub(crate) fn text(&self) -> Result<String, prometheus::Error> {
        self.memory.set(resident());
        let mut out = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}

/// Resident memory in bytes, where the system says it.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).and_then(|n| n.trim().trim_end_matches(" kB").parse::<i64>().ok());
    kib.unwrap_or_default().saturating_mul(1024)
}

/// Counts down when the request is over, however it ends.
pub(crate) struct InFlight(IntGauge);

impl InFlight {
    fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
