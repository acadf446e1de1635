{#
    The canonical status, from the amounts and the vendor's state; never from the state alone.

    Arguments are expressions over one receivable: vendor_state (draft, issued, void, reversed,
    discarded), whether its voiding is known, paid, credited and open minor units, is_disputed.
#}
{% macro receivable_status(vendor_state, is_void, paid, credited, open, is_disputed) -%}
    case
        when {{ is_void }} then 'void'
        when {{ vendor_state }} = 'draft' then 'draft'
        when {{ vendor_state }} = 'reversed' then 'reversed'
        when {{ open }} = 0 and {{ paid }} = 0 and {{ credited }} <> 0 then 'credited'
        when {{ open }} = 0 then 'paid'
        when {{ is_disputed }} then 'disputed'
        when {{ paid }} <> 0 or {{ credited }} <> 0 then 'partially_paid'
        else 'open'
    end
{%- endmacro %}
