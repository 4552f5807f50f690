//! Stacking (叠加): a bonus on an application on which a bonus of another family is earned sets its case aside, unless the two are
//! approved to stack by the day of the application. Whichever is judged later is set aside: what stands keeps standing, and a case
//! that is set aside is judged again by every evaluation of its pack.

use std::collections::{BTreeMap, HashMap, HashSet};

use recoup_host::RulesPlugin;
use recoup_model::calendar::Date;
use recoup_model::case::Case;
use recoup_model::due::{Basis, Fault, Line, PolicyInForce, Verdict};
use recoup_model::id::{EntryId, ReceivableId};
use recoup_model::stacking::{Families, Stacking};
use recoup_store::{EVERYTHING as NOW, EntryFilter, LineFilter, View};

use super::retroactive;
use crate::EngineError;
use crate::report::add;

/// The fault's code.
const NOT_APPROVED: &str = "stacking.not_approved";

/// Sets aside the cases of a portion whose bonuses would stack without approval, by what was earned and approved as known at a
/// position. It looks at nothing but policies where no other pack has bonuses.
pub(super) fn set_aside(
    view: &mut View<'_>,
    plugin: &RulesPlugin,
    (as_of, known_at): (Date, i64),
    cases: &[Case],
    verdicts: &mut [Verdict],
) -> Result<(), EngineError> {
    let mine = retroactive::of(plugin, "");
    let others = others(view, &mine, known_at)?;
    if others.is_empty() {
        return Ok(());
    }
    let earning: HashSet<EntryId> = verdicts.iter().flat_map(|verdict| bonuses(&mine, verdict)).map(|(entry, _)| entry).collect();
    let taken = taken(view, (&mine.pack, &others), &applications(cases, &earning), (as_of, known_at))?;
    for verdict in verdicts {
        let fault = bonuses(&mine, verdict).find_map(|(entry, line)| Some(fault(line, taken.get(&entry)?)));
        if let Some(fault) = fault {
            verdict.outcome = Err(fault);
        }
    }
    Ok(())
}

/// Whether another pack that has bonuses was evaluated after a position: what it earned there was not looked at.
pub(super) fn earned_since(view: &mut View<'_>, plugin: &RulesPlugin, known_at: i64) -> Result<bool, EngineError> {
    for other in others(view, &retroactive::of(plugin, ""), NOW)? {
        if view.last_evaluated(&other.pack)?.is_some_and(|(_, position)| position > known_at) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The other packs that have bonuses, where this one has some.
fn others(view: &mut View<'_>, mine: &PolicyInForce, known_at: i64) -> Result<Vec<PolicyInForce>, EngineError> {
    if !mine.has_bonuses() {
        return Ok(Vec::new());
    }
    Ok(with_bonuses(view, known_at)?.into_iter().filter(|other| other.pack != mine.pack).collect())
}

/// The packs whose clauses earn bonuses, with the policies in force at a position.
pub(crate) fn with_bonuses(view: &mut View<'_>, known_at: i64) -> Result<Vec<PolicyInForce>, EngineError> {
    let latest: BTreeMap<String, PolicyInForce> = view.policies(known_at)?.into_iter().map(|(_, policy)| (policy.pack.clone(), policy)).collect();
    Ok(latest.into_values().filter(PolicyInForce::has_bonuses).collect())
}

/// The bonuses that a verdict earns on applications.
fn bonuses<'a>(policy: &'a PolicyInForce, verdict: &'a Verdict) -> impl Iterator<Item = (EntryId, &'a Line)> {
    let lines = verdict.outcome.iter().flat_map(|due| &due.lines);
    lines.filter_map(|line| match line.key.basis {
        Basis::Entry(entry) if line.is_earned() && policy.is_bonus(&line.key.clause) => Some((entry, line)),
        _ => None,
    })
}

/// Claims and days of applications.
type Applications = HashMap<EntryId, (ReceivableId, Date)>;

/// Those of the applications that earn something, as the cases have them.
fn applications(cases: &[Case], earning: &HashSet<EntryId>) -> Applications {
    let of = |case: &Case| {
        let earning = case.entries.iter().filter(|entry| earning.contains(&entry.id));
        earning.filter_map(|entry| Some((entry.id, (case.receivables.get(entry.receivable)?.id, entry.on)))).collect::<Vec<_>>()
    };
    cases.iter().flat_map(of).collect()
}

/// A bonus that another pack has earned on an application.
struct Taken {
    /// The day of the application.
    on: Date,
    line: Line,
}

/// Bonuses of other packs on some applications that nobody approved to stack, one of each application.
fn taken(
    view: &mut View<'_>,
    (mine, others): (&str, &[PolicyInForce]),
    applications: &Applications,
    (as_of, known_at): (Date, i64),
) -> Result<HashMap<EntryId, Taken>, EngineError> {
    // Whatever earns on an application covers its claim.
    let covering = view.covering(applications.values().map(|(claim, _)| *claim).collect())?;
    if covering.is_empty() {
        return Ok(HashMap::new());
    }
    let approved = view.stackings(known_at)?;
    let mut leaves = Vec::new();
    for other in others {
        let Ok(families) = Families::new(mine, &other.pack) else { continue };
        for line in view.lines(LineFilter { pack: Some(&other.pack), subjects: Some(&covering) }, known_at)? {
            let Basis::Entry(entry) = line.key.basis else { continue };
            let on = applications.get(&entry).map(|(_, on)| *on).filter(|on| !Stacking::allows(&approved, &families, *on));
            if on.is_some() && !line.withdrawn && line.amount > 0 && other.is_bonus(&line.key.clause) {
                leaves.push(line.leaf);
            }
        }
    }
    let mut taken: HashMap<EntryId, Taken> = HashMap::new();
    for line in view.line_records(&leaves)?.into_iter().filter(Line::is_earned) {
        let Basis::Entry(entry) = line.key.basis else { continue };
        if let Some((_, on)) = applications.get(&entry) {
            // Of several the one that was recorded first is named.
            taken.entry(entry).or_insert(Taken { on: *on, line });
        }
    }
    let claims: Vec<ReceivableId> = taken.keys().filter_map(|entry| Some(applications.get(entry)?.0)).collect();
    for undone in undone(view, &claims, (as_of, known_at))? {
        taken.remove(&undone);
    }
    Ok(taken)
}

/// Applications to some claims that were taken back whole: whatever was earned on them was, too.
fn undone(view: &mut View<'_>, claims: &[ReceivableId], (as_of, known_at): (Date, i64)) -> Result<Vec<EntryId>, EngineError> {
    let mut left: HashMap<EntryId, i64> = HashMap::new();
    for entry in view.entries(EntryFilter { receivables: Some(claims), receipts: None }, Some(as_of), known_at)? {
        let sum = left.entry(entry.cites.unwrap_or(entry.id)).or_default();
        *sum = add(*sum, entry.ledger_amount)?;
    }
    Ok(left.into_iter().filter(|(_, amount)| *amount == 0).map(|(entry, _)| entry).collect())
}

fn fault(line: &Line, Taken { on, line: other }: &Taken) -> Fault {
    let (mine, theirs) = (&line.key.case.pack, &other.key.case.pack);
    let detail = format!(
        "{} of `{mine}` would be earned on the application of {on} on which {} of `{theirs}` is earned: have it approved that the two stack \
         (`recoup approval ask stacking {mine} {theirs} --from {on}`), or take the claim out of one of them",
        line.key.clause, other.key.clause
    );
    Fault { code: NOT_APPROVED.to_owned(), args: Vec::new(), detail }
}
