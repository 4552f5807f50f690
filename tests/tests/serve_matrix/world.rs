//! The matrix against books that have rows of every kind, of two units: whoever may ask gets the real rows, in every form, and never
//! one of another unit; whoever may not gets none by any real key.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use recoup_model::access::Role;
use recoup_tests::divided::{DAY, rights, unit, uuids};
use recoup_tests::{LIMITLESS, Serving, Site};
use serde_json::Value;

use super::{Answer, ENDPOINTS, Known, Purpose, Read, SCOPES, Scope, Yes, answer, callers, table};

/// What an endpoint shows of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// Nothing that is recorded.
    Nothing,
    /// Rows of units, which these columns name: of a unit, its own. Every row is of one.
    Units(&'static [&'static str]),
    /// Likewise, and rows of none, which whoever sees the ledger whole sees besides.
    UnitsAndMore(&'static [&'static str]),
    /// Rows of none: they hold or count what several own, and are for whoever sees the ledger whole.
    Whole(&'static [&'static str]),
    /// Rows for everybody who reads the ledger.
    Everybody,
    /// Figures of what is in sight.
    Figures,
    /// Figures of what is of several units: for whoever sees the ledger whole.
    WholeFigures,
    /// One of a list, by its key, which is this column.
    One(&'static str, &'static str),
}

use Shows::{Everybody, Figures, Nothing, One, Units, UnitsAndMore, Whole, WholeFigures};

const ID: &[&str] = &["id"];
const MAIN: &str = "/api/v1/ledgers/{ledger}";

/// What every read shows. A kind of rows that the books lack fails the test: what nobody has cannot be kept from anybody.
const SHOWN: &[(&str, Shows)] = &[
    ("/healthz", Nothing),
    ("/readyz", Nothing),
    ("/metrics", Nothing),
    ("/api/v1/openapi.json", Nothing),
    ("/api/v1/openapi", Nothing),
    ("/api/v1/problems", Nothing),
    ("/api/v1/problems/{code}", Nothing),
    ("/api/v1/ledgers", Everybody),
    ("/api/v1/parties", Units(ID)),
    ("/api/v1/people", Units(ID)),
    ("/api/v1/ledgers/{ledger}", Everybody),
    ("/api/v1/ledgers/{ledger}/parties", Units(ID)),
    ("/api/v1/ledgers/{ledger}/parties/{key}", One("/api/v1/ledgers/{ledger}/parties", "id")),
    ("/api/v1/ledgers/{ledger}/people", Units(ID)),
    ("/api/v1/ledgers/{ledger}/units", Units(ID)),
    ("/api/v1/ledgers/{ledger}/contracts", Units(ID)),
    ("/api/v1/ledgers/{ledger}/receivables", Units(ID)),
    ("/api/v1/ledgers/{ledger}/receivables/{key}", One("/api/v1/ledgers/{ledger}/receivables", "id")),
    ("/api/v1/ledgers/{ledger}/receipts", Whole(ID)),
    ("/api/v1/ledgers/{ledger}/receipts/{key}", One("/api/v1/ledgers/{ledger}/receipts", "id")),
    // That money came in is of no unit.
    ("/api/v1/ledgers/{ledger}/entries", UnitsAndMore(ID)),
    ("/api/v1/ledgers/{ledger}/applications", Units(ID)),
    ("/api/v1/ledgers/{ledger}/agreements", Units(ID)),
    ("/api/v1/ledgers/{ledger}/agreements/{key}", One("/api/v1/ledgers/{ledger}/agreements", "id")),
    // Nor is what happened to it.
    ("/api/v1/ledgers/{ledger}/milestones", UnitsAndMore(ID)),
    ("/api/v1/ledgers/{ledger}/false-reports", Units(ID)),
    ("/api/v1/ledgers/{ledger}/sanctions", Units(ID)),
    ("/api/v1/ledgers/{ledger}/pauses", Units(ID)),
    ("/api/v1/ledgers/{ledger}/letters", Units(ID)),
    ("/api/v1/ledgers/{ledger}/letters/{key}", One("/api/v1/ledgers/{ledger}/letters", "id")),
    ("/api/v1/ledgers/{ledger}/roles", Units(ID)),
    ("/api/v1/ledgers/{ledger}/wage-months", Units(&["person", "month"])),
    ("/api/v1/ledgers/{ledger}/payouts", Whole(ID)),
    ("/api/v1/ledgers/{ledger}/payouts/{key}", One("/api/v1/ledgers/{ledger}/payouts", "id")),
    ("/api/v1/ledgers/{ledger}/payouts/{key}/payroll", One("/api/v1/ledgers/{ledger}/payouts", "id")),
    // What may be taken of a wage depends on everything that is owed.
    ("/api/v1/ledgers/{ledger}/settlement", WholeFigures),
    ("/api/v1/ledgers/{ledger}/imports", Whole(ID)),
    ("/api/v1/ledgers/{ledger}/imports/{key}", One("/api/v1/ledgers/{ledger}/imports", "id")),
    ("/api/v1/ledgers/{ledger}/issues", Whole(&["import", "number"])),
    ("/api/v1/ledgers/{ledger}/evaluations", Whole(&["position"])),
    ("/api/v1/ledgers/{ledger}/lines", Units(ID)),
    ("/api/v1/ledgers/{ledger}/lines/{key}", One("/api/v1/ledgers/{ledger}/lines", "id")),
    ("/api/v1/ledgers/{ledger}/postings", Units(&["line", "on", "balance", "amount"])),
    ("/api/v1/ledgers/{ledger}/sensitive/lines", Units(ID)),
    ("/api/v1/ledgers/{ledger}/sensitive/lines/{key}", One("/api/v1/ledgers/{ledger}/sensitive/lines", "id")),
    ("/api/v1/ledgers/{ledger}/sensitive/postings", Units(&["line", "on", "balance", "amount"])),
    ("/api/v1/ledgers/{ledger}/findings", Units(ID)),
    ("/api/v1/ledgers/{ledger}/cases/set-aside", Units(&["subject"])),
    // That a period is closed is for everybody; what was left out of it is not.
    ("/api/v1/ledgers/{ledger}/periods", Everybody),
    // Whoever closes a period sees the ledger whole.
    ("/api/v1/ledgers/{ledger}/periods/{key}/checklist", One("/api/v1/ledgers/{ledger}/periods", "month")),
    ("/api/v1/ledgers/{ledger}/aging", Figures),
    ("/api/v1/ledgers/{ledger}/trial-balance", Figures),
    ("/api/v1/ledgers/{ledger}/provision", Figures),
    ("/api/v1/ledgers/{ledger}/recovery", Figures),
    ("/api/v1/ledgers/{ledger}/targets", WholeFigures),
    ("/api/v1/ledgers/{ledger}/old-debts", Figures),
    ("/api/v1/ledgers/{ledger}/accounts", Figures),
    // A run settles what several units owe.
    ("/api/v1/ledgers/{ledger}/payout-register", WholeFigures),
    ("/api/v1/ledgers/{ledger}/withheld", Figures),
    ("/api/v1/ledgers/{ledger}/policies", Everybody),
    ("/api/v1/ledgers/{ledger}/plugins", Everybody),
    ("/api/v1/ledgers/{ledger}/log", Whole(&["position"])),
    ("/api/v1/ledgers/{ledger}/log/{key}", One("/api/v1/ledgers/{ledger}/log", "position")),
    ("/api/v1/ledgers/{ledger}/leaves", UnitsAndMore(&["leaf"])),
    ("/api/v1/ledgers/{ledger}/leaves/{key}", One("/api/v1/ledgers/{ledger}/leaves", "leaf")),
    ("/api/v1/installation/users", Everybody),
    ("/api/v1/installation/rights", Everybody),
    ("/api/v1/installation/tokens", Everybody),
    ("/api/v1/installation/trusted-keys", Everybody),
    ("/api/v1/installation/proposals", Everybody),
    ("/api/v1/installation/disclosures", Everybody),
    ("/api/v1/installation/log", Everybody),
    ("/api/v1/installation/log/{key}", One("/api/v1/installation/log", "position")),
    ("/api/v1/installation/leaves", Everybody),
    ("/api/v1/installation/leaves/{key}", One("/api/v1/installation/leaves", "leaf")),
    ("/api/v1/ledgers/{ledger}/sources", Whole(&["name"])),
    ("/api/v1/ledgers/{ledger}/sources/{key}", One("/api/v1/ledgers/{ledger}/sources", "name")),
    ("/api/v1/ledgers/{ledger}/quarantine", Whole(&["import", "number"])),
    ("/api/v1/ledgers/{ledger}/approvals", Whole(ID)),
    ("/api/v1/ledgers/{ledger}/approvals/{key}", One("/api/v1/ledgers/{ledger}/approvals", "id")),
    ("/api/v1/ledgers/{ledger}/authority", Whole(&["kind"])),
    ("/api/v1/ledgers/{ledger}/delegations", Whole(&["delegator", "to", "from"])),
    ("/api/v1/ledgers/{ledger}/jobs", Whole(ID)),
    ("/api/v1/ledgers/{ledger}/jobs/{key}", One("/api/v1/ledgers/{ledger}/jobs", "id")),
    ("/api/v1/ledgers/{ledger}/jobs/{key}/events", One("/api/v1/ledgers/{ledger}/jobs", "id")),
    ("/api/v1/ledgers/{ledger}/jobs/{key}/simulation", One("/api/v1/ledgers/{ledger}/jobs", "id")),
    ("/api/v1/ledgers/{ledger}/sensitive/jobs/{key}/simulation", One("/api/v1/ledgers/{ledger}/jobs", "id")),
];

/// Kinds of leaves that concern a ledger whole and hold nothing of a unit.
const OF_ALL: [&str; 3] = ["policy", "minimum-wage", "payout-terms"];

const FORMS: [&str; 4] = ["json", "ndjson", "csv", "xlsx"];

/// A path with its query: the day, where a resource has one, and the form, where it has several.
fn asked(path: &str, shows: Shows, form: &str) -> String {
    let day = if path.contains("/jobs") || path.ends_with("/checklist") || shows == Nothing { "" } else { DAY };
    let whole = path.replace("{ledger}", "main").replace("{code}", "access.token");
    match shows {
        Nothing | One(..) => format!("{whole}?{day}"),
        _ if path.ends_with("/provision") => format!("{whole}?{day}&rates=0,1,3,5,10,20,50,80,100&format={form}"),
        // What was withheld in August is settled with August's wages.
        _ if path.ends_with("/settlement") => format!("{whole}?as_of=2024-08-31&format={form}"),
        _ if path.ends_with("/recovery") => format!("{whole}?{day}&from=2024-01&format={form}"),
        Everybody if path == MAIN => format!("{whole}?{day}"),
        Figures | WholeFigures => format!("{whole}?{day}&format={form}"),
        _ => format!("{whole}?{day}&limit=1000&format={form}").replace("?&", "?"),
    }
}

/// Everything that an answer says, whatever it is wrapped in.
fn said(form: &str, bytes: &[u8]) -> String {
    if form != "xlsx" {
        return String::from_utf8(bytes.to_vec()).unwrap();
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    for n in 0..archive.len() {
        archive.by_index(n).unwrap().read_to_string(&mut text).unwrap();
    }
    text
}

/// The rows of a text in a form.
fn count(form: &str, text: &str) -> usize {
    match form {
        "json" => serde_json::from_str::<Value>(text).unwrap()["items"].as_array().unwrap().len(),
        "ndjson" => text.lines().count(),
        "csv" => text.lines().count() - 1,
        _ => text.matches("<row ").count() - 1,
    }
}

/// Rows of a list, by the columns that name them.
type Rows = BTreeMap<String, Value>;

fn rows(server: &Serving, path: &str, shows: Shows, columns: &[&str]) -> Rows {
    let reply = server.ask(&asked(path, shows, "json"), &WHAT_FOR).is(200).json();
    let items = reply["items"].as_array().unwrap_or_else(|| panic!("{path}: {reply}")).clone();
    let named: Rows = items.iter().map(|row| (columns.iter().map(|c| row[*c].to_string()).collect::<Vec<_>>().join(" "), row.clone())).collect();
    assert_eq!(named.len(), items.len(), "{path}: {columns:?} name each row");
    named
}

const WHAT_FOR: [(&str, &str); 1] = [("recoup-purpose", "a test")];

/// What the books have: of the north, and of everybody together, by path.
struct World {
    north: BTreeMap<&'static str, Rows>,
    whole: BTreeMap<&'static str, Rows>,
    /// Keys of single resources, by path: some of the north's, and some that are not.
    keys: BTreeMap<&'static str, [Vec<String>; 2]>,
    /// Ids that the north is not told.
    secret: BTreeSet<String>,
}

impl World {
    fn of(server: &mut Serving, [north, south, everything, examiner]: [&str; 4]) -> Self {
        let mut world = Self { north: BTreeMap::new(), whole: BTreeMap::new(), keys: BTreeMap::new(), secret: BTreeSet::new() };
        let mut told = BTreeSet::new();
        for (path, shows) in SHOWN {
            let (Units(columns) | UnitsAndMore(columns) | Whole(columns)) = shows else { continue };
            let all = rows(server.with(everything), path, *shows, columns);
            let [of_north, of_south] = [north, south].map(|token| rows(server.with(token), path, *shows, columns));
            if let Whole(_) = shows {
                assert!(!all.is_empty() && of_north.is_empty() && of_south.is_empty(), "{path}: {of_north:?} {of_south:?}");
                // Keys of one kind, such as names, are words of others.
                world.secret.extend(all.values().flat_map(|row| uuids(&row["id"].to_string())));
            } else {
                let common: Vec<&Value> = of_north.iter().filter(|(key, _)| of_south.contains_key(*key)).map(|(_, row)| row).collect();
                assert!(common.iter().all(|row| OF_ALL.contains(&row["kind"].as_str().unwrap_or_default())), "{path}: both see {common:?}");
                assert!(of_north.len() > common.len() && of_north.len() == of_south.len(), "{path}: the units are alike: {of_north:?} {of_south:?}");
                assert!(of_north.keys().chain(of_south.keys()).all(|key| all.contains_key(key)), "{path}: whoever sees everything sees them");
                let united = of_north.len() + of_south.len() - common.len();
                assert!(if matches!(shows, Units(_)) { united == all.len() } else { united < all.len() }, "{path}: {united} of {}", all.len());
                told.extend(of_north.values().flat_map(|row| uuids(&row.to_string())));
                world.secret.extend(of_south.values().flat_map(|row| uuids(&row.to_string())));
            }
            world.north.insert(path, of_north);
            world.whole.insert(path, all);
        }
        // Policies and the minimum wage are of everybody.
        let shared: BTreeSet<String> = world.secret.intersection(&told).cloned().collect();
        assert!(shared.len() <= 1, "but for the policy, the two have no id in common: {shared:?}");
        world.secret.retain(|id| !shared.contains(id));
        assert!(world.secret.len() > 30, "{:?}", world.secret);
        for (path, shows) in SHOWN {
            let One(list, column) = shows else { continue };
            let own = world.north.get(list).map_or_else(Vec::new, |rows| keys(rows, column));
            // The installation's own are for whoever examines.
            let all = world.whole.get(list).cloned().unwrap_or_else(|| rows(server.with(examiner), list, Everybody, &[column]));
            // Not every job simulates.
            let all: Rows = all.into_iter().filter(|(_, row)| !path.ends_with("/simulation") || row["kind"] == "simulation").collect();
            // Some of each: serve_edge_50 asks for every leaf.
            let others: Vec<String> = keys(&all, column).into_iter().filter(|key| !own.contains(key)).take(2).collect();
            assert!(!others.is_empty(), "{path}: there is one that is not the north's");
            world.keys.insert(path, [own.into_iter().take(1).collect(), others]);
        }
        world
    }

    /// That a text tells the north nothing of the south.
    fn keeps(&self, what: &str, text: &str) {
        // The south's cents, and not thousandths of a second.
        let cents = text.match_indices(".77").any(|(at, _)| !text[at + 3..].starts_with(|c: char| c.is_ascii_digit()));
        assert!(!text.contains("SOUTH") && !cents, "{what}: {text}");
        let told: Vec<String> = uuids(text).intersection(&self.secret).cloned().collect();
        assert!(told.is_empty(), "{what} tells {told:?}");
    }
}

/// The column of a row that its key is.
fn keys(rows: &Rows, column: &str) -> Vec<String> {
    rows.values().map(|row| row[column].as_str().map_or_else(|| row[column].to_string(), str::to_owned)).collect()
}

/// What of the books somebody sees who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sees {
    Everything,
    North,
    Nothing,
}

fn list(server: &Serving, world: &World, path: &'static str, shows: Shows, columns: &[&str], sees: Sees) {
    let found: BTreeSet<String> = rows(server, path, shows, columns).into_keys().collect();
    let expected = match sees {
        Sees::Everything => world.whole[path].keys().cloned().collect(),
        Sees::North => world.north[path].keys().cloned().collect(),
        Sees::Nothing => BTreeSet::new(),
    };
    // Logs go on while they are read.
    assert!(if sees == Sees::Everything { expected.is_subset(&found) } else { expected == found }, "{path}: {found:?} and not {expected:?}");
}

/// Every form of what the north is shown.
fn forms(server: &Serving, world: &World, path: &str, shows: Shows) {
    for form in FORMS.into_iter().filter(|form| path != MAIN || *form == "json") {
        let reply = server.ask(&asked(path, shows, form), &WHAT_FOR).is(200);
        let text = said(form, &reply.body);
        world.keeps(&format!("{path} as {form}"), &text);
        match shows {
            Units(_) | UnitsAndMore(_) | Whole(_) => assert_eq!(count(form, &text), world.north[path].len(), "{path} as {form}"),
            Figures => assert!(text.contains("NORTH"), "{path} as {form}: {text}"),
            WholeFigures => assert!(!text.contains("NORTH"), "{path} as {form}: {text}"),
            _ => {}
        }
    }
}

/// Single resources by their real keys: what is not in sight is not there.
fn single(server: &Serving, world: &World, path: &'static str, sees: Sees, gate: Answer) {
    let [own, others] = &world.keys[path];
    for key in own.iter().chain(others) {
        let reply = server.ask(&asked(path, One("", ""), "json").replace("{key}", key), &WHAT_FOR);
        match sees {
            Sees::Nothing => assert_eq!(answer(&reply), gate, "{path}: {key}"),
            Sees::North if others.contains(key) => {
                assert_eq!((reply.status, reply.json_code().as_deref()), (404, Some("request.not_found")), "{path}: {key}");
            }
            Sees::North | Sees::Everything => {
                let text = reply.is(200).text();
                assert!(text.contains(key), "{path}: {text}");
                if sees == Sees::North {
                    world.keeps(path, &text);
                }
            }
        }
    }
}

/// One read by somebody: what the table of roles says of them, in the table of what is shown.
fn read(server: &Serving, world: &World, (path, shows): (&'static str, Shows), sees: Sees, gate: Answer) {
    match shows {
        One(..) => return single(server, world, path, sees, gate),
        _ if gate != Yes && gate != Purpose => {
            return assert_eq!(answer(&server.ask(&asked(path, shows, "json"), &WHAT_FOR)), gate, "{path}");
        }
        Units(columns) | UnitsAndMore(columns) | Whole(columns) => list(server, world, path, shows, columns, sees),
        Nothing | Everybody | Figures | WholeFigures => {
            let text = server.ask(&asked(path, shows, "json"), &WHAT_FOR).is(200).text();
            assert!(shows != Everybody || sees == Sees::Nothing || !text.contains("\"items\":[]"), "{path}: {text}");
            let both = text.contains("NORTH") && text.contains("SOUTH");
            assert!(!matches!(shows, Figures | WholeFigures) || both == (sees == Sees::Everything), "{path}: {text}");
        }
    }
    if sees == Sees::North && shows != Nothing {
        forms(server, world, path, shows);
    }
}

#[test]
fn edge_50_every_read_gives_the_real_rows_to_whoever_may_and_none_of_another_unit() {
    let reads: BTreeSet<&str> = ENDPOINTS.iter().filter(|(method, ..)| *method == "get").map(|(_, path, _)| *path).collect();
    assert_eq!(SHOWN.iter().map(|(path, _)| *path).collect::<BTreeSet<_>>(), reads, "each read is in both tables");
    for site in Site::both().map(Site::divided) {
        site.found();
        site.joins("carol", Role::Collector);
        let mut server = site.serve_with(&LIMITLESS);
        let (north, south, everything) = (site.token("north", &rights("NORTH")), site.token("south", &rights("SOUTH")), site.everything());
        let examiner = site.token("examiner", &[(Role::Auditor, None, None)]);
        let _ = server.with(&everything).shared();
        let world = World::of(&mut server, [&north, &south, &everything, &examiner]);
        for (role, at, token) in callers(&site, unit("NORTH")) {
            server.with(&token);
            eprintln!("{role:?} of {:?}", SCOPES[at]);
            for (path, shows) in SHOWN {
                let (_, _, kind) = ENDPOINTS.iter().find(|(method, p, _)| (*method, p) == ("get", path)).unwrap();
                let sees = match (table(if *kind == Known { Read } else { *kind }, role)[at], SCOPES[at]) {
                    (Yes | Purpose, Scope::Unit) => Sees::North,
                    (Yes | Purpose, _) => Sees::Everything,
                    _ => Sees::Nothing,
                };
                read(&server, &world, (path, *shows), sees, table(*kind, role)[at]);
            }
        }
    }
}
