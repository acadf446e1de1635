"""Merkle trees keep the laws of RFC 6962."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle

# The leaves and roots of the reference implementation of Certificate Transparency.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(1, 70)


def leaves(size):
    return [merkle.leaf_hash(bytes([number])) for number in range(size)]


def reader(hashes):
    return lambda level, position: merkle.root_of(
        hashes[position << level : (position + 1) << level]
    )


def test_the_empty_tree_has_the_hash_of_nothing():
    assert merkle.EMPTY_ROOT == merkle.root_of([]) == merkle.Frontier().root()
    assert sha256().digest() == merkle.EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size):
    frontier = merkle.Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(merkle.leaf_hash(leaf))
    assert frontier.root().hex() == ROOTS[size - 1]
    assert merkle.root_of(map(merkle.leaf_hash, LEAVES[:size])).hex() == ROOTS[size - 1]


def test_an_inclusion_path_is_that_of_the_reference():
    path = merkle.inclusion_path(5, 8, reader([merkle.leaf_hash(leaf) for leaf in LEAVES]))
    assert [step.hex() for step in path] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(sizes)
def test_appending_gives_the_root_of_the_whole(size):
    frontier, hashes = merkle.Frontier(), leaves(size)
    completed = [node for leaf in hashes for node in frontier.append(leaf)]
    assert frontier.root() == merkle.root_of(hashes)
    assert all(node == reader(hashes)(level, place) for level, place, node in completed)
    assert merkle.read_frontier(size, reader(hashes)) == frontier
    assert len(completed) == sum(size >> level for level in range(1, 8))


@given(sizes, st.data())
def test_every_leaf_is_proven_and_no_other_in_its_place(size, data):
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size))
    hashes = leaves(size)
    root, path = merkle.root_of(hashes), merkle.inclusion_path(index, size, reader(hashes))
    proof = {"size": size, "path": path, "root": root}
    assert merkle.verify_inclusion(hashes[index], index=index, **proof)
    if other != index:
        assert not merkle.verify_inclusion(hashes[index], index=other, **proof)
        assert not merkle.verify_inclusion(merkle.leaf_hash(b"else"), index=index, **proof)
    assert not merkle.verify_inclusion(
        hashes[index], index=index, size=size, path=[*path, root], root=root
    )


@given(sizes, st.data())
def test_every_older_tree_is_proven_a_prefix_and_no_other_is(new, data):
    old = data.draw(st.integers(0, new))
    hashes = leaves(new)
    old_root, new_root = merkle.root_of(hashes[:old]), merkle.root_of(hashes)
    path = merkle.consistency_path(old, new, reader(hashes))
    proof = {"old": old, "new": new, "new_root": new_root, "path": path}
    assert merkle.verify_consistency(old_root=old_root, **proof)
    assert not merkle.verify_consistency(old_root=merkle.leaf_hash(b"else"), **proof)
    if 0 < old < new:
        assert not merkle.verify_consistency(old_root=old_root, **{**proof, "path": path[:-1]})
        assert not merkle.verify_consistency(old_root=old_root, **{**proof, "path": []})


def test_proofs_outside_the_tree_are_refused():
    with pytest.raises(ValueError, match="outside"):
        merkle.inclusion_path(3, 3, reader(leaves(3)))
    with pytest.raises(ValueError, match="prefix"):
        merkle.consistency_path(4, 3, reader(leaves(3)))
    assert not merkle.verify_consistency(
        old=4, new=3, old_root=b"", new_root=b"", path=[merkle.EMPTY_ROOT]
    )


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.randoms())
def test_a_content_root_ignores_order_and_proves_each_record(records, chooser):
    root = merkle.content_root(records)
    shuffled = records.copy()
    chooser.shuffle(shuffled)
    assert merkle.content_root(shuffled) == root
    proof = merkle.content_proof(iter(shuffled), records[0])
    assert merkle.verify_content(records[0], proof, root)
    assert not merkle.verify_content(sha256(records[0]).digest(), proof, root)


def test_a_record_that_is_not_there_is_not_proven():
    with pytest.raises(ValueError, match="not among"):
        merkle.content_proof([b"a" * 32], b"b" * 32)
