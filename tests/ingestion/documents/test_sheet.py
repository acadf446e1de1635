"""Whatever bytes come, a file is read or refused with a reason."""

import random

import pytest

from ingestion.documents.receivables import DocumentRefused, propose_mapping, read
from tests.ingestion.documents.awkward import FILES


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_damaged_file_is_read_or_refused_but_never_breaks(name, tmp_path):
    sound = FILES[name](tmp_path)
    content = sound.read_bytes()
    chance = random.Random(name)  # noqa: S311 - the same damage every time

    refusals = []
    for _ in range(6):
        damaged = bytearray(content[: chance.randrange(len(content) + 1)])
        for _ in range(chance.randrange(6)):
            if damaged:
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        sound.write_bytes(damaged)
        try:
            read(sound, propose_mapping(sound, currency="EUR"))
        except DocumentRefused as refused:
            refusals.append(refused.detail)

    assert [one for one in refusals if not one.endswith((".", "?"))] == []


def test_a_refusal_is_a_sentence_that_says_what_to_do(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n")

    with pytest.raises(DocumentRefused, match="rename a column") as refused:
        propose_mapping(path)

    assert "row 1, which reads 'a', 'b'" in refused.value.detail
