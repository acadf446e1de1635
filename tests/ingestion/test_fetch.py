"""One entity of one connection: what a sync concludes from what it met."""


def test_a_quarantined_copy_of_what_is_held_is_closed_when_it_is_met_sound_again(
    sync, organisation, xero, reply, rows
):
    """Nothing lands then: the record was never lost, only its newer copy could not be read."""
    organisation.invoice(1)
    sync()
    text = organisation.lists["Invoices"]["inv-00001"]
    renamed = f'{{"Invoices": [{text.replace("Total", "Renamed")}]}}'.encode()
    xero.faults.append(("/Invoices", reply(200, renamed)))

    disturbed = sync(hours=1, full=True)
    healed = sync(hours=2)

    assert not disturbed.is_ok
    assert healed.is_ok
    assert (healed.total("landed"), healed.total("quarantined")) == (0, 0)
    assert rows("select record_id, resolution from raw_quarantine.records") == [
        ("inv-00001", "superseded")
    ]


def test_a_record_refused_in_this_very_sync_stays_open(sync, organisation, xero, reply, rows):
    organisation.invoice(1)
    text = organisation.lists["Invoices"]["inv-00001"]
    both = f'{{"Invoices": [{text.replace("Total", "Renamed")}, {text}]}}'.encode()
    xero.faults += [("/Invoices", reply(200, both))] * 2

    sync()
    sync(hours=1)

    assert rows("select replayed_at from raw_quarantine.records") == [(None,)]
