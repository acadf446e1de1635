"""Evidence that is recomputed from the ledger."""

import base64
import json

from apps.dashboard import proof
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.store import Ledger


def test_an_entry_is_proven_from_its_stored_bytes(ledger: Ledger):
    shown = proof.of_entry(ledger, 3)
    assert shown.is_included
    assert shown.leaf_hash == leaf_hash(shown.canonical)
    assert shown.content()["index"] == 3


def test_an_outsider_can_check_the_bundle_alone(ledger: Ledger):
    bundle = json.loads(proof.of_entry(ledger, 5).bundle())
    leaf = leaf_hash(base64.b64decode(bundle["canonical_base64"]))
    path = [bytes.fromhex(node) for node in bundle["path"]]
    root = bytes.fromhex(bundle["root"])
    assert verify_inclusion(leaf, index=5, size=bundle["size"], path=path, root=root)
    assert f"\n{bundle['size']}\n" in bundle["checkpoint"]
