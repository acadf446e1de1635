-- The same marts by hand: one DuckDB script for one ledger system and one bank, without files,
-- dbt, tests, contracts or other engines. $as_of is the knowledge time.

create schema if not exists marts_risk;
create schema if not exists marts_portfolio;
create schema if not exists marts_compliance;
set variable as_of = timestamptz '$as_of';
set variable today = cast(getvariable('as_of') at time zone 'UTC' as date);
create or replace temp macro midnight(day) as cast(day as timestamp) at time zone 'UTC';
create or replace temp macro minor(text_value) as cast(cast(text_value as decimal(18, 4)) * 100 as bigint);
create or replace temp macro plain(text_value) as regexp_replace(upper(text_value), '[^\p{L}\p{N}]', '', 'g');
create or replace temp macro number_form(text_value) as regexp_replace(plain(text_value), '(^|[^0-9])0+([0-9])', '\1\2', 'g');
create or replace temp macro key_of(a, b, c, d) as sha256(concat_ws(chr(31), a, b, c, d));
create or replace temp macro letters(text_value) as
    replace(replace(replace(replace(plain(text_value), 'Ä', 'AE'), 'Ö', 'OE'), 'Ü', 'UE'), 'AND', '');

create temp table first_syncs as
select tenant_id, connection_id, entity, min(fetched_at) + interval 1 second as done_at
from raw_sync.entities where status = 'ok' group by all;

create temp table sellers as
select
    tenant_id, connection_id, sha256(concat_ws(chr(31), tenant_id, 'seller', connection_id)) as seller_id,
    j[1] as display_name, plain(j[2]) as tax_id, j[3] as country, j[4] as base_currency,
    make_timestamptz(cast(regexp_extract(j[5], '\((\d+)', 1) as bigint) * 1000) as created_at
from (select *, json_extract_string(payload, ['$.LegalName', '$.TaxNumber', '$.CountryCode', '$.BaseCurrency', '$.CreatedDateUTC']) as j from raw_xero.organisations)
qualify row_number() over (partition by tenant_id, connection_id, record_id order by fetched_at desc) = 1;

create temp table contacts as
select
    tenant_id, connection_id, record_id, payload_sha256, fetched_at, nullif(trim(j[1]), '') as name, plain(j[2]) as tax_id, plain(j[3]) as iban,
    coalesce(nullif(j[4], '') is null and j[5] || ' ' || j[6] = j[1], false) as is_person,
    case upper(coalesce(nullif(j[7], ''), j[8])) when 'GERMANY' then 'DE' when 'IRELAND' then 'IE' end as country,
    case when plain(j[2]) <> '' then key_of(tenant_id, 'debtor', 'tax', plain(j[2])) else key_of(tenant_id, 'debtor', connection_id, record_id) end as debtor_id,
    letters(j[1]) as letters
from (select *, json_extract_string(payload, ['$.Name', '$.TaxNumber', '$.BankAccountDetails', '$.CompanyNumber', '$.FirstName', '$.LastName', '$.Addresses[0].Country', '$.Addresses[1].Country']) as j from raw_xero.contacts)
qualify row_number() over (partition by tenant_id, connection_id, record_id order by fetched_at desc) = 1;

create temp table versions as
with read as (
    select *, json_extract_string(payload, ['$.Type', '$.InvoiceNumber', '$.Reference', '$.Contact.ContactID', '$.Status', '$.CurrencyCode', '$.DateString', '$.DueDateString',
        '$.FullyPaidOnDate', '$.Total', '$.TotalTax', '$.AmountPaid', '$.AmountCredited']) as j
    from raw_xero.invoices
)
select
    read.tenant_id, read.connection_id, record_id, is_deleted, payload_sha256, read.fetched_at, modified_at, j[2] as number, nullif(j[3], '') as reference, j[4] as contact_id, j[5] as state, j[6] as currency,
    cast(j[7][:10] as date) as issued_on, cast(j[8][:10] as date) as due_on, cast(make_timestamp(cast(regexp_extract(j[9], '\((\d+)', 1) as bigint) * 1000) as date) as paid_off_on,
    minor(j[10]) as gross, minor(j[11]) as tax, minor(j[12]) as paid, minor(j[13]) as credited,
    not coalesce(read.fetched_at > done_at, false) as is_history,
    case when read.fetched_at > done_at then read.fetched_at else midnight(cast(j[7][:10] as date)) end as recorded_at,
    case when read.fetched_at > done_at then read.fetched_at else modified_at end as changed_at,
    case when contains(payload, '"Dispute"') then [x for x in cast(json_extract(payload, '$.LineItems[*]') as json[]) if x->>'$.Tracking[0].Name' = 'Dispute'] end as disputed_lines
from read
left join first_syncs as f on f.tenant_id = read.tenant_id and f.connection_id = read.connection_id and f.entity = 'invoices'
where j[1] = 'ACCREC';

create temp table documents as
with known as (
    select *, min(recorded_at) over record as first_at, first_value(is_history) over (record order by fetched_at) as was_history
    from versions where recorded_at <= getvariable('as_of')
    window record as (partition by tenant_id, connection_id, record_id)
    qualify row_number() over (record order by fetched_at desc) = 1
),
invoices as (
    select
        tenant_id, connection_id, record_id, 'invoice' as kind, 1 as sign, number, reference, contact_id, state, currency, issued_on, due_on, gross, tax, paid, credited,
        coalesce(paid_off_on, cast(modified_at at time zone 'UTC' as date)) as stated_on, is_deleted, first_at as recorded_at, was_history, changed_at, payload_sha256, fetched_at,
        lower(disputed_lines[1]->>'$.Tracking[0].Option') as dispute,
        coalesce(list_sum([minor(x->>'$.LineAmount') + minor(x->>'$.TaxAmount') for x in disputed_lines]), 0) as dispute_minor
    from known
),
notes as (
    select
        n.tenant_id, n.connection_id, record_id, 'credit_note', -1, j[1], nullif(j[2], ''), j[3], j[4], j[5], cast(j[6][:10] as date), null::date, -minor(j[7]), -minor(j[8]), null::bigint,
        minor(j[9]) - minor(j[7]), cast(modified_at at time zone 'UTC' as date), is_deleted,
        case when n.fetched_at > done_at then n.fetched_at else midnight(cast(j[6][:10] as date)) end as first_at, not coalesce(n.fetched_at > done_at, false),
        case when n.fetched_at > done_at then n.fetched_at else modified_at end, payload_sha256, n.fetched_at, null, 0
    from (select *, json_extract_string(payload, ['$.CreditNoteNumber', '$.Reference', '$.Contact.ContactID', '$.Status', '$.CurrencyCode', '$.DateString', '$.Total', '$.TotalTax', '$.RemainingCredit']) as j from raw_xero.credit_notes) as n
    left join first_syncs as f on f.tenant_id = n.tenant_id and f.connection_id = n.connection_id and f.entity = 'credit_notes'
    where first_at <= getvariable('as_of')
    qualify row_number() over (partition by n.tenant_id, n.connection_id, record_id order by n.fetched_at desc) = 1
),
both_kinds as (select * from invoices union all select * from notes)
select
    row_number() over () as n, d.*, key_of(d.tenant_id, d.connection_id, d.record_id, null) as receivable_id, s.seller_id, s.tax_id as seller_tax_id, c.debtor_id,
    case when not c.is_person then c.tax_id end as debtor_tax_id, c.is_person, coalesce(number_form(number), '') as number_norm,
    case when state = 'DELETED' then 'discarded' when d.is_deleted or state = 'VOIDED' then 'void' when state in ('DRAFT', 'SUBMITTED') then 'draft' else 'issued' end as vendor_state
from both_kinds as d
left join sellers as s using (tenant_id, connection_id)
left join contacts as c on c.tenant_id = d.tenant_id and c.connection_id = d.connection_id and c.record_id = d.contact_id;

create temp table payments as
select p.tenant_id, p.connection_id, record_id, j[1] as invoice_id, minor(j[2]) as amount, cast(make_timestamp(cast(regexp_extract(j[3], '\((\d+)', 1) as bigint) * 1000) as date) as paid_on, j[4] as currency,
    not coalesce(p.fetched_at > done_at, false) as is_history, case when p.fetched_at > done_at then p.fetched_at else midnight(paid_on) end as recorded_at
from (select *, json_extract_string(payload, ['$.Invoice.InvoiceID', '$.Amount', '$.Date', '$.Invoice.CurrencyCode', '$.Status']) as j from raw_xero.payments) as p
left join first_syncs as f on f.tenant_id = p.tenant_id and f.connection_id = p.connection_id and f.entity = 'payments'
where j[5] <> 'DELETED' and not is_deleted
qualify row_number() over (partition by p.tenant_id, p.connection_id, record_id order by p.fetched_at desc) = 1;

create temp table allocations as
select n.tenant_id, n.connection_id, n.record_id as note_id, a->>'$.Invoice.InvoiceID' as invoice_id, minor(a->>'$.Amount') as amount,
    cast(make_timestamp(cast(regexp_extract(a->>'$.Date', '\((\d+)', 1) as bigint) * 1000) as date) as day,
    not coalesce(n.fetched_at > done_at, false) as is_history, case when n.fetched_at > done_at then n.fetched_at else midnight(day) end as recorded_at
from (select * from raw_xero.credit_notes, unnest(cast(json_extract(payload, '$.Allocations[*]') as json[])) as exploded (a)) as n
left join first_syncs as f on f.tenant_id = n.tenant_id and f.connection_id = n.connection_id and f.entity = 'credit_notes';

create temp table events as
with itemised as (
    select d.n, 'paid' as type, p.record_id as source, p.amount * d.sign as amount, midnight(p.paid_on) as occurred_at, p.recorded_at, p.is_history
    from documents as d inner join payments as p on p.tenant_id = d.tenant_id and p.connection_id = d.connection_id and p.invoice_id = d.record_id
    union all
    select d.n, 'credited', a.note_id || ':' || a.day, a.amount, midnight(a.day), a.recorded_at, a.is_history
    from documents as d inner join allocations as a on a.tenant_id = d.tenant_id and a.connection_id = d.connection_id and a.invoice_id = d.record_id
    union all
    select d.n, 'credited', a.invoice_id || ':' || a.day, -a.amount, midnight(a.day), a.recorded_at, a.is_history
    from documents as d inner join allocations as a on a.tenant_id = d.tenant_id and a.connection_id = d.connection_id and a.note_id = d.record_id
),
totals as (
    select n, sum(amount) filter (type = 'paid') as paid, sum(amount) filter (type = 'credited') as credited from itemised group by n
),
rest as (
    select d.*, case when kind = 'invoice' then d.paid - coalesce(t.paid, 0) else 0 end as rest_paid,
        d.credited - coalesce(t.credited, 0) - case when kind = 'invoice' then 0 else coalesce(t.paid, 0) end as rest_credited
    from documents as d left join totals as t using (n) where vendor_state = 'issued'
),
told as (
    select n, 'issued' as type, 'issued' as source, gross as amount, midnight(issued_on) as occurred_at, recorded_at, was_history as is_history from documents where vendor_state in ('issued', 'void')
    union all select * from itemised
    union all select n, 'paid', 'stated', rest_paid, midnight(coalesce(stated_on, issued_on)), case when was_history then midnight(coalesce(stated_on, issued_on)) else changed_at end, was_history from rest where rest_paid <> 0
    union all select n, 'credited', 'stated', rest_credited, midnight(coalesce(stated_on, issued_on)), case when was_history then midnight(coalesce(stated_on, issued_on)) else changed_at end, was_history from rest where rest_credited <> 0
    union all select n, 'disputed', 'disputed', dispute_minor, changed_at, changed_at, was_history from documents where dispute is not null
    union all select n, 'dispute_closed', 'dispute_closed', dispute_minor, changed_at, changed_at, was_history from documents where dispute = 'closed'
    union all select n, 'voided', 'voided', gross, changed_at, changed_at, was_history from documents where vendor_state in ('void', 'discarded')
)
select * from told where recorded_at <= getvariable('as_of');

create table marts_risk.fct_receivable_events as
select d.tenant_id, key_of(d.tenant_id, d.receivable_id, e.type, e.source) as event_id, d.receivable_id, d.seller_id, d.debtor_id, e.type as event_type, e.amount as amount_minor, d.currency,
    e.occurred_at, e.recorded_at, e.is_history as is_backfilled, e.source <> 'stated' as is_itemised
from events as e inner join documents as d using (n);

create temp table orders as
select tenant_id, connection_id, record_id, j[1] as number, number_form(j[1]) as number_norm, j[2] as contact_id, j[3] as currency, minor(j[4]) as gross, cast(j[5][:10] as date) as ordered_on
from (select *, json_extract_string(payload, ['$.PurchaseOrderNumber', '$.Contact.ContactID', '$.CurrencyCode', '$.Total', '$.DateString']) as j from raw_xero.purchase_orders)
qualify row_number() over (partition by tenant_id, connection_id, record_id order by fetched_at desc) = 1;

create table marts_risk.fct_receivables as
with totals as (
    select n, coalesce(sum(amount) filter (type = 'paid'), 0) as paid_minor, coalesce(sum(amount) filter (type = 'credited'), 0) as credited_minor,
        max(occurred_at) filter (type = 'paid') as last_paid_at, max(occurred_at) filter (type in ('paid', 'credited')) as settled_at, max(recorded_at) filter (type in ('paid', 'credited')) as settled_told_at,
        coalesce(bool_or(type = 'voided'), false) as is_void, count(*) filter (type = 'disputed') > count(*) filter (type = 'dispute_closed') as is_flagged
    from events group by n
),
matched as (
    select d.n, o.number, o.gross
    from documents as d inner join orders as o on o.tenant_id = d.tenant_id and o.connection_id = d.connection_id and o.contact_id = d.contact_id and o.number_norm = number_form(d.reference) and o.currency = d.currency
    where d.kind = 'invoice' and d.reference is not null
    qualify row_number() over (partition by d.n order by o.ordered_on desc, o.record_id) = 1
),
balanced as (
    select d.*, coalesce(t.paid_minor, 0) as paid_minor, coalesce(t.credited_minor, 0) as credited_minor, last_paid_at, settled_at, settled_told_at, coalesce(is_void, false) as is_void, coalesce(is_flagged, false) as is_flagged,
        m.number as order_number, m.gross as order_minor, d.gross - coalesce(t.paid_minor, 0) - coalesce(t.credited_minor, 0) as balance,
        case when coalesce(is_void, false) or vendor_state in ('draft', 'discarded') then 0 when kind = 'credit_note' then least(0, balance) else greatest(0, balance) end as open_minor
    from documents as d left join totals as t using (n) left join matched as m using (n)
),
judged as (
    select *, case when is_void then 'void' when vendor_state = 'draft' then 'draft' when open_minor = 0 and paid_minor = 0 and credited_minor <> 0 then 'credited' when open_minor = 0 then 'paid'
        when is_flagged then 'disputed' when paid_minor <> 0 or credited_minor <> 0 then 'partially_paid' else 'open' end as status
    from balanced
)
select tenant_id, receivable_id, seller_id, debtor_id, connection_id, 'xero' as source_system, record_id, kind as document_type, number, number_norm, coalesce(order_number, reference) as purchase_order_number,
    order_number is not null as has_purchase_order, order_minor as purchase_order_minor, issued_on, due_on, cast(due_on - issued_on as int) as terms_days, currency, gross as gross_minor, tax as tax_minor, paid_minor::bigint as paid_minor,
    credited_minor::bigint as credited_minor, open_minor::bigint as open_minor, (balance - open_minor)::bigint as closed_difference_minor, case when is_flagged then least(greatest(open_minor, 0), dispute_minor) else 0 end::bigint as disputed_minor,
    is_flagged and open_minor <> 0 as is_disputed, status, state as source_status, cast(last_paid_at at time zone 'UTC' as date) as last_paid_on,
    case when status in ('paid', 'credited') then cast(settled_at at time zone 'UTC' as date) end as settled_on, case when status in ('paid', 'credited') then settled_told_at end as settled_recorded_at,
    recorded_at, was_history as is_backfilled, 1 as source_count, seller_tax_id, debtor_tax_id, payload_sha256, fetched_at,
    case when open_minor <> 0 and due_on is not null then greatest(0, cast(getvariable('today') - due_on as int)) else 0 end as days_past_due, cast(getvariable('today') - issued_on as int) as age_days
from judged;

create table marts_risk.dim_sellers as
select tenant_id, seller_id, connection_id, 'xero' as source_system, display_name, country, tax_id, base_currency, created_at as recorded_at from sellers;

create table marts_risk.dim_debtors as
with one as (
    select * from contacts qualify row_number() over (partition by tenant_id, debtor_id order by name is null, fetched_at desc, connection_id, record_id) = 1
),
matches as (
    select tenant_id, record_id as debtor_id, c->>'$.organization.duns' as duns
    from raw_dnb.matches, unnest(cast(json_extract(payload, '$.matchCandidates[*]') as json[])) as listed (c)
    where cast(c->>'$.matchQualityInformation.confidenceCode' as int) >= 8 and left(c->>'$.matchQualityInformation.matchGrade', 1) = 'A'
),
reports as (
    select tenant_id, record_id as duns, json_extract_string(payload, ['$.organization.startDate', '$.organization.businessTrading[0].summary[0].paydexScore', '$.organization.dnbAssessment.failureScore.classScore',
        '$.organization.dnbAssessment.failureScore.nationalPercentile', '$.organization.dnbAssessment.delinquencyScore.nationalPercentile', '$.organization.dnbAssessment.creditLimitRecommendation.maximumRecommendedLimit.value',
        '$.organization.dnbAssessment.creditLimitRecommendation.maximumRecommendedLimit.currency', '$.organization.dnbAssessment.hasSevereNegativeEvents', '$.organization.legalEvents.bankruptcy.periodSummary.12Months.totalCount',
        '$.transactionDetail.transactionTimestamp']) as j
    from raw_dnb.reports
),
seen as (select tenant_id, debtor_id, min(issued_on) as first_seen_on from documents group by all)
select one.tenant_id, one.debtor_id, case when not is_person then name end as display_name, is_person as is_natural_person, country, case when not is_person then tax_id end as tax_id,
    cast(j[1] || '-01-01' as date) as registered_on, duns, j[2]::int as paydex, j[3]::int as failure_class, j[4]::int as failure_percentile, j[5]::int as delinquency_percentile, minor(j[6]) as bureau_limit_minor, j[7] as bureau_currency,
    coalesce(j[8] = 'true', false) as has_severe_negative_events, case when j is not null then 'active' end as operating_status, j[10]::timestamptz as bureau_pulled_at, coalesce(j[9]::int > 0, false) as is_insolvent,
    case when j[9]::int > 0 then j[10]::timestamptz end as insolvent_recorded_at, first_seen_on
from one left join matches using (tenant_id, debtor_id) left join reports using (tenant_id, duns) left join seen using (tenant_id, debtor_id);

create temp table spans as
with daily as (
    select n, cast(occurred_at at time zone 'UTC' as date) as day, coalesce(sum(amount) filter (type = 'issued'), 0) as issued, coalesce(sum(amount) filter (type = 'paid'), 0) as paid, coalesce(sum(amount) filter (type = 'credited'), 0) as credited,
        count(*) filter (type = 'voided') as voids, count(*) filter (type = 'disputed') - count(*) filter (type = 'dispute_closed') as disputes
    from events group by all
),
running as (
    select n, day, lead(day) over w as until_day, sum(issued) over w as issued, sum(paid) over w as paid, sum(credited) over w as credited, sum(voids) over w as voids, sum(disputes) over w as disputes
    from daily window w as (partition by n order by day)
)
select d.n, d.tenant_id, d.seller_id, d.debtor_id, d.currency, d.issued_on, coalesce(d.due_on, d.issued_on) as due_on, day, coalesce(until_day, getvariable('today') + 1) as until_day,
    case when voids > 0 or vendor_state in ('draft', 'discarded') then 0 when kind = 'credit_note' then least(0, r.issued - r.paid - r.credited) else greatest(0, r.issued - r.paid - r.credited) end as open,
    case when voids > 0 then 'void' when vendor_state = 'draft' then 'draft' when open = 0 and r.paid = 0 and r.credited <> 0 then 'credited' when open = 0 then 'paid' when disputes > 0 then 'disputed'
        when r.paid <> 0 or r.credited <> 0 then 'partially_paid' else 'open' end as state
from running as r inner join documents as d using (n);

create temp table days as
select day, cast(getvariable('today') - day as int) as ago, day = last_day(day) as is_end
from (select cast(unnest(generate_series((select min(issued_on) from documents), getvariable('today'), interval 1 day)) as date) as day);

create table marts_risk.fct_exposures_daily as
with changes as (
    select tenant_id, seller_id, debtor_id, currency, day, open, 0 as late, 1 as count from spans where open <> 0
    union all select tenant_id, seller_id, debtor_id, currency, until_day, -open, 0, -1 from spans where open <> 0
    union all select tenant_id, seller_id, debtor_id, currency, greatest(day, due_on + 1), 0, open, 0 from spans where open <> 0 and until_day > due_on + 1
    union all select tenant_id, seller_id, debtor_id, currency, until_day, 0, -open, 0 from spans where open <> 0 and until_day > due_on + 1
),
summed as (select tenant_id, seller_id, debtor_id, currency, day, sum(open) as open, sum(late) as late, sum(count) as count from changes group by all),
running as (
    select tenant_id, seller_id, debtor_id, currency, day, lead(day) over w as until_day, sum(open) over w as open, sum(late) over w as late, sum(count) over w as count
    from summed window w as (partition by tenant_id, seller_id, debtor_id, currency order by day)
)
select tenant_id, seller_id, debtor_id, currency, days.day as as_of_on, open::bigint as open_minor, late::bigint as past_due_minor, count::bigint as receivable_count
from running inner join days on days.day >= running.day and days.day < coalesce(until_day, getvariable('today') + 1)
where count > 0 and (is_end or ago <= 92);

create table marts_portfolio.fct_receivables_daily as
with changes as (
    select tenant_id, seller_id, currency, state, day, 1 as count, open from spans
    union all select tenant_id, seller_id, currency, state, until_day, -1, -open from spans
),
summed as (select tenant_id, seller_id, currency, state, day, sum(count) as count, sum(open) as open from changes group by all),
running as (
    select tenant_id, seller_id, currency, state, day, lead(day) over w as until_day, sum(count) over w as count, sum(open) over w as open
    from summed window w as (partition by tenant_id, seller_id, currency, state order by day)
)
select tenant_id, seller_id, currency, days.day as as_of_on, state, count::bigint as receivable_count, open::bigint as open_minor
from running inner join days on days.day >= running.day and days.day < coalesce(until_day, getvariable('today') + 1)
where count > 0 and (is_end or ago <= 400);

create table marts_portfolio.fct_ageing as
with standing as (
    select tenant_id, seller_id, debtor_id, currency, days.day, open, days.day - due_on as late, days.day - issued_on as age
    from spans inner join days on days.day >= spans.day and days.day < until_day
    where open <> 0 and (ago = 0 or (is_end and ago <= 31 * 24))
),
both_bases as (
    select tenant_id, seller_id, debtor_id, currency, day, 'due' as basis, late as days, open from standing
    union all select tenant_id, seller_id, debtor_id, currency, day, 'invoice', age, open from standing
)
select tenant_id, seller_id, debtor_id, currency, basis,
    case when days <= 0 then 'not_due' when days <= 30 then '1_30' when days <= 60 then '31_60' when days <= 90 then '61_90' when days <= 120 then '91_120' else 'over_120' end as bucket,
    day as as_of_on, sum(open)::bigint as open_minor, count(*) as receivable_count
from both_bases group by all;

create table marts_portfolio.fct_concentrations as
with debtors as (
    select tenant_id, currency, debtor_id, as_of_on, sum(open_minor) as open from marts_portfolio.fct_ageing where basis = 'due' group by all having open > 0
)
select tenant_id, currency, debtor_id, as_of_on, open::bigint as open_minor, (open::hugeint * 1000000 // sum(open) over (partition by tenant_id, currency, as_of_on))::bigint as share_ppm,
    row_number() over (partition by tenant_id, currency, as_of_on order by open desc, debtor_id) as rank
from debtors;

create temp table receipts as
select t.tenant_id, record_id as id, s.seller_id, cast(j[2] as date) as booked_on, cast(j[3] as bigint) as amount, j[4] as currency, letters(j[5]) as letters, nullif(plain(j[6]), '') as iban, nullif(trim(j[7]), '') as reference,
    case when t.fetched_at > done_at then t.fetched_at else midnight(booked_on) end as recorded_at
from (select *, json_extract_string(payload, ['$.account_id', '$.booked_on', '$.amount_minor', '$.currency', '$.counterparty_name', '$.counterparty_iban', '$.reference']) as j from raw_bank.transactions) as t
left join (
    select a.tenant_id, a.record_id as account_id, any_value(s.seller_id) as seller_id
    from raw_bank.accounts as a inner join sellers as s on s.tenant_id = a.tenant_id and suffix(a.payload->>'$.name', s.display_name)
    group by all having count(distinct s.seller_id) = 1
) as s on s.tenant_id = t.tenant_id and s.account_id = j[1]
left join first_syncs as f on f.tenant_id = t.tenant_id and f.connection_id = t.connection_id and f.entity = 'transactions'
where not is_deleted and amount > 0 and recorded_at <= getvariable('as_of')
qualify row_number() over (partition by t.tenant_id, t.connection_id, record_id order by t.fetched_at desc) = 1;

create temp table payers as
with parties as (select distinct tenant_id, debtor_id, iban, letters from contacts),
found as (
    select r.tenant_id, r.id, p.debtor_id, true as is_own from receipts as r inner join parties as p on p.tenant_id = r.tenant_id and p.iban = r.iban
    union all
    select r.tenant_id, r.id, p.debtor_id, false from receipts as r inner join parties as p on p.tenant_id = r.tenant_id and left(p.letters, 8) = left(r.letters, 8)
    where length(r.letters) >= 8 and (starts_with(p.letters, r.letters) or starts_with(r.letters, p.letters))
)
select tenant_id, id, debtor_id, bool_or(is_own) as is_own from found group by all;

create temp table candidates as
with runs as (
    select distinct tenant_id, id, ltrim(unnest(regexp_extract_all(reference, '[0-9]{4,}')), '0') as digits from receipts
)
select r.tenant_id, r.id, d.receivable_id, d.seller_id, d.issued_on, r.booked_on, r.amount, p.debtor_id is not null as by_debtor, s.open as due
from runs
inner join receipts as r using (tenant_id, id)
inner join documents as d on d.tenant_id = r.tenant_id and nullif(ltrim(regexp_extract(d.number, '([0-9]+)[^0-9]*$', 1), '0'), '') = runs.digits and d.currency = r.currency and d.issued_on <= r.booked_on
    and d.kind = 'invoice' and d.vendor_state = 'issued' and coalesce(r.seller_id, d.seller_id) = d.seller_id
inner join spans as s on s.n = d.n and s.day <= greatest(r.booked_on - 1, d.issued_on) and s.until_day > greatest(r.booked_on - 1, d.issued_on) and s.open > 0
left join payers as p on p.tenant_id = r.tenant_id and p.id = r.id and p.debtor_id = d.debtor_id;

create table marts_portfolio.fct_cash_applications as
with sums as (
    select tenant_id, id, by_debtor, max(amount) as amount, sum(due) as due, count(*) as count, max(booked_on - issued_on) as oldest from candidates group by all
),
passed as (
    select *, case when by_debtor and abs(amount - due) <= count then 2
        when by_debtor and amount < due and ((oldest <= 10 and (due - amount) * 1000000 <= due * 20000) or (due - amount <= 5000 and (due - amount) * 2 <= due)) then 6
        when not by_debtor and abs(amount - due) <= count then 7 end as pass
    from sums
),
by_account as (
    select r.tenant_id, r.id, d.receivable_id, d.seller_id, d.issued_on, r.amount, true as by_debtor, s.open as due, 3 as pass
    from receipts as r
    inner join payers as p on p.tenant_id = r.tenant_id and p.id = r.id and p.is_own
    inner join documents as d on d.tenant_id = p.tenant_id and d.debtor_id = p.debtor_id and d.currency = r.currency and coalesce(r.seller_id, d.seller_id) = d.seller_id
    inner join spans as s on s.n = d.n and s.open > 0 and s.open between r.amount - 1 and r.amount + 1 and s.day <= r.booked_on - 1 and s.until_day > r.booked_on - 1
    qualify count(*) over (partition by r.tenant_id, r.id) = 1
),
found as (
    select c.tenant_id, c.id, c.receivable_id, c.seller_id, c.issued_on, c.amount, c.by_debtor, c.due, p.pass from candidates as c inner join passed as p using (tenant_id, id, by_debtor) where pass is not null
    union all select * from by_account
),
first_pass as (select * from found qualify pass = min(pass) over (partition by tenant_id, id)),
applied as (
    select *, coalesce(sum(due) over (w order by issued_on, receivable_id rows between unbounded preceding and 1 preceding), 0) as before,
        row_number() over (w order by issued_on desc, receivable_id desc) as from_end, sum(due) over w as together
    from first_pass window w as (partition by tenant_id, id)
),
spread_out as (
    select r.*, a.receivable_id, coalesce(a.seller_id, r.seller_id) as applied_seller_id, coalesce(pass, 8) as pass, by_debtor, due, together, from_end,
        case when pass is null or pass = 7 then 0 else greatest(0, least(due, r.amount - before)) end as matched
    from receipts as r left join applied as a using (tenant_id, id)
)
select tenant_id, id as transaction_id, receivable_id, applied_seller_id as seller_id,
    case pass when 2 then 'invoice_number' when 3 then 'payer_account' when 6 then 'known_deduction' when 7 then 'other_payer' else 'suspense' end as method,
    case pass when 2 then 980000 when 3 then 950000 when 6 then 900000 when 7 then 500000 else 0 end::bigint as confidence_ppm, matched::bigint as matched_minor,
    case when pass = 8 then amount when from_end > 1 then 0 when pass = 7 then amount else greatest(0, amount - together) end::bigint as unapplied_minor,
    case when pass in (2, 3, 6) then due - matched else 0 end::bigint as short_minor, currency, by_debtor as payer_is_debtor, pass in (2, 3) as is_auto_posted, booked_on, recorded_at
from spread_out;

create table marts_compliance.rpt_data_quality as
with ruled as (
    select tenant_id, connection_id, case kind when 'invoice' then 'invoices' else 'credit_notes' end as entity, count(*) as checked,
        unnest(map_entries(map {
            'debtor_known': count(*) filter (debtor_id is null), 'amount_present': count(*) filter (gross is null), 'currency_listed': count(*) filter (currency not in ('EUR', 'GBP', 'USD')),
            'issue_date_present': count(*) filter (issued_on is null), 'status_understood': count(*) filter (state not in ('DRAFT', 'SUBMITTED', 'AUTHORISED', 'PAID', 'VOIDED', 'DELETED')),
            'due_not_before_issue': count(*) filter (due_on < issued_on), 'amount_not_zero': count(*) filter (gross = 0), 'issue_not_in_future': count(*) filter (issued_on > cast(fetched_at at time zone 'UTC' as date) + 1),
            'debtor_tax_id_known': count(*) filter (debtor_tax_id is null and not coalesce(is_person, false)), 'payments_itemised': count(*) filter (n in (select n from events where source = 'stated'))
        })) as rule
    from documents group by all
)
select tenant_id, connection_id, 'xero' as source_system, entity, rule.key as rule, rule.value::bigint as failed_count, checked::bigint as checked_count,
    rule.key in ('debtor_known', 'amount_present', 'currency_listed', 'issue_date_present', 'status_understood') as is_blocking,
    rule.value * 1000000 > checked * case rule.key when 'due_not_before_issue' then 20000 when 'amount_not_zero' then 20000 when 'issue_not_in_future' then 10000 when 'debtor_tax_id_known' then 200000 when 'payments_itemised' then 50000 else 0 end as is_failed
from ruled
union all
select tenant_id, connection_id, system, entity, 'records_readable', 0, sum(landed)::bigint, true, false from raw_sync.entities group by all;

create table marts_compliance.rpt_control_totals as
with stated as (
    select tenant_id, connection_id, entity, currency, record_count, minor(amount_text) as amount from raw_sync.control_totals qualify sync_id = first_value(sync_id) over (partition by tenant_id, connection_id, entity order by computed_at desc)
),
current_ones as (
    select tenant_id, connection_id, currency, gross, recorded_at from versions qualify row_number() over (partition by tenant_id, connection_id, record_id order by fetched_at desc) = 1
),
held as (
    select tenant_id, connection_id, 'xero' as system, case kind when 'invoice' then 'invoices' else 'credit_notes' end as entity, currency, sum(gross * sign) as amount from documents where not is_deleted group by all
    union all select tenant_id, connection_id, 'xero', 'payments', currency, sum(amount) from payments group by all
    union all select tenant_id, connection_id, 'xero', 'purchase_orders', currency, sum(gross) from orders group by all
    union all select tenant_id, 'bank', 'bank', 'transactions', currency, sum(amount) from receipts group by all
),
later as (
    select tenant_id, connection_id, 'invoices' as entity, currency, sum(gross) as amount from current_ones where recorded_at > getvariable('as_of') group by all
)
select h.tenant_id, h.connection_id, h.system as source_system, h.entity, h.currency, s.amount is not null as is_stated, coalesce(s.amount, 0) as source_minor, coalesce(record_count, 0) as source_count, h.amount::bigint as mart_minor,
    coalesce(l.amount, 0)::bigint as not_yet_known_minor, 0::bigint as superseded_minor, 0::bigint as out_of_scope_minor, 0::bigint as quarantined_minor, 0::bigint as rounding_minor,
    case when s.amount is not null then s.amount - h.amount - coalesce(l.amount, 0) else 0 end::bigint as difference_minor
from held as h
left join stated as s using (tenant_id, connection_id, entity, currency)
left join later as l using (tenant_id, connection_id, entity, currency);

create table marts_compliance.rpt_tenant_verdicts as
with failures as (
    select tenant_id, 'data quality: ' || rule || ' in ' || connection_id || '.' || entity as failure from marts_compliance.rpt_data_quality where is_blocking and is_failed
    union all select tenant_id, 'control total: ' || connection_id || '.' || entity || ' ' || currency from marts_compliance.rpt_control_totals where difference_minor <> 0
)
select tenant_id, count(failure) as failed_checks, count(failure) = 0 as is_publishable, min(failure) as first_failure
from (select distinct tenant_id from raw_sync.entities) left join failures using (tenant_id) group by all;
