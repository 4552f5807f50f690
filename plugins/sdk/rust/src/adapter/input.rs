//! The bytes of the one file that a session reads.

use recoup_wit::text::{CHUNK, FileBytes};
use std::io;
use std::sync::Arc;

/// The file: the host's in a plugin, a slice of memory natively.
#[derive(Debug, Clone)]
pub struct Input {
    bytes: Source,
    chunk: u32,
}

#[derive(Debug, Clone)]
enum Source {
    #[cfg(target_arch = "wasm32")]
    Host,
    Memory(Arc<[u8]>),
}

impl Input {
    /// The file that the host has opened for this session.
    #[cfg(target_arch = "wasm32")]
    pub(super) fn host() -> Self {
        Self { bytes: Source::Host, chunk: CHUNK }
    }

    /// A file in memory.
    pub fn memory(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { bytes: Source::Memory(bytes.into()), chunk: CHUNK }
    }

    /// The same file, read in pieces of another size. What is read must not depend on it,
    /// and tests say so.
    #[must_use]
    pub fn in_chunks_of(mut self, bytes: u32) -> Self {
        self.chunk = bytes.max(1);
        self
    }

    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        match &self.bytes {
            #[cfg(target_arch = "wasm32")]
            Source::Host => super::guest::size(),
            Source::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// At most `length` bytes from `offset`; fewer only at the end.
    #[must_use]
    pub fn read_at(&self, offset: u64, length: u32) -> Vec<u8> {
        match &self.bytes {
            #[cfg(target_arch = "wasm32")]
            Source::Host => super::guest::read_at(offset, length),
            Source::Memory(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let to = from.saturating_add(length as usize).min(bytes.len());
                bytes.get(from..to).unwrap_or_default().to_vec()
            }
        }
    }
}

impl FileBytes for Input {
    fn size(&self) -> u64 {
        Self::size(self)
    }

    fn chunk(&self) -> u32 {
        self.chunk
    }

    fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        Ok(Self::read_at(self, offset, length))
    }
}
