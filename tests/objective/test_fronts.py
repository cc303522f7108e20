"""Which of several trials is better when several measures count."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrick.pareto import Point, front, order

points_of_two = st.lists(
    st.tuples(st.integers(0, 6).map(float), st.integers(-6, 0).map(float)), max_size=25
)


def dominates(one: Point, other: Point) -> bool:
    return one != other and all(a >= b for a, b in zip(one, other, strict=True))


@given(points_of_two)
def test_front_is_what_no_other_point_dominates(points: list[Point]) -> None:
    expected = [
        i for i, point in enumerate(points) if not any(dominates(other, point) for other in points)
    ]

    assert front(points) == expected


@given(points_of_two)
def test_order_never_puts_a_point_before_one_that_dominates_it(points: list[Point]) -> None:
    found = order(points)

    assert sorted(found) == list(range(len(points)))
    assert not any(
        dominates(points[later], points[earlier])
        for earlier, later in itertools.combinations(found, 2)
    )


def test_front_of_three_objectives() -> None:
    points = [(3.0, 0.0, 0.0), (0.0, 3.0, 0.0), (0.0, 0.0, 3.0), (1.0, 1.0, 1.0), (1.0, 0.0, 1.0)]

    assert front(points) == [0, 1, 2, 3]


def test_order_of_one_objective_is_sorting() -> None:
    assert order([(1.0,), (3.0,), (2.0,), (3.0,)])[2:] == [2, 0]
    assert order([]) == []


def test_few_of_a_front_stand_for_all_of_it() -> None:
    line = [(float(i), float(-i)) for i in range(11)]
    beyond = [(-1.0, -1.0)]

    found = order([*beyond, *line])

    # The most accurate first, then its opposite, then the middle; what is dominated last.
    assert [found[0], found[1], found[2], found[-1]] == [11, 1, 6, 0]


@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_units_do_not_matter(scale: float) -> None:
    points = [(0.9, -5.0), (0.5, -1.0), (0.7, -2.0), (0.8, -4.0)]

    assert order([(a, scale * b) for a, b in points]) == order(points)
