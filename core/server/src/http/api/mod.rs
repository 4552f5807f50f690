//! What can be asked, one module per room of the vocabulary.

mod accountability;
mod agreements;
mod approvals;
mod asking;
mod authority;
mod cases;
mod checklist;
mod conduct;
mod entries;
mod facts;
mod findings;
mod imports;
mod installation;
mod job_list;
mod jobs;
mod ledgers;
mod lines;
mod log;
mod names;
mod parties;
mod pauses;
mod payout_registers;
mod payouts;
mod plugins;
mod postings;
mod problems;
mod quarantine;
mod receipts;
mod receivable;
mod receivables;
mod registers;
mod reports;
mod returns;
mod rights;
mod settlement;
mod settling;
mod sign_in;
mod simulation;
mod sources;

use actix_web::web;
use utoipa::openapi::{Object, RefOr, Schema, Type};

use super::access::Needs;
use super::across::Across;
use super::problems::DATABASE;
use super::route::{Route, of_beside, of_list, of_one, of_report, of_submit, of_write, plain};
use super::{health, openapi};

/// Every route there is.
pub(crate) fn routes() -> Vec<Route> {
    let text = || -> RefOr<Schema> { Object::with_type(Type::String).into() };
    let object = || -> RefOr<Schema> { Object::with_type(Type::Object).into() };
    let plain_text = [("text/plain", text())];
    let ready = "Whether the database answers and has this release's schema, and what is done with unsigned plugins.";
    let ready = plain("/readyz", Needs::Nothing, ready, Vec::new(), &plain_text, || web::route().to(health::ready));
    let mut routes = jobs::routes();
    routes.extend([
        plain("/healthz", Needs::Nothing, "Whether the server lives.", Vec::new(), &plain_text, || web::route().to(health::live)),
        Route { problems: DATABASE.to_vec(), ..ready },
        plain("/metrics", Needs::Figures, "Figures for Prometheus.", Vec::new(), &plain_text, || web::route().to(health::metrics)),
        plain("/api/v1/openapi.json", Needs::Nothing, "This description.", Vec::new(), &[("application/json", object())], || web::route().to(openapi::json)),
        plain("/api/v1/openapi", Needs::Nothing, "This description as a page.", Vec::new(), &[("text/html", text())], || web::route().to(openapi::page)),
        problems::list(),
        problems::one(),
        of_beside::<ledgers::Ledgers>(),
        ledgers::open(),
        of_beside::<Across<parties::Parties>>(),
        of_beside::<Across<parties::People>>(),
        of_one::<ledgers::Head>(),
        of_write::<facts::Record>(),
        of_list::<parties::Parties>(),
        of_one::<parties::OneParty>(),
        of_list::<parties::People>(),
        of_list::<parties::Units>(),
        of_list::<parties::Contracts>(),
        of_list::<receivables::Receivables>(),
        of_one::<receivable::History>(),
        of_list::<receipts::Receipts>(),
        of_one::<receipts::OneReceipt>(),
        of_list::<entries::Entries>(),
        of_list::<entries::Applications>(),
        of_list::<accountability::Letters>(),
        of_one::<accountability::OneLetter>(),
        of_list::<agreements::Agreements>(),
        of_one::<agreements::OneAgreement>(),
        of_list::<agreements::Milestones>(),
        of_list::<conduct::FalseReports>(),
        of_list::<conduct::Sanctions>(),
        of_list::<pauses::Pauses>(),
        of_list::<payouts::Payouts>(),
        of_one::<payouts::OnePayout>(),
        of_report::<settlement::StatementReport>(),
        of_report::<settlement::PayrollFile>(),
        of_write::<settling::Prepare>(),
        of_write::<settling::Publish>(),
        of_write::<settling::Object>(),
        of_write::<settling::Resolve>(),
        of_write::<settling::HandOut>(),
        of_write::<settling::Cancel>(),
        of_write::<settling::Reverse>(),
        returns::route(),
        of_list::<accountability::Roles>(),
        of_list::<accountability::WageMonths>(),
        of_list::<imports::Imports>(),
        of_one::<imports::OneImport>(),
        of_list::<imports::Issues>(),
        of_list::<postings::Evaluations>(),
        of_list::<lines::Lines<false>>(),
        of_list::<lines::Lines<true>>(),
        of_one::<lines::OneLine<false>>(),
        of_one::<lines::OneLine<true>>(),
        of_list::<postings::Postings<false>>(),
        of_list::<postings::Postings<true>>(),
        of_list::<findings::Findings>(),
        of_list::<cases::SetAside>(),
        of_list::<ledgers::Periods>(),
        checklist::route(),
        of_report::<reports::AgingReport>(),
        of_report::<reports::TrialBalance>(),
        of_report::<reports::ProvisionReport>(),
        of_report::<registers::RecoveryReport>(),
        of_report::<registers::TargetsReport>(),
        of_report::<registers::OldDebtsReport>(),
        of_report::<registers::AccountsReport>(),
        of_report::<payout_registers::PayoutRegister>(),
        of_report::<payout_registers::WithheldRegister>(),
        of_list::<plugins::Policies>(),
        of_list::<plugins::Plugins>(),
        of_list::<log::Log<false>>(),
        of_one::<log::Command<false>>(),
        of_list::<log::Leaves<false>>(),
        of_one::<log::Leaf<false>>(),
        of_list::<sources::Sources>(),
        of_one::<sources::OneSource>(),
        of_write::<sources::Create>(),
        of_write::<sources::Change>(),
        of_write::<sources::Retire>(),
        of_list::<quarantine::Quarantine>(),
        of_write::<quarantine::Dismiss>(),
        of_submit::<jobs::Evaluate>(),
        of_submit::<jobs::Close>(),
        of_submit::<simulation::Simulate>(),
        simulation::result::<false>(),
        simulation::result::<true>(),
        of_list::<approvals::Approvals>(),
        of_write::<asking::Ask>(),
        of_submit::<asking::AskHardClose>(),
        of_one::<approvals::OneApproval>(),
        of_write::<asking::Decide>(),
        of_list::<authority::AuthorityTable>(),
        of_list::<authority::Delegations>(),
        of_write::<authority::Delegate>(),
        of_list::<installation::Users>(),
        of_list::<installation::Rights>(),
        of_list::<installation::Tokens>(),
        of_list::<installation::TrustedKeys>(),
        of_list::<installation::Proposals>(),
        of_list::<installation::Disclosures>(),
        of_write::<rights::AddUser>(),
        of_write::<rights::IssueToken>(),
        of_write::<rights::Propose>(),
        of_write::<rights::Decide>(),
        sign_in::sign_in(),
        sign_in::sign_out(),
        sign_in::password(),
        of_list::<log::Log<true>>(),
        of_one::<log::Command<true>>(),
        of_list::<log::Leaves<true>>(),
        of_one::<log::Leaf<true>>(),
    ]);
    routes
}
