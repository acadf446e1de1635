"""Signing in, pacing, retrying, giving up: against a server that misbehaves on purpose."""

import time
from dataclasses import replace

import httpx
import msgspec
import pytest
import structlog
from pydantic import SecretStr

from ingestion.authorisation import Authoriser
from ingestion.pacing import Breaker, Deadline, Limits, Pace
from ingestion.transport import (
    CircuitOpen,
    RateLimited,
    Refused,
    ShapeChanged,
    Transport,
    Unauthorised,
    Unreachable,
)


class Clock:
    """A clock that the test moves; sleeping moves it too."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture
def client():
    with httpx.Client() as client:
        yield client


@pytest.fixture
def transport(connection, client):
    limits = Limits.of(connection.options, breaker_failures=5)
    return Transport.open(connection, client, Authoriser(connection, client), limits)


def decode(body: bytes) -> object:
    return msgspec.json.decode(body)


def orders(transport):
    return transport.get("/PurchaseOrders", decode, {"page": 1, "pageSize": 10})


def fail(xero, reply_of, part="PurchaseOrders", times=1):
    xero.faults += [(part, reply_of)] * times


def test_token_call_is_basic_client_credentials_and_is_made_once(transport, xero):
    orders(transport)
    orders(transport)

    (call,) = xero.asked("token")
    assert call.headers["authorization"].startswith("Basic ")
    assert b"grant_type=client_credentials" in call.body


def test_token_is_renewed_a_margin_before_it_expires(connection, client, xero, organisation):
    organisation.expires_in = 300
    clock = Clock()
    authoriser = Authoriser(connection, client, clock)
    authoriser.token()
    clock.now += 239
    authoriser.token()
    assert len(xero.asked("token")) == 1
    clock.now += 2
    authoriser.token()

    assert len(xero.asked("token")) == 2


def test_a_token_that_expires_in_mid_run_is_renewed_once(transport, xero, organisation):
    orders(transport)
    organisation.token = "t-2"

    assert orders(transport).status == 200
    assert len(xero.asked("token")) == 2


def test_a_renewed_token_is_not_thrown_away_by_a_late_401(connection, client):
    authoriser = Authoriser(connection, client)
    fresh = authoriser.token()
    authoriser.discard("an older one")

    assert authoriser.token() == fresh


def test_refused_credentials_say_what_to_do_and_show_no_secret(connection, client):
    wrong = replace(
        connection,
        credentials={"client_id": SecretStr("id-1"), "client_secret": SecretStr("falsch-9")},
    )
    transport = Transport.open(wrong, client, Authoriser(wrong, client), Limits())

    with pytest.raises(Unauthorised, match="Check the credentials") as caught:
        orders(transport)
    assert "falsch-9" not in f"{caught.value!r} {caught.value} {wrong!r} {transport!r}"


def test_missing_credentials_name_what_to_provide(connection, client):
    bare = replace(connection, credentials={})
    transport = Transport.open(bare, client, Authoriser(bare, client), Limits())

    with pytest.raises(Unauthorised, match="client_id or key"):
        orders(transport)


def test_a_rotated_refresh_token_is_kept_before_the_access_token_is_used(
    connection, client, organisation, xero
):
    organisation.refresh_token = "r-1"
    kept = []
    rotating = replace(
        connection,
        credentials={**connection.credentials, "refresh_token": SecretStr("r-1")},
        on_refresh_token=lambda token: kept.append((token, len(xero.asked("PurchaseOrders")))),
    )
    authoriser = Authoriser(rotating, client)
    transport = Transport.open(rotating, client, authoriser, Limits())
    orders(transport)
    organisation.token = "t-2"
    orders(transport)

    assert kept == [("r-1x", 0), ("r-1xx", 2)]


def test_server_errors_are_tried_again(transport, xero, reply):
    fail(xero, reply(500), times=2)

    assert orders(transport).status == 200
    assert len(xero.asked("PurchaseOrders")) == 3


def test_a_server_that_keeps_failing_is_unreachable(transport, xero, reply):
    fail(xero, reply(503), times=9)

    with pytest.raises(Unreachable, match="HTTP 503") as caught:
        orders(transport)
    assert len(xero.asked("PurchaseOrders")) == 3
    assert caught.value.endpoint == "GET /PurchaseOrders"


def test_retry_after_is_obeyed(transport, xero, reply):
    fail(xero, reply(429, headers={"Retry-After": "0.2"}), times=1)
    fail(xero, reply(429, headers={"Retry-After": "1"}), times=1)
    transport.deadline = Deadline.after(60)
    started = transport.deadline.clock()

    assert orders(transport).status == 200
    assert transport.deadline.clock() - started >= 1


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "40000"}, {"Retry-After": "1", "X-Rate-Limit-Problem": "day"}]
)
def test_a_daily_quota_stops_at_once(transport, xero, reply, headers):
    fail(xero, reply(429, headers=headers), times=9)

    with pytest.raises(RateLimited, match="daily quota") as caught:
        orders(transport)
    assert caught.value.is_quota
    assert len(xero.asked("PurchaseOrders")) == 1


def test_forbidden_is_not_tried_again(transport, xero, reply):
    fail(xero, reply(403), times=9)

    with pytest.raises(Unauthorised):
        orders(transport)
    assert len(xero.asked("PurchaseOrders")) == 1


def test_a_declined_request_is_not_tried_again(transport, xero, reply):
    fail(xero, reply(400), times=9)

    with pytest.raises(Refused):
        orders(transport)
    assert len(xero.asked("PurchaseOrders")) == 1


def test_a_body_cut_short_is_read_again(transport, xero, reply):
    fail(xero, reply(200, b'{"PurchaseOrders": []}', cut=9))

    assert orders(transport).content["PurchaseOrders"] == []


def test_a_body_that_stays_cut_short_is_handed_over_as_far_as_it_came(transport, xero, reply):
    fail(xero, reply(200, b'{"PurchaseOrders": []}', cut=9), times=9)

    with pytest.raises(ShapeChanged) as caught:
        orders(transport)
    assert (caught.value.reason_code, caught.value.body) == ("truncated", b'{"Purchas')


def test_a_malformed_body_is_read_again_and_then_handed_over(transport, xero, reply):
    fail(xero, reply(200, b"{]"), times=1)
    assert orders(transport).status == 200
    fail(xero, reply(200, b"{]"), times=9)

    with pytest.raises(ShapeChanged) as caught:
        orders(transport)
    assert (caught.value.reason_code, caught.value.body) == ("malformed", b"{]")


def test_the_circuit_opens_and_rests(transport, xero, reply):
    fail(xero, reply(500), times=20)
    for _ in range(2):
        with pytest.raises(Unreachable):
            orders(transport)
    asked = len(xero.asked("PurchaseOrders"))

    with pytest.raises(CircuitOpen):
        orders(transport)
    assert len(xero.asked("PurchaseOrders")) == asked == 5


def test_the_circuit_lets_one_try_through_after_its_rest():
    clock = Clock()
    breaker = Breaker(failures=2, rest_seconds=30, clock=clock)
    breaker.record(succeeded=False)
    breaker.record(succeeded=False)
    assert breaker.is_open
    clock.now += 31
    assert not breaker.is_open
    breaker.record(succeeded=False)
    assert breaker.is_open
    clock.now += 31
    breaker.record(succeeded=True)
    assert not breaker.is_open


def test_nothing_starts_after_the_deadline(transport, xero):
    transport.deadline = Deadline.after(0)

    with pytest.raises(CircuitOpen, match="time is up"):
        orders(transport)
    assert not xero.asked("PurchaseOrders")


def test_a_pace_never_allows_more_calls_in_any_minute_than_agreed():
    clock = Clock()
    pace = Pace(3, clock, clock.sleep)
    times = []
    for _ in range(10):
        pace.wait()
        times.append(clock.now)

    assert all(later - earlier >= 60 for earlier, later in zip(times, times[3:], strict=False))
    assert times[2] == times[0]


def test_logs_hold_no_query_token_or_body(transport, xero, reply):
    fail(xero, reply(500))
    fail(xero, reply(200, b'{"Name": "Muster"'))
    with structlog.testing.capture_logs() as logs:
        transport.get("/PurchaseOrders", decode, {"page": 1, "pageSize": 5, "name": "Erika Muster"})

    text = str(logs)
    assert {"source.attempt_failed", "source.answer_received"} <= {log["event"] for log in logs}
    assert not any(word in text for word in ("Muster", "geheim", "t-1", "Bearer"))


def test_an_unreachable_host_is_named_by_connection_not_by_address(connection, client, free_port):
    gone = replace(connection, base_url=f"http://127.0.0.1:{free_port}")
    transport = Transport.open(gone, client, None, Limits(attempts=2, backoff_seconds=0.01))

    with pytest.raises(Unreachable, match="GET /PurchaseOrders of seller-1"):
        orders(transport)


def test_silence_longer_than_the_connections_own_limit_is_given_up(
    connection, client, serve, reply
):
    def silent(request):
        if request.path.endswith("token"):
            return reply(200, b'{"access_token": "t"}')
        time.sleep(2)
        return reply(200)

    server = serve(silent)
    impatient = replace(
        connection,
        base_url=server.url,
        token_url=f"{server.url}/token",
        options={**connection.options, "timeout_seconds": 0.5, "attempts": 1},
    )
    limits = Limits.of(impatient.options)
    transport = Transport.open(impatient, client, Authoriser(impatient, client), limits)

    with pytest.raises(Unreachable, match="ReadTimeout"):
        orders(transport)


def test_a_token_address_that_is_asked_too_often_says_for_how_long(transport, xero, reply):
    fail(xero, reply(429, headers={"Retry-After": "40000"}), "token")

    with pytest.raises(RateLimited, match="POST /connect/token") as caught:
        orders(transport)
    assert caught.value.is_quota
    assert orders(transport).status == 200
