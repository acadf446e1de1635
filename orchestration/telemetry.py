"""Every library's telemetry, off: one table of switches, set before the libraries are imported.

Dagster reads its switch from ``dagster.yaml`` (written by ``instance.py``), Streamlit also from
the command line that ``ifp up`` builds; the variables here cover them, dbt and dlt for this
process and the processes it starts.
"""

from __future__ import annotations

from collections.abc import MutableMapping

SWITCHES = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DAGSTER_DBT_DISABLE_TELEMETRY": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "STREAMLIT_SERVER_HEADLESS": "true",
    "POLARS_SKIP_CPU_CHECK": "1",
}


def switch_off(environment: MutableMapping[str, str]) -> None:
    """Set every switch in the environment; call before any library is imported."""
    environment.update(SWITCHES)
