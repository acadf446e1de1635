"""Tables of a world file: what was simulated, and what the counterparts were told since."""

from __future__ import annotations

INVOICES, CONTACTS, CREDIT_NOTES, PAYMENTS, PURCHASE_ORDERS = range(5)

TABLES = """
create table facts (key text primary key, value text not null) without rowid;
create table organisations (
    number integer primary key, organisation_id text not null unique, name text not null,
    base_currency text not null, country text not null, tax_id text not null,
    collection_account_id text not null, payout_iban text not null, payload text not null
);
create table records (
    organisation integer not null, entity integer not null, record_id text not null,
    updated_ms integer not null, superseded_ms integer not null, kind text not null,
    status text not null, contact_id text not null, number text not null,
    dated_ms integer not null, payload text not null
);
create table accounts (
    account_id text primary key, organisation integer not null, iban text not null,
    currency text not null, payload text not null
) without rowid;
create table transactions (
    account_id text not null, created_ms integer not null, booked_on text not null,
    transaction_id text not null, amount integer not null, balance_after integer not null,
    payload text not null
);
create table companies (
    position integer primary key, duns text not null, name text not null, country text not null,
    registration_number text not null, tax_id text not null, profile text not null
);
create table account_owners (
    iban text primary key, name text not null, status text not null
) without rowid;
create table goods_receipts (
    organisation integer not null, purchase_order_number text not null,
    received_on text not null, amount integer not null, currency text not null
);
"""

STATE_TABLES = """
create table if not exists payment_orders (
    position integer primary key autoincrement, order_id text not null unique,
    end_to_end_id text not null, amount integer not null, currency text not null,
    creditor_name text not null, creditor_iban text not null, remittance text not null,
    status text not null, reason text, created_ms integer not null, updated_ms integer not null
);
create table if not exists credit_decisions (
    decision_id text primary key, request_id text not null, status text not null,
    limit_minor integer not null, reason text, body text not null
) without rowid;
create table if not exists idempotency (
    key text primary key, body_sha256 text not null, status integer not null, answer text not null
) without rowid;
create table if not exists webhook_endpoints (
    endpoint_id text primary key, url text not null unique, secret text not null
) without rowid;
create table if not exists webhooks (
    position integer primary key autoincrement, name text not null, received_ms integer not null,
    headers text not null, body text not null
);
create table if not exists messages (
    position integer primary key autoincrement, received_ms integer not null,
    sender text not null, recipients text not null, source blob not null
);
"""

INDEXES = """
create index records_by_change on records (organisation, entity, updated_ms, superseded_ms);
create index records_by_id on records (record_id, updated_ms);
create index transactions_by_account on transactions (account_id, created_ms);
create index companies_by_duns on companies (duns);
create index companies_by_registration on companies (registration_number);
"""
