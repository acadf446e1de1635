with receipts as (
    select * from {{ ref('int_receipts__known') }}
),

references_given as (
    select
        tenant_id,
        connection_id,
        record_id as transaction_id,
        reference_digits,
        creditor_reference
    from {{ ref('stg_bank__transactions') }}
    where amount_minor > 0
),

receivables as (
    select
        tenant_id,
        receivable_number,
        receivable_id,
        seller_id,
        debtor_id,
        currency,
        issued_on,
        number_norm,
        {{ ifp.last_digit_run('number') }} as number_digits
    from {{ ref('int_receivables__unified') }}
    where
        document_type = 'invoice'
        and vendor_state = 'issued'
),

told_runs as (
    select
        tenant_id,
        connection_id,
        transaction_id,
        {{ ifp.each_digit_run('reference_digits') }} as digits
    from references_given
    where reference_digits is not null
),

runs as (
    select distinct
        tenant_id,
        connection_id,
        transaction_id,
        ltrim(digits, '0') as number_digits
    from told_runs
),

structured as (
    select
        tenant_id,
        connection_id,
        transaction_id,
        substr(creditor_reference, 5) as body,
        {{ ifp.letters_as_numbers("substr(creditor_reference, 5) || 'RF' || substr(creditor_reference, 3, 2)") }} as check_text
    from references_given
    where creditor_reference is not null
),

valid_structured as (
    select
        tenant_id,
        connection_id,
        transaction_id,
        {{ ifp.number_norm('body') }} as number_norm
    from structured
    where {{ ifp.remainder_97('check_text') }} = 1
)

select
    receipts.tenant_id,
    receipts.transaction_id,
    receivables.receivable_number,
    receivables.receivable_id,
    receivables.debtor_id,
    receivables.seller_id,
    receivables.issued_on,
    'structured' as found_by
from receipts
inner join valid_structured
    on
        receipts.tenant_id = valid_structured.tenant_id
        and receipts.connection_id = valid_structured.connection_id
        and receipts.transaction_id = valid_structured.transaction_id
inner join receivables
    on
        valid_structured.tenant_id = receivables.tenant_id
        and valid_structured.number_norm = receivables.number_norm
        and receipts.currency = receivables.currency
        and receipts.booked_on >= receivables.issued_on
        and coalesce(receipts.seller_id, receivables.seller_id) = receivables.seller_id

union all

select
    receipts.tenant_id,
    receipts.transaction_id,
    receivables.receivable_number,
    receivables.receivable_id,
    receivables.debtor_id,
    receivables.seller_id,
    receivables.issued_on,
    'number' as found_by
from receipts
inner join runs
    on
        receipts.tenant_id = runs.tenant_id
        and receipts.connection_id = runs.connection_id
        and receipts.transaction_id = runs.transaction_id
inner join receivables
    on
        runs.tenant_id = receivables.tenant_id
        and runs.number_digits = receivables.number_digits
        and receipts.currency = receivables.currency
        and receipts.booked_on >= receivables.issued_on
        and coalesce(receipts.seller_id, receivables.seller_id) = receivables.seller_id
