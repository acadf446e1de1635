"""What waits and what has given up; where money moves two people have to ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps import commands
from ledger.entry import Actor, Entry
from tests.apps.operated_world import Operated, operate

RunPage = Callable[..., AppTest]
Shown = Callable[[AppTest], str]
Figures = Callable[[AppTest], dict[str, str]]


@pytest.fixture
def operated(tmp_path: Path) -> Operated:
    world = operate(tmp_path / "var", is_quiet=True)
    with world.ledger() as ledger:
        for tenant_id, kind in (("alder", "bank.pay"), ("alder", "notice.send"),
                                ("birch", "notice.send")):  # fmt: skip
            with ledger.transaction() as tx:
                tx.enqueue(kind, tenant_id, f"{kind}:{tenant_id}", {"message_id": "m1"})
            task = ledger.queue.claim((kind,), 60)[0]
            with ledger.transaction() as tx:
                tx.fail(task, f"refused for {tenant_id}.")
    return world


def number(world: Operated, kind: str) -> str:
    with world.ledger() as ledger:
        return next(str(one.id) for one in ledger.queue.dead_letters("alder") if one.kind == kind)


def labels(app: AppTest) -> dict[str, bool]:
    return {one.label: one.disabled for one in app.button}


def press(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label == label).click().run()


def test_what_gave_up_is_counted_for_this_tenant_alone(
    run_page: RunPage, operated: Operated, shown: Shown, figures: Figures
):
    app = run_page(operated.var, "queue")
    assert figures(app)["Given up"] == "2"
    assert "refused for alder" in shown(app)
    assert "refused for birch" not in shown(app)


def test_an_empty_queue_says_what_would_be_here(run_page: RunPage, tmp_path: Path, shown: Shown):
    app = run_page(operate(tmp_path / "quiet", is_quiet=True).var, "queue")
    assert "The queue of this tenant is empty" in shown(app)


def test_a_notice_is_tried_again_by_one_person(run_page: RunPage, operated: Operated, shown: Shown):
    app = run_page(operated.var, "queue", task=number(operated, "notice.send"))
    press(app, "Try it again")
    assert not app.exception
    assert "Queued" in shown(app)
    with operated.ledger() as ledger:
        task = ledger.queue.claim((commands.DEAD_LETTER_REPLAYED,), 60)[0]
        assert task.payload["task_id"] == int(number(operated, "notice.send"))


def test_closing_asks_for_a_reason_first(run_page: RunPage, operated: Operated, shown: Shown):
    app = run_page(operated.var, "queue", task=number(operated, "notice.send"))
    press(app, "Close without doing it")
    assert "Say why it is not to be done" in shown(app)
    app.text_input[0].set_value("sent by post").run()
    press(app, "Close without doing it")
    with operated.ledger() as ledger:
        task = ledger.queue.claim((commands.DEAD_LETTER_CLOSED,), 60)[0]
        assert task.payload["reason"] == "sent by post"


def test_money_waits_for_another_person(run_page: RunPage, operated: Operated, shown: Shown):
    app = run_page(operated.var, "queue", task=number(operated, "bank.pay"))
    assert "Two people are needed" in shown(app)
    press(app, "Ask to try it again")
    with operated.ledger() as ledger:
        task = ledger.queue.claim((commands.DEAD_LETTER_REPLAYED,), 60)[0]
        told = {"command_id": task.payload["command_id"], "status": "waiting"}
        worker = Actor("system", "worker")
        with ledger.transaction() as tx:
            tx.append(Entry("command_status", "alder", commands.now(), worker, (), told))
            tx.complete(task)
    app.run()
    assert "You have asked to try it again." in shown(app)
    assert labels(app)["Ask to try it again"] is True


def test_a_task_of_another_tenant_is_not_there(run_page: RunPage, operated: Operated):
    with operated.ledger() as ledger:
        other = ledger.queue.dead_letters("birch")[0].id
    app = run_page(operated.var, "queue", task=str(other))
    assert app.title[0].value == "There is no such task"
