//! Simulation (试算): asked for as a job, and read from it. What it found is of the ledger whole, for it adds up all units:
//! whoever sees only some finds no job. Figures that are computed from wages are under `/sensitive` alone.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use recoup_engine::evaluate::{Change, Difference, SetAside};
use recoup_engine::trace::Names;
use recoup_model::Digest;
use recoup_model::access::Permission;
use recoup_model::due::Line;
use recoup_model::job::JobKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::Ref;
use uuid::Uuid;

use super::findings::names;
use super::jobs::{self, Asked, plain_name};
use crate::context::as_in_toml;
use crate::http::access::{Needs, Pass};
use crate::http::export::cell::{Amount, Hash};
use crate::http::moment::{Moment, Read};
use crate::http::problem::Problem;
use crate::http::query::{Param as _, Params};
use crate::http::route::{LEDGER, Route, plain, purpose, schemas};
use crate::http::submit::Submit;
use crate::http::{State, subject};
use crate::simulation::told;
use crate::work::{Outcome, Request, Simulated, Simulation};

/// Lines that may be told one by one.
const LARGEST_MAX: usize = 1000;

/// How many are told where nobody says.
const fn largest() -> usize {
    10
}

/// What to simulate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSimulation {
    /// The first day whose movements count.
    from: NaiveDate,
    /// The last one; cases are judged at its end.
    to: NaiveDate,
    /// The policy pack; the configured one when absent.
    pack: Option<String>,
    /// Parameters on trial: what differs from the pack's defaults, as in its policy file; those in force when absent.
    #[schema(value_type = Option<Object>)]
    parameters: Option<Map<String, Value>>,
    /// Component on trial, of the same pack: the digest of one among the server's plugins; the one in force when absent.
    #[schema(value_type = Option<String>, pattern = "^[0-9a-f]{64}$")]
    component: Option<String>,
    /// As known at this position of the log, such as `17`, or by the end of this day, or at this moment; everything that is known when
    /// the job runs when absent.
    known_at: Option<String>,
    /// How many of the lines that differ most are told with both of their traces, 1000 at most.
    #[serde(default = "largest")]
    #[schema(default = 10, maximum = 1000)]
    largest: usize,
}

/// Asks for a simulation.
pub(crate) struct Simulate;

impl Submit for Simulate {
    type Body = NewSimulation;
    const PATH: &'static str = "/simulations";
    const NEEDS: Permission = Permission::Evaluate;
    const SUMMARY: &'static str = "Asks for a simulation (试算): what other parameters, or another component, would have made due over a past span. Cases \
        are judged by the policy in force and by the one on trial; nothing is recorded. The job says where the result is.";

    fn request(body: NewSimulation) -> Result<Request, Problem> {
        let NewSimulation { from, to, pack, parameters, component, known_at, largest } = body;
        let wrong = |member: &str, what: String| Problem::new("request.body").detail(format!("/{member}: {what}")).pointer(format!("/{member}"));
        if parameters.is_none() && component.is_none() {
            return Err(wrong("parameters", "nothing is on trial: name parameters, or a component".to_owned()));
        }
        if largest > LARGEST_MAX {
            return Err(wrong("largest", format!("{largest} is more than {LARGEST_MAX}")));
        }
        let component = component.map(|digest| digest.parse::<Digest>().map_err(|e| wrong("component", e.to_string()))).transpose()?;
        if let Some(text) = known_at.as_deref().filter(|text| recoup_engine::known::KnownAt::read(text).is_none()) {
            return Err(wrong("known_at", format!("`{text}`: {}", recoup_engine::known::EXPECTED)));
        }
        let parameters = parameters.map(|set| as_in_toml(Value::Object(set)));
        Ok(Request::Simulation(Simulation { from, to, pack: pack.map(plain_name).transpose()?, parameters, component, known_at, largest }))
    }
}

/// What moved within the span; null where it is computed from wages and read where those are not told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulatedFigures {
    /// On the payable balance, by the policy in force.
    payable_in_force: Option<Amount>,
    /// On the payable balance, by the one on trial.
    payable_on_trial: Option<Amount>,
    /// On the contingent balance, by the policy in force.
    contingent_in_force: Option<Amount>,
    /// On the contingent balance, by the one on trial.
    contingent_on_trial: Option<Amount>,
}

/// A clause, over the span.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulatedClause {
    /// Its id.
    clause: String,
    /// What moved.
    #[serde(flatten)]
    figures: SimulatedFigures,
}

/// A person, or a party that something is due from, over the span.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulatedPerson {
    /// Staff number, or the party's key in its source.
    person_code: String,
    /// What moved.
    #[serde(flatten)]
    figures: SimulatedFigures,
}

/// A unit, over the span.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulatedUnit {
    /// Its code; empty for what is of no unit.
    unit: String,
    /// What moved.
    #[serde(flatten)]
    figures: SimulatedFigures,
}

/// A line that differs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulatedLine {
    /// Staff number, or the party's key in its source.
    person_code: String,
    /// Number of the letter or agreement, or code of the contract.
    subject: String,
    /// Clause.
    clause: String,
    /// What it moves.
    #[serde(flatten)]
    figures: SimulatedFigures,
    /// How it comes about by the policy in force, and its states; null where it is not there.
    trace_in_force: Option<String>,
    /// Likewise by the one on trial.
    trace_on_trial: Option<String>,
}

/// A case that one of the two policies cannot judge.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulatedSetAside {
    /// Number of the letter or agreement, or code of the contract.
    subject: String,
    /// Which of the two: in force, or on trial.
    policy: &'static str,
    /// Stable code.
    code: String,
    /// What is wrong, and how to mend it.
    detail: String,
}

/// What a simulation found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Simulation)]
pub(crate) struct SimulationBody {
    /// The job that it is of.
    job: Uuid,
    /// Policy pack.
    pack: String,
    /// The first day whose movements count.
    from: NaiveDate,
    /// The last one.
    to: NaiveDate,
    /// As known at this position.
    known_at: i64,
    /// Digest of the component in force.
    in_force: Hash,
    /// Digest of the component on trial.
    on_trial: Hash,
    /// Currency of all amounts.
    currency: String,
    /// Cases judged by both.
    cases: u64,
    /// Lines that differ.
    differing: u64,
    /// Of all lines.
    total: SimulatedFigures,
    /// By clause.
    clauses: Vec<SimulatedClause>,
    /// By person.
    people: Vec<SimulatedPerson>,
    /// By the unit that signed or agreed.
    units: Vec<SimulatedUnit>,
    /// The lines that differ most, by what they move.
    largest: Vec<SimulatedLine>,
    /// Cases that are in none of the figures.
    set_aside: Vec<SimulatedSetAside>,
}

impl SimulationBody {
    fn of(read: &mut Read<'_, '_>, job: Uuid, Simulated { pack, from, to, in_force, on_trial, found }: Simulated) -> Result<Self, Problem> {
        let largest = found.largest.into_iter().map(|difference| line(read, (&pack, on_trial), difference)).collect::<Result<_, _>>()?;
        let figures = |change: &Change| figures(read, change);
        Ok(Self {
            largest,
            total: figures(&found.total),
            clauses: found.clauses.iter().map(|(clause, sum)| SimulatedClause { clause: clause.clone(), figures: figures(sum) }).collect(),
            people: found.people.iter().map(|(code, sum)| SimulatedPerson { person_code: code.clone(), figures: figures(sum) }).collect(),
            units: found.units.iter().map(|(unit, sum)| SimulatedUnit { unit: unit.clone(), figures: figures(sum) }).collect(),
            set_aside: found.set_aside.into_iter().map(set_aside).collect(),
            job,
            pack,
            from,
            to,
            known_at: found.known_at,
            in_force: Hash(in_force),
            on_trial: Hash(on_trial),
            currency: read.ledger.currency.to_string(),
            cases: found.cases as u64,
            differing: found.differing as u64,
        })
    }
}

fn figures(read: &Read<'_, '_>, change: &Change) -> SimulatedFigures {
    let figure = |minor| read.figure(minor, change.sensitive);
    SimulatedFigures {
        payable_in_force: figure(change.before.payable),
        payable_on_trial: figure(change.after.payable),
        contingent_in_force: figure(change.before.contingent),
        contingent_on_trial: figure(change.after.contingent),
    }
}

fn line(read: &mut Read<'_, '_>, (pack, on_trial): (&str, Digest), difference: Difference) -> Result<SimulatedLine, Problem> {
    let Difference { before, after, to, subject, change } = difference;
    let args = before.iter().chain(&after).flat_map(|line| &line.steps).flat_map(|step| &step.args);
    let names = Names { amounts: read.sensitive || !change.sensitive, ..names(read, args, std::iter::empty())? };
    let told = |line: &Line, description: Option<std::sync::Arc<recoup_host::RulesDescription>>| told(description.as_deref(), line, &names, read.language);
    Ok(SimulatedLine {
        clause: after.as_ref().or(before.as_ref()).map(|line| line.key.clause.clone()).unwrap_or_default(),
        trace_in_force: before.as_ref().map(|line| told(line, read.packs.get(pack))),
        trace_on_trial: after.as_ref().map(|line| told(line, read.packs.of_component(on_trial))),
        figures: figures(read, &change),
        person_code: to,
        subject,
    })
}

fn set_aside(SetAside { subject, on_trial, fault }: SetAside) -> SimulatedSetAside {
    SimulatedSetAside { subject, policy: if on_trial { "on trial" } else { "in force" }, code: fault.code, detail: fault.detail }
}

/// What a simulation found; with the figures that tell wages, or without.
pub(super) fn result<const SENSITIVE: bool>() -> Route {
    let answer = [("application/json", Ref::from_schema_name("Simulation").into())];
    let mut parameters = jobs::parameters();
    let (part, permission, summary) = if SENSITIVE {
        parameters.push(purpose());
        ("/sensitive", Permission::ReadSensitive, "What a simulation found, with the figures that are computed from wages; who read them is recorded.")
    } else {
        let summary = "What a simulation found (试算结果): by clause, person and unit, with the lines that differ most. Figures that are computed \
            from wages are withheld, and every sum that has one in it. A job is of no log, so neither `as_of` nor `known_at` is asked of it.";
        ("", Permission::Read, summary)
    };
    let path = format!("{LEDGER}{part}/jobs/{{key}}/simulation");
    let route = plain(&path, Needs::Leave(permission), summary, parameters, &answer, || web::route().to(read_result));
    Route { schemas: schemas::<SimulationBody>(), ..route }
}

async fn read_result(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let asked = Asked::at(&request, &pass);
    let mut params = Params::of(request.query_string())?;
    let subject = subject(&request, pass, &state, &mut params)?;
    params.end(|| ["language"])?;
    let body = state.pool.run(move |store| {
        let none = || Problem::new("request.not_found").detail("there is no such simulation that is done");
        let job = asked.find(store)?;
        if job.kind != JobKind::Simulation {
            return Err(none());
        }
        let text = store.job_result(job.ledger, job.id)?.ok_or_else(none)?;
        let Ok(Outcome::Simulation(simulated)) = serde_json::from_str(&text) else { return Err(none()) };
        let moment = Moment { as_of: simulated.to, known_at: simulated.found.known_at };
        subject.again(store, moment, |read| {
            // The rights may be others by now.
            if read.view.is_whole() { SimulationBody::of(read, job.id, *simulated) } else { Err(none()) }
        })
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body.await?))
}
