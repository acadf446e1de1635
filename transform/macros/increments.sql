{#
    Builds that go on from the one before.

    `since` is the knowledge time of the build whose tables stand; orchestration gives it only when
    raw has grown and nothing else has changed. Without it everything is built anew.
#}
{% macro goes_on() -%}
    {{ return(var('since') != '' and is_incremental()) }}
{%- endmacro %}

{# The knowledge time of the build before. #}
{% macro since() -%}
    cast('{{ var("since") }}' as timestamptz)
{%- endmacro %}

{# A moment that has come since the build before. #}
{% macro has_come(moment) -%}
    ({{ moment }} > {{ ifp.since() }} and {{ moment }} <= {{ ifp.as_of() }})
{%- endmacro %}

{# Overrides dbt's own: a table is built anew unless the build goes on. #}
{% macro should_full_refresh() -%}
    {%- if config.get('materialized') == 'incremental' -%}
        {{ return(var('since') == '' or flags.FULL_REFRESH) }}
    {%- endif -%}
    {{ return(config.get('full_refresh') or flags.FULL_REFRESH) }}
{%- endmacro %}

{# A table as the build before left it; read it only where the build goes on. #}
{% macro held(schema, identifier) -%}
    {{ return(api.Relation.create(database=target.database, schema=schema, identifier=identifier)) }}
{%- endmacro %}

{#
    The rows of a raw table that a staging model reads: all, or every version of the records that an
    unseen load tells of. A whole common table expression, called told_versions.
#}
{% macro told_versions(relation, entity) -%}
    {%- if ifp.goes_on() -%}
    told_versions as (
        select versions.*
        from {{ relation }} as versions
        inner join (
            select distinct
                tenant_id,
                connection_id,
                record_id
            from {{ relation }}
            where _dlt_load_id in ({{ ifp.unseen_loads(entity) }})
        ) as told
            on
                versions.tenant_id = told.tenant_id
                and versions.connection_id = told.connection_id
                and versions.record_id = told.record_id
    )
    {%- else -%}
    told_versions as (
        select * from {{ relation }}
    )
    {%- endif -%}
{%- endmacro %}

{# The loads of one entity that the build before has not seen. #}
{% macro unseen_loads(entity) -%}
    select load_id from {{ ref('stg_loads__counted') }} where entity = '{{ entity }}' and is_unseen
{%- endmacro %}

{# Records with a version that the build before had not read, or that did not count yet at its time. #}
{% macro moved_records(relation, system, entity, own_moment, fetched_at='fetched_at') -%}
    select distinct
        versions.tenant_id,
        versions.connection_id,
        versions.record_id
    from {{ relation }} as versions
    left join {{ ref('int_syncs__first_completed') }} as first_syncs
        on
            versions.tenant_id = first_syncs.tenant_id
            and versions.connection_id = first_syncs.connection_id
            and first_syncs.source_system = '{{ system }}'
            and first_syncs.entity = '{{ entity }}'
    where
        versions.load_id in ({{ ifp.unseen_loads(entity) }})
        or {{ ifp.has_come(ifp.recorded_at('versions.' ~ fetched_at, 'first_syncs.first_complete_at', own_moment)) }}
{%- endmacro %}

{# Keep the rows of a common table expression whose record moved; the list is called moved. #}
{% macro only_moved(relation) -%}
    {%- if ifp.goes_on() %}
    inner join moved
        on
            {{ relation }}.tenant_id = moved.tenant_id
            and {{ relation }}.connection_id = moved.connection_id
            and {{ relation }}.record_id = moved.record_id
    {%- endif -%}
{%- endmacro %}

{# Hook: take out of a table what this build makes anew. #}
{% macro without_touched(key) -%}
    {% if ifp.goes_on() -%}
    delete from {{ this }} where {{ key }} in (select {{ key }} from {{ ref('int_receivables__touched') }})
    {%- endif %}
{%- endmacro %}
