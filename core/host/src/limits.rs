//! What a plugin may use. Limits are configuration: an operator changes them without a build.

use serde::{Deserialize, Serialize};

/// Limits of all plugins of a host. Guests of another language get a host with limits of their own.
///
/// Fuel decides: the same input uses the same fuel on every machine. The timeout is the
/// net under it, and what it stops is no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Instructions per record: an item asked of an adapter, a fact passed to a pack.
    pub fuel_per_record: u64,
    /// Instructions per call, besides those for its records.
    pub fuel_per_batch: u64,
    /// Wall-clock time of one call.
    pub batch_timeout_ms: u64,
    /// Linear memory of one instance.
    pub memory_bytes_max: usize,
    /// Elements of one table.
    pub table_elements_max: usize,
    /// Tables of one component.
    pub tables_max: u32,
    /// Core instances of one component.
    pub instances_max: u32,
    /// Linear memories of one component.
    pub memories_max: u32,
    /// Bytes that a plugin may hand over in one call.
    pub output_bytes_max: usize,
    /// Stack of WebAssembly frames.
    pub stack_bytes_max: usize,
    /// Size of a component file.
    pub component_bytes_max: usize,
    /// Items or cases of one call.
    pub batch_records_max: usize,
    /// Log lines kept per call; further ones are dropped.
    pub log_lines_max: usize,
    /// Bytes kept of a log line.
    pub log_line_bytes_max: usize,
    /// Instances alive at once, adapter sessions included.
    pub pool_size: u32,
    /// How long a call waits for a free instance before it gives up.
    pub pool_wait_ms: u64,
}

impl Limits {
    /// Limits that suit plugins written in Rust: about fifteen times what an ordinary record needs.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            fuel_per_record: 50_000,
            fuel_per_batch: 5_000_000,
            batch_timeout_ms: 2_000,
            memory_bytes_max: 64 << 20,
            table_elements_max: 20_000,
            tables_max: 4,
            instances_max: 8,
            memories_max: 2,
            output_bytes_max: 16 << 20,
            stack_bytes_max: 512 << 10,
            component_bytes_max: 4 << 20,
            batch_records_max: 1_000,
            log_lines_max: 64,
            log_line_bytes_max: 1_024,
            pool_size: 16,
            pool_wait_ms: 10_000,
        }
    }

    /// Fuel for a call that deals with so many records.
    pub(crate) fn fuel(&self, records: usize) -> u64 {
        let records = u64::try_from(records).unwrap_or(u64::MAX);
        self.fuel_per_record.saturating_mul(records).saturating_add(self.fuel_per_batch)
    }
}
