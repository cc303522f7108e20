from autotrick.space import SearchSpace
from autotrick.tune.queue import queue_of


def test_a_study_of_a_grid_ends_when_the_grid_is_done() -> None:
    space = SearchSpace.model_validate(
        {
            "name": "grid",
            "question": "Which batch size?",
            "data": {"name": "digits"},
            "fixed": {"architecture": "lenet5", "epochs": 2, "base_lr": 0.1},
            "search": {"batch_size": [32, 64, 128]},
            "study": {"sampler": "grid"},
        }
    )
    queue = queue_of(space, trials=40, seed=0)

    proposals = list(iter(queue.next_candidate, None))

    assert queue.empty
    assert {p.recipe.batch_size for p in proposals} == {32, 64, 128} and len(proposals) == 3
