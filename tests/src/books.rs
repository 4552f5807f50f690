//! Books that several tests begin with, as facts files.

/// Example 1 of LC: 1,200,000.00 at 3 % on 15 March, 800,000.00 at 4 % on 20 November; 68,000.00 are payable from that day.
pub const EXAMPLE_1: &str = r#"
[people.wang]
name = "王强"
place = "苏州"
wages = { 2024 = "12000.00" }
[minimum_wages."苏州"]
2023-01-01 = "2260.00"
[debtors]
acme = "甲建筑公司"
[receivables.r1]
debtor = "acme"
amount = "2000000.00"
document_date = "2019-06-30"
due = "2019-06-30"
[letters.l1]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r1"]
shares = { wang = 1 }
[[events]]
on = "2024-03-15"
receive = { id = "p1", debtor = "acme", amount = "1200000.00", apply = { r1 = "1200000.00" } }
[[events]]
on = "2024-11-20"
receive = { id = "p2", debtor = "acme", amount = "800000.00", apply = { r1 = "800000.00" } }
"#;
