//! What an entry of each kind must look like, in full.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::id::{EntryId, ReceiptId, ReceivableId};
use recoup_model::receivable::{Entry, EntryFault, EntryKind, Means, Stage};
use uuid::Uuid;

/// Kind, sides (R receivable, P receipt), allowed signs, whether it cites.
const TABLE: [(EntryKind, &str, &[i64], bool); 8] = [
    (EntryKind::Gross, "R", &[0, 1], false),
    (EntryKind::Correction, "R", &[-1, 1], false),
    (EntryKind::Received, "P", &[1], false),
    (EntryKind::ReceivedCorrection, "P", &[-1, 1], false),
    (EntryKind::Bounced, "P", &[-1], true),
    (EntryKind::Applied, "RP", &[-1], false),
    (EntryKind::Reversed, "RP", &[1], true),
    (EntryKind::WrittenOff, "R", &[-1], false),
];

fn entry(kind: EntryKind, sides: &str, amount: i64, cites: bool) -> Entry {
    Entry {
        id: EntryId(Uuid::nil()),
        kind,
        receivable: sides.contains('R').then(|| ReceivableId(Uuid::nil())),
        receipt: sides.contains('P').then(|| ReceiptId(Uuid::nil())),
        amount,
        ledger_amount: amount,
        on: "2024-07-01".parse().unwrap(),
        period: None,
        cites: cites.then(|| EntryId(Uuid::max())),
        means: None,
        basis: None,
        source: None,
    }
}

#[test]
fn an_entry_is_taken_exactly_when_sides_sign_and_citation_fit_its_kind() {
    assert_eq!(TABLE.map(|t| t.0), EntryKind::ALL, "every kind is in the table");
    for (kind, right_sides, signs, right_cites) in TABLE {
        for sides in ["", "R", "P", "RP"] {
            for sign in [-1, 0, 1] {
                for cites in [false, true] {
                    let expected = if sides != right_sides {
                        Err(EntryFault::Sides(kind))
                    } else if !signs.contains(&sign) {
                        Err(EntryFault::Sign(kind))
                    } else if cites != right_cites {
                        Err(EntryFault::Cites(kind))
                    } else {
                        Ok(())
                    };
                    for size in [1, 6_000, i64::MAX] {
                        assert_eq!(entry(kind, sides, sign * size, cites).check(), expected, "{kind:?} {sides} {} cites: {cites}", sign * size);
                    }
                }
            }
        }
    }
}

#[test]
fn words_stand_for_one_thing_each() {
    for kind in EntryKind::ALL {
        assert_eq!(EntryKind::from_word(kind.word()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.word(), "database and log use one word");
    }
    for stage in Stage::ALL {
        assert_eq!(Stage::from_word(stage.word()), Some(stage));
        assert_eq!(serde_json::to_value(stage).unwrap(), stage.word());
    }
    for means in Means::ALL {
        assert_eq!(Means::from_word(means.word()), Some(means));
        assert_eq!(serde_json::to_value(means).unwrap(), means.word());
    }
    assert_eq!(EntryKind::from_word("Gross"), None);
}
