//! Reads SAF-T, the audit file that many tax authorities prescribe: Portugal 1.04 (invoices,
//! credit notes and receipts) and Norway 1.0 to 1.30 (customers and their ledger lines).
//!
//! The file is walked element by element. What grows with it is stated: 8 to 24 bytes for each
//! customer and invoice, so that references can be followed, and for Norway a sum per customer.

mod index;
mod norway;
mod portugal;
mod source;
mod value;
mod xml;

use norway::Norway;
use portugal::Portugal;
use recoup_sdk::adapter::{Adapter, AdapterDescription, CONTRACT, Columns, Control, Input, Problem, Text};
use xml::{Step, Xml};

/// Reads one audit file.
#[derive(Debug)]
pub struct Saft {
    xml: Xml,
    dialect: Dialect,
}

recoup_sdk::export_adapter!(Saft);

#[derive(Debug)]
enum Dialect {
    Portugal(Box<Portugal>),
    Norway(Box<Norway>),
}

const PORTUGAL: &str = "urn:OECD:StandardAuditFile-Tax:PT_1.04_01";
const NORWAY: &str = "urn:StandardAuditFile-Taxation-Financial:NO";

impl Adapter for Saft {
    fn describe() -> AdapterDescription {
        AdapterDescription {
            id: "saft".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: CONTRACT.to_owned(),
            title: Text { en: "SAF-T audit files: Portugal, Norway".to_owned(), zh: "SAF-T 审计文件：葡萄牙、挪威".to_owned() },
            formats: ["saft-pt-1.04_01", "saft-no-1.0", "saft-no-1.10", "saft-no-1.20", "saft-no-1.30"].map(String::from).to_vec(),
            profile_schema: serde_json::json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": "Profile of a SAF-T file",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "id": { "type": "string" },
                    "adapter": { "const": "saft" },
                    "title": { "type": "object" }
                }
            }),
        }
    }

    fn probe(name: &str, head: &[u8]) -> u8 {
        let head = String::from_utf8_lossy(head);
        if head.contains(PORTUGAL) || head.contains(NORWAY) {
            100
        } else if head.contains("AuditFile") {
            50
        } else {
            u8::from(name.to_ascii_lowercase().ends_with(".xml")) * 5
        }
    }

    fn open(input: Input, profile: &str) -> Result<Self, Problem> {
        check_profile(profile)?;
        let mut xml = Xml::open(input)?;
        while xml.step()? != Step::Open {}
        let mut saft = Self { dialect: dialect(&xml)?, xml };
        let mut nothing = Columns::default();
        loop {
            let step = saft.xml.step()?;
            if step == Step::Close {
                saft.close(&mut nothing)?;
            }
            let path = saft.xml.path();
            if (step, path) == (Step::Close, "AuditFile/Header") {
                return Ok(saft);
            }
            if !path.starts_with("AuditFile/Header") {
                return Err(missing_element("/AuditFile", &["Header"], saft.dialect.name()));
            }
        }
    }

    fn read(&mut self, out: &mut Columns) -> Result<bool, Problem> {
        let before = out.len();
        while out.len() == before {
            match self.xml.step()? {
                Step::Open => match &mut self.dialect {
                    Dialect::Portugal(p) => p.open(self.xml.path()),
                    Dialect::Norway(n) => n.open(self.xml.path()),
                },
                Step::Close => self.close(out)?,
                Step::End => return Ok(false),
            }
        }
        Ok(true)
    }

    fn finish(&mut self) -> Result<Vec<Control>, Problem> {
        Ok(match &mut self.dialect {
            Dialect::Portugal(p) => p.controls(),
            Dialect::Norway(n) => n.controls(),
        })
    }
}

impl Saft {
    fn close(&mut self, out: &mut Columns) -> Result<(), Problem> {
        match &mut self.dialect {
            Dialect::Portugal(p) => p.close(&self.xml, out),
            Dialect::Norway(n) => n.close(&self.xml, out),
        }
    }
}

impl Dialect {
    fn name(&self) -> &'static str {
        match self {
            Self::Portugal(_) => "SAF-T of Portugal",
            Self::Norway(_) => "SAF-T Financial of Norway",
        }
    }
}

/// Which country's file it is, by the namespace of its root.
fn dialect(xml: &Xml) -> Result<Dialect, Problem> {
    match (xml.path(), xml.namespace()) {
        ("AuditFile", PORTUGAL) => Ok(Dialect::Portugal(Box::default())),
        ("AuditFile", NORWAY) => Ok(Dialect::Norway(Box::default())),
        (root, namespace) => {
            let what = format!(
                "The file is a `{root}` of the namespace `{namespace}`. Read are `AuditFile` of `{PORTUGAL}` and of `{NORWAY}`: choose the adapter of this format, or export in one of these versions."
            );
            Err(Problem::new("saft.namespace", format!("/{root}"), what))
        }
    }
}

/// There is nothing to state about these files, so whatever a profile states is a mistake.
fn check_profile(profile: &str) -> Result<(), Problem> {
    if profile.trim().is_empty() {
        return Ok(());
    }
    let stated = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(profile)
        .map_err(|e| Problem::new("profile.invalid", "profile", format!("The profile is no JSON object: {e}.")))?;
    match stated.keys().find(|k| !matches!(k.as_str(), "id" | "adapter" | "title")) {
        None => Ok(()),
        Some(key) => Err(Problem::new("profile.invalid", key.as_str(), "This adapter has no such option. Remove it.")),
    }
}

/// The problem of a file without elements that its schema demands.
fn missing_element(at: &str, elements: &[&str], of: &str) -> Problem {
    let what = format!(
        "`{}` is missing, which the {of} demands. Export the file again from a certified version of the software, or fill it in the company's master data.",
        elements.join("`, `")
    );
    Problem::new("saft.missing_element", at, what)
}
