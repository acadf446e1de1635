"""The tenant row filter of a connection."""

from apps.access.rows import open_scoped
from tests.apps.published_world import World


def test_plain_names_show_one_tenant_only(world: World):
    connection = open_scoped(world.snapshot, "birch")
    found = connection.execute("select distinct tenant_id from decisions.decisions").fetchall()
    assert found == [("birch",)]


def test_a_hostile_tenant_name_finds_nothing(world: World):
    connection = open_scoped(world.snapshot, "x' or '1'='1")
    assert connection.execute("select count(*) from decisions.decisions").fetchall() == [(0,)]


def test_times_are_in_utc(world: World):
    connection = open_scoped(world.snapshot, "alder")
    assert connection.execute("select current_setting('timezone')").fetchall() == [("UTC",)]
