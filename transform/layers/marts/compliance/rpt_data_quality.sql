with stated_events as (
    select distinct receivable_number
    from {{ ref('int_receivable_events__told') }}
    where source_event_id = 'stated'
),

debtors as (
    select tenant_id, debtor_id, is_natural_person
    from {{ ref('dim_debtors') }}
),

checked as (
    select
        receivables.tenant_id,
        receivables.connection_id,
        receivables.source_system,
        case
            when receivables.source_system = 'files' then 'receivables'
            when receivables.document_type = 'credit_note' then 'credit_notes'
            else 'invoices'
        end as entity,
        receivables.debtor_id,
        receivables.gross_minor,
        receivables.issued_on,
        receivables.due_on,
        receivables.is_known_state,
        receivables.debtor_tax_id,
        {{ ifp.utc_date('receivables.fetched_at') }} as fetched_on,
        coalesce(debtors.is_natural_person, false) as is_natural_person,
        currencies.currency is not null as is_listed_currency,
        stated_events.receivable_number is not null and receivables.source_system <> 'files' as has_stated_event
    from {{ ref('int_receivables__sourced') }} as receivables
    left join debtors
        on
            receivables.tenant_id = debtors.tenant_id
            and receivables.debtor_id = debtors.debtor_id
    left join {{ ref('currencies') }} as currencies on receivables.currency = currencies.currency
    left join stated_events on receivables.receivable_number = stated_events.receivable_number
),

counted as (
    select
        tenant_id,
        connection_id,
        source_system,
        entity,
        sum(case when debtor_id is null then 1 else 0 end) as debtor_known,
        sum(case when gross_minor is null then 1 else 0 end) as amount_present,
        sum(case when not is_listed_currency then 1 else 0 end) as currency_listed,
        sum(case when issued_on is null then 1 else 0 end) as issue_date_present,
        sum(case when not is_known_state then 1 else 0 end) as status_understood,
        sum(case when due_on < issued_on then 1 else 0 end) as due_not_before_issue,
        sum(case when gross_minor = 0 then 1 else 0 end) as amount_not_zero,
        sum(case when issued_on > fetched_on + 1 then 1 else 0 end) as issue_not_in_future,
        sum(case when debtor_tax_id is null and not is_natural_person then 1 else 0 end) as debtor_tax_id_known,
        sum(case when has_stated_event then 1 else 0 end) as payments_itemised,
        count(*) as checked_count
    from checked
    group by tenant_id, connection_id, source_system, entity
),

landed as (
    select tenant_id, connection_id, source_system, entity, sum(landed_count) as landed_count
    from {{ ref('stg_sync__entities') }}
    group by tenant_id, connection_id, source_system, entity
),

waiting as (
    select tenant_id, connection_id, source_system, entity, count(*) as waiting_count
    from {{ ref('stg_quarantine__records') }}
    where replayed_at is null
    group by tenant_id, connection_id, source_system, entity
),

readable as (
    select
        landed.tenant_id,
        landed.connection_id,
        landed.source_system,
        landed.entity,
        coalesce(waiting.waiting_count, 0) as failed_count,
        landed.landed_count + coalesce(waiting.waiting_count, 0) as checked_count
    from landed
    left join waiting
        on
            landed.tenant_id = waiting.tenant_id
            and landed.connection_id = waiting.connection_id
            and landed.source_system = waiting.source_system
            and landed.entity = waiting.entity
),

ruled as (
    select tenant_id, connection_id, source_system, entity, 'debtor_known' as rule, debtor_known as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'amount_present' as rule, amount_present as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'currency_listed' as rule, currency_listed as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'issue_date_present' as rule, issue_date_present as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'status_understood' as rule, status_understood as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'due_not_before_issue' as rule, due_not_before_issue as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'amount_not_zero' as rule, amount_not_zero as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'issue_not_in_future' as rule, issue_not_in_future as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'debtor_tax_id_known' as rule, debtor_tax_id_known as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'payments_itemised' as rule, payments_itemised as failed_count, checked_count from counted
    union all
    select tenant_id, connection_id, source_system, entity, 'records_readable' as rule, failed_count, checked_count from readable
)

select
    ruled.tenant_id,
    ruled.connection_id,
    ruled.source_system,
    ruled.entity,
    ruled.rule,
    cast(ruled.failed_count as bigint) as failed_count,
    cast(ruled.checked_count as bigint) as checked_count,
    rules.is_blocking,
    ruled.failed_count * 1000000 > ruled.checked_count * rules.tolerated_ppm as is_failed
from ruled
inner join {{ ref('quality_rules') }} as rules on ruled.rule = rules.rule
