"""Whatever is done to the stored values, the verification names it."""

import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.checkpoint import Checkpoint, sign
from ledger.errors import LedgerError
from ledger.findings import MOST_PROBLEMS
from ledger.keys import Keyring
from ledger.merkle import leaf_hash
from ledger.store import Ledger
from ledger.verify import Report, main, verify, verify_apart

SIZE = 40


@dataclass
class Case:
    """A filled ledger, its database file, and what an auditor keeps elsewhere."""

    path: Path
    keys: Keyring
    checkpoint: str

    @property
    def url(self) -> str:
        """The ledger's address."""
        return f"sqlite:///{self.path}"

    def open(self) -> Ledger:
        """Open it as its owner."""
        return Ledger.open(self.url, keys=self.keys)

    def tamper(self, *statements) -> None:
        """Change stored values behind the ledger's back."""
        with sqlite3.connect(self.path) as connection:
            for statement in statements:
                sql, values = statement if isinstance(statement, tuple) else (statement, ())
                connection.execute(sql, values)
        connection.close()

    def query(self, sql: str):
        """Read stored values."""
        connection = sqlite3.connect(self.path)
        rows = connection.execute(sql).fetchall()
        connection.close()
        return rows

    def verify(self, *, outside: bool = False) -> Report:
        """Verify, against the outside checkpoint when asked."""
        return verify(
            self.url,
            checkpoint=self.checkpoint if outside else None,
            public_key=self.keys.verifier_key(),
        )

    def kinds(self, **rest) -> set[str]:
        """Name the kinds of problems."""
        return set(self.verify(**rest).counts)


@pytest.fixture
def case(url, ledger, keys, make_entry, make_reservation):
    for number in range(SIZE // 2 - 2):
        with ledger.transaction() as tx:
            private = {"private": b"a name", "subject_key_id": "p1"} if number == 3 else {}
            body = {"decision_id": f"d{number}", "outcome": "approve", "amount_minor": 12345}
            tx.append(make_entry("decision", body, subjects=(f"r{number}", "s1"), **private))
            tx.reserve(
                make_reservation(
                    f"r{number}", amount_minor=10, fingerprints_near=(f"n{number}", "shared")
                ),
                allow_near=True,
            )
    ledger.append(make_entry("override", {"decision_id": "d1", "outcome": "reject"}))
    with ledger.transaction() as tx:
        tx.release("r1")
        tx.release("r2", keep_fingerprint=True)
    ledger.append(make_entry())
    assert ledger.size() == SIZE
    checkpoint = ledger.checkpoint()
    ledger.close()
    return Case(Path(url.removeprefix("sqlite:///")), keys, checkpoint)


def problem(report, kind):
    return next(found for found in report.problems if found.kind == kind)


def test_an_untouched_ledger_is_sound(case):
    report = case.verify(outside=True)
    assert report.problems == ()
    assert (report.ok, report.size, report.checkpoint_size) == (True, SIZE, SIZE)
    assert report.root == case.open().root().hex()


@pytest.mark.parametrize("index", [0, 7, 16, SIZE - 1])
@pytest.mark.parametrize("place", [0, 30, -1])
def test_one_changed_byte_is_named(case, index, place):
    [(data,)] = case.query(f"select canonical from entries where idx = {index}")
    changed = bytearray(data)
    changed[place] ^= 1
    case.tamper(("update entries set canonical = ? where idx = ?", (bytes(changed), index)))
    report = case.verify()
    changed = [found.index for found in report.problems if found.kind == "entry_changed"]
    assert changed == [index]
    assert not report.counts.keys() & {"entry_moved", "entry_missing", "node_changed"}


def test_a_changed_amount_with_its_own_hash_made_new_is_named(case):
    [(data,)] = case.query("select canonical from entries where idx = 4")
    changed = data.replace(b"12345", b"92345")
    case.tamper(
        (
            "update entries set canonical = ?, leaf_hash = ? where idx = 4",
            (changed, leaf_hash(changed)),
        )
    )
    assert case.kinds() == {"node_changed"}
    assert "history_rewritten" in case.kinds(outside=True)


def test_a_history_written_anew_is_named_against_the_checkpoint(case, make_entry):
    case.path.unlink()
    with case.open() as forged:
        forged.append_many([make_entry() for _ in range(SIZE + 2)])
    assert case.verify().ok
    assert case.kinds(outside=True) == {"history_rewritten"}


@pytest.mark.parametrize("columns", [("canonical", "leaf_hash"), ("canonical",)])
def test_two_swapped_entries_are_named(case, columns):
    rows = {
        index: case.query(f"select {', '.join(columns)} from entries where idx = {index}")[0]
        for index in (5, 9)
    }
    sets = ", ".join(f"{column} = ?" for column in columns)
    case.tamper(
        (f"update entries set {sets} where idx = 5", rows[9]),
        (f"update entries set {sets} where idx = 9", rows[5]),
    )
    report = case.verify()
    moved = {found.index: found.detail for found in report.problems if found.kind == "entry_moved"}
    assert moved == {5: "it holds entry 9", 9: "it holds entry 5"}


def test_two_swapped_rows_are_named(case):
    case.tamper(
        "update entries set idx = -1 where idx = 5",
        "update entries set idx = 5 where idx = 9",
        "update entries set idx = 9 where idx = -1",
    )
    moved = {found.index for found in case.verify().problems if found.kind == "entry_moved"}
    assert moved == {5, 9}


@pytest.mark.parametrize(("index", "text"), [(0, "entry 0"), (11, "entry 11")])
def test_a_removed_entry_is_named(case, index, text):
    case.tamper(f"delete from entries where idx = {index}")
    found = problem(case.verify(), "entry_missing")
    assert (found.index, found.detail) == (index, f"{text} was removed")


def test_removed_entries_are_named_together(case):
    case.tamper("delete from entries where idx between 11 and 13")
    assert problem(case.verify(), "entry_missing").detail == "entries 11 to 13 were removed"


def test_a_removal_hidden_by_renumbering_is_named(case):
    case.tamper(
        "delete from entries where idx = 11",
        "update entries set idx = -idx where idx > 11",
        "update entries set idx = -idx - 1 where idx < 0",
    )
    report = case.verify()
    assert "1 entries were removed" in problem(report, "entry_missing").detail
    assert problem(report, "entry_moved").index == 11
    assert report.counts["entry_moved"] == SIZE - 12
    assert len([f for f in report.problems if f.kind == "entry_moved"]) == MOST_PROBLEMS


def test_an_inserted_or_copied_entry_is_named(case):
    columns = "type, tenant_id, key, recorded_at, leaf_hash, canonical"
    for place, kind in ((-1, "entry_added"), (SIZE, "entry_moved")):
        case.tamper(f"insert into entries select {place}, {columns} from entries where idx = 3")
        assert kind in case.kinds()
        case.tamper(f"delete from entries where idx = {place}")


@pytest.mark.parametrize("count", [1, 3, SIZE])
def test_a_cut_tail_is_named_against_the_checkpoint(case, count):
    case.tamper(f"delete from entries where idx >= {SIZE - count}")
    found = problem(case.verify(outside=True), "tail_missing")
    assert found.index == SIZE - count
    assert f"counts {SIZE} entries, the ledger {SIZE - count}" in found.detail


def test_a_cut_tail_leaves_traces_even_without_checkpoint(case):
    case.tamper("delete from entries where idx >= 10")
    assert not case.verify().ok


def test_yesterdays_copy_is_named_against_the_checkpoint(case, make_entry):
    yesterday = case.path.with_name("yesterday.sqlite")
    shutil.copy(case.path, yesterday)
    with case.open() as ledger:
        ledger.append_many([make_entry() for _ in range(5)])
        today = ledger.checkpoint()
    shutil.copy(yesterday, case.path)
    assert case.verify(outside=True).ok
    case.checkpoint = today
    report = case.verify(outside=True)
    [found] = report.problems
    assert (found.kind, found.index) == ("tail_missing", SIZE)
    assert "an older copy was restored" in found.detail
    with case.open() as ledger:
        ledger.append_many([make_entry(body={"other": 1}) for _ in range(9)])
    assert case.kinds(outside=True) == {"history_rewritten"}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("update private_payloads set ciphertext = zeroblob(40)", "private_changed"),
        ("update private_payloads set ciphertext = 'text'", "private_changed"),
        ("delete from private_payloads", "private_missing"),
        ("update private_payloads set idx = 1", "private_added"),
        ("insert into private_payloads values (9999, x'00')", "private_added"),
        ("update entries set type = 'note' where idx = 2", "column_changed"),
        ("update entries set tenant_id = 'birch' where idx = 2", "column_changed"),
        ("update entries set key = null where idx = 2", "column_changed"),
        ("update entries set recorded_at = '2020' where idx = 2", "column_changed"),
        ("update entries set leaf_hash = zeroblob(32) where idx = 2", "entry_changed"),
        ("update entries set canonical = cast(canonical as text)", "entry_changed"),
        ("update entries set canonical = x'00' where idx = 2", "entry_changed"),
        ("update tree_nodes set hash = zeroblob(32) where position = 1", "node_changed"),
        ("delete from tree_nodes where position = 1", "node_changed"),
        ("insert into tree_nodes values (8, 0, zeroblob(32))", "node_changed"),
        ("delete from lookups where idx = 6", "lookup_differs"),
        ("update lookups set digest = digest + 1 where idx = 0", "lookup_differs"),
        ("insert into lookups values (99, 1, 1)", "lookup_differs"),
        ("delete from decisions where key = 'd3'", "projection_differs"),
        ("update decisions set key = 'd99' where key = 'd3'", "projection_differs"),
        ("update decisions set tenant_id = 'birch' where key = 'd3'", "projection_differs"),
        ("update decisions set first_index = 3 where key = 'd3'", "projection_differs"),
        ("update decisions set entry_count = 2 where key = 'd3'", "projection_differs"),
        ("update decisions set entry_count = 1 where key = 'd1'", "projection_differs"),
        ("insert into payments values (0, 'd0', 'alder', 1)", "projection_differs"),
        ("insert into payments values (9999, 'e', 'alder', 1)", "projection_differs"),
        ("update reservations set amount_minor = 1", "reservation_differs"),
        (
            "update reservations set fingerprint_exact = 'x' where receivable_id = 'r3'",
            "reservation_differs",
        ),
        ("update reservations set limits = '[]' where receivable_id = 'r3'", "reservation_differs"),
        (
            "update reservations set state = 'settled' where receivable_id = 'r3'",
            "reservation_differs",
        ),
        (
            "update reservations set entry_index = 0 where receivable_id = 'r3'",
            "reservation_differs",
        ),
        ("delete from reservations where receivable_id = 'r3'", "reservation_differs"),
        ("delete from reservation_near where receivable_id = 'r3'", "reservation_differs"),
        (
            "update reservation_near set fingerprint = 'x' where fingerprint = 'n3'",
            "reservation_differs",
        ),
        ("update exposures set amount_minor = amount_minor - 1", "exposure_differs"),
        ("delete from exposures", "exposure_differs"),
        ("insert into exposures values ('alder', 'group', 'g', 'EUR', 5)", "exposure_differs"),
    ],
)
def test_what_differs_from_the_entries_is_named(case, statement, kind):
    case.tamper(statement)
    assert kind in case.kinds()


def test_a_rebuild_mends_what_was_derived_and_nothing_else(case):
    case.tamper(
        "delete from decisions",
        "delete from lookups",
        "delete from exposures",
        "update reservations set amount_minor = 1",
    )
    with case.open() as ledger:
        ledger.rebuild()
    assert case.verify(outside=True).ok


def test_several_pages_and_partial_groups_are_verified(url, ledger, make_entry, keys):
    ledger.append_many([make_entry(body={"n": n}, subjects=(f"s{n}",)) for n in range(9001)])
    for more in range(3):
        report = verify(url, checkpoint=ledger.checkpoint(), public_key=keys.verifier_key())
        assert report.ok, report.problems
        assert report.root == ledger.root().hex()
        ledger.append_many([make_entry(body={"more": more})] * 7)
    note = ledger.checkpoint()
    ledger.append_many([make_entry()] * 5000)
    assert verify(url, checkpoint=note, public_key=keys.verifier_key()).ok


@pytest.mark.parametrize("level", [4, 8, 12])
def test_a_changed_tree_node_of_any_level_is_named(url, ledger, make_entry, level, tmp_path):
    ledger.append_many([make_entry(body={"n": n}) for n in range(5000)])
    case = Case(tmp_path / "ledger.sqlite", Keyring.generate(), "")
    case.tamper(f"update tree_nodes set hash = zeroblob(32) where level = {level}")
    assert case.kinds() == {"node_changed"}


def test_a_checkpoint_of_another_key_or_text_proves_nothing(case):
    other = Keyring.generate()
    text = Checkpoint("ifp.local/ledger", SIZE, bytes(32)).text()
    for note in (
        case.checkpoint.replace(str(SIZE), "39"),
        "nothing",
        sign(text, name="ifp.local/ledger", key=other.signing),
    ):
        case.checkpoint = note
        assert case.kinds(outside=True) == {"checkpoint_invalid"}
    with pytest.raises(LedgerError, match="verifier key"):
        verify(case.url, checkpoint="x")


@pytest.mark.postgres
def test_a_postgres_ledger_is_verified_too(new_postgres_url, keys, make_entry):
    import psycopg

    url = new_postgres_url()
    with Ledger.open(url, keys=keys) as ledger:
        ledger.append_many([make_entry("decision", {"decision_id": f"d{n}"}) for n in range(20)])
        checkpoint = ledger.checkpoint()
    assert verify(url, checkpoint=checkpoint, public_key=keys.verifier_key()).ok
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("update entries set canonical = 'x' where idx = 3")
        connection.execute("delete from entries where idx = 19")
    report = verify(url, checkpoint=checkpoint, public_key=keys.verifier_key())
    assert {"entry_changed", "tail_missing"} <= set(report.counts)


@pytest.fixture
def files(case, tmp_path):
    public, checkpoint = tmp_path / "signing.pub", tmp_path / "checkpoint.txt"
    public.write_text(f"{case.keys.verifier_key()}\n")
    checkpoint.write_text(case.checkpoint)
    return public, checkpoint


def test_a_process_of_its_own_tells_the_same(case, files, root, monkeypatch):
    monkeypatch.chdir(root)
    public, checkpoint = files
    report = verify_apart(case.url, public_key=public, checkpoint=checkpoint)
    assert report == case.verify(outside=True)
    case.tamper("delete from entries where idx = 11")
    report = verify_apart(case.url, public_key=public, checkpoint=checkpoint)
    assert problem(report, "entry_missing").index == 11
    with pytest.raises(LedgerError, match="there is no ledger"):
        verify_apart(f"{case.url}.none", public_key=public)


def test_the_command_tells_people_and_programs(case, files, capsys):
    public, checkpoint = files
    command = ["--database", case.url, "--public-key", str(public)]
    assert main([*command, "--checkpoint", str(checkpoint)]) == 0
    assert capsys.readouterr().out.endswith("verified\n")
    case.tamper("delete from entries where idx = 11")
    assert main(command) == 1
    told = capsys.readouterr().out
    assert "entry_missing at entry 11: entry 11 was removed" in told
    assert told.endswith("NOT verified\n")
    assert main([*command, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["problems"][0]["index"] == 11
    case.tamper("drop table entries")
    assert main(command) == 2
    assert "cannot be read as a ledger" in capsys.readouterr().err


def test_the_ledger_may_be_written_while_it_is_verified(case, files, root, make_entry):
    public, checkpoint = files
    command = [sys.executable, "-m", "ledger.verify", "--database", case.url, "--json"]
    command += ["--public-key", str(public), "--checkpoint", str(checkpoint)]
    with (
        case.open() as ledger,
        subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as running,
    ):
        while running.poll() is None:
            ledger.append(make_entry("decision", {"decision_id": "later"}))
        assert json.loads(running.stdout.read())["problems"] == []
