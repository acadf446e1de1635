{# The knowledge time of this build. #}
{% macro as_of() -%}
    {%- if var('as_of') -%}cast('{{ var("as_of") }}' as timestamptz){%- else -%}cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f+00:00") }}' as timestamptz){%- endif -%}
{%- endmacro %}

{# Its calendar date in UTC. #}
{% macro as_of_on() -%}
    {{ ifp.utc_date(ifp.as_of()) }}
{%- endmacro %}

{% macro utc_date(moment) -%}
    cast({{ moment }} at time zone 'UTC' as date)
{%- endmacro %}

{% macro utc_midnight(day) -%}
    (cast({{ day }} as timestamp) at time zone 'UTC')
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro days_between(first, last) -%}
    cast({{ last }} - {{ first }} as integer)
{%- endmacro %}

{% macro month_end(day) -%}
    {{ return(adapter.dispatch('month_end', 'ifp')(day)) }}
{%- endmacro %}

{% macro default__month_end(day) -%}
    last_day({{ day }})
{%- endmacro %}

{% macro postgres__month_end(day) -%}
    cast(date_trunc('month', cast({{ day }} as timestamp)) + interval '1 month' as date) - 1
{%- endmacro %}

{# Milliseconds since 1970 -> moment. #}
{% macro moment_of_milliseconds(value) -%}
    {{ return(adapter.dispatch('moment_of_milliseconds', 'ifp')(value)) }}
{%- endmacro %}

{% macro default__moment_of_milliseconds(value) -%}
    make_timestamptz({{ value }} * 1000)
{%- endmacro %}

{% macro postgres__moment_of_milliseconds(value) -%}
    (timestamptz '1970-01-01 00:00:00+00' + {{ value }} * interval '1 millisecond')
{%- endmacro %}

{#
    Milliseconds inside `/Date(1439434356790+0000)/`: the number is UTC, the offset decoration;
    numbers before 1970 are negative, so a sign counts as an offset only behind other digits.
#}
{% macro xero_milliseconds(value) -%}
    {%- set inner -%}split_part(split_part({{ value }}, '(', 2), ')', 1){%- endset -%}
    cast(
        nullif(
            case
                when length({{ inner }}) > 5 and substr({{ inner }}, length({{ inner }}) - 4, 1) in ('+', '-')
                    then substr({{ inner }}, 1, length({{ inner }}) - 5)
                else {{ inner }}
            end,
            ''
        ) as bigint
    )
{%- endmacro %}

{% macro xero_moment(value) -%}
    {{ ifp.moment_of_milliseconds(ifp.xero_milliseconds(value)) }}
{%- endmacro %}

{# A date told as ISO text (`2019-03-07 00:00:00`, `2019-03-07T00:00:00`), else as `/Date(…)/` at UTC midnight. #}
{% macro xero_date(text_value, encoded_value) -%}
    coalesce(
        cast(nullif(substr({{ text_value }}, 1, 10), '') as date),
        {{ ifp.utc_date(ifp.xero_moment(encoded_value)) }}
    )
{%- endmacro %}


{# Whole days past the due date at as_of while something is open, else 0. #}
{% macro days_past_due(open_minor, due_on) -%}
    case
        when {{ open_minor }} <> 0 and {{ due_on }} is not null then greatest(0, {{ ifp.days_between(due_on, ifp.as_of_on()) }})
        else 0
    end
{%- endmacro %}

{# Hook: what a day that has passed changes in a receivable nobody told of. #}
{% macro aged_receivables() -%}
    {% if ifp.goes_on() -%}
    update {{ this }} set
        days_past_due = {{ ifp.days_past_due('open_minor', 'due_on') }},
        age_days = {{ ifp.days_between('issued_on', ifp.as_of_on()) }}
    where age_days <> {{ ifp.days_between('issued_on', ifp.as_of_on()) }}
    {%- endif %}
{%- endmacro %}
