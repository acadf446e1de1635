with sellers as (
    select * from {{ ref('int_sellers__unified') }}
),

links as (
    select * from {{ ref('int_debtors__linked') }}
),

contacts as (
    select * from {{ ref('stg_xero__contacts') }}
),

customers as (
    select * from {{ ref('stg_files__customers') }}
),

described as (
    select
        links.tenant_id,
        links.debtor_id as party_id,
        links.connection_id,
        links.source_system,
        links.customer_code,
        contacts.contact_name as party_name,
        contacts.email,
        contacts.tax_number,
        contacts.company_number as registration_number,
        contacts.bank_account,
        links.country,
        links.is_natural_person,
        links.source_rank,
        contacts.fetched_at,
        contacts.payload_sha256
    from links
    left join contacts
        on
            links.tenant_id = contacts.tenant_id
            and links.connection_id = contacts.connection_id
            and links.customer_code = contacts.record_id
    where links.source_system = 'xero'

    union all

    select
        links.tenant_id,
        links.debtor_id as party_id,
        links.connection_id,
        links.source_system,
        links.customer_code,
        customers.customer_name as party_name,
        cast(null as text) as email,
        customers.tax_number,
        cast(null as text) as registration_number,
        cast(null as text) as bank_account,
        links.country,
        links.is_natural_person,
        links.source_rank,
        customers.fetched_at,
        customers.payload_sha256
    from links
    inner join customers
        on
            links.tenant_id = customers.tenant_id
            and links.connection_id = customers.connection_id
            and links.customer_code = customers.customer_code
    where links.source_system = 'files'
),

ordered as (
    select
        described.*,
        row_number() over (
            partition by described.tenant_id, described.party_id
            order by
                case when described.party_name is null then 1 else 0 end,
                described.source_rank,
                described.fetched_at desc nulls last,
                described.connection_id,
                described.customer_code
        ) as place
    from described
)

select
    tenant_id,
    party_id,
    'debtor' as party_role,
    party_name,
    email,
    is_natural_person,
    country,
    {{ ifp.tax_id_norm('tax_number') }} as tax_id,
    registration_number,
    nullif(bank_account, '') as bank_account,
    connection_id,
    source_system,
    customer_code,
    payload_sha256
from ordered
where place = 1

union all

select
    tenant_id,
    seller_id as party_id,
    'seller' as party_role,
    display_name as party_name,
    cast(null as text) as email,
    false as is_natural_person,
    country,
    tax_id,
    registration_number,
    cast(null as text) as bank_account,
    connection_id,
    source_system,
    cast(null as text) as customer_code,
    payload_sha256
from sellers
where is_leading
