"""Rules that every schedule keeps, whatever its settings and the length of training."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotrick.domain import Choice, Domain, Float, Integer
from autotrick.tricks import TRICKS, Progress, Trick, build

SCHEDULES = [name for name, kind in TRICKS.items() if kind.schedule is not Trick.schedule]


def within(domain: Domain) -> st.SearchStrategy[Any]:
    match domain:
        case Float(low, high):
            return st.floats(low, high)
        case Integer(low, high):
            return st.integers(low, high)
        case Choice(options):
            return st.sampled_from(options)
    raise AssertionError(domain)


@st.composite
def traces(draw: st.DrawFn, name: str) -> tuple[Trick, int, int]:
    """Draw a trick with settings of its domains, updates, and a warmup before it."""
    chosen = {s.name: draw(within(s.domain)) for s in TRICKS[name].settings() if s.domain}
    trick, updates = build(name, chosen), draw(st.integers(1, 60))
    own = trick.warmup_updates(updates, 10)
    return trick, updates, own or draw(st.integers(0, updates - 1))


@pytest.mark.parametrize("name", SCHEDULES)
@settings(max_examples=20)
@given(data=st.data())
def test_stays_between_zero_and_the_peak_and_learns_to_the_end(
    name: str, data: st.DataObject
) -> None:
    trick, updates, warmup = data.draw(traces(name))

    factors = [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]

    assert all(0 < factor <= 1 for factor in factors)


@pytest.mark.parametrize("name", SCHEDULES)
@settings(max_examples=20)
@given(data=st.data())
def test_depends_on_the_progress_alone(name: str, data: st.DataObject) -> None:
    trick, updates, warmup = data.draw(traces(name))
    places = [Progress(u, updates, warmup, 10) for u in range(updates)]

    forwards = [trick.schedule(place) for place in places]
    again = [build(name, trick.values()).schedule(place) for place in reversed(places)]

    assert forwards == again[::-1]


@pytest.mark.parametrize("name", [n for n in SCHEDULES if TRICKS[n].slot == "decay"])
@pytest.mark.parametrize("warmup", [1, 30])
def test_a_decay_begins_at_the_peak_when_the_warmup_ends(name: str, warmup: int) -> None:
    trick = build(name, {})
    warmup = trick.warmup_updates(100, 10) or warmup

    factor = trick.schedule(Progress(warmup, 100, warmup, 10))

    below = {"cyclic_rate": 0.1, "one_cycle": 0.999}.get(name, 1.0)
    assert factor == pytest.approx(below, abs=1e-3)
