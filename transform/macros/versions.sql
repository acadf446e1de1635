{# The envelope every raw table shares, under the names staging uses: output name -> raw column. #}
{% macro envelope_columns(extra={}) -%}
    {%- set columns = {
        'tenant_id': 'cast(tenant_id as text)',
        'connection_id': 'cast(connection_id as text)',
        'record_id': 'cast(record_id as text)',
        'raw_modified_at': 'modified_at',
        'is_deleted': 'is_deleted',
        'payload_sha256': 'cast(payload_sha256 as text)',
        'fetched_at': 'fetched_at',
        'load_id': 'cast(_dlt_load_id as text)',
        'page_position': 'position',
    } -%}
    {%- do columns.update(extra) -%}
    {{ return(columns) }}
{%- endmacro %}

{#
    Number the versions of a record from 1, and say when the next one replaced it (null: current).

    For use in the select list over rows that carry the staging names of the envelope.
#}
{% macro version_columns() -%}
    cast(row_number() over (
        partition by tenant_id, connection_id, record_id order by fetched_at, load_id, page_position
    ) as integer) as version_number,
    lead(fetched_at) over (
        partition by tenant_id, connection_id, record_id order by fetched_at, load_id, page_position
    ) as superseded_at,
    lead(load_id) over (
        partition by tenant_id, connection_id, record_id order by fetched_at, load_id, page_position
    ) as superseded_by_load_id
{%- endmacro %}

{# The current version of every record of a raw table, with the moment its first version was fetched. #}
{% macro current_records(relation) -%}
    select *
    from (
        select
            *,
            min(fetched_at) over (
                partition by tenant_id, connection_id, record_id
            ) as first_fetched_at,
            row_number() over (
                partition by tenant_id, connection_id, record_id
                order by fetched_at desc, _dlt_load_id desc, position desc
            ) as recency
        from {{ relation }}
    ) as numbered
    where recency = 1
{%- endmacro %}

{#
    When a version became known to us, and whether that was history told at the first sync.

    Until the first complete sync of a connection's entity everything is back-filled: recorded on
    the event's own day. What a later sync brings is recorded when it was fetched.
#}
{% macro is_backfilled(fetched_at, first_complete_at) -%}
    not coalesce({{ fetched_at }} > {{ first_complete_at }}, false)
{%- endmacro %}

{% macro recorded_at(fetched_at, first_complete_at, own_moment) -%}
    case
        when {{ ifp.is_backfilled(fetched_at, first_complete_at) }} then coalesce({{ own_moment }}, {{ fetched_at }})
        else {{ fetched_at }}
    end
{%- endmacro %}


{#
    Every row of a relation with whether it is back-filled and when each of its own moments counts
    as recorded: output name -> expression. The sync is that of one system's entity.
#}
{% macro recorded(relation, system, entity, moments, fetched_at='fetched_at', with_backfilled=true) -%}
    select
        {{ relation }}.*
        {%- if with_backfilled %},
        {{ ifp.is_backfilled(relation ~ '.' ~ fetched_at, 'first_syncs.first_complete_at') }} as is_backfilled
        {%- endif %}
        {%- for name, moment in moments.items() %},
        {{ ifp.recorded_at(relation ~ '.' ~ fetched_at, 'first_syncs.first_complete_at', moment) }} as {{ name }}
        {%- endfor %}
    from {{ relation }}
    left join {{ ref('int_syncs__first_completed') }} as first_syncs
        on
            {{ relation }}.tenant_id = first_syncs.tenant_id
            and {{ relation }}.connection_id = first_syncs.connection_id
            and first_syncs.source_system = '{{ system }}'
            and first_syncs.entity = '{{ entity }}'
{%- endmacro %}

{#
    The last version of each record among those that satisfy a condition (recency 1), with the
    moment its first one was recorded and whether that was back-filled.
#}
{% macro numbered_versions(relation, condition) -%}
    select
        {{ relation }}.*,
        min({{ relation }}.recorded_at) over (
            partition by {{ relation }}.tenant_id, {{ relation }}.connection_id, {{ relation }}.record_id
        ) as first_recorded_at,
        max(case when {{ relation }}.version_number = 1 and {{ relation }}.is_backfilled then 1 else 0 end) over (
            partition by {{ relation }}.tenant_id, {{ relation }}.connection_id, {{ relation }}.record_id
        ) as first_backfilled,
        row_number() over (
            partition by {{ relation }}.tenant_id, {{ relation }}.connection_id, {{ relation }}.record_id
            order by {{ relation }}.version_number desc
        ) as recency
    from {{ relation }}
    where {{ condition }}
{%- endmacro %}
