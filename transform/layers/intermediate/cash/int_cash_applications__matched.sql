with receipts as (
    select * from {{ ref('int_receipts__known') }}
),

referenced as (
    select * from {{ ref('int_receipts__referenced') }}
),

payers as (
    select * from {{ ref('int_receipts__payers') }}
),

-- an end that never comes stands as a date, since an alternative in a join condition compares all with all
spans as (
    select
        receivable_number,
        relation_number,
        from_on,
        coalesce(until_on, cast('9999-12-31' as date)) as until_on,
        open_minor
    from {{ ref('int_receivable_balances__spanned') }}
),

receivables as (
    select
        receivable_number,
        receivable_id,
        seller_id,
        issued_on
    from {{ ref('int_receivables__unified') }}
),

relations as (
    select * from {{ ref('int_relations__numbered') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

candidates as (
    select
        referenced.tenant_id,
        referenced.transaction_id,
        referenced.receivable_id,
        referenced.seller_id,
        referenced.issued_on,
        referenced.found_by,
        receipts.booked_on,
        receipts.amount_minor,
        payers.debtor_id is not null as payer_is_debtor,
        coalesce(spans.open_minor, 0) as due_minor,
        cast(coalesce(currencies.minor_per_major, 100) as bigint) as minor_per_major
    from referenced
    inner join receipts
        on
            referenced.tenant_id = receipts.tenant_id
            and referenced.transaction_id = receipts.transaction_id
    left join payers
        on
            referenced.tenant_id = payers.tenant_id
            and referenced.transaction_id = payers.transaction_id
            and referenced.debtor_id = payers.debtor_id
    left join spans
        on
            referenced.receivable_number = spans.receivable_number
            and spans.from_on <= greatest(receipts.booked_on - 1, referenced.issued_on)
            and spans.until_on > greatest(receipts.booked_on - 1, referenced.issued_on)
    left join currencies on receipts.currency = currencies.currency
),

-- pass 1
by_structure as (
    select
        candidates.*,
        1 as pass_number
    from candidates
    where
        found_by = 'structured'
        and due_minor = amount_minor
),

-- passes 2, 6 and the refusal of a stranger's money: every number in the text counts
number_sums as (
    select
        tenant_id,
        transaction_id,
        payer_is_debtor,
        max(amount_minor) as amount_minor,
        sum(due_minor) as due_minor,
        count(*) as number_count,
        max({{ ifp.days_between('issued_on', 'booked_on') }}) as oldest_days,
        max(minor_per_major) as minor_per_major
    from candidates
    where
        found_by = 'number'
        and due_minor > 0
    group by tenant_id, transaction_id, payer_is_debtor
),

number_passes as (
    select
        tenant_id,
        transaction_id,
        payer_is_debtor,
        case
            when payer_is_debtor and abs(amount_minor - due_minor) <= number_count then 2
            when
                payer_is_debtor
                and amount_minor < due_minor
                and (
                    (
                        oldest_days <= {{ var('early_discount_days') }}
                        and (due_minor - amount_minor) * 1000000 <= due_minor * {{ var('early_discount_ppm') }}
                    )
                    or (
                        due_minor - amount_minor <= {{ var('bank_fee_major') }} * minor_per_major
                        and (due_minor - amount_minor) * 2 <= due_minor
                    )
                ) then 6
            when not payer_is_debtor and abs(amount_minor - due_minor) <= number_count then 7
        end as pass_number
    from number_sums
),

by_number as (
    select
        candidates.*,
        number_passes.pass_number
    from candidates
    inner join number_passes
        on
            candidates.tenant_id = number_passes.tenant_id
            and candidates.transaction_id = number_passes.transaction_id
            and candidates.payer_is_debtor = number_passes.payer_is_debtor
    where
        candidates.found_by = 'number'
        and candidates.due_minor > 0
        and number_passes.pass_number is not null
),

-- pass 3: the payer's own account and one open invoice of this very amount, give or take a unit
differences as (
    select -1 as difference_minor
    union all
    select 0 as difference_minor
    union all
    select 1 as difference_minor
),

account_receipts as (
    select
        receipts.tenant_id,
        receipts.transaction_id,
        relations.relation_number,
        receipts.booked_on,
        receipts.amount_minor,
        receipts.amount_minor + differences.difference_minor as due_minor
    from receipts
    inner join payers
        on
            receipts.tenant_id = payers.tenant_id
            and receipts.transaction_id = payers.transaction_id
            and payers.is_own_account
    inner join relations
        on
            payers.tenant_id = relations.tenant_id
            and payers.debtor_id = relations.debtor_id
            and receipts.currency = relations.currency
            and coalesce(receipts.seller_id, relations.seller_id) = relations.seller_id
    cross join differences
),

account_spans as (
    select
        account_receipts.tenant_id,
        account_receipts.transaction_id,
        account_receipts.amount_minor,
        spans.receivable_number,
        spans.open_minor as due_minor,
        count(*) over (partition by account_receipts.tenant_id, account_receipts.transaction_id) as candidate_count
    from account_receipts
    inner join spans
        on
            account_receipts.relation_number = spans.relation_number
            and account_receipts.due_minor = spans.open_minor
            and spans.open_minor > 0
            and spans.from_on <= account_receipts.booked_on - 1
            and spans.until_on > account_receipts.booked_on - 1
),

by_account as (
    select
        account_spans.tenant_id,
        account_spans.transaction_id,
        receivables.receivable_id,
        receivables.seller_id,
        receivables.issued_on,
        account_spans.amount_minor,
        account_spans.due_minor
    from account_spans
    inner join receivables on account_spans.receivable_number = receivables.receivable_number
    where account_spans.candidate_count = 1
),

found as (
    select tenant_id, transaction_id, receivable_id, seller_id, issued_on, amount_minor, payer_is_debtor, due_minor, pass_number
    from by_structure

    union all

    select tenant_id, transaction_id, receivable_id, seller_id, issued_on, amount_minor, payer_is_debtor, due_minor, pass_number
    from by_number

    union all

    select tenant_id, transaction_id, receivable_id, seller_id, issued_on, amount_minor, true as payer_is_debtor, due_minor, 3 as pass_number
    from by_account
),

first_success as (
    select
        found.*,
        min(pass_number) over (partition by tenant_id, transaction_id) as first_pass_number
    from found
),

applied as (
    select
        tenant_id,
        transaction_id,
        receivable_id,
        seller_id,
        payer_is_debtor,
        pass_number,
        amount_minor,
        due_minor,
        coalesce(sum(due_minor) over (
            partition by tenant_id, transaction_id
            order by issued_on, receivable_id
            rows between unbounded preceding and 1 preceding
        ), 0) as due_before_minor,
        row_number() over (
            partition by tenant_id, transaction_id order by issued_on desc, receivable_id desc
        ) as place_from_end,
        sum(due_minor) over (partition by tenant_id, transaction_id) as due_together_minor
    from first_success
    where pass_number = first_pass_number
)

select
    receipts.tenant_id,
    receipts.transaction_id,
    applied.receivable_id,
    coalesce(applied.seller_id, receipts.seller_id) as seller_id,
    coalesce(applied.pass_number, 8) as pass_number,
    case
        when applied.pass_number is null or applied.pass_number = 7 then 0
        else greatest(0, least(applied.due_minor, receipts.amount_minor - applied.due_before_minor))
    end as matched_minor,
    case
        when applied.pass_number is null then receipts.amount_minor
        when applied.place_from_end > 1 then 0
        when applied.pass_number = 7 then receipts.amount_minor
        else greatest(0, receipts.amount_minor - applied.due_together_minor)
    end as unapplied_minor,
    case
        when applied.pass_number in (1, 2, 3, 6)
            then applied.due_minor - greatest(0, least(applied.due_minor, receipts.amount_minor - applied.due_before_minor))
        else 0
    end as short_minor,
    receipts.currency,
    applied.payer_is_debtor,
    receipts.booked_on,
    receipts.recorded_at
from receipts
left join applied
    on
        receipts.tenant_id = applied.tenant_id
        and receipts.transaction_id = applied.transaction_id
