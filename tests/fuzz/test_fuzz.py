"""A few hundred generated inputs a kind; `python -m tests.fuzz` tries as many as you like."""

import pytest

from tests.fuzz import harness
from tests.fuzz.kinds import KINDS


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_every_input_is_taken_or_refused_in_a_sentence(name: str) -> None:
    faults: list[str] = []

    tally = harness.ran(
        KINDS[name].module(),
        KINDS[name].in_tests,
        seed=9,
        tell=lambda i, given, outcome: (
            faults.append(f"input {i}: {given!r:.2000}: {outcome.said}")
            if outcome.verdict == "fault"
            else None
        ),
    )

    assert faults == []
    assert min(tally.accepted, tally.refused) >= KINDS[name].in_tests // 50
