//! The log's arithmetic: leaves, commitments and the tree head (RFC 6962 hashing).
//!
//! A leaf hashes the stored bytes of a record's public part and a salted commitment to its
//! personal part. The tree head is kept as the roots of the perfect subtrees that make up the
//! tree (its frontier), so that appending costs a logarithm of the log's length.

use sha2::{Digest as _, Sha256};

use crate::Digest;

/// Salt of a commitment.
pub type Salt = [u8; 16];

/// Commitment to a personal part: it can be erased, and what it was can still be proved by whoever kept it.
#[must_use]
pub fn commitment(salt: &Salt, personal: &[u8]) -> Digest {
    let mut h = Sha256::new();
    h.update([0x02]);
    h.update(salt);
    h.update(personal);
    Digest(h.finalize().into())
}

/// Hash of a leaf: its public bytes, and the commitment if there is a personal part.
#[must_use]
pub fn leaf_hash(public: &[u8], personal: Option<&Digest>) -> Digest {
    let mut h = Sha256::new();
    h.update([0x00]);
    h.update(u64::try_from(public.len()).unwrap_or(u64::MAX).to_be_bytes());
    h.update(public);
    if let Some(c) = personal {
        h.update(c.0);
    }
    Digest(h.finalize().into())
}

fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut h = Sha256::new();
    h.update([0x01]);
    h.update(left.0);
    h.update(right.0);
    Digest(h.finalize().into())
}

/// A growing Merkle tree, as its size and frontier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the perfect subtrees, largest first: one per bit of `size`.
    frontier: Vec<Digest>,
}

/// Stored bytes that are not a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves cannot have a frontier of {bytes} bytes")]
pub struct NotATree {
    size: u64,
    bytes: usize,
}

impl Tree {
    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Digest) {
        let mut node = leaf;
        let mut size = self.size;
        while size & 1 == 1 {
            if let Some(left) = self.frontier.pop() {
                node = node_hash(&left, &node);
            }
            size >>= 1;
        }
        self.frontier.push(node);
        self.size += 1;
    }

    /// The tree head: the hash of no bytes for an empty tree, otherwise the RFC 6962 root.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut parts = self.frontier.iter().rev();
        parts.next().map_or_else(|| Digest::of(b""), |last| parts.fold(*last, |right, left| node_hash(left, &right)))
    }

    /// The frontier as bytes.
    #[must_use]
    pub fn frontier_bytes(&self) -> Vec<u8> {
        self.frontier.iter().flat_map(|d| d.0).collect()
    }

    /// The tree of a size with a frontier.
    ///
    /// # Errors
    /// The two do not belong together.
    pub fn from_frontier(size: u64, bytes: &[u8]) -> Result<Self, NotATree> {
        let (frontier, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || frontier.len() != usize::try_from(size.count_ones()).unwrap_or(usize::MAX) {
            return Err(NotATree { size, bytes: bytes.len() });
        }
        Ok(Self { size, frontier: frontier.iter().map(|c| Digest(*c)).collect() })
    }
}

/// A tree that grows while the way from one leaf to its root is kept (RFC 6962, 2.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    leaf: u64,
    size: u64,
    /// Roots of the perfect subtrees, largest first, and whether each holds the leaf.
    frontier: Vec<(Digest, bool)>,
    path: Vec<Digest>,
}

impl Inclusion {
    /// The proof of a leaf; every hash of the tree is pushed in order.
    #[must_use]
    pub const fn of(leaf: u64) -> Self {
        Self { leaf, size: 0, frontier: Vec::new(), path: Vec::new() }
    }

    /// Appends a leaf's hash.
    pub fn push(&mut self, hash: Digest) {
        let mut node = (hash, self.size == self.leaf);
        let mut size = self.size;
        while size & 1 == 1 {
            if let Some(left) = self.frontier.pop() {
                node = join(left, node, &mut self.path);
            }
            size >>= 1;
        }
        self.frontier.push(node);
        self.size += 1;
    }

    /// Number of leaves of the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Hashes beside the way from the leaf up, and the root that they lead to.
    #[must_use]
    pub fn finish(self) -> (Vec<Digest>, Digest) {
        let Self { mut path, frontier, .. } = self;
        let joined = frontier.into_iter().rev().reduce(|right, left| join(left, right, &mut path));
        (path, joined.map_or_else(|| Digest::of(b""), |(root, _)| root))
    }
}

/// The node above two; when one of them holds the leaf, the other belongs to its path.
fn join(left: (Digest, bool), right: (Digest, bool), path: &mut Vec<Digest>) -> (Digest, bool) {
    if left.1 {
        path.push(right.0);
    } else if right.1 {
        path.push(left.0);
    }
    (node_hash(&left.0, &right.0), left.1 || right.1)
}

/// The root that a leaf and its path lead to; none when the path has not the length that the tree's size demands.
/// A leaf is in a tree if this is the tree's root.
#[must_use]
pub fn root_of_path(hash: Digest, leaf: u64, size: u64, path: &[Digest]) -> Option<Digest> {
    let mut last = size.checked_sub(1).filter(|last| leaf <= *last)?;
    let (mut node, mut at) = (hash, leaf);
    for beside in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            node = node_hash(beside, &node);
            // A node without a neighbour on its right stands for itself further up.
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            node = node_hash(&node, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(node)
}
