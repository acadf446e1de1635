with contacts as (
    select * from {{ ref('stg_xero__contacts') }}
),

ranks as (
    select * from {{ ref('source_ranks') }}
),

named_contacts as (
    select distinct tenant_id, connection_id, contact_id as customer_code
    from {{ ref('stg_xero__invoice_versions') }}
    where contact_id is not null
    union
    select distinct tenant_id, connection_id, contact_id as customer_code
    from {{ ref('stg_xero__credit_note_versions') }}
    where contact_id is not null
    union
    select tenant_id, connection_id, record_id as customer_code
    from contacts
),

xero_customers as (
    select
        named_contacts.tenant_id,
        named_contacts.connection_id,
        'xero' as source_system,
        named_contacts.customer_code,
        coalesce(survivors.record_id, named_contacts.customer_code) as leading_code,
        {{ ifp.tax_id_norm('coalesce(survivors.tax_number, contacts.tax_number)') }} as tax_id,
        coalesce(survivors.is_natural_person, contacts.is_natural_person, false) as is_natural_person,
        coalesce(survivors.country, contacts.country) as country,
        contacts.fetched_at
    from named_contacts
    left join contacts
        on
            named_contacts.tenant_id = contacts.tenant_id
            and named_contacts.connection_id = contacts.connection_id
            and named_contacts.customer_code = contacts.record_id
    left join contacts as survivors
        on
            contacts.tenant_id = survivors.tenant_id
            and contacts.connection_id = survivors.connection_id
            and contacts.merged_into_contact_id = survivors.record_id
),

file_customers as (
    select
        tenant_id,
        connection_id,
        'files' as source_system,
        customer_code,
        customer_code as leading_code,
        {{ ifp.tax_id_norm('tax_number') }} as tax_id,
        false as is_natural_person,
        country,
        fetched_at
    from {{ ref('stg_files__customers') }}
    where customer_code is not null
),

customers as (
    select * from xero_customers
    union all
    select * from file_customers
)

select
    customers.tenant_id,
    customers.connection_id,
    customers.source_system,
    customers.customer_code,
    case
        when customers.tax_id is not null
            then {{ ifp.surrogate_key(['customers.tenant_id', "'debtor'", "'tax'", 'customers.tax_id']) }}
        else {{ ifp.surrogate_key(['customers.tenant_id', "'debtor'", 'customers.connection_id', 'customers.leading_code']) }}
    end as debtor_id,
    case when not customers.is_natural_person then customers.tax_id end as tax_id,
    customers.is_natural_person,
    customers.country,
    ranks.source_rank,
    customers.fetched_at
from customers
inner join ranks on customers.source_system = ranks.source_system
