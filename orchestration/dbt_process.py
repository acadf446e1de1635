"""One dbt command in a process of its own, on the parse that lies in the target folder.

``python -m orchestration.dbt_process build --vars …`` does what ``dbt build --vars …`` does, but
takes the project as it was parsed: the knowledge time is a variable, and dbt would otherwise parse
everything again whenever it changes. With ``--waiting`` it loads dbt first and then takes its
arguments as a JSON list from standard input.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

WAIT = "--waiting"


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status: 0 done, 1 a node failed, 2 nothing ran."""
    from dbt.cli.main import dbtRunner

    if arguments == [WAIT]:
        import dbt.adapters.duckdb  # noqa: F401 - loaded while there is time

        told = sys.stdin.read()
        if not told:  # whoever started it has gone
            return 2
        arguments = list(json.loads(told))
    result = dbtRunner(manifest=_parsed(Path(os.environ["DBT_TARGET_PATH"]))).invoke(arguments)
    if result.success:
        return 0
    return 1 if result.exception is None else 2


def _parsed(target: Path) -> Any:  # noqa: ANN401 - dbt's own manifest
    from dbt.contracts.graph.manifest import Manifest

    path = target / "partial_parse.msgpack"
    return Manifest.from_msgpack(path.read_bytes()) if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
