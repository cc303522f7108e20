import numpy as np
import pytest

from autotrick.design.hadamard import hadamard, plackett_burman

ORDERS = (
    4,
    8,
    12,
    16,
    20,
    24,
    28,
    32,
    36,
    40,
    44,
    48,
    56,
    60,
    64,
    72,
    76,
    80,
    84,
    88,
    96,
    120,
    136,
)


@pytest.mark.parametrize("order", ORDERS)
def test_columns_are_orthogonal_and_the_first_is_constant(order: int) -> None:
    table = hadamard(order)
    assert table is not None
    assert (np.abs(table) == 1).all()
    assert (table[:, 0] == 1).all()
    assert (table.T @ table == order * np.eye(order)).all()


@pytest.mark.parametrize("order", [3, 6, 10, 18, 92])
def test_what_has_no_construction_is_not_made_up(order: int) -> None:
    assert hadamard(order) is None


def test_runs_are_drawn_and_stay_orthogonal() -> None:
    designs = [plackett_burman(20, 13, np.random.default_rng(seed)) for seed in range(4)]
    for design in designs:
        assert design is not None
        assert (design.T @ design == 20 * np.eye(13)).all()
        assert (design.sum(axis=0) == 0).all()
    assert len({design.tobytes() for design in designs if design is not None}) == len(designs)


def test_more_factors_than_runs_have_no_design() -> None:
    assert plackett_burman(12, 12, np.random.default_rng(0)) is None
