//! Books of two units, NORTH and SOUTH, with rows of every kind: whoever sees one is told nothing of the other.

use std::collections::BTreeSet;

use recoup_model::Digest;
use recoup_model::access::{Decision, Role, TrustedKey, User, Verdict};
use recoup_model::approval::{Authority, AuthorityRow, Delegation, Matter, MatterKind, Request};
use recoup_model::case::{CaseKey, Scope};
use recoup_model::id::{ProposalId, UnitId};
use recoup_model::period::{Close, InTheWay, Obstacle, PeriodClosed, PeriodReopened};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_store::{CommandMeta, EVERYTHING, StoreError};

use crate::{Right, Serving, Site, now};

/// The day that they are read as of.
pub const DAY: &str = "as_of=2024-12-31";

/// Everything of a unit has its name in it, and its amounts end in cents of its own. Of the first letter, the deadline passes with
/// debts open, and of the months after it only two wages are known: the others are findings. The second one cannot be judged,
/// for nobody knows when its debt fell due; somebody else shares it, for whoever has such a case is paid nothing.
fn facts(unit: &str, cents: &str) -> String {
    format!(
        r#"
[units.{unit}]
name = "Unit {unit}"
[debtors]
D-{unit} = "Debtor {unit}"
[contracts.P-{unit}]
debtor = "D-{unit}"
name = "Project {unit}"
[people.{unit}]
name = "Person {unit}"
place = "苏州"
wages = {{ "2024-07" = "20000.{cents}", "2024-08" = "20000.{cents}" }}
[people.{unit}-2]
name = "Second {unit}"
[receivables.R-{unit}-1]
debtor = "D-{unit}"
contract = "P-{unit}"
amount = "100000.{cents}"
document_date = "2019-03-01"
due = "2019-04-01"
[receivables.R-{unit}-2]
debtor = "D-{unit}"
amount = "50000.{cents}"
document_date = "2020-03-01"
[receivables.R-{unit}-3]
debtor = "D-{unit}"
amount = "30000.{cents}"
document_date = "2020-05-01"
[letters.L-{unit}]
unit = "{unit}"
from = "2024-01-01"
deadline = "2024-06-30"
receivables = ["R-{unit}-1", "R-{unit}-2"]
shares = {{ {unit} = 100 }}
[letters.K-{unit}]
unit = "{unit}"
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["R-{unit}-3"]
shares = {{ {unit}-2 = 100 }}
[agreements.A-{unit}]
unit = "{unit}"
kind = "entrustment"
from = "2024-01-01"
receivables = ["R-{unit}-1"]
holders = {{ {unit} = "100" }}
terms = {{ target = {{ money = "40000.{cents}" }} }}
[targets.T-{unit}]
from = "2024-01-01"
to = "2024-12-31"
amount = "60000.{cents}"
[targets.T-{unit}.units.{unit}]
amount = "60000.{cents}"
[[roles]]
person = "{unit}"
role = "responsible"
letter = "L-{unit}"
from = "2024-01-01"
[[events]]
on = "2024-05-10"
receive = {{ id = "M-{unit}", debtor = "D-{unit}", amount = "40000.{cents}", apply = {{ R-{unit}-1 = "40000.{cents}" }} }}
[[events]]
on = "2024-05-11"
milestone = {{ id = "N-{unit}", kind = "ruling", agreement = "A-{unit}", amount = "30000.{cents}" }}
[[events]]
on = "2024-05-13"
false_report = {{ id = "F-{unit}", person = "{unit}", agreement = "A-{unit}", sanction = "demerit" }}
sanction = {{ id = "Y-{unit}", kind = "demerit", person = "{unit}", receivable = "R-{unit}-1", why = "D-{unit}" }}
pause = {{ id = "H-{unit}", receivable = "R-{unit}-1", kind = "litigation", until = "2024-06-13", why = "D-{unit}" }}
[[events]]
on = "2024-05-12"
milestone = {{ id = "O-{unit}", kind = "designated-account", receipt = "M-{unit}", amount = "40000.{cents}" }}
[[events]]
on = "2024-05-13"
receive = {{ id = "S-{unit}", debtor = "D-{unit}", amount = "10000.{cents}", apply = {{ R-{unit}-3 = "10000.{cents}" }} }}
"#
    )
}

/// A unit of `main`.
pub fn unit(code: &str) -> UnitId {
    UnitId::from_parts(&[Ledger::id_of("main").0.as_bytes(), code.as_bytes()])
}

/// What somebody has who reads all of a unit, wages too.
pub fn rights(code: &str) -> [Right; 2] {
    [Role::Collector, Role::Payroll].map(|role| (role, Some(Ledger::id_of("main")), Some(unit(code))))
}

/// Every UUID in a text.
pub fn uuids(text: &str) -> BTreeSet<String> {
    let is = |w: &&str| w.len() == 36 && w.bytes().filter(|b| *b == b'-').count() == 4;
    text.split(|c: char| !c.is_ascii_hexdigit() && c != '-').filter(is).map(str::to_owned).collect()
}

impl Site {
    /// Records both units, evaluates them, and hands out what is to be settled.
    #[must_use]
    pub fn divided(self) -> Self {
        self.recorded("[minimum_wages.\"苏州\"]\n2023-01-01 = \"2260.00\"\n");
        for (code, cents) in [("NORTH", "11"), ("SOUTH", "77")] {
            self.recorded(&facts(code, cents));
        }
        self.evaluated("2024-12-31");
        let _ = self.handed_out("2024-08", "2024-08-31", &[]);
        // Closes that left out a case of the south's, one of which was taken back: what they list is of all units.
        let meta = CommandMeta { kind: "close".into(), input: Digest::of(b""), actor: "tests".into(), recorded_at: now() };
        let closed = self.store().transact::<_, StoreError>(Ledger::id_of("main"), &meta, |tx| {
            let south = tx.letters(None, EVERYTHING)?.into_iter().find(|l| l.code == "L-SOUTH").expect("it has a letter");
            let case = CaseKey { pack: "legacy-construction".into(), scope: Scope::Letter, subject: south.id.0 };
            let request = ProposalId::from_parts(&[b"SOUTH"]);
            let close = |month: &str| PeriodClosed {
                month: month.parse().expect("a month"),
                close: Close::Hard,
                excluded: vec![Obstacle { what: InTheWay::Case(case.clone()), content: Digest::of(b"SOUTH") }],
                requests: vec![request],
            };
            let reopened = PeriodReopened { month: "2023-12".parse().expect("a month"), request };
            let (carol, dora) = (User::id_of("carol"), User::id_of("dora"));
            let matter = Matter::Reopen { month: reopened.month, from: Close::Hard };
            let unit = Some(unit("SOUTH"));
            let rows = vec![AuthorityRow { kind: MatterKind::ReopenHard, up_to: None, unit, approvers: vec!["SOUTH-dora".to_owned()] }];
            let day = |text: &str| text.parse().expect("a day");
            let opened = [
                Record::PeriodClosed(close("2023-11")),
                Record::PeriodClosed(close("2023-12")),
                Record::Authority(Authority { from: day("2023-01-01"), rows }),
                Record::Delegation(Delegation { from: dora, to: carol, first: day("2023-01-01"), last: day("2023-12-31") }),
                Record::Request(Request { id: request, matter, amount: None, unit, maker: carol, basis: Digest::of(b"SOUTH") }),
                Record::Decision(Decision { proposal: request, by: dora, verdict: Verdict::Approve, for_whom: None }),
                Record::PeriodReopened(reopened),
            ];
            tx.append(&opened.map(Leaf::from))
        });
        closed.expect("periods close");
        // A key whose plugins are trusted, as if two administrators had agreed on it.
        let key = TrustedKey::new("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse().expect("a key"), "vendor");
        let meta = CommandMeta { kind: "trust".into(), input: Digest::of(b""), actor: "tests".into(), recorded_at: now() };
        let trusted = self.store().transact::<_, StoreError>(Ledger::installation(), &meta, |tx| tx.append(&[Record::TrustedKey(key).into()]));
        trusted.expect("the installation's log takes keys");
        self
    }
}

/// Lists of what belongs to no unit: they count or hold what several own.
pub const SHARED: [&str; 12] =
    ["log", "imports", "issues", "receipts", "evaluations", "sources", "quarantine", "jobs", "payouts", "approvals", "authority", "delegations"];

impl Serving {
    /// Sends a file of the south's with one row, which is refused and names it, and simulates both units; answers with the ids of all that came of it.
    pub fn shared(&self) -> BTreeSet<String> {
        const BASE: &str = "/api/v1/ledgers/main";
        self.source("south-books", "receivables-simple");
        let file = "customer code,customer name,document no,document date,amount,currency\nD-SOUTH,Debtor SOUTH,B-SOUTH,2024-09-31,1.77,CNY\n";
        let sent = self.upload("south-books", "shared", "south.csv", file.as_bytes()).is(202).json();
        let at = sent.get("state").and_then(serde_json::Value::as_str).expect("a job is somewhere");
        let job = self.job_ended(at);
        assert_eq!(job.get("state").and_then(serde_json::Value::as_str), Some("done"), "{job}");
        let trial = serde_json::json!({ "from": "2024-01-01", "to": "2024-12-31", "parameters": {} });
        let sent = self.command(&format!("{BASE}/simulations"), "shared-trial", &trial).is(202).json();
        let job = self.job_ended(sent.get("state").and_then(serde_json::Value::as_str).expect("a job is somewhere"));
        assert_eq!(job.get("state").and_then(serde_json::Value::as_str), Some("done"), "{job}");
        let mut ids = BTreeSet::new();
        for list in SHARED {
            let text = self.get(&format!("{BASE}/{list}")).is(200).text();
            assert!(text.contains("\"items\":[{"), "whoever sees everything sees no {list}: {text}");
            if matches!(list, "imports" | "sources" | "jobs" | "payouts") {
                ids.extend(uuids(&text));
            }
        }
        assert!(ids.len() >= 3, "an import, a job and a run: {ids:?}");
        ids
    }
}
