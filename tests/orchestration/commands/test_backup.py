"""`ifp backup` as a person calls it: what it says, what `--json` holds, how it ends."""

from __future__ import annotations

import json
import shutil


def test_a_backup_is_taken_listed_and_brought_back(call, begun):
    taken = json.loads(call("backup", "create", "--without-warehouse", "--tar", "--json").stdout)
    assert taken["ok"] is True
    assert taken["ledger"]["size"] == 1
    assert taken["keys"] == "encrypted"
    assert taken["tar"].endswith(".tar")
    listed = json.loads(call("backup", "list", "--json").stdout)
    assert [item["backup_id"] for item in listed["backups"]] == [taken["backup_id"]]
    shutil.rmtree(begun.var)
    done = call("backup", "restore", taken["backup_id"])
    assert done.exit_code == 0, done.output
    assert f"root {taken['ledger']['root']}, verified" in done.stdout
    assert "Repeat erasures" in done.stdout
    report = json.loads(call("audit", "verify", "--json").stdout)
    assert (report["ok"], report["root"]) == (True, taken["ledger"]["root"])


def test_what_is_wrong_with_a_backup_is_said_and_ends_with_1(call, begun, tmp_path):
    taken = json.loads(call("backup", "create", "--json").stdout)
    (tmp_path / "shelf" / f"ifp-{taken['backup_id']}" / "keys.locked").write_text("{}")
    done = call("backup", "verify")
    assert done.exit_code == 1
    assert "changed: keys.locked" in done.stdout
    assert "NOT sound" in done.stdout


def test_an_empty_shelf_says_what_to_do(call):
    assert "Next: ifp backup create" in call("backup", "list").stdout
    assert call("backup", "verify").exit_code == 2
    assert call("backup", "restore", "nothing").exit_code == 1
