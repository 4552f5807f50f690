//! Facts that people state: people with their wage months, debtors, contracts, claims, letters, roles, and what happened.

use actix_web::http::StatusCode;
use recoup_engine::facts::{self, Facts};
use recoup_model::access::Permission;
use recoup_store::Store;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Object, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::write::{Act, Answered, Verb, Write, written};

/// Facts as the engine takes them; their description is the engine's own.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct FactsBody(Facts);

impl PartialSchema for FactsBody {
    fn schema() -> RefOr<Schema> {
        described().0
    }
}

impl ToSchema for FactsBody {
    fn name() -> std::borrow::Cow<'static, str> {
        "Facts".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend(described().1);
    }
}

/// The schema of facts, and those that it refers to, where OpenAPI looks for them.
fn described() -> (RefOr<Schema>, Vec<(String, RefOr<Schema>)>) {
    let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let read = |value: serde_json::Value| serde_json::from_value(value).unwrap_or_else(|_| Object::new().into());
    let facts = <Facts as schemars::JsonSchema>::json_schema(&mut generator).to_value();
    let others = generator.take_definitions(true).into_iter().map(|(name, schema)| (name, read(schema)));
    (read(facts), others.collect())
}

/// What is stated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    /// The system that names without a colon belong to, such as `manual`.
    system: String,
    /// The facts.
    facts: FactsBody,
}

/// That facts were recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Recorded {
    /// The position of the log that holds them.
    position: i64,
    /// How many records they came to; what stood already is not repeated.
    records: u64,
}

/// Records facts.
pub(crate) struct Record;

impl Write for Record {
    type Body = Statement;
    type Answer = Recorded;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/facts";
    const SUMMARY: &'static str =
        "Records facts that somebody states, all of them or none: people and wage months, debtors, contracts, claims, letters, roles, events.";
    const NEEDS: Permission = Permission::Record;
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] = &[
        "application.refused",
        "contract.dates",
        "contract.unknown",
        "target.amount",
        "target.dates",
        "target.parts",
        "target.percent",
        "target.sum",
        "unit.unknown",
        "unit.circle",
        "letter.dates",
        "letter.shares",
        "agreement.dates",
        "agreement.kind",
        "agreement.obligors",
        "agreement.shares",
        "agreement.supervises",
        "agreement.terms",
        "milestone.about",
        "milestone.amount",
        "milestone.kind",
        "milestone.moved",
        "false_report.about",
        "false_report.dates",
        "false_report.moved",
        "sanction.about",
        "sanction.dates",
        "sanction.moved",
        "money.invalid",
        "person.unknown",
        "receipt.bounced",
        "receipt.dates",
        "minimum_wage.amount",
        "receipt.duplicate",
        "receipt.negative",
        "receipt.unknown",
        "expected_recovery.dates",
        "pause.dates",
        "pause.moved",
        "receivable.duplicate",
        "receivable.negative",
        "receivable.unknown",
        "period.soft_closed",
        "role.dates",
        "role.overlap",
        "role.scope",
        "role.unknown_scope",
        "store.date_range",
        "store.duplicate",
        "wage.amount",
        "wage.deductions",
        "wage.month",
        "write_off.refused",
    ];

    fn perform(store: &mut Store, act: &Act<'_>, body: &Statement) -> Result<i64, Problem> {
        let position = facts::record(store, act.ledger, &body.system, &body.facts.0, "", act.by)?;
        written(position)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &Statement) -> Result<Answered<Recorded>, Problem> {
        let position = read.moment.known_at;
        let command = read.view.commands(position - 1, 1, position)?.into_iter().next();
        // The command's own record is not one of the facts.
        let records = command.map_or(0, |c| c.leaves.saturating_sub(1));
        let location = Some(format!("/api/v1/ledgers/{}/log/{position}", act.ledger.code));
        Ok(Answered { body: Recorded { position, records }, location, version: None })
    }
}
