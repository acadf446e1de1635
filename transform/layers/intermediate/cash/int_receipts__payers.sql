with remittances as (
    select
        tenant_id,
        record_id as transaction_id,
        nullif(counterparty_iban, '') as payer_account,
        counterparty_name
    from {{ ref('stg_bank__remittances') }}
    where amount_minor > 0
),

-- the same payer pays many times: names are compared once each; an aggregate keeps it so
distinct_names as (
    select
        tenant_id,
        counterparty_name,
        min(counterparty_name) as payer_name
    from remittances
    where counterparty_name is not null
    group by tenant_id, counterparty_name
),

names as (
    select
        tenant_id,
        counterparty_name,
        {{ ifp.payer_key('payer_name') }} as payer_key
    from distinct_names
),

contacts as (
    select
        contacts.tenant_id,
        links.debtor_id,
        nullif(contacts.bank_account, '') as bank_account,
        contacts.contact_name as party_name
    from {{ ref('stg_xero__contacts') }} as contacts
    inner join {{ ref('int_debtors__linked') }} as links
        on
            contacts.tenant_id = links.tenant_id
            and contacts.connection_id = links.connection_id
            and contacts.record_id = links.customer_code
            and links.source_system = 'xero'
),

customers as (
    select
        customers.tenant_id,
        links.debtor_id,
        cast(null as text) as bank_account,
        customers.customer_name as party_name
    from {{ ref('stg_files__customers') }} as customers
    inner join {{ ref('int_debtors__linked') }} as links
        on
            customers.tenant_id = links.tenant_id
            and customers.connection_id = links.connection_id
            and customers.customer_code = links.customer_code
            and links.source_system = 'files'
),

parties as (
    select * from contacts
    union
    select * from customers
),

accounts as (
    select distinct
        tenant_id,
        bank_account,
        debtor_id
    from parties
    where bank_account is not null
),

party_keys as (
    select distinct
        tenant_id,
        debtor_id,
        {{ ifp.payer_key('party_name') }} as party_key
    from parties
),

named as (
    select distinct
        names.tenant_id,
        names.counterparty_name,
        party_keys.debtor_id
    from names
    inner join party_keys
        on
            names.tenant_id = party_keys.tenant_id
            and substr(names.payer_key, 1, 8) = substr(party_keys.party_key, 1, 8)
    where
        length(names.payer_key) >= 8
        and (
            substr(party_keys.party_key, 1, length(names.payer_key)) = names.payer_key
            or substr(names.payer_key, 1, length(party_keys.party_key)) = party_keys.party_key
        )
),

payers as (
    select
        remittances.tenant_id,
        remittances.transaction_id,
        accounts.debtor_id,
        1 as is_account
    from remittances
    inner join accounts
        on
            remittances.tenant_id = accounts.tenant_id
            and remittances.payer_account = accounts.bank_account

    union all

    select
        remittances.tenant_id,
        remittances.transaction_id,
        named.debtor_id,
        0 as is_account
    from remittances
    inner join named
        on
            remittances.tenant_id = named.tenant_id
            and remittances.counterparty_name = named.counterparty_name
)

select
    tenant_id,
    transaction_id,
    debtor_id,
    max(is_account) = 1 as is_own_account
from payers
group by tenant_id, transaction_id, debtor_id
