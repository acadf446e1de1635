"""Checkpoints are C2SP signed notes, and only good signatures of the right key open them."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.checkpoint import Checkpoint, VerifierKey, open_checkpoint, open_note, sign
from ledger.errors import CheckpointInvalid

# The example of the signed-note format's first implementation (Go's sumdb/note).
SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE = (
    TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@pytest.fixture
def signer():
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(SECRET)[1:])


def test_the_published_example_is_signed_byte_for_byte(signer):
    assert sign(TEXT, name="PeterNeumann", key=signer) == NOTE
    assert open_note(NOTE, VerifierKey.parse(PUBLIC)) == TEXT
    assert str(VerifierKey("PeterNeumann", signer.public_key().public_bytes_raw())) == PUBLIC


def test_signatures_of_unknown_keys_are_ignored(signer):
    extra = "— witness.example/w AAAAAAAA\n"
    assert open_note(NOTE + extra, VerifierKey.parse(PUBLIC)) == TEXT


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("answer", "Answer"),
        NOTE.replace("x08go/ZJ", "x08go/ZK"),
        NOTE.replace("PeterNeumann", "PeterNewmann"),
        TEXT,
        NOTE.replace("— ", "- "),
        NOTE.rstrip("\n"),
        TEXT + "\n",
        "",
    ],
)
def test_a_changed_note_does_not_open(note):
    with pytest.raises(CheckpointInvalid):
        open_note(note, VerifierKey.parse(PUBLIC))


@given(st.integers(0, 10**12), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_survives_writing_and_reading(size, root):
    checkpoint = Checkpoint("ifp.local/ledger", size, root)
    assert Checkpoint.from_text(checkpoint.text()) == checkpoint


def test_a_checkpoint_of_another_origin_does_not_open(signer):
    key = VerifierKey("ifp.local/ledger", signer.public_key().public_bytes_raw())
    text = Checkpoint("elsewhere/ledger", 3, bytes(32)).text()
    with pytest.raises(CheckpointInvalid, match="elsewhere"):
        open_checkpoint(sign(text, name="ifp.local/ledger", key=signer), key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n1\nAAAA\n",
        "o\n1\n!\n",
        "\n1\n" + "A" * 43 + "=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(CheckpointInvalid):
        Checkpoint.from_text(text)


@pytest.mark.parametrize(
    "text", ["", "name", PUBLIC.replace("c74f20a3", "c74f20a4"), "a+b+AAAA", "a+00+!!"]
)
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(CheckpointInvalid):
        VerifierKey.parse(text)


def test_what_cannot_be_a_note_is_not_signed(signer):
    with pytest.raises(ValueError, match="line feed"):
        sign("no line feed", name="n", key=signer)
    with pytest.raises(ValueError, match="no space"):
        sign("text\n", name="a name", key=signer)
