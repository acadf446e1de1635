{# For a select list: one row per run of four or more digits of a text; a run ends where its digits end. #}
{% macro each_digit_run(text_value) -%}
    {{ return(adapter.dispatch('each_digit_run', 'ifp')(text_value)) }}
{%- endmacro %}

{% macro default__each_digit_run(text_value) -%}
    unnest(regexp_extract_all({{ text_value }}, '[0-9]{4,}'))
{%- endmacro %}

{% macro postgres__each_digit_run(text_value) -%}
    (regexp_matches({{ text_value }}, '[0-9]{4,}', 'g'))[1]
{%- endmacro %}

{# The last run of digits of a number, leading zeros dropped; null without digits. #}
{% macro last_digit_run(value) -%}
    {{ return(adapter.dispatch('last_digit_run', 'ifp')(value)) }}
{%- endmacro %}

{% macro default__last_digit_run(value) -%}
    nullif(ltrim(regexp_extract({{ value }}, '([0-9]+)[^0-9]*$', 1), '0'), '')
{%- endmacro %}

{% macro postgres__last_digit_run(value) -%}
    nullif(ltrim(substring({{ value }} from '([0-9]+)[^0-9]*$'), '0'), '')
{%- endmacro %}

{# A name reduced to what survives a bank statement: upper case, German vowels written out, no signs. #}
{% macro payer_key(name) -%}
    {{ ifp.alphanumeric("replace(replace(replace(replace(" ~ ifp.upper_case(name) ~ ", 'Ä', 'AE'), 'Ö', 'OE'), 'Ü', 'UE'), ' AND ', '')") }}
{%- endmacro %}

{# Letters written as 10 to 35, as check digits by ISO 7064 need them. #}
{% macro letters_as_numbers(value) -%}
    {%- set result = namespace(text=value) -%}
    {%- for letter in 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' -%}
        {%- set result.text = 'replace(' ~ result.text ~ ", '" ~ letter ~ "', '" ~ (10 + loop.index0) ~ "')" -%}
    {%- endfor -%}
    {{ return(result.text) }}
{%- endmacro %}

{# Remainder by 97 of a number of at most 60 digits given as text. #}
{% macro remainder_97(digits) -%}
    {%- set first = "mod(cast(substr(" ~ digits ~ ", 1, 15) as bigint), 97)" -%}
    {%- set second = "mod(cast(cast(" ~ first ~ " as text) || substr(" ~ digits ~ ", 16, 15) as bigint), 97)" -%}
    {%- set third = "mod(cast(cast(" ~ second ~ " as text) || substr(" ~ digits ~ ", 31, 15) as bigint), 97)" -%}
    mod(cast(cast({{ third }} as text) || substr({{ digits }}, 46, 15) as bigint), 97)
{%- endmacro %}
