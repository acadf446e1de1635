"""The restore drill: the platform is destroyed, restored from backup, answers as before, goes on.

The sandbox lives outside the folder that is destroyed, as a bank would. One backup is taken after a
run and restored; a second is taken while another run writes, and held against its manifest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from crashes import payment_orders, sandbox
from measurement import ROOT, SMALL_WORLD, Finished, Measurement, ifp

LINE = 16


def trials(scratch: Path) -> list[Measurement]:
    """Run, back up, destroy, restore, compare, run again."""
    with sandbox(scratch / "world") as url:
        drill = Drill(scratch, url)
        rows = [drill.run("first run")]
        if rows[0].ok:
            rows += drill.back_up()
            rows += drill.back_up_while_it_runs()
            rows += drill.destroy_and_restore()
            rows += drill.go_on()
    return rows


class Drill:
    """What is known before the platform is destroyed, and what is found after.

    Attributes:
        var: The folder that is destroyed.
        shelf: Where backups lie.
    """

    def __init__(self, scratch: Path, url: str) -> None:
        self.var, self.shelf, self.url = scratch / "var", scratch / "shelf", url
        self.kept = scratch / "checkpoint.txt"
        self.environment = {
            **SMALL_WORLD,
            "IFP_SANDBOX_URL": url,
            "IFP_BACKUP_FOLDER": str(self.shelf),
            "IFP_BACKUP_PASSPHRASE": "a passphrase of the drill",
        }
        self.summary: dict = {}
        self.verified: dict = {}
        self.backup: dict = {}
        self.orders = payment_orders(url)

    def ifp(self, *arguments: str) -> Finished:
        """Run the command line on the platform."""
        return ifp(*arguments, var=self.var, environment=self.environment)

    def run(self, what: str) -> Measurement:
        """Run the whole line once."""
        done = self.ifp("run", "--json")
        self.summary = done.json()
        measured = done.last_words if done.code else f"exit 0 in {done.seconds:.0f} s"
        return Measurement(LINE, what, "exit 0", measured, done.code == 0)

    def back_up(self) -> list[Measurement]:
        """Take the backup that is restored later, and note how things stand."""
        self.verified = self.ifp("audit", "verify", "--json").json()
        self.kept.write_text(str(self.verified.get("checkpoint", "")), encoding="utf-8")
        done = self.ifp("backup", "create", "--json")
        self.backup = done.json()
        ledger = self.backup.get("ledger", {})
        is_ok = done.code == 0 and ledger.get("root") == self.verified.get("root")
        size = self.backup.get("size_bytes", 0) / 1e6
        took = self.backup.get("seconds")
        measured = f"{size:.1f} MB, {ledger.get('size')} entries, keys" + (
            f" {self.backup.get('keys')}, in {took} s" if is_ok else f": {done.last_words}"
        )
        return [Measurement(LINE, "ifp backup create", "the root of the ledger", measured, is_ok)]

    def back_up_while_it_runs(self) -> list[Measurement]:
        """Take backups while another run writes; each must be sound in itself."""
        command = [str(Path(sys.executable).parent / "ifp"), "run", "--json"]
        environment = {**os.environ, **self.environment, "IFP_VAR": str(self.var)}
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as running:
            taken = self.ifp("backup", "create", "--json")
            was_running = running.poll() is None
            code = running.wait(timeout=600)
        checked = self.ifp("backup", "verify", "--json", str(taken.json().get("path", "none")))
        is_ok = not taken.code and not checked.code and not code and was_running
        measured = f"run went on: {was_running}, exit {code}; backup {checked.last_words[:120]}"
        return [
            Measurement(
                LINE,
                "a backup taken while a run writes",
                "sound, and the run ends well",
                "sound; the run ended well" if is_ok else measured,
                is_ok,
            )
        ]

    def destroy_and_restore(self) -> list[Measurement]:
        """Destroy everything and bring the first backup back."""
        self.orders = payment_orders(self.url)
        shutil.rmtree(self.var)
        source = str(self.backup.get("path", "none"))
        changed = self._refused_when_changed(Path(source))
        done = self.ifp("backup", "restore", source, "--checkpoint", str(self.kept), "--json")
        after = self.ifp("audit", "verify", "--json").json()
        snapshots = {self.backup.get("snapshot_id"), done.json().get("snapshot_id")}
        before = self._root(self.verified)
        return [
            changed,
            Measurement(
                LINE,
                "ifp backup restore",
                "exit 0",
                done.last_words if done.code else f"exit 0 in {done.json().get('seconds')} s",
                done.code == 0,
            ),
            Measurement(
                LINE, "ledger root", before, self._root(after), ok=self._root(after) == before
            ),
            Measurement(
                LINE,
                "snapshot id",
                str(self.summary.get("snapshot", {}).get("snapshot_id")),
                " ".join(str(one) for one in snapshots),
                ok=snapshots == {self.summary.get("snapshot", {}).get("snapshot_id")},
            ),
            self._still_proven(),
        ]

    def go_on(self) -> list[Measurement]:
        """Run again: the ledger grows from where it stood, and nobody is paid twice."""
        before = self.summary
        again = self.run("run after the restore")
        new = self.summary.get("decisions", {}).get("new")
        orders = payment_orders(self.url)
        report = self.ifp("audit", "verify", "--json", "--checkpoint", str(self.kept)).json()
        grown = report.get("size", 0) > self.verified.get("size", 0)
        same = self.summary.get("snapshot", {}).get("snapshot_id")
        return [
            again,
            Measurement(
                LINE,
                "payments at the bank",
                f"{self.orders.total()}, none new",
                f"{orders.total()}, {(orders - self.orders).total()} new; {new} new decisions",
                ok=orders == self.orders and new == 0,
            ),
            Measurement(
                LINE,
                "the old checkpoint",
                "the grown ledger extends it",
                f"{report.get('size')} entries, ok {report.get('ok')}",
                ok=bool(report.get("ok")) and grown,
            ),
            Measurement(
                LINE,
                "snapshot after it",
                str(before.get("snapshot", {}).get("snapshot_id")),
                str(same),
                ok=same == before.get("snapshot", {}).get("snapshot_id"),
            ),
        ]

    def _refused_when_changed(self, source: Path) -> Measurement:
        """One changed byte in a copy of the backup: nothing is restored."""
        copy = source.with_name("ifp-changed")
        shutil.copytree(source, copy)
        file = copy / "warehouse" / "ifp.duckdb"
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        done = self.ifp("backup", "restore", str(copy))
        shutil.rmtree(copy)
        is_ok = done.code == 1 and "changed" in done.err and not self.var.exists()
        return Measurement(
            LINE, "restore of a changed backup", "refused by name", done.last_words, is_ok
        )

    def _still_proven(self) -> Measurement:
        """A decision's chain is proven from the restored files alone."""
        listed = self.ifp("decisions", "--outcome", "approve", "--limit", "1", "--json").json()
        decision = str(listed.get("decisions", [{}])[0].get("decision_id", "none"))
        shown = self.ifp("audit", "show", decision, "--json").json()
        measured = f"{len(shown.get('chain', []))} links, proven {shown.get('proven')}"
        return Measurement(
            LINE, "a decision's chain", "proven to the bytes", measured, bool(shown.get("proven"))
        )

    @staticmethod
    def _root(report: dict) -> str:
        return f"{report.get('size')} entries, {str(report.get('root'))[:16]}…"
