//! One instance of a plugin at work: its store, what it may still use, and why it stopped.
//!
//! A call runs on a stack of its own and comes back here each time it has used [`FUEL_PER_LOOK`], for a look at the
//! clock. So the wall-clock net costs the guest's code nothing: checks of an epoch in every function and loop would
//! make an adapter a tenth slower.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{AsContextMut, Engine, ResourceLimiter, Store, StoreContextMut, Trap};

use crate::bindings::adapter::records as wit;
use crate::engine::{Slot, Slots};
use crate::records::Records;
use crate::scan::{INPUT, LOG, RECORDS, TYPES};
use crate::{Input, Limits, What};

/// Bytes of input that cost one unit of fuel: copying is cheap, but not free.
const INPUT_BYTES_PER_FUEL: u64 = 16;

/// Fuel that a byte costs which the host looks at to split it. One record may have to be looked at with the fuel of one call.
const FUEL_PER_RECORD_BYTE: u64 = 2;

/// Fuel that a call costs which has records read, whatever it finds.
const FUEL_PER_RECORDS_CALL: u64 = 10_000;

/// Fuel between two looks at the clock: some tenths of a millisecond.
const FUEL_PER_LOOK: u64 = 1_000_000;

/// What instances of all plugins of a host share.
#[derive(Clone)]
pub(crate) struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) limits: Arc<Limits>,
    pub(crate) slots: Slots,
    pub(crate) linker: Arc<Linker<State>>,
}

impl Runtime {
    pub(crate) fn new(engine: Engine, limits: Limits) -> wasmtime::Result<Self> {
        let slots = Slots::new(limits.pool_size);
        let linker = Arc::new(linker(&engine)?);
        Ok(Self { engine, limits: Arc::new(limits), slots, linker })
    }

    pub(crate) fn prepare(&self, component: &Component) -> wasmtime::Result<InstancePre<State>> {
        self.linker.instantiate_pre(component)
    }
}

/// What the host keeps for an instance.
pub(crate) struct State {
    limits: Arc<Limits>,
    /// For the log: which plugin speaks.
    speaker: String,
    lines: usize,
    input: Option<Arc<dyn Input>>,
    records: Option<Records>,
    /// Why the host stopped the instance, if it did.
    stopped: Option<What>,
}

impl State {
    /// Notes why the instance must stop. The error only unwinds it.
    fn stop(&mut self, why: What) -> wasmtime::Error {
        let error = wasmtime::Error::msg(why.to_string());
        self.stopped = Some(why);
        error
    }

    fn refuse(&mut self, asked: usize, allowed: usize, unit: &'static str) -> wasmtime::Error {
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        self.stop(What::Memory { asked: number(asked), allowed: number(allowed), unit })
    }
}

/// Refusals are noted: a trap alone could not be told from the guest's own panic.
impl ResourceLimiter for State {
    fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = maximum.unwrap_or(usize::MAX).min(self.limits.memory_bytes_max);
        if desired > allowed { Err(self.refuse(desired, allowed, "bytes of memory")) } else { Ok(true) }
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(self.stop(What::Engine(format!("memory cannot grow: {error:#}"))))
    }

    fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = maximum.unwrap_or(usize::MAX).min(self.limits.table_elements_max);
        if desired > allowed { Err(self.refuse(desired, allowed, "table elements")) } else { Ok(true) }
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(self.stop(What::Engine(format!("a table cannot grow: {error:#}"))))
    }

    fn instances(&self) -> usize {
        usize::try_from(self.limits.instances_max).unwrap_or(usize::MAX)
    }

    fn tables(&self) -> usize {
        usize::try_from(self.limits.tables_max).unwrap_or(usize::MAX)
    }

    fn memories(&self) -> usize {
        usize::try_from(self.limits.memories_max).unwrap_or(usize::MAX)
    }
}

/// All that a plugin gets from outside.
fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    linker.instance(TYPES)?;
    linker.instance(LOG)?.func_wrap("write", |mut store: StoreContextMut<'_, State>, (message,): (String,)| {
        charge(&mut store, u64::try_from(message.len())?)?;
        log(store.data_mut(), &message);
        Ok(())
    })?;
    let mut input = linker.instance(INPUT)?;
    input.func_wrap("size", |store: StoreContextMut<'_, State>, (): ()| Ok((store.data().input.as_ref().map_or(0, |i| i.size()),)))?;
    input.func_wrap("read-at", |mut store: StoreContextMut<'_, State>, (offset, length): (u64, u32)| {
        let state = store.data_mut();
        let Some(input) = state.input.clone() else {
            return Ok((Vec::new(),));
        };
        let length = input.size().saturating_sub(offset).min(u64::from(length));
        let allowed = state.limits.memory_bytes_max;
        if length > u64::try_from(allowed)? {
            return Err(state.refuse(usize::try_from(length)?, allowed, "bytes of input at once"));
        }
        charge(&mut store, length / INPUT_BYTES_PER_FUEL)?;
        let bytes = input.read_at(offset, u32::try_from(length)?).map_err(|e| store.data_mut().stop(What::Input(e.to_string())))?;
        Ok((bytes,))
    })?;
    let mut records = linker.instance(RECORDS)?;
    records.func_wrap("open", |mut store: StoreContextMut<'_, State>, (dialect,): (wit::Dialect,)| {
        charge(&mut store, FUEL_PER_RECORDS_CALL)?;
        let state = store.data_mut();
        if state.records.is_some() {
            return Err(state.stop(What::BadOutput("it opened its records twice".into())));
        }
        let input = state.input.clone().unwrap_or_else(|| Arc::new(Vec::new()));
        let opened = Records::open(input, dialect).map_err(|why| state.stop(why))?;
        Ok((opened.map(|records| state.records = Some(records)),))
    })?;
    records.func_wrap("next", |mut store: StoreContextMut<'_, State>, (): ()| {
        let state = store.data_mut();
        let Some(records) = &mut state.records else {
            return Err(state.stop(What::BadOutput("it asked for records before it opened them".into())));
        };
        let (batch, bytes) = records.next().map_err(|why| state.stop(why))?;
        charge(&mut store, bytes.saturating_mul(FUEL_PER_RECORD_BYTE).saturating_add(FUEL_PER_RECORDS_CALL))?;
        Ok((batch,))
    })?;
    Ok(linker)
}

/// Takes fuel for work that the host does for the guest; without it, a guest could keep the host busy for nothing.
fn charge(store: &mut StoreContextMut<'_, State>, cost: u64) -> wasmtime::Result<()> {
    let left = store.get_fuel()?;
    store.set_fuel(left.saturating_sub(cost))?;
    if cost > left { Err(Trap::OutOfFuel.into()) } else { Ok(()) }
}

/// Passes a line on to the operator's log, within limits; what a plugin logs never influences a result.
fn log(state: &mut State, message: &str) {
    state.lines = state.lines.saturating_add(1);
    let plugin = &state.speaker;
    if state.lines <= state.limits.log_lines_max {
        let kept = message.floor_char_boundary(state.limits.log_line_bytes_max);
        let line = message.get(..kept).unwrap_or_default();
        tracing::info!(target: "recoup::plugin", plugin, cut = kept < message.len(), "{line}");
    } else if state.lines == state.limits.log_lines_max.saturating_add(1) {
        tracing::warn!(target: "recoup::plugin", plugin, "further lines of this call are dropped");
    }
}

/// A live instance with the bindings `B`. It holds a slot of the pool until dropped.
pub(crate) struct Instance<B> {
    store: Store<State>,
    bindings: B,
    limits: Arc<Limits>,
    fuel_used: u64,
    // Dropped after the store, whose place in the pool it stands for.
    _slot: Slot,
}

impl<B> Instance<B> {
    /// A fresh instance.
    pub(crate) fn new(
        runtime: &Runtime,
        speaker: String,
        input: Option<Arc<dyn Input>>,
        instantiate: impl AsyncFnOnce(&mut Store<State>) -> wasmtime::Result<B>,
    ) -> Result<Self, What> {
        let limits = Arc::clone(&runtime.limits);
        let after_ms = limits.pool_wait_ms;
        let slot = runtime.slots.take(Duration::from_millis(after_ms)).ok_or(What::Busy { after_ms })?;
        let state = State { limits: Arc::clone(&limits), speaker, lines: 0, input, records: None, stopped: None };
        let mut store = Store::new(&runtime.engine, state);
        store.limiter(|state| state);
        store.set_hostcall_fuel(limits.output_bytes_max);
        store.fuel_async_yield_interval(Some(FUEL_PER_LOOK)).map_err(|e| What::Engine(format!("{e:#}")))?;
        let budget = arm(&mut store, &limits, 0)?;
        let made = within(&limits, instantiate(&mut store));
        let used = budget.saturating_sub(store.get_fuel().unwrap_or(0));
        let bindings = made?.map_err(|e| explain(&e, store.data_mut(), budget, What::Incompatible))?;
        Ok(Self { store, bindings, limits, fuel_used: used, _slot: slot })
    }

    /// One call, with fuel and time for so many records. After a failure the instance is of no more use.
    pub(crate) fn call<R>(&mut self, records: usize, call: impl AsyncFnOnce(&B, &mut Store<State>) -> wasmtime::Result<R>) -> Result<R, What> {
        let budget = arm(&mut self.store, &self.limits, records)?;
        let result = within(&self.limits, call(&self.bindings, &mut self.store));
        let left = self.store.get_fuel().unwrap_or(0);
        self.fuel_used = self.fuel_used.saturating_add(budget.saturating_sub(left));
        result?.map_err(|e| explain(&e, self.store.data_mut(), budget, What::BadOutput))
    }

    /// Fuel used so far.
    pub(crate) const fn fuel_used(&self) -> u64 {
        self.fuel_used
    }
}

/// Runs a call to its end, or until its time is over.
fn within<R>(limits: &Limits, call: impl Future<Output = R>) -> Result<R, What> {
    let after_ms = limits.batch_timeout_ms;
    let until = Instant::now() + Duration::from_millis(after_ms);
    let mut call = pin!(call);
    loop {
        // Nothing but its fuel ever makes a call pause, so there is nothing to be woken by.
        match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => return Ok(result),
            Poll::Pending if Instant::now() >= until => return Err(What::Timeout { after_ms }),
            Poll::Pending => {}
        }
    }
}

/// Fresh fuel and a fresh allowance of log lines; answers with the fuel.
fn arm(store: &mut Store<State>, limits: &Limits, records: usize) -> Result<u64, What> {
    let budget = limits.fuel(records);
    store.set_fuel(budget).map_err(|e| What::Engine(format!("{e:#}")))?;
    store.as_context_mut().data_mut().lines = 0;
    Ok(budget)
}

/// Why a call ended without an answer.
fn explain(error: &wasmtime::Error, state: &mut State, budget: u64, otherwise: impl FnOnce(String) -> What) -> What {
    if let Some(why) = state.stopped.take() {
        return why;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => What::OutOfFuel { budget },
        Some(Trap::StackOverflow) => What::StackOverflow,
        Some(trap) => What::Panicked(trap.to_string()),
        None => {
            let text = error.root_cause().to_string();
            // The type of this error is private to wasmtime; a test holds the text.
            if text.contains("fuel allocated for hostcalls") {
                let limit = u64::try_from(state.limits.output_bytes_max).unwrap_or(u64::MAX);
                return What::TooLarge { what: "what it hands over in one call".into(), size: limit.saturating_add(1), limit };
            }
            otherwise(text)
        }
    }
}
