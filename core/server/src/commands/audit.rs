//! `recoup audit`: the tables are what the log adds up to.

use std::process::ExitCode;

use recoup_model::record::Ledger;
use recoup_store::{Store, audit};

use crate::cli::{Audit, Format};
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Table, number, print, text};

pub(crate) fn run(context: &Context, format: Format, what: &Audit) -> Result<ExitCode, CliError> {
    let Audit::Rebuild { scratch, installation } = what;
    let mut store = context.store()?;
    let (log, name) = if *installation {
        (Ledger::installation(), "the installation".to_owned())
    } else {
        let ledger = context.ledger(&mut store)?;
        (ledger.id, ledger.code)
    };
    let folder = tempfile::tempdir()?;
    let url = scratch.clone().unwrap_or_else(|| format!("sqlite:{}", folder.path().join("rebuild.db").display()));
    let (table, equal) = rebuild(&mut store, log, &name, &url)?;
    print(format, &[table])?;
    if equal { Ok(ExitCode::SUCCESS) } else { Err(CliError::Failed("the tables are not what the log adds up to: restore a backup and report it".into())) }
}

pub(crate) fn rebuild(store: &mut Store, ledger: recoup_model::id::LedgerId, code: &str, scratch: &str) -> Result<(Table, bool), CliError> {
    let mut scratch = Store::open(scratch)?;
    scratch.migrate()?;
    let r = audit::rebuild(store, ledger, &mut scratch)?;
    let mut table = Table::new(
        "rebuild",
        format!("Rebuild of {code} from {} leaves", r.leaves),
        vec![text("table", "table"), number("rows", "rows"), text("equal", "equal"), text("difference", "first difference")],
    );
    for t in &r.tables {
        let equal = if t.equal { "yes" } else { "NO" };
        table.row(vec![t.name.to_string(), t.rows.to_string(), equal.to_owned(), t.first_difference.clone().unwrap_or_default()]);
    }
    let head = if r.root_equal { "yes" } else { "NO" };
    table.row(vec!["tree head".to_owned(), String::new(), head.to_owned(), r.bad_leaf.map(|l| format!("leaf {l}")).unwrap_or_default()]);
    let equal = r.root_equal && r.bad_leaf.is_none() && r.tables.iter().all(|t| t.equal);
    Ok((table, equal))
}
