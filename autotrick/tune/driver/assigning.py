"""What a worker is told."""

from collections.abc import Sequence

from autotrick.tune.checkpoints.storage import inside
from autotrick.tune.cluster.worker import Assignment
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.driver.options import DriverOptions
from autotrick.tune.queue import TrialQueue


def assignment_of(
    live: ActiveTrial, queue: TrialQueue, setup: DriverOptions, measures: Sequence[str]
) -> Assignment:
    """Return all that a worker needs to train a trial, from its newest checkpoint if it has one.

    Args:
        measures: What is measured beside metrics and time.
    """
    inherits = None
    if succession := queue.inherits(live.number):
        parent = inside(setup.storage, f"trial-{succession.parent}")
        inherits = (str(parent), succession.epoch)
    return Assignment(
        recipe=live.recipe,
        folder=str(inside(setup.storage, f"trial-{live.number}")),
        cache=setup.cache,
        device=setup.device,
        measures=measures,
        awaited=queue.awaited(live),
        inherits=inherits,
        data_dir=setup.data_dir,
        spared=queue.spared(live),
    )
