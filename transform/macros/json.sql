{#
    Select columns of a relation together with fields of its JSON payload, parsing each payload once.

    relation: name of a CTE or relation; columns: output name -> expression over the relation;
    fields: output name -> dotted path, read as text (JSON null and a missing field are null).
#}
{% macro parsed_json(relation, columns, fields, payload='payload') -%}
    {{ return(adapter.dispatch('parsed_json', 'ifp')(relation, columns, fields, payload)) }}
{%- endmacro %}

{% macro default__parsed_json(relation, columns, fields, payload) -%}
    select
        {% for name in columns %}{{ name }}, {% endfor %}
        {%- for name in fields %}
        fields[{{ loop.index }}] as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            {% for name, expression in columns.items() %}{{ expression }} as {{ name }}, {% endfor %}
            json_extract_string({{ payload }}, [
                {%- for path in fields.values() %}'$.{{ path }}'{{ ', ' if not loop.last }}{% endfor -%}
            ]) as fields
        from {{ relation }}
    ) as extracted
{%- endmacro %}

{% macro postgres__parsed_json(relation, columns, fields, payload) -%}
    {%- set tops = {} -%}
    {%- for path in fields.values() -%}
        {%- set top = path.split('.')[0].split('[')[0] -%}
        {%- do tops.update({top: 'jsonb' if top != path else tops.get(top, 'text')}) -%}
    {%- endfor %}
    select
        {% for name in columns %}kept.{{ name }}, {% endfor %}
        {%- for name, path in fields.items() %}
        {%- set top = path.split('.')[0].split('[')[0] %}
        {%- if tops[top] == 'text' %}
        extracted."{{ top }}" as {{ name }}{{ ',' if not loop.last }}
        {%- else %}
        extracted."{{ top }}" #>> '{ {{- path[(top | length):].replace('[', '.').replace(']', '').strip('.').replace('.', ',') -}} }' as {{ name }}{{ ',' if not loop.last }}
        {%- endif %}
        {%- endfor %}
    from (
        select
            {% for name, expression in columns.items() %}{{ expression }} as {{ name }}, {% endfor %}
            cast({{ payload }} as jsonb) as parsed_payload
        from {{ relation }}
    ) as kept
    left join lateral jsonb_to_record(kept.parsed_payload) as extracted (
        {%- for top, type in tops.items() %}"{{ top }}" {{ type }}{{ ', ' if not loop.last }}{% endfor -%}
    ) on true
{%- endmacro %}

{# Join every element of one JSON array: `from rows {{ each_json('rows.payload', 'Lines', 'line') }}`. #}
{% macro each_json(payload, path, alias) -%}
    {{ return(adapter.dispatch('each_json', 'ifp')(payload, path, alias)) }}
{%- endmacro %}

{% macro default__each_json(payload, path, alias) -%}
    cross join lateral unnest(json_extract({{ payload }}, '$.{{ path }}[*]')) as {{ alias }} (element)
{%- endmacro %}

{% macro postgres__each_json(payload, path, alias) -%}
    cross join lateral jsonb_path_query(cast({{ payload }} as jsonb), '$."{{ path.replace('.', '"."') }}"[*]') as {{ alias }} (element)
{%- endmacro %}

{# One field of a JSON value as text; for small tables only, since every call parses again. #}
{% macro json_text(value, path) -%}
    {{ return(adapter.dispatch('json_text', 'ifp')(value, path)) }}
{%- endmacro %}

{% macro default__json_text(value, path) -%}
    json_extract_string({{ value }}, '$.{{ path }}')
{%- endmacro %}

{% macro postgres__json_text(value, path) -%}
    (cast({{ value }} as jsonb) #>> '{ {{- path.replace('[', '.').replace(']', '').replace('.', ',') -}} }')
{%- endmacro %}
