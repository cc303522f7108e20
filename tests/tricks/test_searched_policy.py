from collections.abc import Callable

import numpy as np
import pytest

from autotrick.domain import PolicyDomain, ReplayChooser
from autotrick.errors import TrickError
from autotrick.tricks import Run, build
from autotrick.tricks.searched_policy import SearchedPolicy
from tests.pictures import augment

MakeRun = Callable[..., Run]


def test_applies_one_sub_policy_to_each_image(make_run: MakeRun) -> None:
    images = np.full((20_000, 4, 4, 3), 10, np.uint8)
    trick = SearchedPolicy(policy=[[["Invert", 1.0, 0.0]], [["Posterize", 1.0, 1.0]], []])

    after = augment(trick, images, np.arange(20_000), make_run())

    values, counts = np.unique(after[:, 0, 0, 0], return_counts=True)
    assert values.tolist() == [0, 10, 245]
    np.testing.assert_allclose(counts / 20_000, 1 / 3, atol=4 * np.sqrt(2 / 9 / 20_000))


def test_the_sign_is_drawn(make_run: MakeRun) -> None:
    images = np.zeros((300, 8, 8, 1), np.uint8)
    images[:, 4, 4] = 255
    trick = SearchedPolicy(policy=[[["TranslateX", 1.0, 0.5]]])

    after = augment(trick, images, np.arange(300), make_run())

    assert {*after.nonzero()[2].tolist()} == {3, 5}


def test_default_is_a_policy_that_the_search_can_repeat() -> None:
    spec = SearchedPolicy.settings()[0]
    assert isinstance(spec.domain, PolicyDomain)

    answers = spec.domain.answers("policy", spec.default)

    assert len(answers) == 5 * 2 * 3
    assert spec.domain.draw("policy", ReplayChooser(answers)) == spec.default


def test_a_wrong_policy_is_refused_with_its_place() -> None:
    message = (
        r"searched_policy: sub-policy 0: `0 <= probability <= 1` must hold for Rotate, but got 2"
    )
    with pytest.raises(TrickError, match=message):
        build("searched_policy", {"policy": [[["Rotate", 2, 0.5]]]})
