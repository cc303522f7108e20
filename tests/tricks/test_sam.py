from collections.abc import Callable

import pytest
import torch
from torch import nn

from autotrick.train.loop import losses
from autotrick.tricks import Run
from autotrick.tricks.sam import Sam
from tests.optimizing import make_recipe, ready

MakeRun = Callable[..., Run]


class Bowl(nn.Module):
    """A loss of which the gradient is known: half of a w^2 + b v^2 + w v."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor([3.0, -1.0]))
        self.v = nn.Parameter(torch.tensor([0.5]))

    def fill(self) -> None:
        self.w.grad = 4 * self.w.detach() + self.v.detach()
        self.v.grad = (2 * self.v + self.w.sum()).detach()


def test_steps_by_the_gradient_at_the_worst_point_nearby(make_run: MakeRun) -> None:
    run, bowl = make_run(), Bowl()
    run.model = bowl
    bowl.fill()
    w, v = torch.tensor([3.0, -1.0]), torch.tensor([0.5])
    g, h = 4 * w + v, 2 * v + w.sum()
    length = torch.cat([g, h]).norm()

    Sam(rho=0.3).on_gradient(run, bowl.fill)

    w_far, v_far = w + 0.3 * g / length, v + 0.3 * h / length
    assert bowl.w.grad is not None and bowl.v.grad is not None
    torch.testing.assert_close(bowl.w.grad, 4 * w_far + v_far)
    torch.testing.assert_close(bowl.v.grad, 2 * v_far + w_far.sum())


def test_weights_go_back_bit_for_bit(make_run: MakeRun) -> None:
    run, bowl = make_run(), Bowl()
    run.model = bowl
    with torch.no_grad():
        bowl.w.div_(7)
    bowl.fill()
    before = bowl.w.detach().clone()

    Sam(rho=0.123).on_gradient(run, bowl.fill)

    assert bowl.w.equal(before)


@pytest.mark.parametrize(("every", "passes"), [(1, 12), (3, 4), (5, 3)])
def test_only_every_so_many_updates_have_a_second_pass(
    make_run: MakeRun, every: int, passes: int
) -> None:
    run, bowl, seen = make_run(), Bowl(), []
    run.model = bowl
    bowl.fill()

    for run.update in range(12):
        Sam(every=every).on_gradient(run, lambda: seen.append(run.update))

    assert len(seen) == passes and seen[0] == 0


def test_the_second_pass_leaves_running_statistics_alone() -> None:
    plain, sharp = ready(make_recipe({})), ready(make_recipe({"sam": {"rho": 0.5}}))

    first = [next(losses(*each)) for each in (plain, sharp)]

    assert first[0] == first[1]
    ours, theirs = dict(sharp[0].model.named_buffers()), dict(plain[0].model.named_buffers())
    assert all(ours[name].equal(theirs[name]) for name in theirs)
    weights = zip(sharp[0].model.parameters(), plain[0].model.parameters(), strict=True)
    assert not all(a.equal(b) for a, b in weights)
