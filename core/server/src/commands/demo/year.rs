//! `recoup demo --year`: a year of a company, played month by month as its people would: files come in and facts are stated,
//! the ledger is evaluated and the month closed, and what is due is settled with its wages. Each step is the command of the
//! engine that the command line has for it; what is the year's own is the calendar, which stands where the story is.

mod company;
mod crowd;
mod end;
mod events;
mod export;
mod files;
mod office;
mod payroll;
mod random;
mod registers;
mod script;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use recoup_engine::approval::Wanted;
use recoup_engine::evaluate::KNOWN_NOW;
use recoup_engine::facts::By;
use recoup_engine::period::{Check, Closing, check, close};
use recoup_engine::report::accounts::{Which, register};
use recoup_host::{Host, RulesPlugin};
use recoup_model::period::Close;
use recoup_model::record::Ledger;
use recoup_model::settlement::Way;
use recoup_model::{Date, Month};
use recoup_store::Store;
use tempfile::TempDir;

use self::company::Company;
use self::crowd::Crowd;
use self::export::Ledger as Export;
use self::files::{ERP, invoice};
use self::office::Office;
use self::script::{MonthScript, Refused, Script};
use crate::cli::Format;
use crate::commands::{evaluate, record, report};
use crate::config::Config;
use crate::context::{Context, For, read_toml};
use crate::error::CliError;
use crate::output::{Table, number, print, text};

/// Claims of the company, of the stories and all others.
pub(crate) const CLAIMS: usize = 5_000;
/// With fewer the crowd lacks some event.
pub(crate) const LEAST: usize = 300;
/// As many claims as there are for one debtor.
const CLAIMS_EACH: usize = 10;
const YEAR: i32 = 2025;
/// Where everything of the year is configured.
const FOLDER: &str = "config/demo-year";

/// Plays the year in a fresh database, and prints it.
pub(crate) fn run(config: Config, format: Format, file: Option<PathBuf>, database: Option<String>, claims: Option<usize>) -> Result<ExitCode, CliError> {
    let script = read()?;
    if claims.is_some_and(|claims| claims < LEAST) {
        return Err(CliError::Usage(format!("the year needs at least {LEAST} claims, so that everything may happen: choose a larger --scale")));
    }
    let file = file.unwrap_or_else(|| script.database.clone());
    if database.is_none() && file.exists() {
        return Err(CliError::Usage(format!("{} exists: the year wants a fresh database; remove it or name another with --file", file.display())));
    }
    let url = database.unwrap_or_else(|| format!("sqlite:{}", file.display()));
    let started = Instant::now();
    let context = context(config, &url, &script)?;
    let tables = play(&context, &script, claims.unwrap_or(CLAIMS), format)?;
    print(format, &tables)?;
    if format == Format::Table {
        println!(
            "\nThe year took {}.{:03} s. Ask more of it: recoup --database {url} --ledger {} report accounts",
            started.elapsed().as_secs(),
            started.elapsed().subsec_millis(),
            script.ledger
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Plays the year in a database; how long it took.
#[cfg(feature = "bench")]
pub(crate) fn timed(config: Config, url: &str, claims: usize) -> Result<Duration, CliError> {
    let script = read()?;
    let started = Instant::now();
    let context = context(config, url, &script)?;
    play(&context, &script, claims, Format::Json)?;
    Ok(started.elapsed())
}

fn read() -> Result<Script, CliError> {
    let path = Path::new(FOLDER).join("script.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| CliError::file(&path, e))?;
    toml::from_str(&text).map_err(|e| CliError::content(&path, e))
}

fn context(mut config: Config, url: &str, script: &Script) -> Result<Context, CliError> {
    config.evaluate.policies = Path::new(FOLDER).join("policies");
    Context::new(config, Some(url.to_owned()), Some(script.ledger.clone()))
}

fn play(context: &Context, script: &Script, claims: usize, format: Format) -> Result<Vec<Table>, CliError> {
    // The story has its own clock: nothing is recorded at the time that it is really.
    let mut store = Store::open(context.database())?;
    store.migrate()?;
    let mut year = Year::founded(context, script, store, claims)?;
    let mut months = Table::new("year", format!("The year {YEAR} of {} people, {} debtors and {claims} claims", year.company.size(), year.debtors), columns());
    year.opens()?;
    for (month, script) in (1..=12).filter_map(|number| Month::new(YEAR, number)).zip(&script.months) {
        months.row(year.plays(month, script)?);
    }
    let mut tables = vec![months];
    tables.extend(year.ends(format)?);
    Ok(tables)
}

fn columns() -> Vec<crate::output::Column> {
    let mut columns = vec![text("month", "month")];
    for (key, heading) in [
        ("imported", "imported"),
        ("facts", "stated"),
        ("cases", "cases judged"),
        ("lines", "lines changed"),
        ("due", "due to people"),
        ("paid", "paid"),
        ("set_off", "set off"),
        ("taken", "taken"),
        ("withheld", "withheld"),
        ("paid_back", "paid back"),
        ("position", "closed at"),
    ] {
        columns.push(number(key, heading));
    }
    columns
}

/// What a month came to.
#[derive(Default)]
struct Done {
    imported: u64,
    facts: usize,
    cases: usize,
    lines: usize,
}

struct Year<'a> {
    context: &'a Context,
    script: &'a Script,
    host: Host,
    packs: Vec<RulesPlugin>,
    store: Store,
    ledger: Ledger,
    office: Office,
    company: Company,
    crowd: Crowd,
    debtors: usize,
    /// Files on their way in.
    folder: TempDir,
    files: usize,
    /// The day that it is in the story.
    day: NaiveDate,
    done: Done,
    /// Payable to and from people by the end of the month before.
    due: i64,
}

impl<'a> Year<'a> {
    /// The ledger is opened, and users are let in: a month before the year.
    fn founded(context: &'a Context, script: &'a Script, mut store: Store, claims: usize) -> Result<Self, CliError> {
        if store.ledger(&script.ledger)?.is_some() {
            return Err(CliError::Usage(format!("the database has a ledger `{}` already: the year wants a fresh database", script.ledger)));
        }
        let day = recoup_model::calendar::date(YEAR - 1, 12, 1).unwrap_or_default();
        let ledger = context.ledger_at(&mut store, &script.ledger, noon(day))?;
        let office = Office::found(&mut store, &ledger, noon(day))?;
        let host = context.host()?;
        let packs = script.packs.iter().map(|pack| context.rules(&host, Some(pack), For::Books(&mut store))).collect::<Result<_, _>>()?;
        let company = Company::of(script);
        let mended = script.months.iter().filter(|month| month.refused == Some(Refused::Mended)).count();
        let stories = script.opening.claims.len();
        let debtors = claims / CLAIMS_EACH;
        let crowd = Crowd::new(&company.crowd, YEAR, claims.saturating_sub(stories + mended), debtors.saturating_sub(stories));
        let (folder, done) = (tempfile::tempdir()?, Done::default());
        Ok(Self { context, script, host, packs, store, ledger, office, company, crowd, debtors, folder, files: 0, day, done, due: 0 })
    }

    fn is(&mut self, day: NaiveDate) {
        self.day = day;
    }

    fn now(&self) -> DateTime<Utc> {
        noon(self.day)
    }

    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<PathBuf, CliError> {
        self.files += 1;
        let path = self.folder.path().join(format!("{:03}-{name}", self.files));
        std::fs::write(&path, bytes)?;
        Ok(path)
    }

    /// People state facts, which name what the ERP knows without a colon.
    fn states(&mut self, facts: &str) -> Result<(), CliError> {
        if facts.trim().is_empty() {
            return Ok(());
        }
        let path = self.file("facts.toml", facts.as_bytes())?;
        let by = By::new(self.office.collector.login(), self.now());
        record::record(&mut self.store, &self.ledger, &path, "u8", by)?;
        self.done.facts += facts.matches("[[events]]").count();
        Ok(())
    }

    fn evaluates(&mut self, as_of: Date) -> Result<(), CliError> {
        let at = self.now();
        for pack in &self.packs {
            let outcome = evaluate::as_of(self.context, &mut self.store, pack, &self.ledger, (as_of, false), at)?;
            if let Some(fault) = outcome.faults.first() {
                return Err(CliError::Failed(format!("a case is set aside as of {as_of}: {} ({})", fault.detail, fault.code)));
            }
            self.done.cases += outcome.cases;
            self.done.lines += outcome.lines_changed;
        }
        Ok(())
    }

    /// Closes a month, when every pack finds it ready; the position.
    fn closes(&mut self, month: Month, how: Close) -> Result<Option<i64>, CliError> {
        let (at, batch_cases) = (self.now(), self.context.config.evaluate.batch_cases);
        let mut position = None;
        for (at_pack, pack) in self.packs.iter().enumerate().rev() {
            let parameters = self.context.parameters(pack)?;
            let closing = Closing { month, close: how, parameters: &parameters, batch_cases, actor: self.office.deputy.login(), recorded_at: at };
            if at_pack == 0 {
                position = close(&mut self.store, pack, &self.ledger, &closing)?;
            } else if let Some(failing) = check(&mut self.store, pack, &self.ledger, &closing)?.into_iter().find(Check::is_failing) {
                return Err(CliError::Failed(format!("{month} does not close: {failing}")));
            }
        }
        Ok(position)
    }

    /// What there is before the year: claims, letters, agreements, projects that were closed.
    fn opens(&mut self) -> Result<(), CliError> {
        let before = Month::new(YEAR, 1).map_or_else(|| Month::of(self.day), Month::previous);
        let mut erp = Export::new(before.last_day());
        for claim in &self.script.opening.claims {
            erp.invoice(&invoice(claim)?);
        }
        let crowd = self.crowd.opening(&mut erp);
        self.is(before.last_day());
        self.imports("opening.csv", ERP, &erp.bytes())?;
        let founded = self.company.founded(self.script, before.year());
        self.states(&founded)?;
        self.states(&self.script.opening.facts.to_string())?;
        self.states(&crowd)?;
        self.states(&self.company.target(self.script, YEAR))?;
        self.is(before.next().first_day());
        self.evaluates(before.last_day())?;
        self.closes(before, Close::Hard)?;
        Ok(())
    }

    /// A month: files, facts, evaluation, close, and the payout run with its wages; what it came to.
    fn plays(&mut self, month: Month, script: &MonthScript) -> Result<Vec<String>, CliError> {
        self.done = Done::default();
        let (last, after) = (month.last_day(), month.next().first_day());
        self.is(last);
        let crowd = self.files_of(month, script)?;
        self.states(&self.company.wages(month))?;
        self.states(&script.facts.to_string())?;
        self.states(&crowd)?;
        self.is(after);
        self.evaluates(last)?;
        self.comes_late(month, script)?;
        self.is(after + Days::new(3));
        let position = self.closes(month, Close::Hard)?;
        self.settled(month, script)?;
        self.line(month, position)
    }

    /// What becomes known when the month is soft-closed.
    fn comes_late(&mut self, month: Month, script: &MonthScript) -> Result<(), CliError> {
        let MonthScript { late, correction, reopened, .. } = script;
        if late.is_none() && correction.is_none() && reopened.is_none() {
            return Ok(());
        }
        self.closes(month, Close::Soft)?;
        self.is(self.day + Days::new(1));
        if let Some(facts) = late {
            self.states(&facts.to_string())?;
        }
        if let Some(facts) = correction {
            let path = self.file("correction.toml", facts.to_string().as_bytes())?;
            let facts = read_toml(&path)?.to_string();
            let wanted = Wanted::Correction { system: "u8", facts: &facts };
            self.office.approved(&mut self.store, &self.ledger, &self.office.collector, &wanted, noon(self.day))?;
        }
        if let Some(facts) = reopened {
            self.office.approved(&mut self.store, &self.ledger, &self.office.deputy, &Wanted::Reopen(month), noon(self.day))?;
            self.states(&facts.to_string())?;
        }
        self.evaluates(month.last_day())
    }

    fn line(&mut self, month: Month, position: Option<i64>) -> Result<Vec<String>, CliError> {
        let (total, settlements) = self.store.read::<_, recoup_engine::EngineError>(self.ledger.id, |view| {
            Ok((register(view, Which::All, month.last_day(), KNOWN_NOW)?.1, view.settlements(month, KNOWN_NOW)?))
        })?;
        let payable = total.to_person + total.from_person;
        let due = payable - std::mem::replace(&mut self.due, payable);
        let of = |way: Way, withheld: bool| -> i64 {
            let mine = settlements.iter().filter(|s| s.month == month && s.way == way && s.account.purpose.withheld().is_some() == withheld);
            mine.map(|s| s.amount).sum()
        };
        // The two sides of a set-off add up to nothing: what is shown is the side of the bonus.
        let set_off = settlements.iter().filter(|s| s.month == month && s.way == Way::SetOff && s.amount > 0).map(|s| s.amount).sum();
        let Done { imported, facts, cases, lines } = &self.done;
        let counts = [imported.to_string(), facts.to_string(), cases.to_string(), lines.to_string()];
        let amounts = [due, of(Way::Paid, false), set_off, of(Way::Taken, false), of(Way::Taken, true), of(Way::Paid, true)];
        let amounts = amounts.map(|amount| report::money(amount, &self.ledger));
        let closed = position.map(|p| p.to_string()).unwrap_or_default();
        Ok(std::iter::once(month.to_string()).chain(counts).chain(amounts).chain([closed]).collect())
    }
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + chrono::TimeDelta::hours(12)
}
