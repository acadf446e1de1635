"""Holds answers and requests against the ledger software's public OpenAPI description.

`Contract(path).answer_problems("Invoices", body)` lists what an answer violates;
`Contract(path).request_problems("GET", path, params, headers)` does so for a client's request.
Both the sandbox's answers and the connector's requests are tried with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import yaml

BASE_PATH = "/api.xro/2.0"
_STAMP = re.compile(r"^/Date\(-?\d+([+-]\d{4})?\)/$")
_TRANSPORT_HEADERS = {
    "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type",
    "host", "traceparent", "user-agent", "x-request-id",
}  # fmt: skip


class Contract:
    """The OpenAPI description at `folder / "xero_accounting.yaml"` with its recorded examples."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        text = (folder / "xero_accounting.yaml").read_text(encoding="utf-8")
        self._spec: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)

    @cached_property
    def _example_fields(self) -> set[str]:
        """Field names seen in recorded answers; the description leaves some of them out."""
        names: set[str] = set()
        for file in (self._folder / "spec_examples").glob("get_*.json"):
            names |= set(_names(json.loads(file.read_text(encoding="utf-8"))))
        return names

    def answer_problems(self, entity: str, body: Any) -> list[str]:
        """List what a 200 answer of a list call violates; empty means it fits."""
        path = f"/{entity.removesuffix('s')}" if entity == "Organisations" else f"/{entity}"
        response = self._spec["paths"][path]["get"]["responses"]["200"]
        schema = response["content"]["application/json"]["schema"]
        document = {**schema, "components": self._spec["components"]}
        checker = jsonschema.FormatChecker(formats=["uuid"])
        validator = jsonschema.Draft202012Validator(document, format_checker=checker)
        problems = [f"{e.json_path}: {e.message[:160]}" for e in validator.iter_errors(body)]
        envelope = {"Id", "Status", "ProviderName", "DateTimeUTC"}
        inner = {key: value for key, value in body.items() if key not in envelope}
        return problems + list(self._field_problems(schema, inner, "$"))

    def request_problems(
        self, method: str, path: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> list[str]:
        """List what a request to `path` (below the API's base) violates; empty means it fits."""
        template = self._template(path)
        if template is None:
            return [f"{path} is no path of the API"]
        entry = self._spec["paths"][template]
        operation = entry.get(method.lower())
        if operation is None:
            return [f"{method} {template} does not exist"]
        declared = [
            self._resolved(parameter)
            for parameter in [*entry.get("parameters", []), *operation.get("parameters", [])]
        ]
        given = {name.lower(): value for name, value in headers.items()}
        problems = []
        known = {p["name"]: p for p in declared if p["in"] == "query"}
        for name, value in params.items():
            if name not in known:
                problems.append(f"{template} has no parameter {name}")
            else:
                problems += _value_problems(name, value, known[name]["schema"])
        for parameter in (p for p in declared if p["in"] == "header"):
            name = parameter["name"].lower()
            if parameter.get("required") and name not in given:
                problems.append(f"header {parameter['name']} is missing")
        declared_headers = {p["name"].lower() for p in declared if p["in"] == "header"}
        problems += [
            f"{template} has no header {name}"
            for name in given
            if name not in declared_headers | _TRANSPORT_HEADERS
        ]
        problems += _header_problems(given)
        return problems

    def _template(self, path: str) -> str | None:
        wanted = path.removeprefix(BASE_PATH)
        for template in self._spec["paths"]:
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), wanted):
                return str(template)
        return None

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self._spec
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def _field_problems(self, schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
        schema = self._resolved(schema)
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self._field_problems(schema.get("items", {}), item, f"{place}[{number}]")
        elif isinstance(value, dict):
            declared = schema.get("properties", {})
            for name, part in value.items():
                if name in declared:
                    yield from self._field_problems(declared[name], part, f"{place}.{name}")
                elif name not in self._example_fields:
                    yield f"{place}.{name}: neither described nor recorded anywhere"
        elif _is_stamp(schema) and not _STAMP.match(str(value)):
            yield f"{place}: {value!r} is no /Date()/ stamp"


def _is_stamp(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("x-is-msdate") or schema.get("x-is-msdate-time"))


def _value_problems(name: str, value: str, schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type")
    if kind == "integer" and not re.fullmatch(r"-?\d+", str(value)):
        return [f"{name}={value} is no integer"]
    if kind == "boolean" and str(value) not in {"true", "false"}:
        return [f"{name}={value} is no boolean"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{name}={value} is none of {schema['enum']}"]
    return []


def _header_problems(given: Mapping[str, str]) -> list[str]:
    problems = []
    since = given.get("if-modified-since")
    if since is not None:
        try:
            datetime.fromisoformat(since)
        except ValueError:
            problems.append(f"If-Modified-Since {since} is no ISO date-time")
    if "application/json" not in given.get("accept", ""):
        problems.append("Accept does not ask for JSON, so the API would answer XML")
    if not given.get("authorization", "").startswith("Bearer "):
        problems.append("the bearer token is missing")
    return problems


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from _names(part)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
