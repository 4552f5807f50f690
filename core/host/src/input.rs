//! The one file that an adapter session reads.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Bytes that an adapter may read, in any order and more than once.
pub trait Input: Send + Sync {
    /// How many bytes there are. It does not change during a session.
    fn size(&self) -> u64;

    /// At most `length` bytes from `offset`; fewer only at the end.
    ///
    /// # Errors
    /// What the medium says.
    fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>>;
}

impl Input for [u8] {
    fn size(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let to = from.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).min(self.len());
        Ok(self.get(from..to).unwrap_or_default().to_vec())
    }
}

impl Input for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        self.as_slice().read_at(offset, length)
    }
}

impl Input for Arc<[u8]> {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        (**self).read_at(offset, length)
    }
}

/// A file that nobody writes to while it is read.
impl Input for File {
    fn size(&self) -> u64 {
        self.metadata().map_or(0, |m| m.len())
    }

    fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        let left = Input::size(self).saturating_sub(offset).min(u64::from(length));
        let mut bytes = vec![0; usize::try_from(left).unwrap_or(usize::MAX)];
        self.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::io::Write;

    use super::*;

    #[test]
    fn memory_and_file_read_alike_up_to_the_end() {
        let bytes = b"0123456789".to_vec();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        assert_eq!(Input::size(&file), bytes.size());
        for (offset, length) in [(0, 4), (8, 4), (10, 1), (99, 9), (u64::MAX, u32::MAX), (0, u32::MAX)] {
            assert_eq!(Input::read_at(&file, offset, length).unwrap(), bytes.read_at(offset, length).unwrap(), "{offset}+{length}");
        }
    }
}
