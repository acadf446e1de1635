"""A whole run stays on this machine, with every library's telemetry left to our own switches."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SWITCHES = (
    *("DO_NOT_TRACK", "DAGSTER_DISABLE_TELEMETRY", "DBT_SEND_ANONYMOUS_USAGE_STATS"),
    *("GX_ANALYTICS_ENABLED", "RUNTIME__DLTHUB_TELEMETRY", "STREAMLIT_BROWSER_GATHER_USAGE_STATS"),
)
SMALL = ("--sellers", "2", "--debtors", "20", "--invoices", "200", "--months", "6")


@pytest.mark.slow
def test_a_whole_run_looks_up_no_host_but_loopback(root, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    lookups = tmp_path / "lookups.log"
    environment.update(IFP_VAR=str(tmp_path / "var"), IFP_LOOKUPS_LOG=str(lookups))
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ifp"), "run", "--json", *SMALL],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert not lookups.exists(), lookups.read_text()
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout)["ledger"]["verified"] is True
