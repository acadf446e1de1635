"""Addresses carry the tenant and the filters, escaped."""

from collections.abc import Callable

from apps.dashboard.layout import address
from apps.warehouse import Snapshot


def test_an_address_names_tenant_and_filters_but_no_empty_ones(
    open_for: Callable[[str], Snapshot],
):
    snapshot = open_for("birch")
    found = address("decisions", snapshot, outcome="refer", seller="", text="a&b")
    assert found == "decisions?tenant=birch&outcome=refer&text=a%26b"


def test_the_first_page_has_the_address_of_the_server(open_for: Callable[[str], Snapshot]):
    assert address("portfolio", open_for("alder"), currency="EUR").startswith("./?tenant=alder")
