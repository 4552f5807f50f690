//! Which way an amount counts: every notation that exports are known to use. In each table 1,234.56 counts up and
//! 200.50 counts down, so what is expected can be read from the rows themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;
use common::{control, json, read};
use recoup_sdk::adapter::number::Total;
use recoup_sdk::adapter::{Control, ItemKind, Items};

/// A row of a ledger: what counts down is a credit note.
const CLAIM: &str = "kind = \"receivable\"\nnegative = \"credit-note\"\n";
/// A row of a statement: what counts down is money out.
const MONEY: &str = "kind = \"receipt\"\nnegative = \"money-out\"\n";
/// A row that is a credit note by its type; its amount has no sign.
const CREDIT: &str = "kind = \"credit-note\"\n";

const UP: &str = "+1234.56";
const DOWN: &str = "-200.50";

/// One notation, as an export has it and as a profile states it.
#[derive(Default)]
struct Notation<'a> {
    name: &'a str,
    /// The headers behind number and date; the columns have the same names.
    header: &'a str,
    /// Each row behind its number and date, and which way it counts.
    rows: &'a [(&'a str, &'a str)],
    /// What a row is, and the rest of its rule.
    rules: &'a [(&'a str, &'a str)],
    /// Further entries of `[values]`.
    values: &'a str,
    /// Further tables.
    tables: &'a str,
}

impl Notation<'_> {
    fn profile(&self) -> String {
        let columns: String = self.header.split(',').map(|h| format!("\"{h}\" = {{ headers = [\"{h}\"], required = true }}\n")).collect();
        let rules: String = self.rules.iter().map(|(kind, rest)| format!("[[rules]]\nkey = \"no\"\ndate = \"date\"\n{kind}{rest}\n")).collect();
        json(&format!(
            "encoding = \"utf-8\"\n[values]\ncurrency = \"CNY\"\n{}\n[columns]\nno = {{ headers = [\"no\"] }}\ndate = {{ headers = [\"date\"] }}\ncustomer = {{ constant = \"C1\" }}\n{columns}[party]\nkey = \"customer\"\n{rules}{}",
            self.values, self.tables
        ))
    }

    fn read(&self) -> (Items, Vec<Control>) {
        let rows: String = self.rows.iter().enumerate().map(|(i, (cells, _))| format!("{i},2024-01-31,{cells}\n")).collect();
        read(format!("no,date,{}\n{rows}", self.header).as_bytes(), &self.profile()).unwrap()
    }

    /// Reads each row as it is meant.
    #[track_caller]
    fn holds(&self) {
        let (items, _) = self.read();
        let said: Vec<String> = items.items().filter(|i| i.kind != ItemKind::Party).map(|i| way(i.kind, i.amount.map(Total::from), i.text)).collect();
        let meant: Vec<&str> = self.rows.iter().map(|(_, way)| *way).collect();
        assert_eq!(said, meant, "{}", self.name);
    }
}

/// An amount with the sign that its kind gives it; money out is told in the words of what is left out.
fn way(kind: ItemKind, amount: Option<Total>, text: &str) -> String {
    match (kind, amount) {
        (ItemKind::Receivable | ItemKind::Receipt, Some(amount)) => format!("+{amount}"),
        (ItemKind::CreditNote, Some(amount)) => format!("-{amount}"),
        (ItemKind::Skipped, None) => text.trim_end_matches(" CNY").to_owned(),
        other => format!("{other:?} {text}"),
    }
}

#[test]
fn every_notation_of_a_sign_counts_the_way_that_its_source_means() {
    let signed = &[(CLAIM, "amount = \"amount\"")][..];
    let notations = [
        Notation {
            name: "a sign in front, as the Agricultural Bank writes it",
            header: "amount",
            rows: &[("+1234.56", UP), ("1234.56", UP), ("-200.50", DOWN), ("−200.50", DOWN), ("－200.50", DOWN), ("¥-200.50", DOWN)],
            rules: signed,
            ..Notation::default()
        },
        Notation {
            name: "a minus behind, as SAP writes it",
            header: "amount",
            rows: &[("\"1.234,56\"", UP), ("\"200,50-\"", DOWN)],
            rules: signed,
            values: "decimal = \",\"\nthousands = \".\"",
            ..Notation::default()
        },
        Notation {
            name: "parentheses",
            header: "amount",
            rows: &[("\"1,234.56\"", UP), ("(200.50)", DOWN), ("（200.50）", DOWN)],
            rules: signed,
            ..Notation::default()
        },
        Notation {
            name: "a column for what came in and one for what went out",
            header: "收入,支出",
            rows: &[("1234.56,", UP), (",200.50", DOWN), ("1234.56,-", UP), ("0.00,200.50", DOWN)],
            rules: &[(MONEY, "amount = { plus = \"收入\", minus = \"支出\" }")],
            ..Notation::default()
        },
        Notation {
            name: "debit and credit of a ledger: a debit is owed to us",
            header: "借方,贷方",
            rows: &[("1234.56,0.00", UP), ("0.00,200.50", DOWN)],
            rules: &[(CLAIM, "amount = { plus = \"借方\", minus = \"贷方\" }")],
            ..Notation::default()
        },
        Notation {
            name: "debit and credit of a bank: a credit is money in",
            header: "借方发生额,贷方发生额",
            rows: &[(",1234.56", UP), ("200.50,", DOWN)],
            rules: &[(MONEY, "amount = { plus = \"贷方发生额\", minus = \"借方发生额\" }")],
            ..Notation::default()
        },
        Notation {
            name: "S and H, as DATEV writes them of a debtor's account",
            header: "Umsatz,S/H",
            rows: &[("\"1234,56\",S", UP), ("\"200,50\",H", DOWN)],
            rules: &[(CLAIM, "amount = { column = \"Umsatz\", flag = \"S/H\", plus = [\"S\"], minus = [\"H\"] }")],
            values: "decimal = \",\"\nthousands = \".\"",
            ..Notation::default()
        },
        Notation {
            name: "words in two languages, as the Bank of Communications writes them",
            header: "借贷,交易金额",
            rows: &[("贷 Cr,1234.56", UP), ("借 Dr,200.50", DOWN)],
            rules: &[(MONEY, "amount = { column = \"交易金额\", flag = \"借贷\", plus = [\"贷 Cr\"], minus = [\"借 Dr\"] }")],
            ..Notation::default()
        },
        // RC takes a credit back, and RD a debit.
        Notation {
            name: "C, D, RC and RD of MT940",
            header: "mark,amount",
            rows: &[("C,1234.56", UP), ("D,200.50", DOWN), ("RC,200.50", DOWN), ("RD,1234.56", UP)],
            rules: &[(MONEY, "amount = { column = \"amount\", flag = \"mark\", plus = [\"C\", \"RD\"], minus = [\"D\", \"RC\"] }")],
            ..Notation::default()
        },
        // The indicator is that of the entry itself: a credit that is a reversal is money that came back.
        Notation {
            name: "CRDT and DBIT of camt, where the mark of a reversal does not turn the sign",
            header: "Amt,CdtDbtInd,RvslInd",
            rows: &[("1234.56,CRDT,false", UP), ("200.50,DBIT,false", DOWN), ("1234.56,CRDT,true", UP), ("200.50,DBIT,true", DOWN)],
            rules: &[(MONEY, "amount = { column = \"Amt\", flag = \"CdtDbtInd\", plus = [\"CRDT\"], minus = [\"DBIT\"] }")],
            ..Notation::default()
        },
        Notation {
            name: "always positive, and the document type says what it is",
            header: "type,amount",
            rows: &[("Invoice,1234.56", UP), ("Credit Memo,200.50", DOWN)],
            rules: &[
                (CREDIT, "amount = \"amount\"\nwhen = [{ column = \"type\", is = [\"Credit Memo\"] }]"),
                (CLAIM, "amount = \"amount\"\nwhen = [{ column = \"type\", is = [\"Invoice\"] }]"),
            ],
            ..Notation::default()
        },
        Notation {
            name: "red letters as an amount below zero on its own side",
            header: "借方,贷方",
            rows: &[("1234.56,0.00", UP), ("-200.50,0.00", DOWN), ("0.00,-1234.56", UP)],
            rules: &[(CLAIM, "amount = { plus = \"借方\", minus = \"贷方\" }")],
            ..Notation::default()
        },
        Notation {
            name: "red letters as a word beside an amount without a sign",
            header: "票种,价税合计",
            rows: &[("蓝字,1234.56", UP), ("红字,200.50", DOWN)],
            rules: &[(CLAIM, "amount = { column = \"价税合计\", flag = \"票种\", plus = [\"蓝字\"], minus = [\"红字\"] }")],
            ..Notation::default()
        },
        // The word repeats the sign. As a flag it would turn it once more.
        Notation {
            name: "red letters as a word beside an amount below zero",
            header: "票种,价税合计",
            rows: &[("蓝字,1234.56", UP), ("红字,-200.50", DOWN)],
            rules: &[(CLAIM, "amount = \"价税合计\"")],
            ..Notation::default()
        },
        Notation {
            name: "a liability's view, where what is owed to us stands below zero",
            header: "amount",
            rows: &[("-1234.56", UP), ("200.50", DOWN)],
            rules: &[(CLAIM, "amount = { negate = \"amount\" }")],
            ..Notation::default()
        },
    ];
    notations.iter().for_each(Notation::holds);
}

/// A flag is one column. Where a second one turns it, each case is a rule: DATEV's general reversal.
#[test]
fn two_columns_that_decide_together_are_two_rules() {
    let rows = [("1234.56,S,", UP), ("200.50,H,", DOWN), ("200.50,S,G", DOWN), ("1234.56,H,G", UP)];
    let turned = "amount = { column = \"Umsatz\", flag = \"S/H\", plus = [\"H\"], minus = [\"S\"] }\nwhen = [{ column = \"Generalumkehr\", is = [\"G\"] }]";
    let straight = "amount = { column = \"Umsatz\", flag = \"S/H\", plus = [\"S\"], minus = [\"H\"] }";
    let rules = [(CLAIM, turned), (CLAIM, straight)];
    Notation { name: "S/H and G", header: "Umsatz,S/H,Generalumkehr", rows: &rows, rules: &rules, ..Notation::default() }.holds();
}

/// Two columns are subtracted as they stand, so a second one with a sign of its own would count up.
#[test]
fn two_columns_of_which_one_is_below_zero_are_two_rules() {
    let rules = [(MONEY, "amount = \"in\"\nwhen = [{ column = \"out\", empty = true }]"), (MONEY, "amount = \"out\"")];
    Notation { name: "in, and out below zero", header: "in,out", rows: &[("1234.56,", UP), (",-200.50", DOWN)], rules: &rules, ..Notation::default() }.holds();
    let subtracted = [(MONEY, "amount = { plus = \"in\", minus = \"out\" }")];
    Notation { name: "subtracted", header: "in,out", rows: &[("1234.56,", UP), (",-200.50", "+200.50")], rules: &subtracted, ..Notation::default() }.holds();
}

/// A flag is the whole cell: a word within a longer text decides nothing, and the row is refused rather than guessed.
#[test]
fn a_word_within_a_text_is_no_flag() {
    let flag = [(MONEY, "amount = { column = \"amount\", flag = \"text\", plus = [\"退货\"], minus = [\"消费\"] }")];
    let refused = "(Issue, None) `消费 超市` in column `text` does not say the direction; known are `退货`, `消费`. Add it to the profile.";
    Notation {
        name: "by text", header: "text,amount", rows: &[("退货,1234.56", UP), ("消费 超市,200.50", refused)], rules: &flag, ..Notation::default()
    }
    .holds();
}

/// A total row is compared with its column as it stands, whatever a flag says.
#[test]
fn a_total_row_sums_amounts_without_their_flags() {
    let flag = [(CLAIM, "amount = { column = \"amount\", flag = \"flag\", plus = [\"S\"], minus = [\"H\"] }")];
    let total = "[[totals]]\nlabels = [\"sum\"]\ncolumns = [\"amount\"]\n";
    let table = Notation { header: "amount,flag", rows: &[("1234.56,S", UP), ("200.50,H", DOWN)], rules: &flag, tables: total, ..Notation::default() };
    let file = "no,date,amount,flag\n1,2024-01-31,1234.56,S\n2,2024-01-31,200.50,H\nsum,,1435.06,\n";
    let (_, controls) = read(file.as_bytes(), &table.profile()).unwrap();
    // 1,234.56 + 200.50
    assert_eq!(control(&controls, "total.amount", "line 4"), (Some("1435.06"), "1435.06"));
}
