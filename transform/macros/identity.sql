{# Lower-hex SHA-256 of the parts joined with U+001F; twin of models.domain.identity.surrogate_key. #}
{% macro surrogate_key(parts) -%}
    {%- set joined -%}
    concat_ws(chr(31){% for part in parts %}, coalesce({{ part }}, ''){% endfor %})
    {%- endset -%}
    {{ ifp.sha256_hex(joined) }}
{%- endmacro %}

{% macro sha256_hex(value) -%}
    {{ return(adapter.dispatch('sha256_hex', 'ifp')(value)) }}
{%- endmacro %}

{% macro default__sha256_hex(value) -%}
    sha256({{ value }})
{%- endmacro %}

{% macro postgres__sha256_hex(value) -%}
    encode(sha256(convert_to({{ value }}, 'UTF8')), 'hex')
{%- endmacro %}

{# Replace every match; the pattern's and the replacement's dialect is what both engines share. #}
{% macro regex_replaced(value, pattern, replacement) -%}
    regexp_replace({{ value }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro regex_found(value, pattern) -%}
    {{ return(adapter.dispatch('regex_found', 'ifp')(value, pattern)) }}
{%- endmacro %}

{% macro default__regex_found(value, pattern) -%}
    regexp_matches({{ value }}, '{{ pattern }}')
{%- endmacro %}

{% macro postgres__regex_found(value, pattern) -%}
    ({{ value }} ~ '{{ pattern }}')
{%- endmacro %}

{# NFKC for what numbers and tax ids are made of: the engine's own form, then the full-width signs. #}
{% macro compatible_form(value) -%}
    {{ return(adapter.dispatch('compatible_form', 'ifp')(value)) }}
{%- endmacro %}

{% macro default__compatible_form(value) -%}
    case
        when strlen({{ value }}) = length({{ value }}) then {{ value }}
        else replace(translate(
            nfc_normalize({{ value }}),
            '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉ªº',
            '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234567890123456789ao'
        ), '№', 'No')
    end
{%- endmacro %}

{% macro postgres__compatible_form(value) -%}
    normalize({{ value }}, nfkc)
{%- endmacro %}

{# Upper case of every script, whatever the database's locale. #}
{% macro upper_case(value) -%}
    {{ return(adapter.dispatch('upper_case', 'ifp')(value)) }}
{%- endmacro %}

{% macro default__upper_case(value) -%}
    upper({{ value }})
{%- endmacro %}

{% macro postgres__upper_case(value) -%}
    upper({{ value }} collate "pg_c_utf8")
{%- endmacro %}

{# Upper case, letters and digits of every script only. #}
{% macro alphanumeric(value) -%}
    {{ return(adapter.dispatch('alphanumeric', 'ifp')(value)) }}
{%- endmacro %}

{% macro default__alphanumeric(value) -%}
    regexp_replace({{ ifp.upper_case(ifp.compatible_form(value)) }}, '[^\p{L}\p{N}]', '', 'g')
{%- endmacro %}

{% macro postgres__alphanumeric(value) -%}
    regexp_replace({{ ifp.upper_case(ifp.compatible_form(value)) }}, '[^[:alnum:]]', '', 'g')
{%- endmacro %}

{# Twin of models.domain.normalise.tax_id_norm. #}
{% macro tax_id_norm(value) -%}
    nullif({{ ifp.alphanumeric(value) }}, '')
{%- endmacro %}

{#
    Twin of models.domain.normalise.number_norm: O, I and L between two digits are read as digits,
    leading zeros of each run are dropped. 
#}
{% macro number_norm(value) -%}
    {%- set kept = ifp.alphanumeric("coalesce(" ~ value ~ ", '')") -%}
    {%- set read -%}
        {{ ifp.regex_replaced(ifp.regex_replaced(ifp.regex_replaced(ifp.regex_replaced(
            kept, '([0-9])O([0-9])', '\\10\\2'), '([0-9])O([0-9])', '\\10\\2'),
            '([0-9])[IL]([0-9])', '\\11\\2'), '([0-9])[IL]([0-9])', '\\11\\2') }}
    {%- endset -%}
    {{ ifp.regex_replaced(
        "case when " ~ ifp.regex_found(kept, '[0-9][OIL][0-9]') ~ " then " ~ read ~ " else " ~ kept ~ " end",
        '(^|[^0-9])0+([0-9])', '\\1\\2') }}
{%- endmacro %}

{# A number for each row, in no order: a narrow key for joins inside one build, never kept. #}
{% macro row_numbers() -%}
    {{ return(adapter.dispatch('row_numbers', 'ifp')()) }}
{%- endmacro %}

{% macro default__row_numbers() -%}
    cast(row_number() over () as bigint)
{%- endmacro %}
