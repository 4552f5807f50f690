//! Laws of the log's arithmetic: the tree head is RFC 6962's, however the tree was grown.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_model::Digest;
use recoup_model::log::{Inclusion, Tree, commitment, leaf_hash, root_of_path};

fn node(left: Digest, right: Digest) -> Digest {
    Digest::of(&[&[0x01][..], &left.0, &right.0].concat())
}

/// RFC 6962, 2.1: MTH({}) = SHA-256(); MTH of n leaves splits at the largest power of two below n.
fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            node(root(&leaves[..k]), root(&leaves[k..]))
        }
    }
}

fn leaf(n: u64) -> Digest {
    leaf_hash(&n.to_be_bytes(), None)
}

fn grown(leaves: &[Digest]) -> Tree {
    leaves.iter().fold(Tree::default(), |mut tree, leaf| {
        tree.push(*leaf);
        tree
    })
}

/// RFC 6962, 2.1.1: PATH(m, D[n]).
fn path(m: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let mut k = 1;
    while k * 2 < leaves.len() {
        k *= 2;
    }
    let (left, right) = leaves.split_at(k);
    let (mut below, beside) = if m < k { (path(m, left), root(right)) } else { (path(m - k, right), root(left)) };
    below.push(beside);
    below
}

fn proof(index: u64, leaves: &[Digest]) -> (Vec<Digest>, Digest) {
    let mut proof = Inclusion::of(index);
    leaves.iter().for_each(|l| proof.push(*l));
    assert_eq!(proof.size(), u64::try_from(leaves.len()).unwrap());
    proof.finish()
}

#[test]
fn edge_49_every_path_of_every_small_tree_is_the_recursive_definition_and_leads_to_the_root() {
    let leaves: Vec<Digest> = (0..=70).map(leaf).collect();
    for n in 1..=70_usize {
        for m in 0..n {
            let (found, top) = proof(u64::try_from(m).unwrap(), &leaves[..n]);
            assert_eq!(found, path(m, &leaves[..n]), "leaf {m} of {n}");
            assert_eq!(top, root(&leaves[..n]));
            assert_eq!(root_of_path(leaves[m], u64::try_from(m).unwrap(), u64::try_from(n).unwrap(), &found), Some(top), "leaf {m} of {n}");
        }
    }
}

/// The roots that Certificate Transparency publishes for its eight test leaves.
#[test]
fn edge_49_the_published_test_vectors_hold() {
    let data: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let leaves: Vec<Digest> = data.iter().map(|d| Digest::of(&[&[0x00], *d].concat())).collect();
    for (n, expected) in roots.iter().enumerate() {
        assert_eq!(grown(&leaves[..n]).root().to_string(), *expected, "{n} leaves");
    }
}

#[test]
fn edge_49_the_root_of_every_small_tree_is_the_recursive_definition() {
    let leaves: Vec<Digest> = (0..=130).map(leaf).collect();
    let mut tree = Tree::default();
    for n in 0..=130_usize {
        assert_eq!(tree.size(), u64::try_from(n).unwrap());
        assert_eq!(tree.root(), root(&leaves[..n]), "{n} leaves");
        let stored = Tree::from_frontier(tree.size(), &tree.frontier_bytes()).unwrap();
        assert_eq!(stored, tree, "{n} leaves, stored and read again");
        tree.push(leaves[n]);
    }
}

#[test]
fn a_frontier_of_another_size_is_refused() {
    let tree = grown(&(0..6).map(leaf).collect::<Vec<_>>());
    let bytes = tree.frontier_bytes();
    // Six leaves are a subtree of four and one of two.
    assert_eq!(bytes.len(), 64);
    assert!(Tree::from_frontier(6, &bytes).is_ok());
    for (size, bytes) in [(7, &bytes[..]), (4, &bytes[..]), (0, &bytes[..]), (6, &bytes[..32]), (6, &bytes[..63]), (6, &[])] {
        assert!(Tree::from_frontier(size, bytes).is_err(), "{size} leaves, {} bytes", bytes.len());
    }
    assert_eq!(Tree::from_frontier(0, &[]).unwrap(), Tree::default());
}

/// Computed with another implementation: SHA-256(00 ‖ length as 8 bytes ‖ public), SHA-256(02 ‖ salt ‖ personal).
#[test]
fn leaf_and_commitment_hash_what_the_format_says() {
    let public = br#"{"record":"x"}"#;
    assert_eq!(leaf_hash(public, None).to_string(), "d0aa763cf81395c4b4b0be7c9b6f9523240f1f69b973f0f5c5003cffe55bc97c");
    assert_eq!(commitment(&[0; 16], br#"{"name":"x"}"#).to_string(), "2fceef295d49886eecb3a0938bb3cdb3b330e3fe72f5c771e76c6be0aa462838");
}

#[test]
fn a_personal_part_cannot_be_moved_into_the_public_one() {
    let personal = commitment(&[7; 16], b"name");
    let with = leaf_hash(b"public", Some(&personal));
    assert_ne!(with, leaf_hash(b"public", None));
    assert_ne!(with, leaf_hash(&[b"public".as_slice(), &personal.0].concat(), None));
    assert_ne!(personal, commitment(&[8; 16], b"name"), "the salt hides equal names");
}

proptest! {
    #[test]
    fn edge_49_a_path_proves_its_own_leaf_at_its_own_place_only(n in 1_u64..400, at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let leaves: Vec<Digest> = (0..n).map(leaf).collect();
        let m = at.index(leaves.len());
        let index = u64::try_from(m).unwrap();
        let (path, root) = proof(index, &leaves);
        prop_assert_eq!(root_of_path(leaves[m], index, n, &path), Some(root));
        let elsewhere = u64::try_from(other.index(leaves.len())).unwrap();
        prop_assert_eq!(root_of_path(leaves[m], elsewhere, n, &path) == Some(root), elsewhere == index);
        prop_assert_eq!(root_of_path(leaves[m], n, n, &path), None, "there is no such leaf");
        let mut altered = leaves[m];
        altered.0[usize::from(bit)] ^= 1 << bit;
        prop_assert_ne!(root_of_path(altered, index, n, &path), Some(root));
        let longer: Vec<Digest> = path.iter().copied().chain([root]).collect();
        prop_assert_ne!(root_of_path(leaves[m], index, n, &longer), Some(root));
        if let Some((_, shorter)) = path.split_last() {
            prop_assert_ne!(root_of_path(leaves[m], index, n, shorter), Some(root));
        }
    }

    #[test]
    fn any_two_different_logs_have_different_roots(n in 1_usize..200, at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let leaves: Vec<Digest> = (0..u64::try_from(n).unwrap()).map(leaf).collect();
        let mut other = leaves.clone();
        let i = at.index(n);
        other[i].0[i % 32] ^= 1 << bit;
        prop_assert_ne!(grown(&leaves).root(), grown(&other).root());
        prop_assert_ne!(grown(&leaves).root(), grown(&leaves[..n - 1]).root());
    }

    #[test]
    fn edge_49_a_tree_goes_on_from_its_stored_frontier(before in 0_u64..300, after in 0_u64..300) {
        let leaves: Vec<Digest> = (0..before + after).map(leaf).collect();
        let first = grown(&leaves[..usize::try_from(before).unwrap()]);
        let mut resumed = Tree::from_frontier(first.size(), &first.frontier_bytes()).unwrap();
        leaves[usize::try_from(before).unwrap()..].iter().for_each(|l| resumed.push(*l));
        prop_assert_eq!(resumed.root(), root(&leaves));
    }
}
