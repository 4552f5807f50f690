//! A component's bytes, read in full before anything is compiled: what is it, and what does it ask for?

use recoup_wit::CONTRACT;
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

use crate::{Limits, What};

/// Interfaces that a plugin may import.
pub(crate) const TYPES: &str = "recoup:plugin/types@0.1.0";
pub(crate) const LOG: &str = "recoup:plugin/log@0.1.0";
pub(crate) const INPUT: &str = "recoup:plugin/input@0.1.0";
pub(crate) const RECORDS: &str = "recoup:plugin/records@0.1.0";
/// Interfaces that make a component a plugin.
const ADAPTER: &str = "recoup:plugin/adapter@0.1.0";
const RULES: &str = "recoup:plugin/rules@0.1.0";

const PAGE: u64 = 65_536;

/// The two worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum World {
    Adapter,
    Rules,
}

/// What a component asks for and offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

/// Reads and validates all of a component.
pub(crate) fn scan(bytes: &[u8], limits: &Limits) -> Result<Scan, What> {
    if bytes.len() > limits.component_bytes_max {
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        return Err(What::TooLarge { what: "the component".into(), size: number(bytes.len()), limit: number(limits.component_bytes_max) });
    }
    if bytes.starts_with(b"\x7fELF") {
        return Err(What::Malformed("it is compiled code (`.cwasm`), which is never accepted; pass the WebAssembly component".into()));
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(What::Malformed("it is no WebAssembly at all; pass the component, a .wasm file".into()));
    }
    let malformed = |e: wasmparser::BinaryReaderError| What::Malformed(format!("{e}; it may be damaged, build or copy it again"));
    let mut scan = Scan::default();
    let mut validator = Validator::new_with_features(WasmFeatures::default());
    let mut functions = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(malformed)?;
        if let wasmparser::ValidPayload::Func(function, body) = validator.payload(&payload).map_err(malformed)? {
            functions.push((function, body));
        }
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => {
                return Err(What::Malformed("it is a core module, not a component; run `recoup plugin build` on its source".into()));
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 0 => {
                for import in imports {
                    scan.imports.push(import.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) if depth == 0 => {
                for export in exports {
                    scan.exports.push(export.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let asked = memory.map_err(malformed)?.initial.saturating_mul(PAGE);
                    let allowed = u64::try_from(limits.memory_bytes_max).unwrap_or(u64::MAX);
                    if asked > allowed {
                        return Err(What::Memory { asked, allowed, unit: "bytes of memory" });
                    }
                }
            }
            _ => {}
        }
    }
    let mut allocations = wasmparser::FuncValidatorAllocations::default();
    for (function, body) in functions {
        let mut function = function.into_validator(allocations);
        function.validate(&body).map_err(malformed)?;
        allocations = function.into_allocations();
    }
    Ok(scan)
}

impl Scan {
    /// The world the component is made for, if it asks for nothing that the world lacks.
    pub(crate) fn world(&self) -> Result<World, What> {
        self.ask_only(&[TYPES, LOG, INPUT, RECORDS])?;
        let has = |name: &str| self.exports.iter().any(|e| e == name);
        match (has(ADAPTER), has(RULES)) {
            (true, false) => Ok(World::Adapter),
            (false, true) => self.ask_only(&[TYPES, LOG]).map(|()| World::Rules),
            (true, true) => Err(What::Incompatible("it is an adapter and a policy pack at once; make it two plugins".into())),
            (false, false) => {
                let found = if self.exports.is_empty() { "nothing".to_owned() } else { self.exports.join(", ") };
                Err(What::Incompatible(format!(
                    "it offers {found}, and a plugin of contract `{CONTRACT}` offers {ADAPTER} or {RULES}; build it with the SDK of this version"
                )))
            }
        }
    }

    fn ask_only(&self, allowed: &[&str]) -> Result<(), What> {
        let refused: Vec<String> = self.imports.iter().filter(|i| !allowed.contains(&i.as_str())).cloned().collect();
        if refused.is_empty() { Ok(()) } else { Err(What::ImportRefused(refused)) }
    }
}
