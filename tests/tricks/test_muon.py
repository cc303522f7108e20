import numpy as np
import pytest
import torch

from autotrick.tricks.muon import optimizer, orthogonal
from tests.optimizing import close, make_recipe, ready, trails


@pytest.mark.parametrize("shape", [(8, 8), (6, 20), (20, 6), (3, 27)])
def test_keeps_singular_vectors_and_evens_singular_values(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))

    found = orthogonal(matrix)

    left, _, right = np.linalg.svd(matrix.double().numpy(), full_matrices=False)
    inside = left.T @ found.double().numpy() @ right.T
    assert np.abs(inside - np.diag(np.diag(inside))).max() < 1e-3
    assert (np.diag(inside) > 0.3).all() and (np.diag(inside) < 1.3).all()


@pytest.mark.parametrize("shape", [(12, 5), (5, 12)])
def test_a_matrix_goes_where_torchs_muon_takes_it(shape: tuple[int, int]) -> None:
    draws = torch.Generator().manual_seed(2)
    ours, theirs = (torch.nn.Parameter(torch.ones(shape)) for _ in range(2))
    group = {"params": [ours], "lr": 0.02, "weight_decay": 0.1, "momentum": 0.9, "matrices": True}
    mine = optimizer()([group], {})
    reference = torch.optim.Muon([theirs], lr=0.02, weight_decay=0.1, momentum=0.9)

    for _ in range(4):
        gradient = torch.randn(shape, generator=draws)
        ours.grad, theirs.grad = gradient, gradient.clone()
        mine.step()
        reference.step()  # type: ignore[no-untyped-call]

    # torch iterates in bfloat16, whose numbers have three digits.
    moved = (theirs - 1).abs().max().item()
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0.03 * moved)


def test_all_but_hidden_weights_go_by_the_recipes_sgd() -> None:
    run, _ = ready(make_recipe({"muon": {}}, weight_decay=0.01))
    last = [name for name, p in run.model.named_parameters() if p.ndim > 1][-1]
    seen = {True: 0, False: 0}

    for trail in trails(run):
        hidden = trail.start.ndim > 1 and trail.name != last
        seen[hidden] += 1
        assert trail.group["matrices"] == hidden
        if not hidden:
            w, mean = trail.start, 0 * trail.start
            for gradient in trail.gradients:
                gradient = gradient + 0.01 * w
                mean = 0.9 * mean + gradient
                w = w - 0.1 * (gradient + 0.9 * mean)
            close(trail, w)
    assert seen[True] == 7 and seen[False] > 7
