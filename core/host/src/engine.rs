//! The wasmtime engine: one per host, deterministic by configuration, with its slots.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use wasmtime::{Config, Engine, InstanceAllocationStrategy, OperatorCost, PoolingAllocationConfig, VariableOperatorCost};

use crate::{HostError, Limits};

/// What an instruction costs. One unit each, as wasmtime has it, and what grows with an
/// operand costs by its size. Fuel decides about cases, so a price is never left to a
/// default: a test holds the whole table to a known digest.
pub(crate) fn prices() -> OperatorCost {
    let variable = VariableOperatorCost {
        memory_copy_per_byte: 1,
        memory_fill_per_byte: 1,
        memory_init_per_byte: 1,
        memory_grow_per_page: 0,
        table_copy_per_element: 1,
        table_fill_per_element: 1,
        table_init_per_element: 1,
        table_grow_per_element: 1,
        array_copy_per_element: 1,
        array_fill_per_element: 1,
        array_new_data_per_element: 1,
        array_init_data_per_element: 1,
        array_new_elem_per_element: 1,
        array_init_elem_per_element: 1,
        array_new_default_per_element: 1,
        array_new_per_element: 1,
    };
    OperatorCost { variable, ..OperatorCost::new() }
}

/// An engine within limits.
pub(crate) fn new(limits: &Limits) -> Result<Engine, HostError> {
    if limits.pool_size == 0 || limits.batch_records_max == 0 {
        return Err(HostError::Engine("`pool_size` and `batch_records_max` must be at least 1".into()));
    }
    let mut pool = PoolingAllocationConfig::new();
    let of_each = |per_component: u32| limits.pool_size.saturating_mul(per_component);
    pool.total_component_instances(limits.pool_size)
        .total_core_instances(of_each(limits.instances_max))
        .total_stacks(limits.pool_size)
        .total_memories(of_each(limits.memories_max))
        .total_tables(of_each(limits.tables_max))
        .max_core_instances_per_component(limits.instances_max)
        .max_memories_per_component(limits.memories_max)
        .max_tables_per_component(limits.tables_max)
        .max_memory_size(limits.memory_bytes_max)
        .table_elements(limits.table_elements_max);

    let mut config = Config::new();
    config
        .consume_fuel(true)
        .operator_cost(prices())
        .concurrency_support(false)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .max_wasm_stack(limits.stack_bytes_max)
        .memory_init_cow(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).map_err(|e| HostError::Engine(format!("{e:#}")))
}

/// The slots for live instances: the pool refuses when it is full, so callers wait here.
#[derive(Clone)]
pub(crate) struct Slots(Arc<(Mutex<u32>, Condvar)>);

/// A slot in use; free again when dropped.
pub(crate) struct Slot(Slots);

impl Slots {
    pub(crate) fn new(count: u32) -> Self {
        Self(Arc::new((Mutex::new(count), Condvar::new())))
    }

    /// A free slot, or `None` when none became free in time.
    pub(crate) fn take(&self, wait: Duration) -> Option<Slot> {
        let until = Instant::now() + wait;
        let (free, freed) = &*self.0;
        let mut free = free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            let left = until.checked_duration_since(Instant::now())?;
            free = freed.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        Some(Slot(self.clone()))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let (free, freed) = &*self.0.0;
        *free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn prices_are_those_that_fuel_budgets_were_set_with() {
        let table = format!("{:?}", prices());
        assert_eq!(recoup_model::Digest::of(table.as_bytes()).short(), "56ab2396", "the price of an instruction has changed: see to the fuel in `Limits`");
    }

    #[test]
    fn a_slot_is_free_again_when_dropped() {
        let slots = Slots::new(1);
        let slot = slots.take(Duration::ZERO).unwrap();
        assert!(slots.take(Duration::from_millis(5)).is_none());
        drop(slot);
        assert!(slots.take(Duration::ZERO).is_some());
    }
}
