import numpy as np
import pytest

from autotrick.design.regression import Fit, t_quantile


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.7062), (2, 4.30265), (3.3, 3.02487), (10, 2.22814), (1e6, 1.95997)],
)
def test_t_quantile_agrees_with_the_tables(freedom: float, quantile: float) -> None:
    assert t_quantile(freedom) == pytest.approx(quantile, rel=1e-4)


def test_two_groups_give_welch_s_interval() -> None:
    on = np.array([0.0] * 12 + [1.0] * 5)
    outcomes = np.random.default_rng(0).normal(size=17) * np.where(on == 1, 3.0, 1.0)
    groups = [outcomes[on == side] for side in (0, 1)]
    parts = [group.var(ddof=1) / len(group) for group in groups]

    found = Fit(np.column_stack([np.ones(17), on])).coefficient(1, outcomes[None])

    assert found.value == pytest.approx(groups[1].mean() - groups[0].mean())
    assert found.low is not None and found.high is not None
    equal = sum(1 / len(group) for group in groups) ** 2
    freedom = equal / sum(1 / (len(group) ** 2 * (len(group) - 1)) for group in groups)
    assert (found.high - found.low) / 2 == pytest.approx(t_quantile(freedom) * sum(parts) ** 0.5)


def test_a_dependent_column_is_not_known() -> None:
    x = np.arange(10.0)
    fit = Fit(np.column_stack([np.ones(10), x, 2 * x, x**2]))

    assert [fit.knows(i) for i in range(4)] == [True, False, False, True]
    assert fit.freedom == 7


def test_versions_that_differ_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    fit = Fit(np.column_stack([np.ones(40), np.arange(40) % 2]))
    outcomes = rng.normal(size=40)
    doubtful = outcomes + 0.5 * rng.normal(size=(20, 40))

    sure, unsure = fit.coefficient(1, outcomes[None]), fit.coefficient(1, doubtful)

    assert sure.high is not None and sure.low is not None
    assert unsure.high is not None and unsure.low is not None
    assert unsure.high - unsure.low > 1.1 * (sure.high - sure.low)
