"""The bureau: token, match by name or registration number, and data blocks by D-U-N-S number."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.sandbox.control.tokens import Tokens
from apps.sandbox.counterparts.answers import json_value, vendor_error
from apps.sandbox.counterparts.bureau_report import Company, is_out_of_business, report
from apps.sandbox.storage.world import World
from apps.sandbox.world.days import EPOCH_DAY

PREFIX = "/dnb"
TOKEN_SECONDS = 86_400
_COLUMNS = "duns, name, country, registration_number, tax_id, profile"
_MOST_CANDIDATES = 5
_LEAST_SIMILAR = 0.55


class Dnb:
    """Serves the companies of a world that the bureau keeps a file of."""

    def __init__(self, world: World, tokens: Tokens) -> None:
        self._world = world
        self.tokens = tokens
        self._names: list[tuple[str, str, str]] | None = None

    def routes(self) -> list[Route]:
        """Return the paths this counterpart answers."""
        return [
            Route(f"{PREFIX}/v3/token", self.token, methods=["POST"]),
            Route(f"{PREFIX}/v1/match/cleanseMatch", self.match),
            Route(PREFIX + "/v1/data/duns/{duns}", self.data),
        ]

    async def token(self, request: Request) -> Response:
        """Answer the client credentials grant, JSON or form, with Basic credentials."""
        if not self.tokens.knows_basic(request.headers.get("authorization", "")):
            return vendor_error(
                "dnb", 401, "You are not currently authorized to access this product."
            )
        if b"client_credentials" not in await request.body():
            return vendor_error("dnb", 400, "grant_type is missing or unknown.")
        return json_value(
            {"access_token": self.tokens.issue(), "expiresIn": self.tokens.lifetime_seconds}
        )

    async def match(self, request: Request) -> Response:
        """Answer candidates for a company, best first."""
        refused = self._refusal(request)
        if refused:
            return refused
        given = request.query_params
        name, country = given.get("name", ""), given.get("countryISOAlpha2Code", "")
        number = given.get("registrationNumber", "")
        if not country or not (name or number):
            return vendor_error("dnb", 400, "countryISOAlpha2Code and a name or number are needed.")
        candidates = self._candidates(name, country, number)
        if not candidates:
            return vendor_error("dnb", 404, "No match found for the given inquiry.")
        return json_value(
            {
                **self._transaction(),
                "inquiryDetail": dict(given),
                "candidatesMatchedQuantity": len(candidates),
                "matchDataCriteria": "Name and Address Lookup",
                "matchCandidates": [
                    {"displaySequence": place, **candidate}
                    for place, candidate in enumerate(candidates, 1)
                ],
            }
        )

    async def data(self, request: Request) -> Response:
        """Answer data blocks; a block outside the contract is refused on its own."""
        refused = self._refusal(request)
        if refused:
            return refused
        duns = request.path_params["duns"]
        row = self._world.row(f"select {_COLUMNS} from companies where duns = ?", (duns,))  # noqa: S608 - constant columns
        if row is None:
            return vendor_error("dnb", 404, "Requested DUNS not found.")
        blocks = [block for block in request.query_params.get("blockIDs", "").split(",") if block]
        if not blocks:
            return vendor_error("dnb", 400, "blockIDs is missing.")
        company = Company.from_row(row)
        if company.country == "DE" and not request.query_params.get("orderReason"):
            return vendor_error("dnb", 400, "orderReason is mandatory for German companies.")
        return json_value(
            {
                **self._transaction(),
                "inquiryDetail": {"duns": duns, "blockIDs": blocks},
                **report(company, blocks, self._world.now_ms),
            }
        )

    def _refusal(self, request: Request) -> Response | None:
        if self.tokens.is_valid(request.headers.get("authorization", "")):
            return None
        return vendor_error("dnb", 401, "You are not currently authorized to access this product.")

    def _transaction(self) -> dict[str, Any]:
        return {
            "transactionDetail": {
                "transactionID": f"rrt-{uuid4()}",
                "transactionTimestamp": self._world.now.replace("Z", ".000Z"),
                "inLanguage": "en-US",
            }
        }

    def _candidates(self, name: str, country: str, number: str) -> list[dict[str, Any]]:
        if number:
            rows = self._world.rows(
                f"select {_COLUMNS} from companies where country = ? and (registration_number = ? "  # noqa: S608 - constant columns
                "or upper(replace(replace(tax_id, ' ', ''), '-', '')) = ?)",
                (country, number, re.sub(r"[^A-Z0-9]", "", number.upper())),
            )
            if rows:
                return [self._candidate(Company.from_row(row), 1.0, "A", 10) for row in rows]
        wanted = _plain(name)
        if not wanted:
            return []
        scored = sorted(
            (
                (difflib.SequenceMatcher(None, wanted, known).ratio(), duns)
                for duns, known, where in self._register()
                if where == country and known[:1] == wanted[:1]
            ),
            reverse=True,
        )[:_MOST_CANDIDATES]
        found = []
        for similarity, duns in scored:
            if similarity < _LEAST_SIMILAR:
                continue
            row = self._world.row(f"select {_COLUMNS} from companies where duns = ?", (duns,))  # noqa: S608 - constant columns
            if row:
                grade, confidence = _grade(similarity)
                found.append(self._candidate(Company.from_row(row), similarity, grade, confidence))
        return found

    def _register(self) -> list[tuple[str, str, str]]:
        """Return (duns, plain name, country) of every company, read once."""
        if self._names is None:
            rows = self._world.rows("select duns, name, country from companies")
            self._names = [(duns, _plain(name), country) for duns, name, country in rows]
        return self._names

    def _candidate(
        self, company: Company, similarity: float, grade: str, confidence: int
    ) -> dict[str, Any]:
        failed = is_out_of_business(company, EPOCH_DAY + self._world.now_ms // 86_400_000)
        return {
            "organization": {
                "duns": company.duns,
                "primaryName": company.name,
                "dunsControlStatus": {
                    "operatingStatus": {
                        "description": "Out of Business" if failed else "Active",
                        "dnbCode": 403 if failed else 9074,
                    }
                },
                "registrationNumbers": [{"registrationNumber": company.registration_number}],
                "primaryAddress": {
                    "addressLocality": {"name": company.profile["city"]},
                    "addressCountry": {"isoAlpha2Code": company.country},
                },
            },
            "matchQualityInformation": {
                "confidenceCode": confidence,
                "matchGrade": f"{grade}ZZZZZZZZZZ",
                "nameMatchScore": round(100 * similarity, 1),
                "matchDataProfile": "0099999898989898989899989898",
            },
        }


def _grade(similarity: float) -> tuple[str, int]:
    if similarity >= 0.97:
        return "A", 9
    if similarity >= 0.88:
        return "A", 8
    if similarity >= 0.75:
        return "B", 6
    return "F", 4


def _plain(name: str) -> str:
    umlauts = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
    text = name.casefold().translate(umlauts).replace(" and ", " & ")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9& ]", "", text)).strip()
