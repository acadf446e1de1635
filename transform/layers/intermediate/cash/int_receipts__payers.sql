with transactions as (
    select
        tenant_id,
        record_id as transaction_id,
        nullif(counterparty_iban, '') as payer_account,
        {{ ifp.payer_key('counterparty_name') }} as payer_key
    from {{ ref('stg_bank__transactions') }}
    where amount_minor > 0
),

contacts as (
    select
        contacts.tenant_id,
        links.debtor_id,
        nullif(contacts.bank_account, '') as bank_account,
        {{ ifp.payer_key('contacts.contact_name') }} as party_key
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
        {{ ifp.payer_key('customers.customer_name') }} as party_key
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

by_account as (
    select
        transactions.tenant_id,
        transactions.transaction_id,
        parties.debtor_id,
        1 as is_account
    from transactions
    inner join parties
        on
            transactions.tenant_id = parties.tenant_id
            and transactions.payer_account = parties.bank_account
),

by_name as (
    select
        transactions.tenant_id,
        transactions.transaction_id,
        parties.debtor_id,
        0 as is_account
    from transactions
    inner join parties
        on
            transactions.tenant_id = parties.tenant_id
            and substr(transactions.payer_key, 1, 8) = substr(parties.party_key, 1, 8)
    where
        length(transactions.payer_key) >= 8
        and (
            substr(parties.party_key, 1, length(transactions.payer_key)) = transactions.payer_key
            or substr(transactions.payer_key, 1, length(parties.party_key)) = parties.party_key
        )
),

payers as (
    select * from by_account
    union all
    select * from by_name
)

select
    tenant_id,
    transaction_id,
    debtor_id,
    max(is_account) = 1 as is_own_account
from payers
group by tenant_id, transaction_id, debtor_id
