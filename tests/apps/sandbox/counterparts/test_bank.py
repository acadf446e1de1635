"""The bank shows accounts, balances and transactions as of the clock, and knows account owners."""

from __future__ import annotations


def _all(client, headers, path, **params):
    items, cursor, pages = [], None, 0
    while True:
        query = {**params, **({"cursor": cursor} if cursor else {})}
        answer = client.http.get(path, params=query, headers=headers).json()
        items += answer["data"]
        pages += 1
        cursor = answer["next_cursor"]
        if cursor is None:
            return items, pages


def _account(client):
    return client.world["organisations"][0]["collection_account_id"]


def test_an_unknown_token_is_refused_in_the_banks_shape(client):
    answer = client.http.get("/bank/v1/accounts", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"code", "message", "request_id"}
    assert answer.json()["error"]["code"] == "invalid_token"


def test_a_wrong_client_gets_no_token(client):
    answer = client.http.post(
        "/bank/oauth2/token", data={"grant_type": "client_credentials"}, auth=("a", "b")
    )
    assert answer.status_code == 401


def test_accounts_page_by_cursor(client):
    accounts, pages = _all(client, client.bank(), "/bank/v1/accounts", limit=2)
    ids = [account["id"] for account in accounts]
    assert len(ids) == len(set(ids))
    assert pages == -(-len(ids) // 2)
    assert {o["collection_account_id"] for o in client.world["organisations"]} <= set(ids)
    assert {"funding-EUR", "funding-GBP", "funding-USD"} <= set(ids)


def test_transactions_page_in_order_and_end_at_the_balance(client):
    headers, path = client.bank(), f"/bank/v1/accounts/{_account(client)}"
    transactions, pages = _all(client, headers, f"{path}/transactions", limit=50)
    assert pages > 1
    created = [transaction["created_at"] for transaction in transactions]
    assert created == sorted(created)
    assert created[-1] <= client.world["now"]
    balance = client.http.get(f"{path}/balances", headers=headers).json()["data"][0]
    assert balance["amount_minor"] == transactions[-1]["balance_after_minor"]
    assert balance["amount_minor"] == sum(t["amount_minor"] for t in transactions)


def test_transactions_begin_where_asked(client):
    path = f"/bank/v1/accounts/{_account(client)}/transactions"
    found, _ = _all(client, client.bank(), path, **{"from": "2026-06-01", "limit": 1000})
    assert found
    assert min(transaction["booked_on"] for transaction in found) >= "2026-06-01"
    refused = client.http.get(path, params={"from": "June"}, headers=client.bank())
    assert refused.status_code == 400


def test_moving_the_clock_shows_later_transactions(client):
    path = f"/bank/v1/accounts/{_account(client)}/transactions"
    before, _ = _all(client, client.bank(), path, limit=1000)
    client.http.post("/admin/clock", json={"advance_days": 30})
    after, _ = _all(client, client.bank(), path, limit=1000)
    assert after[: len(before)] == before
    assert len(after) > len(before)


def test_an_unknown_account_is_not_found(client):
    headers = client.bank()
    for tail in ("balances", "transactions"):
        assert client.http.get(f"/bank/v1/accounts/x/{tail}", headers=headers).status_code == 404


def test_names_of_owners_match_partly_or_not(client):
    organisation = client.world["organisations"][0]
    results = []
    short = organisation["name"][: len(organisation["name"]) * 6 // 10]
    for name in (organisation["name"], short, "Somebody Else Entirely"):
        body = {"iban": organisation["payout_iban"], "name": name}
        answer = client.http.post(
            "/bank/v1/account-verifications", json=body, headers=client.bank()
        ).json()
        results.append((answer["result"], answer["matched_name"]))
    assert results == [
        ("match", organisation["name"]),
        ("partial_match", organisation["name"]),
        ("no_match", None),
    ]


def test_a_closed_account_matches_nobody(client):
    body = {"iban": client.world["test_accounts"]["closed_iban"], "name": "Closed Account Ltd"}
    answer = client.http.post("/bank/v1/account-verifications", json=body, headers=client.bank())
    assert answer.json()["result"] == "no_match"


def test_the_limit_is_refused_with_a_wait(client):
    headers = client.bank()
    client.http.post("/admin/limits", json={"bank": {"per_minute": 0, "concurrent": 50}})
    answer = client.http.get("/bank/v1/accounts", headers=headers)
    client.http.post("/admin/limits", json={"bank": {"per_minute": 6000, "concurrent": 50}})
    assert answer.status_code == 429
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert int(answer.headers["Retry-After"]) >= 1
