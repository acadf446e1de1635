with transactions as (
    select * from {{ ref('stg_bank__transactions') }}
),

accounts as (
    select * from {{ ref('stg_bank__accounts') }}
),

sellers as (
    select * from {{ ref('int_sellers__unified') }}
),

first_syncs as (
    select * from {{ ref('int_syncs__first_completed') }}
),

account_owners as (
    select
        accounts.tenant_id,
        accounts.connection_id,
        accounts.record_id as account_id,
        min(sellers.seller_id) as seller_id
    from accounts
    inner join sellers
        on
            accounts.tenant_id = sellers.tenant_id
            and substr(accounts.owner_name, length(accounts.owner_name) - length(sellers.display_name) + 1) = sellers.display_name
    group by accounts.tenant_id, accounts.connection_id, accounts.record_id
    having count(distinct sellers.seller_id) = 1
),

known as (
    select
        transactions.*,
        account_owners.seller_id,
        {{ ifp.recorded_at('transactions.first_fetched_at', 'first_syncs.first_complete_at', ifp.utc_midnight('transactions.booked_on')) }} as recorded_at
    from transactions
    left join account_owners
        on
            transactions.tenant_id = account_owners.tenant_id
            and transactions.connection_id = account_owners.connection_id
            and transactions.account_id = account_owners.account_id
    left join first_syncs
        on
            transactions.tenant_id = first_syncs.tenant_id
            and transactions.connection_id = first_syncs.connection_id
            and first_syncs.source_system = 'bank'
            and first_syncs.entity = 'transactions'
    where
        transactions.amount_minor > 0
        and not transactions.is_deleted
)

select
    tenant_id,
    record_id as transaction_id,
    connection_id,
    account_id,
    seller_id,
    booked_on,
    currency,
    amount_minor,
    recorded_at,
    payload_sha256,
    fetched_at
from known
where recorded_at <= {{ ifp.as_of() }}
