-- A published snapshot of getvariable('receivables') receivables of one tenant as of
-- getvariable('today'), in the published shape. Pure functions of each number.

set timezone = 'UTC';
create or replace temp macro drawn(number, what) as (hash(number || what) >> 11) / 9007199254740992.0;
create or replace temp macro party(kind, number) as sha256(kind || number);

create or replace temp table sellers as
select number, party('seller', number) as seller_id,
       'books-' || lpad(number::text, 4, '0') as connection_id,
       ['EUR', 'EUR', 'EUR', 'GBP', 'USD'][1 + number % 5] as currency
from range(200) as listed (number);

create or replace temp table facts as
select
    number,
    'alder' as tenant_id,
    party('receivable', number) as receivable_id,
    cast(floor(20000 * pow(drawn(number, 'debtor'), 2.2)) as int) as debtor,
    (cast(floor(20000 * pow(drawn(number, 'debtor'), 2.2)) as int) * 7 + number % 3) % 200 as seller,
    cast(getvariable('today') - cast(floor(900 * drawn(number, 'issued')) as int) as date) as issued_on,
    [14, 30, 30, 60][1 + number % 4] as terms,
    cast(round(exp(11.5 + 3 * drawn(number, 'amount'))) as bigint) as gross,
    cast(floor(45 * drawn(number, 'delay')) - 12 as int) as delay,
    drawn(number, 'forgotten') < 0.03 as is_forgotten
from range(getvariable('receivables')) as listed (number);

create schema marts_risk;
create schema marts_portfolio;
create schema marts_compliance;
create schema features;
create schema scores;
create schema decisions;
create schema actions;
create schema audit;
create schema published;

create table marts_risk.dim_sellers as
select 'alder' as tenant_id, seller_id, connection_id, 'xero' as source_system,
       'Seller ' || lpad(number::text, 4, '0') || ' Ltd' as display_name, 'IE' as country,
       'IE' || (3000000 + number) as tax_id, currency as base_currency,
       timestamptz '2024-01-01 00:00:00+00' as recorded_at
from sellers;

create table marts_risk.dim_debtors as
select 'alder' as tenant_id, party('debtor', number) as debtor_id,
       case when number % 20 = 0 then null else 'Debtor ' || lpad(number::text, 6, '0') || ' GmbH' end
           as display_name,
       number % 20 = 0 as is_natural_person, ['DE', 'FR', 'IE', 'NL'][1 + number % 4] as country,
       'DE' || (811000000 + number) as tax_id, date '2001-01-01' as registered_on,
       (100000000 + number)::text as duns, (40 + number % 60)::int as paydex,
       (1 + number % 5)::int as failure_class, (1 + number % 100)::int as failure_percentile,
       (1 + number % 100)::int as delinquency_percentile, 20000000::bigint as bureau_limit_minor,
       'EUR' as bureau_currency, false as has_severe_negative_events, 'active' as operating_status,
       timestamptz '2026-06-30 20:00:00+00' as bureau_pulled_at, number % 211 = 17 as is_insolvent,
       null::timestamptz as insolvent_recorded_at, date '2024-01-01' as first_seen_on
from range(20000) as listed (number);

create table marts_risk.fct_receivables as
with dated as (
    select *, issued_on + terms as due_on,
           is_forgotten or issued_on + terms + delay > getvariable('today') as is_open
    from facts
)
select tenant_id, receivable_id, party('seller', dated.seller) as seller_id,
       party('debtor', debtor) as debtor_id, connection_id, 'xero' as source_system,
       'rec-' || dated.number as record_id, 'invoice' as document_type,
       'INV-' || lpad(dated.number::text, 7, '0') as number, dated.number::text as number_norm,
       issued_on, due_on, terms::int as terms_days, currency, gross as gross_minor,
       case when is_open then gross else 0 end as open_minor,
       case when is_open then 0 else gross end as paid_minor, 0::bigint as credited_minor,
       false as is_disputed, case when is_open then 'open' else 'paid' end as status,
       case when is_open then null else issued_on + terms + delay end as settled_on,
       issued_on::timestamptz as recorded_at, true as is_backfilled, 1 as source_count,
       sha256('payload' || dated.number) as payload_sha256,
       timestamptz '2026-06-30 23:00:00+00' as fetched_at,
       case when is_open then greatest(0, getvariable('today') - due_on) else 0 end::int as days_past_due,
       (getvariable('today') - issued_on)::int as age_days
from dated join sellers on sellers.number = dated.seller;

create table marts_portfolio.fct_ageing as
with days as (
    select getvariable('today')::date as as_of_on
    union all
    select last_day(getvariable('today')::date - to_months(number::int)) from range(1, 25) as listed (number)
),
alive as (
    select days.as_of_on, seller_id, debtor_id, currency, gross_minor as minor,
           unnest([{'basis': 'due', 'since': due_on}, {'basis': 'invoice', 'since': issued_on}]) as clock
    from marts_risk.fct_receivables join days
        on issued_on <= as_of_on and coalesce(settled_on, date '9999-12-31') > as_of_on
)
select 'alder' as tenant_id, seller_id, debtor_id, currency, clock.basis as basis,
       case when as_of_on <= clock.since then 'not_due' when as_of_on - clock.since <= 30 then '1_30'
            when as_of_on - clock.since <= 60 then '31_60' when as_of_on - clock.since <= 90 then '61_90'
            when as_of_on - clock.since <= 120 then '91_120' else 'over_120' end as bucket,
       as_of_on, sum(minor)::bigint as open_minor, count(*) as receivable_count
from alive group by all;

create table marts_portfolio.fct_receivables_daily as
select 'alder' as tenant_id, seller_id, currency,
       (getvariable('today') - cast(back as int))::date as as_of_on, state,
       cast(40 + 60 * drawn(number * 1000 + back, state) as bigint) as receivable_count,
       cast(4000000 + 6000000 * drawn(number * 1000 + back, state) as bigint) as open_minor
from sellers cross join range(500) as days (back)
cross join (select unnest(['open', 'partially_paid', 'disputed', 'paid']) as state);

create table marts_portfolio.fct_concentrations as
select tenant_id, currency, debtor_id, as_of_on, sum(open_minor)::bigint as open_minor,
       0::bigint as share_ppm,
       row_number() over (partition by currency, as_of_on order by sum(open_minor) desc) as "rank"
from marts_portfolio.fct_ageing where basis = 'due'
group by tenant_id, currency, debtor_id, as_of_on;

create table marts_portfolio.fct_cash_applications as
select tenant_id, 'tx-' || record_id as transaction_id, receivable_id, seller_id,
       'reference' as method, 990000::bigint as confidence_ppm, gross_minor as matched_minor,
       0::bigint as unapplied_minor, 0::bigint as short_minor, currency,
       hash(record_id) % 100 > 0 as payer_is_debtor, true as is_auto_posted,
       settled_on as booked_on, settled_on::timestamptz as recorded_at
from marts_risk.fct_receivables where settled_on is not null;

create table marts_compliance.rpt_control_totals as
select 'alder' as tenant_id, connection_id, 'xero' as source_system, entity, currency,
       true as is_stated, 1000000::bigint as source_minor, 5000::bigint as source_count,
       1000000::bigint as mart_minor, 0::bigint as not_yet_known_minor, 0::bigint as superseded_minor,
       0::bigint as out_of_scope_minor, 0::bigint as quarantined_minor, 0::bigint as rounding_minor,
       0::bigint as difference_minor
from sellers cross join (select unnest(['invoices', 'payments', 'credit_notes']) as entity);

create table marts_compliance.rpt_data_quality as
select 'alder' as tenant_id, connection_id, 'xero' as source_system, entity, rule,
       (case when rule = 'debtor_tax_id_known' then 40 else 0 end)::bigint as failed_count,
       5000::bigint as checked_count, rule <> 'debtor_tax_id_known' as is_blocking,
       rule = 'debtor_tax_id_known' as is_failed
from sellers cross join (select unnest(['invoices', 'payments', 'credit_notes']) as entity)
cross join (select unnest(['amount_present', 'records_readable', 'debtor_tax_id_known',
                           'currency_listed', 'due_not_before_issue']) as rule);

create table marts_compliance.rpt_tenant_verdicts as
select 'alder' as tenant_id, 0::bigint as failed_checks, true as is_publishable,
       null::text as first_failure;

create table decisions.decisions as
with graded as (
    select *, (1 + hash(receivable_id || 'grade') % 10)::bigint as grade,
           row_number() over () + 10 as place
    from marts_risk.fct_receivables where open_minor > 0
)
select tenant_id, sha256('decision' || receivable_id) as decision_id, receivable_id, seller_id,
       debtor_id,
       case when grade <= 5 then 'approve' when grade <= 7 then 'refer' else 'reject' end as outcome,
       grade, 2000 * grade * grade as pd_ppm, 40000 * grade as late_ppm, 700 - 20 * grade as points,
       open_minor as face_minor, open_minor as eligible_minor,
       case when grade <= 5 then 850000 else 0 end::bigint as advance_rate_ppm,
       case when grade <= 5 then open_minor * 85 // 100 else 0 end::bigint as advance_minor,
       0::bigint as fee_minor, 0::bigint as price_ppm, grade as el_bps, 30::bigint as tenor_days,
       currency, sha256('policy') as policy_hash, sha256('model') as model_hash,
       sha256('features' || receivable_id) as feature_hash, sha256('core' || receivable_id) as core_digest,
       recorded_at as requested_at, timestamptz '2026-06-30 23:59:59+00' as decided_at,
       place as ledger_index, sha256('leaf' || receivable_id) as leaf_hash
from graded;

create table decisions.checks as
with listed as (
    select number as position, ['I01','I02','I03','I04','E00','E01','E03','E05','E06','E08','E09',
        'E10','E13','E14','E15','E17','F01','F02','S01','S02','S03','L01','L02','L03','L04'][number] as check_id
    from range(1, 26) as positions (number)
)
select tenant_id, receivable_id, position, check_id, 1::bigint as version,
       case check_id[1] when 'I' then 'identity' when 'E' then 'eligibility' when 'F' then 'validity'
            when 'S' then 'score' else 'limits' end as check_group,
       case when check_id = 'S01' and outcome <> 'approve' then if(outcome = 'refer', 'refer', 'hard_reject')
            when check_id = 'F02' and hash(decision_id) % 50 = 0 and outcome = 'refer' then 'refer'
            else 'pass' end as status,
       case when check_id = 'S01' and outcome <> 'approve' then if(outcome = 'refer', 'R601', 'R602')
            when check_id = 'F02' and hash(decision_id) % 50 = 0 and outcome = 'refer' then 'R205' end as code,
       '0' as value, '20000000' as threshold, null::text as evidence, null::text as cause,
       decision_id, check_id as "check"
from decisions.decisions cross join listed;

create table decisions.reasons as
select tenant_id, decision_id, code, 'Reason ' || code as text,
       case when code in ('R601', 'R602') then 'outcome' else 'score' end as reason_group,
       "rank", null::text as value, null::text as threshold
from (
    select tenant_id, decision_id, unnest([{'code': if(outcome = 'refer', 'R601', 'R602'), 'rank': 1},
        {'code': 'R302', 'rank': 2}, {'code': 'R305', 'rank': 3}, {'code': 'R309', 'rank': 4}], recursive := true)
    from decisions.decisions where outcome <> 'approve'
);

create table features.payment_behaviour as
select tenant_id, receivable_id, timestamptz '2026-06-30 23:59:59+00' as as_of,
       feature_hash, 9::bigint as n_paid_all, 222222::bigint as late_rate_365_ppm,
       6400::bigint as dbt_mean_365_mdays
from decisions.decisions;

create table scores.receivable_scores as
select tenant_id, receivable_id, 560::bigint as late_points, late_ppm,
       late_ppm as challenger_late_ppm, points as default_points, pd_ppm as default_ppm,
       30::bigint as days_to_pay_p10, 41::bigint as days_to_pay_p50, 70::bigint as days_to_pay_p90,
       ['R302'] as reason_codes, grade, pd_ppm, points, policy_hash
from decisions.decisions;

create table actions.payments as
select tenant_id, decision_id, 'po_' || decision_id[:20] as payment_id,
       'IFP' || upper(decision_id[:32]) as end_to_end_id, advance_minor as amount_minor, currency,
       'ACSC' as status, null::text as status_reason, decided_at as updated_at,
       ledger_index + 1000000 as ledger_index
from decisions.decisions where outcome = 'approve';

create table actions.messages as
select tenant_id, decision_id, 'msg-' || decision_id[:20] as message_id, 'paid' as kind,
       'mail' as channel, 'delivered' as status, updated_at, ledger_index + 1 as ledger_index
from actions.payments;

create table audit.entries as
select tenant_id, ledger_index as entry_index, 'decision' as type, receivable_id as key, leaf_hash,
       decided_at as occurred_at, decided_at as recorded_at
from decisions.decisions
union all
select tenant_id, ledger_index + turn, kind, decision_id, sha256(kind || decision_id), updated_at, updated_at
from actions.payments
cross join (select unnest(['reservation', 'bank_submission', 'bank_reply', 'payment_instruction',
                           'payment_status', 'message', 'message_status']) as kind,
            unnest(range(7)) as turn);

create table published.syncs as
select 'alder' as tenant_id, md5(connection_id || back) as sync_id, connection_id, 'xero' as system,
       entity, back % 10 = 9 as is_full, 5000::bigint as "read", 50::bigint as landed, 4950::bigint as unchanged,
       0::bigint as duplicate, 0::bigint as quarantined, 0::bigint as vanished, 5::bigint as pages,
       if(number = 7 and back = 0, 'failed', 'ok') as status,
       if(number = 7 and back = 0, 'source answered 503 three times', null) as cause,
       timestamptz '2026-06-30 22:00:00+00' - to_days(back::int) as started_at,
       timestamptz '2026-06-30 22:01:00+00' - to_days(back::int) as finished_at
from sellers cross join range(30) as runs (back)
cross join (select unnest(['contacts', 'invoices', 'payments', 'credit_notes']) as entity);

create table published.quarantine as
select 'alder' as tenant_id, sha256('held' || number) as quarantine_id, connection_id, 'xero' as system,
       'invoices' as entity, 'rec-' || number as record_id, '/Invoices' as endpoint,
       sha256('page' || number) as page_sha256, number::bigint as position,
       ['AMOUNT_TOO_LARGE', 'ID_MISSING'][1 + number % 2] as reason_code,
       'Total has more digits than a currency amount can have' as detail,
       timestamptz '2026-06-30 22:00:30+00' as fetched_at, null::timestamptz as replayed_at,
       null::text as resolution
from sellers cross join (select 1) where number < 200;

create table published.data_quality as from marts_compliance.rpt_data_quality;

create table published.contracts as
select 'alder' as tenant_id, 'features/payment_behaviour' as asset_key,
       'expect_column_values_to_not_be_null' as rule, 'receivable_id' as column_name,
       0::bigint as failed_count, 100000::bigint as checked_count, true as is_met;
