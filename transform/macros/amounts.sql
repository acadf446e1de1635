{# Round to a whole number, ties to the even neighbour. #}
{% macro half_even(value) -%}
    case when {{ value }} - floor({{ value }}) = 0.5 then 2 * cast({{ value }} * 0.5 as bigint) else cast({{ value }} as bigint) end
{%- endmacro %}

{#
    Decimal text in major units -> whole minor units.

    factor is minor units per major unit (seed currencies). Digits beyond the twelfth decimal are
    artefacts of binary floats and vanish; genuine digits beyond the currency's are rounded half to
    even and reported by minor_units_lost.
#}
{% macro minor_units(amount, factor) -%}
    {{ return(adapter.dispatch('minor_units', 'ifp')(amount, factor)) }}
{%- endmacro %}

{# Text of twelve characters fits a 64-bit decimal, which DuckDB casts some hundred times faster. #}
{% macro default__minor_units(amount, factor) -%}
    case
        when length({{ amount }}) <= 12 and length(split_part({{ amount }}, '.', 2)) <= 6
            then {{ ifp.half_even('(cast(' ~ amount ~ ' as decimal(18, 6)) * ' ~ factor ~ ')') }}
        else {{ ifp.half_even('(cast(' ~ amount ~ ' as decimal(32, 12)) * ' ~ factor ~ ')') }}
    end
{%- endmacro %}

{% macro postgres__minor_units(amount, factor) -%}
    {{ ifp.half_even('(cast(' ~ amount ~ ' as decimal(32, 12)) * ' ~ factor ~ ')') }}
{%- endmacro %}

{# What rounding took away, in minor units with its decimals: exact - rounded. #}
{% macro minor_units_lost(amount, factor) -%}
    {{ return(adapter.dispatch('minor_units_lost', 'ifp')(amount, factor)) }}
{%- endmacro %}

{% macro default__minor_units_lost(amount, factor) -%}
    case
        when length(split_part({{ amount }}, '.', 2)) <= 2 and {{ factor }} >= 100 then cast(0 as decimal(18, 9))
        else cast(
            cast({{ amount }} as decimal(32, 12)) * {{ factor }}
            - ({{ ifp.half_even('(cast(' ~ amount ~ ' as decimal(32, 12)) * ' ~ factor ~ ')') }}) as decimal(18, 9)
        )
    end
{%- endmacro %}

{# part / whole in millionths, rounded down; null when there is no whole. #}
{% macro parts_per_million(part, whole) -%}
    {{ return(adapter.dispatch('parts_per_million', 'ifp')(part, whole)) }}
{%- endmacro %}

{% macro default__parts_per_million(part, whole) -%}
    cast(cast({{ part }} as hugeint) * 1000000 // nullif({{ whole }}, 0) as bigint)
{%- endmacro %}

{% macro postgres__parts_per_million(part, whole) -%}
    cast(div(cast({{ part }} as numeric) * 1000000, nullif({{ whole }}, 0)) as bigint)
{%- endmacro %}
