"""D&B Direct+: who a company is (match) and what is known of it (report).

::

    subject ─► /v1/match/cleanseMatch ─► accepted? ─► /v1/data/duns/{duns}?blockIDs=… ─► report

A match is accepted at confidence 8 or more with an ``A`` for the name; less is for a person to
judge, so only its candidates are kept. Each block of a report has a status of its own: an answer
with one block refused is normal, lands, and makes the sync *partial*; so does one company that the
bureau declines to answer for, which stops no other. Every call is billed and carries a transaction
id, so what is held is asked for again only after ``refresh_days``: an answer that lacks a figure
we read is therefore refused, not held. A match needs a country; a company without one is not asked
about.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec

from ingestion.connection import Connection, Subject
from ingestion.failures import Refused, ShapeChanged
from ingestion.landing import Page
from ingestion.quarantine import Unlandable
from ingestion.source import Entity, Found, Reading, decode
from ingestion.totals import Described

REQUESTS_PER_MINUTE = 3000
REFRESH_DAYS = 30
MINIMUM_CONFIDENCE = 8
BLOCKS = "companyinfo_L2_v1,financialstrengthinsight_L2_v1,paymentinsight_L3_v1"
ORDER_REASON = "6332"
"""Reason code for credit decisions; some countries require one by law."""

_MATCHED = "dnb.matched"
_ALL_ANSWERED = "dnb.all_answered"
_NOT_FOUND = frozenset({404})


class _Organization(msgspec.Struct):
    duns: str


class _Quality(msgspec.Struct, rename="camel"):
    confidence_code: int
    match_grade: str


class _Candidate(msgspec.Struct):
    organization: _Organization
    matchQualityInformation: _Quality  # noqa: N815 - the vendor's spelling


class _Problem(msgspec.Struct, rename="camel"):
    error_code: str


class _Match(msgspec.Struct):
    """Either candidates or the news that there are none."""

    matchCandidates: list[_Candidate] | None = None  # noqa: N815 - the vendor's spelling
    error: _Problem | None = None


class _Block(msgspec.Struct, rename={"block_id": "blockID"}):
    block_id: str
    status: str
    reason: str | None = None


class _Summary(msgspec.Struct, rename="camel"):
    paydex_score: float | None


class _Trading(msgspec.Struct):
    summary: list[_Summary] = []


class _Score(msgspec.Struct, rename="camel"):
    national_percentile: float | None


class _Assessment(msgspec.Struct, rename="camel"):
    failure_score: _Score | None = None
    delinquency_score: _Score | None = None


class _Reported(_Organization, rename="camel"):
    """What we read of a company: a block may lack, but not a figure inside one."""

    business_trading: list[_Trading] | None = None
    dnb_assessment: _Assessment | None = None


class _Report(msgspec.Struct):
    organization: _Reported
    blockStatus: list[_Block]  # noqa: N815 - the vendor's spelling


_MATCH = msgspec.json.Decoder(_Match)
_REPORT = msgspec.json.Decoder(_Report)


def prepared(connection: Connection, _: Path) -> Connection:
    """Complete the options of a connection."""
    return replace(
        connection,
        options={
            "refresh_days": REFRESH_DAYS,
            "minimum_confidence": MINIMUM_CONFIDENCE,
            **connection.options,
        },
    )


def accepted_duns(body: bytes, minimum_confidence: int = MINIMUM_CONFIDENCE) -> str | None:
    """Return the D-U-N-S number of the one match good enough to use without a person.

    Two candidates that are equally good are as doubtful as a bad one: neither is accepted.
    """
    try:
        candidates = _MATCH.decode(body).matchCandidates or []
    except msgspec.DecodeError:
        return None
    good = [
        (one.matchQualityInformation.confidence_code, one.organization.duns)
        for one in candidates
        if one.matchQualityInformation.confidence_code >= minimum_confidence
        and one.matchQualityInformation.match_grade.startswith("A")
    ]
    best = {duns for confidence, duns in good if confidence == max(good)[0]}
    return best.pop() if len(best) == 1 else None


def _read_matches(reading: Reading) -> Iterator[Found]:
    subjects = [one for one in reading.subjects if one.duns is None and one.country]
    asked = [one for one in subjects if _is_due(reading, one.party_id)]
    matched: dict[str, str] = {one.party_id: one.duns for one in reading.subjects if one.duns}
    reading.memory[_MATCHED] = matched
    minimum = int(reading.connection.options["minimum_confidence"])
    due = {one.party_id for one in asked}
    held = reading.recall([one.party_id for one in subjects if one.party_id not in due])
    for party_id, payload in held.items():
        _accept(matched, party_id, payload.encode(), minimum)
    declined = answered = 0
    for subject in asked:
        try:
            answer = reading.transport.get(
                "/v1/match/cleanseMatch", _whole, _match_query(subject), allowed=_NOT_FOUND
            )
        except ShapeChanged as problem:
            yield problem
            continue
        except Refused:
            declined += 1
            answered += 1
            continue
        answered += _is_match(answer.body)
        _accept(matched, subject.party_id, answer.body, minimum)
        yield Page(answer.endpoint, answer.body, [answer.body], record_ids=[subject.party_id])
    reading.memory[_ALL_ANSWERED] = answered == len(asked)
    if declined:
        reading.remarks.append(f"{declined} of {len(asked)} matches were declined")


def _is_match(body: bytes) -> bool:
    try:
        _describe_match(body)
    except Unlandable:
        return False
    return True


def _accept(matched: dict[str, str], party_id: str, body: bytes, minimum: int) -> None:
    if duns := accepted_duns(body, minimum):
        matched[party_id] = duns


def _match_query(subject: Subject) -> dict[str, str | int]:
    query: dict[str, str | int] = {"name": subject.name}
    if subject.country:
        query["countryISOAlpha2Code"] = subject.country
    if subject.registration_number:
        query["registrationNumber"] = subject.registration_number
    return query


def _read_reports(reading: Reading) -> Iterator[Found]:
    wanted = sorted(set(reading.memory.get(_MATCHED, {}).values()))
    refused: Counter[str] = Counter()
    declined = 0
    query = {"blockIDs": BLOCKS, "orderReason": ORDER_REASON}
    for duns in wanted:
        if not _is_due(reading, duns):
            continue
        try:
            answer = reading.transport.get(f"/v1/data/duns/{duns}", _whole, query)
        except ShapeChanged as problem:
            yield problem
            continue
        except Refused:
            declined += 1
            continue
        refused.update(_refused_blocks(answer.body))
        yield Page(answer.endpoint, answer.body, [answer.body])
    reading.remarks += [
        f"block {block} was refused in {count} of {len(wanted)} reports"
        for block, count in sorted(refused.items())
    ]
    if declined:
        reading.remarks.append(f"{declined} of {len(wanted)} reports were declined")
    if not reading.memory.get(_ALL_ANSWERED):
        reading.remarks.append("not every company could be matched, so reports are missing")


def _whole(body: bytes) -> bytes:
    """Take a body that is JSON as it is."""
    msgspec.json.decode(body)
    return body


def _refused_blocks(body: bytes) -> list[str]:
    try:
        blocks = _REPORT.decode(body).blockStatus
    except msgspec.DecodeError:
        return []
    return [one.block_id for one in blocks if one.status.lower() not in {"ok", "success"}]


def _is_due(reading: Reading, record_id: str) -> bool:
    held = reading.held.get(record_id)
    if held is None or held.fetched_at is None:
        return True
    return reading.now - held.fetched_at >= timedelta(
        days=int(reading.connection.options["refresh_days"])
    )


def _describe_match(record: bytes) -> Described:
    found = decode(record, _MATCH, _MATCH)
    if found.matchCandidates is None and found.error is None:
        message = "Object missing required field `matchCandidates`"
        raise Unlandable("shape_changed", message)
    return Described("")


def _describe_report(record: bytes) -> Described:
    return Described(decode(record, _REPORT, _REPORT).organization.duns)


ENTITIES: tuple[Entity, ...] = (
    Entity("matches", _read_matches, _describe_match, names_itself=False),
    Entity("reports", _read_reports, _describe_report),
)
"""In reading order: a match says whose report to pull."""
