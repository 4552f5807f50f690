//! Sanctions are in force from their first day to the last one, or to the day before they are lifted.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use recoup_model::Date;
use recoup_model::agreement::About;
use recoup_model::id::{AgreementId, PersonId, SanctionId};
use recoup_model::sanction::{Sanction, SanctionKind};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn sanction(until: Option<&str>, lifted: Option<&str>) -> Sanction {
    Sanction {
        id: SanctionId::from_parts(&[b"s"]),
        code: "s".to_owned(),
        kind: SanctionKind::Demerit,
        person: PersonId::from_parts(&[b"p"]),
        about: About::Agreement(AgreementId::from_parts(&[b"a"])),
        from: day("2024-03-01"),
        until: until.map(day),
        lifted: lifted.map(day),
        why: "no. 3".to_owned(),
        withdrawn: false,
    }
}

fn holds(sanction: &Sanction, on: &str) -> bool {
    sanction.is_in_force(day(on))
}

#[test]
fn a_sanction_is_in_force_until_it_ends_or_is_lifted() {
    let open = sanction(None, None);
    assert_eq!((holds(&open, "2024-02-29"), holds(&open, "2024-03-01"), holds(&open, "2034-03-01")), (false, true, true));
    let until = sanction(Some("2024-08-31"), None);
    assert_eq!((holds(&until, "2024-08-31"), holds(&until, "2024-09-01")), (true, false));
    let lifted = sanction(Some("2024-08-31"), Some("2024-06-15"));
    assert_eq!((holds(&lifted, "2024-06-14"), holds(&lifted, "2024-06-15")), (true, false));
    // It had ended before.
    let late = sanction(Some("2024-08-31"), Some("2024-10-01"));
    assert_eq!(late.last_day(), Some(day("2024-08-31")));
    assert!(!holds(&sanction(None, Some("2024-03-01")), "2024-03-01"), "lifted on its first day");
    assert!(!holds(&Sanction { withdrawn: true, ..open }, "2024-03-01"));
}

#[test]
fn a_kind_has_one_word_for_records_and_packs() {
    for kind in [
        SanctionKind::NoticeOfCriticism,
        SanctionKind::Demerit,
        SanctionKind::Removal,
        SanctionKind::NoPromotion,
        SanctionKind::NoTransfer,
        SanctionKind::NoResignation,
        SanctionKind::NoAwards,
    ] {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
    }
}
