//! The operator's log, on standard error, and traces of requests, to a collector that the operator names. No field of
//! either carries personal data: of a request, the route's template, the method, the status and the duration.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use actix_web::web::Bytes;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::{Log, LogFormat, Telemetry};
use crate::error::CliError;

/// For how long a request to the collector may take.
const COLLECTOR_TIMEOUT: Duration = Duration::from_secs(5);

/// Traces on their way; those that are left are sent when this is dropped.
pub(crate) struct Traces(Option<SdkTracerProvider>);

impl Drop for Traces {
    fn drop(&mut self) {
        if let Some(provider) = &self.0
            && let Err(error) = provider.shutdown_with_timeout(COLLECTOR_TIMEOUT)
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

pub(crate) fn start(log: &Log, telemetry: &Telemetry) -> Result<Traces, CliError> {
    let filter = EnvFilter::try_new(&log.level).map_err(|e| CliError::Config(format!("`log.level` = `{}`: {e}", log.level)))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Human => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    };
    let provider = if telemetry.otlp_endpoint.is_empty() { None } else { Some(provider(telemetry)?) };
    let traces = provider.as_ref().map(|provider| {
        // What is logged within a request may say what went wrong with whose record: spans alone leave the machine.
        let own = filter_fn(|metadata| metadata.is_span() && metadata.target().starts_with("recoup::"));
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("recoup"));
        layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_target(false).with_filter(own)
    });
    tracing_subscriber::registry().with(traces).with(lines).init();
    Ok(Traces(provider))
}

/// The member of a W3C trace context that names a trace and a span of it.
const TRACE_PARENT: &str = "traceparent";

/// The W3C trace context of the request that is being answered; none where requests are not traced.
pub(crate) fn trace_context() -> Option<String> {
    let mut carried = HashMap::new();
    TraceContextPropagator::new().inject_context(&tracing::Span::current().context(), &mut carried);
    carried.remove(TRACE_PARENT)
}

/// Links a span to the one that a W3C trace context names.
pub(crate) fn link(span: &tracing::Span, context: &str) {
    let carried = HashMap::from([(TRACE_PARENT.to_owned(), context.to_owned())]);
    span.add_link(TraceContextPropagator::new().extract(&carried).span().span_context().clone());
}

fn provider(telemetry: &Telemetry) -> Result<SdkTracerProvider, CliError> {
    let wrong = |why: String| CliError::Config(format!("`telemetry`: {why}"));
    if telemetry.sampled_per_mille > 1000 {
        return Err(wrong(format!("`sampled_per_mille` = {}: write 0 to 1000", telemetry.sampled_per_mille)));
    }
    #[expect(clippy::float_arithmetic, reason = "what the sampler takes")]
    let ratio = f64::from(telemetry.sampled_per_mille) / 1000.0;
    let exporter = SpanExporter::builder().with_http().with_http_client(Collector::new()).with_endpoint(&telemetry.otlp_endpoint);
    let exporter = exporter.with_protocol(Protocol::HttpBinary).with_timeout(COLLECTOR_TIMEOUT).build().map_err(|e| wrong(e.to_string()))?;
    let resource = Resource::builder().with_service_name(telemetry.service_name.clone()).build();
    // By the trace's id alone, so that no client decides how much is traced.
    let sampler = Sampler::TraceIdRatioBased(ratio);
    Ok(SdkTracerProvider::builder().with_resource(resource).with_sampler(sampler).with_batch_exporter(exporter).build())
}

/// The way to the collector: the exporter has a thread of its own, which may wait.
#[derive(Debug)]
struct Collector(ureq::Agent);

impl Collector {
    fn new() -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(COLLECTOR_TIMEOUT));
        Self(config.build().into())
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(head, body.as_ref()))?;
        let (head, mut body) = answer.into_parts();
        Ok(Response::from_parts(head, Bytes::from(body.read_to_vec()?)))
    }
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move { self.send(request) })
    }
}
