"""Looking at a search of another process."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]


@pytest.fixture
def interrupt() -> Iterator[Callable[[], None]]:
    """Return a function that presses Ctrl-C, as it were, a little later."""

    def press(*_: object) -> None:
        raise KeyboardInterrupt

    def press_in(seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds)

    before = signal.signal(signal.SIGALRM, press)
    yield lambda: press_in(0.7)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("study")
def test_a_look_that_is_broken_off_says_nothing_of_a_search_that_there_may_not_be(
    command: Command, interrupt: Callable[[], None]
) -> None:
    command("follow", "digits")  # importing takes time
    interrupt()
    result = command("follow", "digits", "--wait", "60s")

    assert result.exit_code == 0
    assert result.stdout == "\nThe search goes on. To watch it again: autotrick follow digits\n"


def test_a_study_that_nobody_searches_is_shown_as_it_is(command: Command, study: Path) -> None:
    result = command("follow", "digits")

    assert result.exit_code == 0
    assert "Best trials of digits" in result.stdout
    assert "Ended: its driver was lost." in result.stdout
