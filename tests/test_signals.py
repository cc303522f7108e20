"""How signals end what runs, and that every handler is as it was afterwards."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from signal import SIGHUP, SIGINT, SIGTERM, SIGUSR1, Signals
from typing import Any

import pytest

from autotrick.signals import INSIST_S, Ending, ending

HANDLED = (SIGINT, SIGTERM, SIGHUP, SIGUSR1)


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    """Handlers that end no test run."""
    before = {each: signal.getsignal(each) for each in HANDLED}
    for each in HANDLED:
        signal.signal(each, lambda _number, _frame: None)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def handlers() -> list[Any]:
    return [signal.getsignal(each) for each in HANDLED]


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def take_over() -> None:
    """Set handlers as Ray and Tune do, and leave them."""
    for each in HANDLED:
        signal.signal(each, signal.SIG_DFL)


def fail_after_taking_over() -> None:
    take_over()
    raise ValueError("broken")


@pytest.mark.parametrize("number", [SIGINT, SIGTERM, SIGHUP])
def test_signal_interrupts_and_is_known(number: Signals) -> None:
    before = handlers()

    with pytest.raises(KeyboardInterrupt), ending() as asked:
        send(number)

    assert (asked.signal, asked.status, handlers()) == (number, 128 + number, before)


def test_handlers_are_put_back_whatever_happens_within() -> None:
    before = handlers()

    with ending():
        take_over()
    after_the_end = handlers()
    with pytest.raises(ValueError, match="broken"), ending():
        fail_after_taking_over()

    assert after_the_end == handlers() == before


def test_inner_block_handles_again_what_a_library_took_over() -> None:
    with ending() as outer:
        take_over()
        with pytest.raises(KeyboardInterrupt), ending() as inner:
            send(SIGTERM)

    assert inner is outer
    assert outer.signal == SIGTERM


def test_ignored_hang_up_stays_ignored() -> None:
    signal.signal(SIGHUP, signal.SIG_IGN)

    with ending() as asked:
        send(SIGHUP)

    assert (asked.signal, signal.getsignal(SIGHUP)) == (None, signal.SIG_IGN)


def test_other_threads_leave_signals_alone() -> None:
    before, seen = handlers(), []

    def search() -> None:
        with ending() as asked:
            seen.extend([handlers(), asked.signal])

    thread = threading.Thread(target=search)
    thread.start()
    thread.join()

    assert seen == [before, None]


def test_first_signal_lets_the_work_stop_and_those_right_after_it_say_the_same() -> None:
    stopped: list[int] = []

    def stop() -> bool:
        stopped.append(1)
        return True

    with ending() as asked, asked.by(stop):
        for number in (SIGINT, SIGINT, SIGTERM, SIGHUP):
            send(number)

    assert (stopped, asked.signal) == ([1], SIGINT)


def test_signal_interrupts_where_the_work_cannot_stop_yet() -> None:
    with pytest.raises(KeyboardInterrupt), ending() as asked, asked.by(lambda: False):
        send(SIGINT)


def test_who_insists_later_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()

    with ending() as asked, asked.by(lambda: True):
        send(SIGINT)
        monkeypatch.setattr(time, "monotonic", lambda: now + INSIST_S + 5)
        with pytest.raises(KeyboardInterrupt):
            send(SIGINT)


def test_nothing_interrupts_what_records_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    now = time.monotonic()

    with ending() as asked, asked.closing():
        for after_s in (0.0, 1.0, INSIST_S + 5):
            monkeypatch.setattr(time, "monotonic", lambda at=now + after_s: at)
            send(SIGTERM)
        done.append("recorded")

    assert (done, asked.signal) == (["recorded"], SIGTERM)


def test_status_without_a_signal_is_that_of_an_interrupt() -> None:
    assert Ending().status == 130
