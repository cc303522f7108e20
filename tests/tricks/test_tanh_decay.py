import numpy as np
import pytest

from autotrick.tricks import Progress
from autotrick.tricks.tanh_decay import TanhDecay


@pytest.mark.parametrize(("start", "end"), [(-6.0, 3.0), (-4.0, 4.0)])
def test_equals_the_papers_formula_but_for_its_start(start: float, end: float) -> None:
    trick = TanhDecay(start=start, end=end)

    factors = [trick.schedule(Progress(u, 120, 20, 10)) for u in range(120)]

    t = np.clip(np.arange(120) - 20, 0, None) / 100
    paper = (1 - np.tanh(start + (end - start) * t)) / 2
    np.testing.assert_allclose(factors, paper / paper[0], rtol=1e-9)
    np.testing.assert_allclose(factors, paper, rtol=0, atol=1e-3)
