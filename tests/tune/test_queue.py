import pytest

from autotrick.space import SearchSpace
from autotrick.tune.queue import queue_of
from tests.tune.planned import Planned, a_space


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


@pytest.mark.parametrize("method", ["none", "median"])
def test_a_resumed_queue_knows_how_far_running_trials_have_come(method: str) -> None:
    space = a_space(study={"sampler": "bayes", "plan": ["search"]}, pruning={"method": method})
    study, asked = Planned(space, trials=40), 0
    for _ in range(60):
        study.step()
        again = Planned(space, trials=40, rows=study.rows, curves=study.curves, plan=study.plan)
        came = [len(study.curves.get(trial.number, ())) for trial in study.running]
        if sum(came) and len(study.rows) < 40:
            asked += 1
            # A driver takes up again what was interrupted before it asks for a recipe.
            for queue in (study.queue, again.queue):
                while queue.next_interrupted() or queue.next_promoted():
                    pass
            theirs = again.queue.next_candidate()
            assert theirs is not None
            ours = study.queue.next_candidate()
            assert ours is not None and theirs.recipe == ours.recipe
            # That trial is not recorded: the study goes on without it.
            study.start()

    assert asked > 20
