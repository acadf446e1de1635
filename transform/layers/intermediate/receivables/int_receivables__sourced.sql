{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ ifp.without_touched('receivable_number') }}") }}
-- depends_on: {{ ref('int_receivables__touched') }}

with invoices as (
    select * from {{ ref('int_xero_invoices__known') }}
),

credit_notes as (
    select * from {{ ref('int_xero_credit_notes__known') }}
),

file_rows as (
    select * from {{ ref('stg_files__receivables') }}
),

states as (
    select * from {{ ref('receivable_states') }}
),

sellers as (
    select * from {{ ref('int_sellers__unified') }}
),

debtors as (
    select * from {{ ref('int_debtors__linked') }}
),

ranks as (
    select * from {{ ref('source_ranks') }}
),

documents as (
    select
        tenant_id,
        connection_id,
        'xero' as source_system,
        record_id,
        contact_id as customer_code,
        'invoice' as document_type,
        1 as source_sign,
        number,
        reference,
        source_status,
        currency,
        issued_on,
        due_on,
        gross_minor,
        gross_lost,
        tax_minor,
        paid_minor as stated_paid_minor,
        credited_minor as stated_credited_minor,
        coalesce(paid_off_on, {{ ifp.utc_date('modified_at') }}) as stated_on,
        dispute_state,
        dispute_minor,
        is_deleted,
        change_recorded_at,
        change_recorded_at as dispute_recorded_at,
        first_recorded_at as recorded_at,
        is_backfilled,
        version_number,
        payload_sha256,
        fetched_at
    from invoices

    union all

    select
        tenant_id,
        connection_id,
        'xero' as source_system,
        record_id,
        contact_id as customer_code,
        'credit_note' as document_type,
        -1 as source_sign,
        number,
        reference,
        source_status,
        currency,
        issued_on,
        cast(null as date) as due_on,
        -gross_minor as gross_minor,
        -gross_lost as gross_lost,
        -tax_minor as tax_minor,
        cast(null as bigint) as stated_paid_minor,
        remaining_minor - gross_minor as stated_credited_minor,
        {{ ifp.utc_date('modified_at') }} as stated_on,
        cast(null as text) as dispute_state,
        cast(0 as bigint) as dispute_minor,
        is_deleted,
        change_recorded_at,
        cast(null as timestamptz) as dispute_recorded_at,
        first_recorded_at as recorded_at,
        is_backfilled,
        version_number,
        payload_sha256,
        fetched_at
    from credit_notes

    union all

    select
        tenant_id,
        connection_id,
        'files' as source_system,
        record_id,
        customer_code,
        case when document_type = 'credit_note' or gross_minor < 0 then 'credit_note' else 'invoice' end as document_type,
        case when document_type = 'credit_note' and gross_minor > 0 then -1 else 1 end as source_sign,
        coalesce(invoice_number, document_id) as number,
        cast(null as text) as reference,
        case when cleared_on is null then 'open' else 'cleared' end as source_status,
        currency,
        issued_on,
        due_on,
        case when document_type = 'credit_note' and gross_minor > 0 then -gross_minor else gross_minor end as gross_minor,
        case when document_type = 'credit_note' and gross_minor > 0 then -gross_lost else gross_lost end as gross_lost,
        cast(null as bigint) as tax_minor,
        case
            when cleared_on is not null then gross_minor
            when open_minor is not null then gross_minor - open_minor
            else 0
        end * case when document_type = 'credit_note' and gross_minor > 0 then -1 else 1 end as stated_paid_minor,
        cast(0 as bigint) as stated_credited_minor,
        coalesce(cleared_on, least(coalesce(due_on, issued_on), {{ ifp.as_of_on() }})) as stated_on,
        case when is_disputed then 'open' end as dispute_state,
        case when is_disputed then gross_minor else 0 end as dispute_minor,
        is_deleted,
        fetched_at as change_recorded_at,
        {{ ifp.utc_midnight('coalesce(cleared_on, least(coalesce(due_on, issued_on), ' ~ ifp.as_of_on() ~ '))') }} as dispute_recorded_at,
        {{ ifp.utc_midnight('issued_on') }} as recorded_at,
        true as is_backfilled,
        1 as version_number,
        payload_sha256,
        fetched_at
    from file_rows
    where {{ ifp.utc_midnight('issued_on') }} <= {{ ifp.as_of() }}
)

select
    documents.tenant_id,
    {% if ifp.goes_on() -%}
    touched.receivable_number,
    {%- else -%}
    {{ ifp.row_numbers() }} as receivable_number,
    {%- endif %}
    {{ ifp.surrogate_key(['documents.tenant_id', 'documents.connection_id', 'documents.record_id']) }} as receivable_id,
    sellers.seller_id,
    debtors.debtor_id,
    documents.connection_id,
    documents.source_system,
    documents.record_id,
    documents.document_type,
    documents.source_sign,
    documents.number,
    {{ ifp.number_norm('documents.number') }} as number_norm,
    documents.reference,
    documents.customer_code,
    documents.issued_on,
    documents.due_on,
    documents.currency,
    documents.gross_minor,
    documents.gross_lost,
    documents.tax_minor,
    case
        when states.vendor_state = 'discarded' then 'discarded'
        when documents.is_deleted then 'void'
        else coalesce(states.vendor_state, 'issued')
    end as vendor_state,
    documents.source_status,
    states.vendor_state is not null as is_known_state,
    documents.stated_paid_minor,
    documents.stated_credited_minor,
    documents.stated_on,
    documents.dispute_state,
    documents.dispute_minor,
    documents.dispute_recorded_at,
    documents.change_recorded_at,
    documents.recorded_at,
    documents.is_backfilled,
    documents.version_number,
    documents.is_deleted,
    sellers.tax_id as seller_tax_id,
    debtors.tax_id as debtor_tax_id,
    substr(cast(1000000 + ranks.source_rank as text), 2) || ':' || documents.source_system || ':' || documents.connection_id as source_key,
    documents.payload_sha256,
    documents.fetched_at
from documents
{%- if ifp.goes_on() %}
inner join {{ ref('int_receivables__touched') }} as touched
    on
        documents.tenant_id = touched.tenant_id
        and documents.connection_id = touched.connection_id
        and documents.source_system = touched.source_system
        and documents.record_id = touched.record_id
{%- endif %}
inner join ranks on documents.source_system = ranks.source_system
left join states
    on
        documents.source_system = states.source_system
        and documents.source_status = states.source_status
left join sellers
    on
        documents.tenant_id = sellers.tenant_id
        and documents.connection_id = sellers.connection_id
        and documents.source_system = sellers.source_system
left join debtors
    on
        documents.tenant_id = debtors.tenant_id
        and documents.connection_id = debtors.connection_id
        and documents.source_system = debtors.source_system
        and documents.customer_code = debtors.customer_code
