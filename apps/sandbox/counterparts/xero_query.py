"""Turns the ledger software's query parameters into SQL over the world's records.

Covers what its API documents for lists: `where` with ==, !=, <, <=, >, >=, AND, OR, parentheses,
strings, numbers, booleans, DateTime(...) and guid("..."), `order`, `IDs`, `Statuses`,
`InvoiceNumbers`, `ContactIDs`, `If-Modified-Since`, and the purchase orders' own filters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from apps.sandbox.world.days import parse_moment

_COLUMNS = {
    "UpdatedDateUTC": "updated_ms",
    "Type": "kind",
    "Status": "status",
    "ContactStatus": "status",
    "Contact.ContactID": "contact_id",
    "ContactID": "contact_id",
    "InvoiceNumber": "number",
    "CreditNoteNumber": "number",
    "PurchaseOrderNumber": "number",
    "PaymentType": "kind",
    "Date": "dated_ms",
    "InvoiceID": "record_id",
    "PaymentID": "record_id",
    "CreditNoteID": "record_id",
    "PurchaseOrderID": "record_id",
}
_MOMENTS = {"updated_ms", "dated_ms"}
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<op>==|!=|<=|>=|<|>|\(|\))|(?P<and>AND\b|&&)
    |(?P<or>OR\b|\|\|)|(?P<date>DateTime\(\s*\d+(?:\s*,\s*\d+)*\s*\))
    |(?P<guid>guid\(\s*"[0-9a-f-]+"\s*\))|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_.]+))""",
    re.VERBOSE | re.IGNORECASE,
)
_OPERATORS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class QueryError(ValueError):
    """The client sent a filter, order or page the API does not understand."""


@dataclass
class Query:
    """SQL conditions with their values, and the order of the answer."""

    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)
    order: str = "updated_ms, rowid"

    def add(self, condition: str, *values: object) -> None:
        """Add a condition that must hold too."""
        self.conditions.append(condition)
        self.values.extend(values)

    @property
    def condition(self) -> str:
        """Return all conditions as one SQL text."""
        return " and ".join(self.conditions)


def build(parameters: Mapping[str, str], modified_since: str) -> Query:
    """Build the query of a list call.

    Raises:
        QueryError: A parameter cannot be read.
    """
    query = Query()
    if modified_since:
        query.add("updated_ms >= ?", _modified_since(modified_since))
    if where := parameters.get("where"):
        sql, values = _Where(where).parse()
        query.add(f"({sql})", *values)
    lists = (("IDs", "record_id"), ("Statuses", "status"), ("ContactIDs", "contact_id"))
    for name, column in (*lists, ("InvoiceNumbers", "number"), ("Status", "status")):
        if given := parameters.get(name):
            wanted = [part.strip() for part in given.split(",")]
            query.add(f"{column} in ({','.join('?' * len(wanted))})", *wanted)
    for name, operator in (("DateFrom", ">="), ("DateTo", "<=")):
        if given := parameters.get(name):
            query.add(f"dated_ms {operator} ?", _moment(given))
    if order := parameters.get("order"):
        query.order = _order(order)
    return query


def _order(text: str) -> str:
    parts = []
    for part in text.split(","):
        name, _, direction = part.strip().partition(" ")
        wanted = direction.strip().upper() or "ASC"
        if wanted not in {"ASC", "DESC"}:
            raise QueryError(f"No direction '{direction}' exists to order by")
        parts.append(f"{_column(name)} {wanted}")
    return ", ".join([*parts, "rowid"])


def _column(name: str) -> str:
    if name in _COLUMNS:
        return _COLUMNS[name]
    if not re.fullmatch(r"[A-Za-z]+(?:\.[A-Za-z]+)*", name):
        raise QueryError(f"No property or field '{name}' exists")
    return f"json_extract(payload, '$.{name}')"


def _modified_since(text: str) -> int:
    try:
        return _moment(text)
    except QueryError:
        try:
            return round(parsedate_to_datetime(text).timestamp() * 1000)
        except ValueError as error:
            raise QueryError(f"If-Modified-Since '{text}' is not a date") from error


def _moment(text: str) -> int:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise QueryError(f"'{text}' is not a date") from error


class _Where:
    """A recursive reader of one `where` text: or of and of comparisons."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._place = 0
        self._values: list[object] = []

    def parse(self) -> tuple[str, list[object]]:
        sql = self._either()
        if self._place != len(self._tokens):
            raise QueryError("Syntax error in where clause")
        return sql, self._values

    def _either(self) -> str:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return f"({' or '.join(parts)})"

    def _both(self) -> str:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return " and ".join(parts)

    def _one(self) -> str:
        if self._take("op", "("):
            inner = self._either()
            if not self._take("op", ")"):
                raise QueryError("')' expected in where clause")
            return inner
        name = self._take("word")
        operator = self._take("op")
        if not name or operator not in _OPERATORS:
            raise QueryError("Syntax error in where clause")
        column = _column(name)
        self._values.append(self._literal(column))
        return f"{column} {_OPERATORS[operator]} ?"

    def _literal(self, column: str) -> object:
        if self._place >= len(self._tokens):
            raise QueryError("A value is missing in where clause")
        kind, text = self._tokens[self._place]
        self._place += 1
        if kind == "date":
            parts = [int(part) for part in re.findall(r"\d+", text)]
            return round(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]
        if kind == "text":
            value = text[1:-1]
            return _moment(value) if column in _MOMENTS else value
        if kind == "guid":
            return text[text.index('"') + 1 : text.rindex('"')].lower()
        if kind == "number":
            return float(text) if "." in text else int(text)
        if text.lower() in {"true", "false"}:
            return int(text.lower() == "true")
        raise QueryError(f"'{text}' is not a value")

    def _take(self, kind: str, text: str = "") -> str:
        if self._place < len(self._tokens):
            found, value = self._tokens[self._place]
            if found == kind and text in {"", value}:
                self._place += 1
                return value
        return ""


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    text = text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match or not match.lastgroup:
            raise QueryError(f"Syntax error in where clause at {place}")
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        place = match.end()
    return tokens
