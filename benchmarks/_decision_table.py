"""The conditions of the checks as one decision table of zen-engine, the peer of an assessment."""

from __future__ import annotations

import importlib
import importlib.util
import json
import time
from typing import Any


def seconds(times: int) -> list[float] | None:
    """Time evaluations of the table; nothing where the engine is not installed."""
    if importlib.util.find_spec("zen") is None:
        return None
    zen = importlib.import_module("zen")
    decision = zen.ZenEngine().create_decision(json.dumps(_table()))
    context = dict.fromkeys(_INPUTS, 5)
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        decision.evaluate(context, {"trace": True})
        taken.append(time.perf_counter() - started)
    return taken


_INPUTS = tuple(f"value{number}" for number in range(27))
"""One value per check of the checklist: identity, validity, eligibility, scores and limits."""


def _table() -> dict[str, Any]:
    rules = [
        {"_id": f"r{place}", f"i{place}": "> 100", "o": f'"{name}"'}
        for place, name in enumerate(_INPUTS)
    ]
    content = {
        "hitPolicy": "collect",
        "inputs": [
            {"id": f"i{place}", "name": name, "field": name} for place, name in enumerate(_INPUTS)
        ],
        "outputs": [{"id": "o", "name": "check", "field": "check"}],
        "rules": rules,
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "table", "type": "decisionTableNode", "name": "table", "content": content},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
