"""D&B: which match is good enough, whose report is pulled, and what a refused block means."""

import json

import pytest

from ingestion.bureau.dnb import accepted_duns
from ingestion.connection import Connection, Subject


def candidate(duns, confidence, grade="AAAAAAAFFFZ"):
    quality = {"confidenceCode": confidence, "matchGrade": grade}
    return {"organization": {"duns": duns}, "matchQualityInformation": quality}


def body(*candidates):
    return json.dumps({"matchCandidates": list(candidates)}).encode()


@pytest.mark.parametrize(
    ("candidates", "duns"),
    [
        ([candidate("1", 8)], "1"),
        ([candidate("1", 7)], None),
        ([candidate("1", 10, "BAAAAAAFFFZ")], None),
        ([candidate("1", 8), candidate("2", 9)], "2"),
        ([candidate("1", 9), candidate("2", 9)], None),
        ([candidate("1", 9), candidate("1", 9)], "1"),
        ([], None),
    ],
)
def test_only_one_confident_match_with_an_a_for_the_name_is_accepted(candidates, duns):
    assert accepted_duns(body(*candidates)) == duns


def test_an_answer_without_candidates_is_no_match():
    assert accepted_duns(b'{"error": {"errorCode": "20505"}}') is None
    assert accepted_duns(b"<html>") is None


@pytest.fixture
def refused_blocks():
    return []


@pytest.fixture
def bureau(serve, reply, refused_blocks):
    def answer(request):
        if request.path.endswith("cleanseMatch"):
            name = request.query["name"]
            if name == "Nobody":
                return reply(404, b'{"error": {"errorCode": "20505", "errorMessage": "none"}}')
            found = candidate(f"00000000{len(name)}", 5 if name == "Doubtful" else 9)
            return reply(200, body(found))
        duns = request.path.rsplit("/", 1)[1]
        blocks = [
            {"blockID": name, "status": "refused" if name in refused_blocks else "ok"}
            for name in request.query["blockIDs"].split(",")
        ]
        return reply(
            200, json.dumps({"blockStatus": blocks, "organization": {"duns": duns}}).encode()
        )

    return serve(answer)


@pytest.fixture
def connection(bureau):
    options = {"backoff_seconds": 0.01}
    return Connection("alder", "dnb", "dnb", base_url=bureau.url, options=options)


def subject(party_id, name, **more):
    return Subject("alder", party_id, name, **{"country": "DE", **more})


def of(report, entity):
    (found,) = [one for one in report.entities if one.entity == entity]
    return found


def test_matches_are_kept_for_all_and_reports_pulled_for_the_accepted(
    sync, connection, rows, bureau
):
    subjects = [subject("p1", "Acme"), subject("p2", "Doubtful"), subject("p3", "Nobody")]

    report = sync(connection, subjects=subjects)

    assert report.is_ok, report
    found = rows("select record_id from raw_dnb.matches order by 1")
    assert [record_id for (record_id,) in found] == ["p1", "p2", "p3"]
    assert rows("select record_id from raw_dnb.reports") == [("000000004",)]
    (asked,) = bureau.asked("/v1/data/duns/")
    assert asked.query["orderReason"]


def test_a_known_number_saves_the_match(sync, connection, bureau, rows):
    sync(connection, subjects=[subject("p1", "Acme", duns="123456789")])

    assert not bureau.asked("cleanseMatch")
    assert rows("select record_id from raw_dnb.reports") == [("123456789",)]


def test_what_is_held_is_not_paid_for_again_until_it_is_old(sync, connection, bureau):
    subjects = [subject("p1", "Acme"), subject("p2", "Doubtful")]
    sync(connection, subjects=subjects)
    calls = len(bureau.requests)
    sync(connection, subjects=subjects, hours=24 * 29)
    assert len(bureau.requests) == calls

    sync(connection, subjects=subjects, hours=24 * 31)
    assert len(bureau.requests) == 2 * calls


def test_an_accepted_match_that_is_held_still_gets_its_report(sync, connection, bureau, rows):
    sync(connection, subjects=[subject("p1", "Acme")])
    rows("delete from raw_dnb.reports")

    report = sync(connection, subjects=[subject("p1", "Acme")], hours=1)

    assert len(bureau.asked("cleanseMatch")) == 1
    assert of(report, "reports").landed == 1


def test_a_refused_block_lands_and_makes_the_sync_partial(sync, connection, refused_blocks, rows):
    refused_blocks.append("paymentinsight_L3_v1")

    report = of(sync(connection, subjects=[subject("p1", "Acme")]), "reports")

    assert (report.status, report.landed) == ("partial", 1)
    assert "paymentinsight_L3_v1 was refused in 1 of 1" in report.cause


def test_other_tenants_and_companies_without_a_country_are_not_asked_about(
    sync, connection, bureau
):
    others = [Subject("birch", "p1", "Acme", "DE"), subject("p2", "Acme", country=None)]

    sync(connection, subjects=others)

    assert not bureau.requests


def test_an_answer_of_another_shape_is_quarantined_with_its_party(
    sync, connection, bureau, reply, rows
):
    bureau.faults.append(("cleanseMatch", reply(200, b'{"matchCandidatesX": []}')))

    report = of(sync(connection, subjects=[subject("p1", "Acme")]), "matches")

    assert (report.status, report.quarantined) == ("partial", 1)
    assert rows("select record_id, reason_code from raw_quarantine.records") == [
        ("p1", "shape_changed")
    ]


def test_the_sandbox_bureau_answers(sandbox, world_connections, sync, rows):
    sync(*world_connections(sandbox, "xero"))
    names = rows(
        "select record_id, json_extract_string(payload, '$.Name'),"
        " json_extract_string(payload, '$.TaxNumber') from raw_xero.contacts order by 1 limit 20"
    )
    subjects = [
        Subject("alder", record_id, name, (tax or "DE")[:2], tax or None)
        for record_id, name, tax in names
    ]

    report = sync(*world_connections(sandbox, "dnb"), subjects=subjects, hours=1)

    assert of(report, "matches").landed == len(subjects)
    assert of(report, "reports").landed > 0
    assert all(one.reconciles for one in report.entities)


def test_a_report_that_lacks_a_figure_we_read_is_not_held_but_asked_for_again(
    sync, connection, bureau, reply, rows
):
    renamed = {"blockStatus": [], "organization": {"duns": "000000004"}}
    renamed["organization"]["businessTrading"] = [{"summary": [{"payDexScore": 80}]}]
    bureau.faults.append(("data/duns", reply(200, json.dumps(renamed).encode())))

    first = of(sync(connection, subjects=[subject("p1", "Acme")]), "reports")
    second = sync(connection, subjects=[subject("p1", "Acme")], hours=1)

    assert (first.status, first.landed) == ("partial", 0)
    assert second.is_ok
    assert of(second, "reports").landed == 1
    assert rows("select resolution from raw_quarantine.records") == [("superseded",)]


@pytest.mark.parametrize("path", ["cleanseMatch", "data/duns"])
def test_a_company_that_is_declined_stops_no_other(sync, connection, bureau, reply, path):
    bureau.faults.append((path, reply(400, b'{"error": {"errorCode": "00040"}}')))

    report = sync(connection, subjects=[subject("p1", "Acme"), subject("p2", "Other")])

    entity = of(report, "matches" if path == "cleanseMatch" else "reports")
    assert (entity.status, entity.landed) == ("partial", 1)
    assert "1 of 2" in entity.cause


def test_reports_are_not_called_whole_while_a_match_is_missing(sync, connection, bureau, reply):
    bureau.faults.append(("cleanseMatch", reply(200, b'{"matchCandidatesX": []}')))

    report = of(sync(connection, subjects=[subject("p1", "Acme")]), "reports")

    assert report.status == "partial"
    assert "not every company could be matched" in report.cause
