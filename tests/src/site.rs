//! One installation: a database, a configuration folder, and the program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use recoup_model::record::Ledger;
use recoup_store::testing::{TestDb, postgres, sqlite};
use recoup_store::{Backend, Store};
use tempfile::TempDir;

use crate::{Run, State, paths, plugins};

/// An installation of a test's own. Its ledgers are `main` (CNY), `pt` (EUR) and `no` (NOK).
pub struct Site {
    db: TestDb,
    folder: TempDir,
}

impl Site {
    /// One on SQLite and one on PostgreSQL.
    pub fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    /// One on SQLite.
    pub fn sqlite() -> Self {
        Self::on(sqlite())
    }

    /// One on PostgreSQL.
    pub fn postgres() -> Self {
        Self::on(postgres())
    }

    fn on(db: TestDb) -> Self {
        let folder = tempfile::Builder::new().prefix("recoup-site-").tempdir().expect("a folder");
        let site = Self { db, folder };
        site.configure(|_| {});
        site
    }

    /// Writes config/default.toml anew: the one of the repository with absolute folders and the ledgers of tests,
    /// and what `change` makes of it.
    pub fn configure(&self, change: impl FnOnce(&mut toml::Table)) {
        let mut config = plugins::defaults();
        let mut set = |section: &str, key: &str, value: toml::Value| {
            let section = config.get_mut(section).and_then(toml::Value::as_table_mut).expect("a section of default.toml");
            section.insert(key.to_owned(), value);
        };
        set("plugins", "directory", paths::components().display().to_string().into());
        set("plugins", "profiles", paths::root().join("config/profiles").display().to_string().into());
        set("evaluate", "policies", paths::root().join("config/policies").display().to_string().into());
        for (code, currency, zone) in [("main", "CNY", "Asia/Shanghai"), ("pt", "EUR", "Europe/Lisbon"), ("no", "NOK", "Europe/Oslo")] {
            let ledger = [("name", code), ("currency", currency), ("time_zone", zone)].map(|(k, v)| (k.to_owned(), v.into()));
            set("ledgers", code, toml::Table::from_iter(ledger).into());
        }
        change(&mut config);
        std::fs::create_dir_all(self.config()).expect("a configuration folder");
        self.write("config/default.toml", config.to_string());
    }

    /// The configuration folder.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// Which database it has.
    pub fn backend(&self) -> Backend {
        self.db.backend()
    }

    /// The database itself.
    pub fn db(&self) -> &TestDb {
        &self.db
    }

    /// One more connection.
    pub fn store(&self) -> Store {
        self.db.store()
    }

    /// Writes a file into the installation's folder, which is also the program's working folder.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file can be written");
        path
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program with this installation's configuration and database, and arguments.
    pub fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(paths::binary());
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("RECOUP_")) {
            command.env_remove(name);
        }
        // A server of the tests' own may be one with a password, which only a reference may lead to.
        command.current_dir(self.folder.path()).env("RECOUP_CONFIG", self.config());
        command.env("RECOUP__DATABASE__URL", "env:TEST_DATABASE").env("TEST_DATABASE", self.db.url());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).args(args);
        command
    }

    /// Runs the program to its end.
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.command(args).output().expect("the program starts").into()
    }

    /// Has facts recorded.
    pub fn recorded(&self, facts: &str) {
        let file = self.write("facts.toml", facts);
        let _ = self.run([OsStr::new("record"), file.as_os_str()]).exits(0);
    }

    /// Has the ledger evaluated as of a day.
    pub fn evaluated(&self, day: &str) {
        let _ = self.run(["evaluate", "--as-of", day]).exits(0);
    }

    /// Runs the program several times at once, each to its end.
    pub fn together(&self, commands: impl IntoIterator<Item = Command>) -> Vec<Run> {
        let running: Vec<_> = commands.into_iter().map(|mut c| c.spawn().expect("the program starts")).collect();
        running.into_iter().map(|c| c.wait_with_output().expect("the program ends").into()).collect()
    }

    /// The command `import` of a file under a profile with JSON output; more arguments may follow.
    pub fn import_command(&self, file: &Path, profile: &str, more: &[&str]) -> Command {
        let mut command = self.command(["--format", "json", "import"]);
        command.arg(file).args(["--profile", profile]).args(more);
        command
    }

    /// Imports a file under a profile.
    pub fn import(&self, file: &Path, profile: &str, more: &[&str]) -> Run {
        self.import_command(file, profile, more).output().expect("the program starts").into()
    }

    /// What a ledger says; nothing while it is not open.
    pub fn state(&self, ledger: &str) -> State {
        let mut store = self.store();
        match store.ledger(ledger).expect("the store answers") {
            Some(Ledger { id, .. }) => State::of(&mut store, id),
            None => State::default(),
        }
    }

    /// How long the ledger's log is; nothing changed when it is the same before and after.
    pub fn position(&self, ledger: &str) -> i64 {
        let mut store = self.store();
        store.ledger(ledger).expect("the store answers").map_or(0, |l| State::position(&mut store, l.id))
    }
}
