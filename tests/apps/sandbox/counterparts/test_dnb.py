"""The bureau matches names and numbers, and reports what a company did up to the clock."""

from __future__ import annotations

import json

import pytest

BLOCKS = "companyinfo_L2_v1,financialstrengthinsight_L2_v1,paymentinsight_L3_v1"


@pytest.fixture
def companies(rows):
    return [
        dict(zip(("duns", "name", "country", "number", "tax", "profile"), row, strict=True))
        for row in rows(
            "select duns, name, country, registration_number, tax_id, profile from companies"
        )
    ]


def _match(client, headers, **params):
    return client.http.get("/dnb/v1/match/cleanseMatch", params=params, headers=headers)


def _data(client, headers, duns, blocks=BLOCKS, **params):
    params = {"blockIDs": blocks, "orderReason": "6332", **params}
    return client.http.get(f"/dnb/v1/data/duns/{duns}", params=params, headers=headers)


def test_the_token_answer_has_the_bureaus_own_spelling(client):
    given = client.world["credentials"]["dnb"]
    answer = client.http.post(
        "/dnb/v3/token",
        content="grant_type=client_credentials",
        auth=(given["key"], given["secret"]),
    ).json()
    assert answer["expiresIn"] == 86_400


def test_without_a_token_the_error_is_the_bureaus_own(client):
    answer = _match(client, {}, name="Somebody", countryISOAlpha2Code="DE")
    assert answer.status_code == 401
    assert set(answer.json()) == {"transactionDetail", "error"}


def test_a_company_is_found_by_its_own_name(client, companies):
    company = companies[0]
    answer = _match(
        client, client.dnb(), name=company["name"], countryISOAlpha2Code=company["country"]
    ).json()
    best = answer["matchCandidates"][0]
    assert best["organization"]["duns"] == company["duns"]
    assert best["matchQualityInformation"]["confidenceCode"] >= 8
    assert best["matchQualityInformation"]["matchGrade"][0] == "A"
    assert len(best["matchQualityInformation"]["matchGrade"]) == 11


def test_a_registration_number_is_certain(client, companies):
    company = companies[3]
    answer = _match(
        client,
        client.dnb(),
        registrationNumber=company["number"],
        countryISOAlpha2Code=company["country"],
    ).json()
    assert [c["organization"]["duns"] for c in answer["matchCandidates"]] == [company["duns"]]
    assert answer["matchCandidates"][0]["matchQualityInformation"]["confidenceCode"] == 10


def test_a_stranger_is_not_found(client):
    answer = _match(client, client.dnb(), name="Qqqq Xxxx", countryISOAlpha2Code="GB")
    assert answer.status_code == 404


def test_a_similar_name_is_no_certain_match(client, companies):
    company = next(c for c in companies if c["name"].count(" ") >= 2)
    stem = company["name"].split(" ")[0]
    answer = _match(
        client,
        client.dnb(),
        name=f"{stem} Quarry Partners",
        countryISOAlpha2Code=company["country"],
    )
    for candidate in answer.json().get("matchCandidates", []):
        assert candidate["matchQualityInformation"]["confidenceCode"] < 8


def test_a_report_has_the_paths_lenders_read(client, companies):
    answer = _data(client, client.dnb(), companies[0]["duns"]).json()
    organisation = answer["organization"]
    assert organisation["startDate"]
    assert organisation["dunsControlStatus"]["operatingStatus"]["dnbCode"] in {403, 9074}
    assert organisation["dnbAssessment"]["failureScore"]["classScore"] in range(1, 6)
    assert organisation["dnbAssessment"]["creditLimitRecommendation"]["maximumRecommendedLimit"]
    assert "paydexScore" in organisation["businessTrading"][0]["summary"][0]
    bankruptcy = organisation["legalEvents"]["bankruptcy"]["periodSummary"]["12Months"]
    assert bankruptcy["totalCount"] in {0, 1}


def test_a_block_outside_the_contract_is_refused_alone(client, companies):
    answer = _data(
        client, client.dnb(), companies[0]["duns"], "companyinfo_L2_v1,derivedtradeinsight_L1_v1"
    )
    assert answer.status_code == 200
    assert [b["status"] for b in answer.json()["blockStatus"]] == ["ok", "error"]


def test_german_companies_need_an_order_reason(client, companies):
    company = next(c for c in companies if c["country"] == "DE")
    answer = _data(client, client.dnb(), company["duns"], orderReason="")
    assert answer.status_code == 400


def test_an_unknown_number_is_not_found(client):
    assert _data(client, client.dnb(), "000000000").status_code == 404


def test_slow_payers_have_lower_indices(client, companies):
    headers = client.dnb()
    scored = []
    for company in companies:
        profile = json.loads(company["profile"])
        if profile["failed_on"] is not None:
            continue
        summary = _data(client, headers, company["duns"]).json()["organization"]
        index = summary["businessTrading"][0]["summary"][0]["paydexScore"]
        if index is not None:
            scored.append((profile["delay_days"], index))
    scored.sort()
    third = len(scored) // 3
    early = sum(index for _, index in scored[:third]) / third
    late = sum(index for _, index in scored[-third:]) / third
    assert early > late + 8


def test_a_failure_shows_only_after_it_happened(client, companies):
    failing = [c for c in companies if json.loads(c["profile"])["failed_on"]]
    if not failing:
        pytest.skip("nobody fails in this small world")
    company = failing[0]
    headers = client.dnb()
    states = []
    for moment in ("2025-07-05T00:00:00Z", "2026-10-30T00:00:00Z"):
        client.http.post("/admin/clock", json={"now": moment})
        organisation = _data(client, headers, company["duns"]).json()["organization"]
        states.append(organisation["dunsControlStatus"]["operatingStatus"]["dnbCode"])
    assert states == [9074, 403]
