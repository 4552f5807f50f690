//! Laws of agreements: who holds one holds all of it, and a part is exact.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_model::agreement::{Holder, Holders, Percent, SharesFault};
use recoup_model::id::PersonId;
use rust_decimal::Decimal;
use uuid::Uuid;

fn percent(text: &str) -> Result<Percent, SharesFault> {
    Percent::try_from(text.parse::<Decimal>().unwrap())
}

fn holders(shares: &[&str]) -> Result<Holders, SharesFault> {
    let holder = |(n, share): (u128, &&str)| Ok(Holder { person: PersonId(Uuid::from_u128(n)), share: percent(share)? });
    Holders::try_from((0..).zip(shares).map(holder).collect::<Result<Vec<_>, SharesFault>>()?)
}

#[test]
fn shares_are_exactly_the_whole() {
    assert!(holders(&["100"]).is_ok());
    assert!(holders(&["50", "30", "20"]).is_ok());
    assert!(holders(&["33.33", "33.33", "33.34"]).is_ok());
    let sums = |shares: &[&str]| holders(shares).unwrap_err().to_string();
    assert_eq!(sums(&["33.33", "33.33", "33.33"]), "the shares sum to 99.99 %, not to 100 %");
    assert_eq!(sums(&["100", "0.0001"]), "the shares sum to 100.0001 %, not to 100 %");
    assert_eq!(sums(&[]), "the shares sum to 0 %, not to 100 %");
    assert_eq!(sums(&["100", "0"]), "a share of 0 % is not above zero");
    assert_eq!(sums(&["150", "-50"]), "a share of -50 % is not above zero");
    assert_eq!(sums(&["33.33333", "66.66667"]), "a share of 33.33333 % has more than four digits behind the point");
    let one = Holder { person: PersonId(Uuid::nil()), share: percent("50").unwrap() };
    assert_eq!(Holders::try_from(vec![one, one]), Err(SharesFault::Twice));
}

proptest! {
    /// Whatever the parts, what is accepted sums to a million millionths, and what does not is refused, also when it is read back.
    #[test]
    fn no_record_holds_other_shares(parts in prop::collection::vec(1_i64..600_000, 1..6), whole: bool) {
        let mut parts = parts;
        if whole {
            let others: i64 = parts.iter().skip(1).sum();
            parts[0] = 1_000_000 - others;
        }
        let holders: Result<Vec<Holder>, SharesFault> = (0..).zip(&parts).map(|(n, part)| {
            Ok(Holder { person: PersonId(Uuid::from_u128(n)), share: Percent::try_from(Decimal::new(*part, 4))? })
        }).collect();
        let accepted = holders.clone().and_then(Holders::try_from);
        let sums = parts.iter().all(|p| *p > 0) && parts.iter().sum::<i64>() == 1_000_000;
        prop_assert_eq!(accepted.is_ok(), sums);
        if let Ok(list) = holders {
            let json = serde_json::to_string(&list).unwrap();
            let back = serde_json::from_str::<Holders>(&json);
            prop_assert_eq!(back.is_ok(), sums);
            if let Ok(back) = back {
                prop_assert_eq!(back.iter().map(|h| h.share.millionths()).collect::<Vec<_>>(), parts);
            }
        }
    }
}
