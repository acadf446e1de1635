{#
    The grain: no two rows share these columns.

    Rows are counted by a short hash of their key; keys are compared only where hashes meet.
#}
{% test unique_combination(model, columns) %}
    with hashed as (
        select {{ ifp.short_hash(columns) }} as key_hash
        from {{ model }}
    ),

    repeated as (
        select key_hash
        from hashed
        group by key_hash
        having count(*) > 1
    )

    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ ifp.short_hash(columns) }} in (select key_hash from repeated)
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{# A statement that holds for every row; rows where it is false or unknown are returned. #}
{% test holds(model, condition) %}
    select *
    from {{ model }}
    where not coalesce({{ condition }}, false)
{% endtest %}

{# Sixty-four bits of some columns, nulls included: equal rows have equal hashes, others seldom. #}
{% macro short_hash(columns) -%}
    {{ return(adapter.dispatch('short_hash', 'ifp')(columns)) }}
{%- endmacro %}

{% macro default__short_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro postgres__short_hash(columns) -%}
    hashtextextended(concat_ws(chr(31){% for column in columns %}, coalesce(cast({{ column }} as text), chr(1)){% endfor %}), 0)
{%- endmacro %}
