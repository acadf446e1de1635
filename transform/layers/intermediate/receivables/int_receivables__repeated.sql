with sourced as (
    select * from {{ ref('int_receivables__sourced') }}
),

sellers as (
    select * from {{ ref('int_sellers__unified') }}
),

several_sources as (
    select tenant_id, seller_id
    from sellers
    group by tenant_id, seller_id
    having count(*) > 1
),

candidates as (
    select sourced.*
    from sourced
    inner join several_sources
        on
            sourced.tenant_id = several_sources.tenant_id
            and sourced.seller_id = several_sources.seller_id
    where sourced.number_norm <> ''
),

winners as (
    select
        tenant_id,
        seller_id,
        debtor_id,
        document_type,
        number_norm,
        issued_on,
        gross_minor,
        currency,
        min(source_key) as source_key,
        count(distinct source_key) as source_count
    from candidates
    group by tenant_id, seller_id, debtor_id, document_type, number_norm, issued_on, gross_minor, currency
    having count(distinct source_key) > 1
),

compared as (
    select
        candidates.tenant_id,
        candidates.receivable_id,
        candidates.receivable_number,
        candidates.source_key = winners.source_key as is_winner,
        cast(winners.source_count as integer) as source_count,
        min(case when candidates.source_key = winners.source_key then candidates.receivable_id end) over (
            partition by
                candidates.tenant_id,
                candidates.seller_id,
                candidates.debtor_id,
                candidates.document_type,
                candidates.number_norm,
                candidates.issued_on,
                candidates.gross_minor,
                candidates.currency
        ) as winning_receivable_id
    from candidates
    inner join winners
        on
            candidates.tenant_id = winners.tenant_id
            and candidates.seller_id = winners.seller_id
            and candidates.debtor_id is not distinct from winners.debtor_id
            and candidates.document_type = winners.document_type
            and candidates.number_norm = winners.number_norm
            and candidates.issued_on = winners.issued_on
            and candidates.gross_minor = winners.gross_minor
            and candidates.currency = winners.currency
)

select * from compared
