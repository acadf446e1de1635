"""What the bureau says about a company on a day: a blurred, late view of how it really pays."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.sandbox.world.days import EPOCH_DAY, day_iso

KNOWN_BLOCKS = ("companyinfo_L2_v1", "financialstrengthinsight_L2_v1", "paymentinsight_L3_v1")
_NEWS_LAG_DAYS = 14
_PAYDEX = ((-30, 100), (-20, 90), (0, 80), (15, 70), (22, 60), (30, 50), (60, 40), (90, 30))
_OUT_OF_BUSINESS, _ACTIVE = 403, 9074


@dataclass(frozen=True)
class Company:
    """One company of the bureau's register."""

    duns: str
    name: str
    country: str
    registration_number: str
    tax_id: str
    profile: dict[str, Any]

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> Company:
        """Read a row of the companies table."""
        duns, name, country, registration_number, tax_id, profile = row
        return cls(duns, name, country, registration_number, tax_id, json.loads(profile))


def paydex(days_beyond_terms: float) -> int:
    """Turn mean days beyond terms into the 1–100 index; 80 is on terms."""
    before = _PAYDEX[0]
    if days_beyond_terms <= before[0]:
        return 100
    for point in _PAYDEX[1:]:
        if days_beyond_terms <= point[0]:
            share = (days_beyond_terms - before[0]) / (point[0] - before[0])
            return round(before[1] + share * (point[1] - before[1]))
        before = point
    return 20


def report(company: Company, blocks: list[str], now_ms: int) -> dict[str, Any]:
    """Return the data blocks asked for, as of a moment; unknown blocks are refused one by one."""
    today = EPOCH_DAY + now_ms // 86_400_000
    statuses = [
        {"blockID": block, "status": "ok", "reason": None}
        if block in KNOWN_BLOCKS
        else {"blockID": block, "status": "error", "reason": "Block not in contract"}
        for block in blocks
    ]
    organisation: dict[str, Any] = {"duns": company.duns}
    if KNOWN_BLOCKS[0] in blocks:
        organisation |= _company_information(company, today)
    if KNOWN_BLOCKS[1] in blocks:
        organisation |= _strength(company, today)
    if KNOWN_BLOCKS[2] in blocks:
        organisation |= _trading(company, today)
    return {"blockStatus": statuses, "organization": organisation}


def is_out_of_business(company: Company, today: int) -> bool:
    """Tell whether the bureau knows by `today` that the company failed."""
    failed_on = company.profile["failed_on"]
    return failed_on is not None and today >= failed_on + _NEWS_LAG_DAYS


def _company_information(company: Company, today: int) -> dict[str, Any]:
    profile = company.profile
    failed = is_out_of_business(company, today)
    return {
        "primaryName": company.name,
        "countryISOAlpha2Code": company.country,
        "startDate": day_iso(profile["registered_on"]),
        "dunsControlStatus": {
            "operatingStatus": {
                "description": "Out of Business" if failed else "Active",
                "dnbCode": _OUT_OF_BUSINESS if failed else _ACTIVE,
            },
            "isMarketable": not failed,
        },
        "registrationNumbers": [
            {
                "registrationNumber": company.registration_number,
                "isPreferredRegistrationNumber": True,
            }
        ],
        "vatNumber": company.tax_id,
        "primaryAddress": {
            "streetAddress": {"line1": profile["street"]},
            "addressLocality": {"name": profile["city"]},
            "postalCode": profile["postal_code"],
            "addressCountry": {"isoAlpha2Code": company.country},
        },
        "numberOfEmployees": [{"value": max(1, round(40 * profile["size"])), "reliability": 9092}],
    }


def _strength(company: Company, today: int) -> dict[str, Any]:
    risk = _risk(company, today)
    percentile = max(1, min(100, round(100 * (1 - risk))))
    failed = is_out_of_business(company, today)
    limit = round(60_000 * company.profile["size"] ** 0.8 * (1.2 - risk), -3)
    count = 1 if failed else 0
    totals = {"periodSummary": {"12Months": {"totalCount": count}}}
    nothing = {"periodSummary": {"12Months": {"totalCount": 0}}}
    return {
        "dnbAssessment": {
            "failureScore": _score(company, percentile, today, "UK Failure Score V3"),
            "delinquencyScore": _score(
                company, _delinquency(company, today), today, "Delinquency V3"
            ),
            "standardRating": {"rating": f"{max(1, 5 - round(4 * risk))}A{_class(percentile)[:1]}"},
            "creditLimitRecommendation": {
                "maximumRecommendedLimit": {
                    "value": 0 if failed else max(1000, int(limit)),
                    "currency": company.profile["currency"],
                }
            },
            "hasSevereNegativeEvents": failed,
        },
        "legalEvents": {
            "bankruptcy": totals,
            "judgments": {"periodSummary": {"12Months": {"totalCount": int(risk > 0.75)}}},
            "liens": nothing,
            "suits": nothing,
        },
    }


def _trading(company: Company, today: int) -> dict[str, Any]:
    days = _days_beyond_terms(company, today)
    size = company.profile["size"]
    thin = size < 0.12
    return {
        "businessTrading": [
            {
                "currency": company.profile["currency"],
                "summary": [
                    {
                        "summaryDate": date.fromordinal(today).replace(day=1).isoformat(),
                        "paydexScore": None if thin else paydex(days),
                        "threeMonthsPriorPaydexScore": None
                        if thin
                        else paydex(_days_beyond_terms(company, today - 90)),
                        "paymentBehaviorDays": round(days),
                        "totalExperiencesCount": 1 if thin else 4 + round(12 * size),
                        "totalPastDueAmount": max(0, round(900 * size * days)),
                        "maximumHighCreditAmount": round(25_000 * size),
                    }
                ],
            }
        ]
    }


def _days_beyond_terms(company: Company, today: int) -> float:
    profile = company.profile
    drift: float = profile["drift_days"] * math.sin((today - 30) / 58.0 + profile["drift_phase"])
    noise = (_draw(company.duns, today // 30) - 0.5) * 8
    distress = 0.0
    if profile["failed_on"] is not None:
        distress = max(0.0, 25.0 * (1 - (profile["failed_on"] - today + 30) / 120))
    mean: float = profile["delay_days"]
    return mean + drift + noise + min(distress, 60.0)


def _risk(company: Company, today: int) -> float:
    """Return 0 (safe) to 1 (failing), blurred by noise of its own."""
    if is_out_of_business(company, today):
        return 1.0
    days = _days_beyond_terms(company, today)
    raw = (days + 14) / 18 + 1.2 * (_draw(company.duns, 0) - 0.5) - 0.4
    return 1 / (1 + math.exp(1.6 - raw))


def _delinquency(company: Company, today: int) -> int:
    value = 1 / (1 + math.exp((_days_beyond_terms(company, today) - 2) / 7))
    return max(1, min(100, round(100 * value)))


def _score(company: Company, percentile: int, today: int, model: str) -> dict[str, Any]:
    failed = is_out_of_business(company, today)
    return {
        "classScore": 5 if failed else int(_class(percentile)),
        "nationalPercentile": 1 if failed else percentile,
        "scoreDate": date.fromordinal(today).replace(day=1).isoformat(),
        "scoreModel": {"description": model},
        "scoreOverrideReasons": [],
    }


def _class(percentile: int) -> str:
    return str(1 + sum(percentile < bound for bound in (90, 70, 30, 10)))


def _draw(duns: str, period: int) -> float:
    digest = hashlib.sha256(f"{duns}/{period}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32
