from collections.abc import Callable

import numpy as np
import pytest

from autotrick.augment import plans
from autotrick.augment.policies import AUTO_AUGMENT_RANGE, OPERATIONS
from autotrick.domain import PolicyDomain, ReplayChooser
from autotrick.errors import TrickError
from autotrick.random_streams import Stream
from autotrick.tricks import Run, build
from autotrick.tricks.policy_schedule import PolicySchedule
from tests.pictures import augment

MakeRun = Callable[..., Run]

COUNT = 20_000


def some(policy: list[list[list[object]]], stage: int = 0) -> plans.Plan:
    table = plans.table(policy)
    columns = 1 + 3 * table.operations.shape[1]
    draws = Stream(0, "schedule").uniform(0, np.arange(COUNT), columns)
    return plans.some(table, stage, draws, AUTO_AUGMENT_RANGE, (32, 32))


def test_an_image_gets_none_one_or_two_operations_in_either_order() -> None:
    names = ("Rotate", "Invert", "ShearX")

    operations, _ = some([[[name, 1.0, 0.5] for name in names]])

    counts = (operations != plans.IDENTITY).sum(axis=1)
    for count, share in enumerate((0.2, 0.3, 0.5)):
        assert abs((counts == count).mean() - share) < 0.02
    both = operations[counts == 2]
    for name in names:
        for place in (0, 1):
            share = (both[:, place] == OPERATIONS.index(name)).mean()
            assert abs(share - 1 / 3) < 0.03
    assert (both[:, 0] != both[:, 1]).all()


def test_operations_are_taken_by_their_probability_until_there_are_enough() -> None:
    operations, magnitudes = some([[["Rotate", 0.25, 1.0], ["Invert", 0.0, 0.0]]])

    rotated = operations == OPERATIONS.index("Rotate")
    assert abs(rotated.any(axis=1).mean() - 0.8 * 0.25) < 0.02
    assert not (operations == OPERATIONS.index("Invert")).any()
    assert {*np.unique(magnitudes[rotated])} == {-30.0, 30.0}
    assert abs((magnitudes[rotated] > 0).mean() - 0.5) < 0.05


def test_stages_follow_each_other(make_run: MakeRun) -> None:
    images = np.full((60, 4, 4, 1), 10, np.uint8)
    trick = PolicySchedule(policy=[[], [["Invert", 1.0, 0.0]]], starts=[0.0, 0.3])

    before = augment(trick, images.copy(), np.arange(60), make_run(update=29, updates=100))
    after = augment(trick, images.copy(), np.arange(60), make_run(update=30, updates=100))

    assert (before == 10).all() and {*np.unique(after)} == {10, 245}


def test_without_starts_stages_are_of_one_length() -> None:
    trick = PolicySchedule(policy=[[], [], [], []])

    assert [trick.stage(f) for f in (0.0, 0.2, 0.25, 0.6, 0.75, 0.999)] == [0, 0, 1, 2, 3, 3]


def test_default_is_a_schedule_that_the_search_can_repeat() -> None:
    spec = PolicySchedule.settings()[0]
    assert isinstance(spec.domain, PolicyDomain)

    answers = spec.domain.answers("policy", spec.default)

    assert len(answers) == 4 * 3 * 3
    assert spec.domain.draw("policy", ReplayChooser(answers)) == spec.default


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"policy": [[["Rotate", 2, 1]]]},
            r"stage 0: `0 <= probability <= 1` must hold for Rotate",
        ),
        ({"policy": [[], []], "starts": [0.0]}, r"needs a number for each of 2 stages, but has 1"),
        ({"policy": [[], []], "starts": [0.0, 0.0]}, r"`0 = first < next < \.\.\. < 1` must hold"),
        ({"policy": [[], []], "starts": [0.1, 0.2]}, r"must hold, but got starts=\[0.1, 0.2\]"),
    ],
)
def test_a_wrong_schedule_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(TrickError, match=message):
        build("policy_schedule", settings)  # type: ignore[arg-type]
