//! `recoup serve`: the ledger over HTTP. Everything of actix is in here.

mod access;
mod across;
mod answers;
mod api;
mod beside;
mod body;
mod catalogue;
mod cursor;
pub(crate) mod export;
mod health;
mod list;
mod moment;
mod observe;
mod one;
mod openapi;
mod packs;
mod pool;
pub(crate) mod problem;
mod problems;
mod query;
mod route;
mod submit;
mod tls;
mod upload;
mod write;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::IF_NONE_MATCH;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpServer, Resource, Scope, guard};
use utoipa::openapi::path::HttpMethod;

pub(crate) use self::access::Network;
use self::access::{Gate, Origin, Pass};
use self::answers::Answers;
use self::moment::{Subject, Tongue};
use self::observe::Template;
use self::one::Settings;
use self::packs::Packs;
use self::pool::Pool;
use self::problem::Problem;
use self::query::Params;
use self::route::Route;
use crate::component::Trust;
use crate::context::Context;
use crate::error::CliError;
use crate::metrics::Metrics;
use crate::outbox::{Deliverer, Hosts};
use crate::work::End;

/// What requests share.
pub(crate) struct State {
    /// Connections for reads.
    pool: Arc<Pool>,
    /// Connections for what must be told when every other one is in use: readiness, and whose a token is.
    probe: Arc<Pool>,
    /// Connections for writes, which wait for a ledger while another holds it: reads do not stand behind them.
    writers: Arc<Pool>,
    /// Connections for what waits for no ledger: signing in, parts of files, jobs that are asked for or called off.
    desk: Arc<Pool>,
    /// A connection for what judges while somebody waits for it: one at a time, so that it holds up nothing else.
    judges: Arc<Pool>,
    answers: Answers,
    packs: Arc<Packs>,
    gate: Gate,
    metrics: Arc<Metrics>,
    settings: Settings,
    /// The settings as a part of entity tags.
    settings_word: String,
    body_bytes_max: usize,
    file_bytes_max: u64,
    /// What the process has of plugins and settings.
    context: Arc<Context>,
    /// Whether the process ends.
    end: Arc<End>,
}

/// Serves until a signal ends it; requests that are being answered then have the configured time to finish.
pub(crate) fn run(context: &Arc<Context>, bind: SocketAddr, end: &Arc<End>, metrics: &Arc<Metrics>) -> Result<(), CliError> {
    let (config, database) = (&context.config, context.database());
    let hosts = Hosts::of(&config.egress, &config.outbox)?;
    let server = &config.server;
    let origin = Origin::new(server, bind)?;
    let patience = Duration::from_millis(server.request_timeout_ms);
    let settings = Settings { buckets: config.report.buckets()?, rates: config.report.rates()?, session_minutes: server.session_minutes };
    let trust = Trust::now(&mut context.store()?, config.plugins.unsigned)?;
    let state = Data::new(State {
        pool: Pool::for_reads(database.to_owned(), server.connections, patience),
        probe: Pool::for_reads(database.to_owned(), 2, patience),
        writers: Pool::new(database.to_owned(), server.write_connections, patience),
        desk: Pool::new(database.to_owned(), server.write_connections, patience),
        judges: Pool::new(database.to_owned(), 1, patience),
        answers: Answers::new(database.to_owned(), patience, server.answers_bytes_max),
        packs: Packs::new(config.plugins.directory.clone(), config.sandbox.clone(), trust),
        gate: Gate::new(server, origin),
        metrics: Arc::clone(metrics),
        settings_word: format!("{settings:?}"),
        settings,
        body_bytes_max: server.body_bytes_max,
        file_bytes_max: config.import.file_bytes_max,
        context: Arc::clone(context),
        end: Arc::clone(end),
    });
    let body_bytes_max = server.body_bytes_max;
    let app = move || {
        App::new()
            .app_data(Data::clone(&state))
            .app_data(PayloadConfig::new(body_bytes_max))
            .configure(mount)
            .default_service(web::to(nowhere))
            .wrap(Compress::default())
            .wrap(from_fn(observe::observe))
    };
    actix_web::rt::System::new().block_on(async move {
        let mut http = HttpServer::new(app)
            .workers(server.workers)
            .client_request_timeout(patience)
            .shutdown_timeout(server.shutdown_grace_ms.div_ceil(1000))
            .shutdown_signal(stop(Arc::clone(end))?);
        let scheme = match tls::config(server)? {
            Some(config) => {
                http = http.bind_rustls_0_23(bind, config)?;
                "https"
            }
            None => {
                http = http.bind(bind)?;
                "http"
            }
        };
        // Ends with the server: what it is sending, it sends to the end.
        let _deliverer = Deliverer::start(database.to_owned(), hosts, config.outbox.clone(), Arc::clone(metrics))?;
        for address in http.addrs() {
            println!("listening on {scheme}://{address}");
        }
        Ok(http.run().await?)
    })
}

/// Ends when the process is asked to end.
fn stop(end: Arc<End>) -> Result<impl Future<Output = ()>, CliError> {
    use actix_web::rt::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        futures_util::future::select(Box::pin(terminate.recv()), Box::pin(interrupt.recv())).await;
        // Jobs are handed back, and streams of progress end, while requests are still answered.
        end.ask();
    })
}

/// Where a ledger's routes are.
const LEDGER: &str = "/api/v1/ledgers/{ledger}";

/// Mounts every route; another method on its path is a problem of its own. Routes of ledgers have a scope of their own, and in it one
/// for each of their first words: what they have in common is matched once, and no pattern of another word is tried.
fn mount(app: &mut web::ServiceConfig) {
    let mut paths: Vec<(String, Vec<Route>)> = Vec::new();
    for route in api::routes() {
        match paths.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, routes)) => routes.push(route),
            None => paths.push((route.path.clone(), vec![route])),
        }
    }
    let (of_ledgers, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(|(path, _)| path.starts_with(LEDGER));
    let mut ledger = web::scope(LEDGER);
    let mut words: BTreeMap<String, Scope> = BTreeMap::new();
    for (path, routes) in of_ledgers {
        let within = path.strip_prefix(LEDGER).unwrap_or_default();
        let Some((_, words_of)) = within.split_once('/') else {
            ledger = ledger.service(resource(within, routes));
            continue;
        };
        let (word, rest) = within.split_at(1 + words_of.find('/').unwrap_or(words_of.len()));
        let scope = words.remove(word).unwrap_or_else(|| web::scope(word));
        words.insert(word.to_owned(), scope.service(resource(rest, routes)));
    }
    app.service(words.into_values().fold(ledger, |ledger, scope| ledger.service(scope)));
    for (path, routes) in others {
        app.service(resource(&path, routes));
    }
}

/// What is at a path.
fn resource(path: &str, routes: Vec<Route>) -> Resource {
    let methods: Vec<&str> = routes.iter().map(Route::method_names).collect();
    let methods = methods.join(", ");
    let resource = routes.into_iter().fold(web::resource(path), |resource, route| {
        let guarded = match route.method {
            HttpMethod::Post => (route.mount)().guard(guard::Post()),
            HttpMethod::Put => (route.mount)().guard(guard::Put()),
            _ => (route.mount)().guard(guard::Any(guard::Get()).or(guard::Head())),
        };
        let (needs, template) = (route.needs, Template::of(&route.path));
        resource.route(guarded.wrap(from_fn(move |request: ServiceRequest, next| {
            request.extensions_mut().insert(template.clone());
            access::guard(needs, request, next)
        })))
    });
    resource.default_service(web::to(move |request: HttpRequest| {
        let problem = Problem::new("request.method").detail(format!("{} {}", request.method(), request.path())).allow(methods.clone());
        async move { Err::<&'static str, _>(problem) }
    }))
}

async fn nowhere(request: HttpRequest) -> Result<&'static str, Problem> {
    Err(Problem::new("request.no_route").detail(format!("there is nothing at {}", request.path())))
}

/// What a request is about.
fn subject(request: &HttpRequest, pass: Pass, state: &State, params: &mut Params) -> Result<Subject, Problem> {
    let language = params.take::<Tongue>("language")?.map_or_else(|| observe::language(request), Into::into);
    let accept = request.headers().get("accept").and_then(|v| v.to_str().ok()).unwrap_or_default();
    Ok(Subject {
        ledger: request.match_info().get("ledger").map(str::to_owned),
        asked: format!("{} {accept} {}", request.uri(), state.settings_word),
        pass,
        language,
        packs: Arc::clone(&state.packs),
        if_none_match: request.headers().get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()).map(str::to_owned),
    })
}
