{%- set sourced = ifp.held(this.schema, 'int_receivables__sourced') -%}

-- depends_on: {{ ref('stg_loads__counted') }} {{ ref('stg_xero__invoice_versions') }} {{ ref('stg_xero__credit_note_versions') }}
-- depends_on: {{ ref('stg_xero__payment_versions') }} {{ ref('stg_xero__credit_note_allocations') }} {{ ref('stg_xero__purchase_orders') }}
-- depends_on: {{ ref('stg_files__receivables') }} {{ ref('int_xero_allocations__known') }} {{ ref('int_syncs__first_completed') }}
-- depends_on: {{ ref('int_debtors__linked') }} {{ ref('int_sellers__unified') }} {{ ref('source_ranks') }}
{% if not var('since') -%}
select
    cast(null as text) as tenant_id,
    cast(null as text) as connection_id,
    cast(null as text) as source_system,
    cast(null as text) as record_id,
    cast(null as text) as receivable_id,
    cast(null as bigint) as receivable_number
from {{ ref('source_ranks') }}
where 1 = 0
{%- else -%}
with held as (
    select * from {{ sourced }}
),

moved_invoices as (
    {{ ifp.moved_records(ref('stg_xero__invoice_versions'), 'xero', 'invoices', ifp.utc_midnight('versions.issued_on')) }}
),

moved_credit_notes as (
    {{ ifp.moved_records(ref('stg_xero__credit_note_versions'), 'xero', 'credit_notes', ifp.utc_midnight('versions.issued_on')) }}
),

moved_payments as (
    {{ ifp.moved_records(ref('stg_xero__payment_versions'), 'xero', 'payments', ifp.utc_midnight('versions.paid_on')) }}
),

moved_orders as (
    {{ ifp.moved_records(ref('stg_xero__purchase_orders'), 'xero', 'purchase_orders', ifp.utc_midnight('versions.ordered_on'), fetched_at='first_fetched_at') }}
),

ordering_contacts as (
    select distinct
        orders.tenant_id,
        orders.connection_id,
        orders.contact_id
    from {{ ref('stg_xero__purchase_orders') }} as orders
    inner join moved_orders
        on
            orders.tenant_id = moved_orders.tenant_id
            and orders.connection_id = moved_orders.connection_id
            and orders.record_id = moved_orders.record_id
),

-- a seller that several sources tell of: one receivable may win over another
several_sources as (
    select
        sellers.tenant_id,
        sellers.connection_id,
        sellers.source_system
    from {{ ref('int_sellers__unified') }} as sellers
    inner join (
        select tenant_id, seller_id
        from {{ ref('int_sellers__unified') }}
        group by tenant_id, seller_id
        having count(*) > 1
    ) as several
        on
            sellers.tenant_id = several.tenant_id
            and sellers.seller_id = several.seller_id
),

keys as (
    select tenant_id, connection_id, 'xero' as source_system, record_id from moved_invoices

    union

    select tenant_id, connection_id, 'xero' as source_system, record_id from moved_credit_notes

    union

    select
        allocations.tenant_id,
        allocations.connection_id,
        'xero' as source_system,
        allocations.invoice_id as record_id
    from {{ ref('stg_xero__credit_note_allocations') }} as allocations
    inner join moved_credit_notes
        on
            allocations.tenant_id = moved_credit_notes.tenant_id
            and allocations.connection_id = moved_credit_notes.connection_id
            and allocations.record_id = moved_credit_notes.record_id

    union

    select tenant_id, connection_id, 'xero' as source_system, invoice_id as record_id
    from {{ ref('int_xero_allocations__known') }}
    where {{ ifp.has_come('recorded_at') }}

    union

    select tenant_id, connection_id, 'xero' as source_system, credit_note_id as record_id
    from {{ ref('int_xero_allocations__known') }}
    where {{ ifp.has_come('recorded_at') }}

    union

    select
        payments.tenant_id,
        payments.connection_id,
        'xero' as source_system,
        coalesce(payments.invoice_id, payments.credit_note_id) as record_id
    from {{ ref('stg_xero__payment_versions') }} as payments
    inner join moved_payments
        on
            payments.tenant_id = moved_payments.tenant_id
            and payments.connection_id = moved_payments.connection_id
            and payments.record_id = moved_payments.record_id

    union

    -- what a file says of an open row moves with the day
    select tenant_id, connection_id, 'files' as source_system, record_id
    from {{ ref('stg_files__receivables') }}

    union

    select held.tenant_id, held.connection_id, held.source_system, held.record_id
    from held
    where
        {{ ifp.has_come('held.recorded_at') }}
        or {{ ifp.has_come('held.change_recorded_at') }}
        or {{ ifp.has_come('held.dispute_recorded_at') }}
        or {{ ifp.has_come(ifp.utc_midnight('coalesce(held.stated_on, held.issued_on)')) }}

    union

    select held.tenant_id, held.connection_id, held.source_system, held.record_id
    from held
    left join {{ ref('int_debtors__linked') }} as links
        on
            held.tenant_id = links.tenant_id
            and held.connection_id = links.connection_id
            and held.source_system = links.source_system
            and held.customer_code = links.customer_code
    where
        held.debtor_id is distinct from links.debtor_id
        or held.debtor_tax_id is distinct from links.tax_id

    union

    select held.tenant_id, held.connection_id, held.source_system, held.record_id
    from held
    inner join several_sources
        on
            held.tenant_id = several_sources.tenant_id
            and held.connection_id = several_sources.connection_id
            and held.source_system = several_sources.source_system

    union

    select held.tenant_id, held.connection_id, held.source_system, held.record_id
    from held
    inner join ordering_contacts
        on
            held.tenant_id = ordering_contacts.tenant_id
            and held.connection_id = ordering_contacts.connection_id
            and held.customer_code = ordering_contacts.contact_id
    where held.reference is not null
),

numbered as (
    select
        keys.tenant_id,
        keys.connection_id,
        keys.source_system,
        keys.record_id,
        {{ ifp.surrogate_key(['keys.tenant_id', 'keys.connection_id', 'keys.record_id']) }} as receivable_id,
        held.receivable_number,
        row_number() over (
            order by keys.tenant_id, keys.connection_id, keys.source_system, keys.record_id
        ) as place
    from keys
    left join held
        on
            keys.tenant_id = held.tenant_id
            and keys.connection_id = held.connection_id
            and keys.source_system = held.source_system
            and keys.record_id = held.record_id
    where keys.record_id is not null
),

highest as (
    select coalesce(max(receivable_number), 0) as number from held
)

select
    numbered.tenant_id,
    numbered.connection_id,
    numbered.source_system,
    numbered.record_id,
    numbered.receivable_id,
    cast(coalesce(numbered.receivable_number, highest.number + numbered.place) as bigint) as receivable_number
from numbered
cross join highest
{%- endif %}
