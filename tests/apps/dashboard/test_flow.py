"""From ledger entries to the families of the lineage picture."""

from apps.dashboard.flow import assets, flow

ENTRIES = [
    (0, {"asset_key": "raw/xero/invoices", "rows": 10, "inputs": []}),
    (1, {"asset_key": "raw/xero/invoices", "rows": 12, "inputs": []}),
    (
        2,
        {
            "asset_key": "staging/erp/stg_xero__invoices",
            "rows": 12,
            "inputs": [{"asset_key": "raw/xero/invoices"}],
        },
    ),
]


def test_the_newest_version_of_an_asset_counts():
    found = assets(ENTRIES)
    assert [(asset.key, asset.rows, asset.index) for asset in found] == [
        ("raw/xero/invoices", 12, 1),
        ("staging/erp/stg_xero__invoices", 12, 2),
    ]


def test_families_are_proven_only_when_each_entry_is():
    drawn = flow(assets(ENTRIES), {}, lambda index: index != 2, 3, "announced")
    states = {(family.stage, family.name): family.state for family in drawn.families}
    assert states["raw", "xero"] == "proven"
    assert states["staging", "erp"] == "announced"
    assert states["sources", "xero"] == "proven"
    assert states["audit", "entries"] == "announced"
    assert ("raw/xero", "staging/erp") in drawn.links


def test_decisions_and_actions_are_counted_from_their_entries():
    drawn = flow(assets(ENTRIES), {"decision": 5, "message": 2}, lambda _: True, 9, "proven")
    rows = {(family.stage, family.name): family.rows for family in drawn.families}
    assert rows["decisions", "credit"] == 5
    assert rows["actions", "messages"] == 2
    assert ("actions", "payments") not in rows
