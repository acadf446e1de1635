-- No mart row was recorded after as_of.
select tenant_id, receivable_id from {{ ref('fct_receivables') }}
where recorded_at > {{ ifp.as_of() }}
union all
select tenant_id, receivable_id from {{ ref('fct_receivable_events') }}
where recorded_at > {{ ifp.as_of() }}
