"""What a worker is told."""

from collections.abc import Sequence

from autotrick.tune.checkpoints.storage import inside
from autotrick.tune.cluster.worker import Assignment
from autotrick.tune.driver.active_trial import Live
from autotrick.tune.driver.options import Setup
from autotrick.tune.queue import Agenda


def assignment_of(live: Live, agenda: Agenda, setup: Setup, measures: Sequence[str]) -> Assignment:
    """Return all that a worker needs to train a trial, from its newest checkpoint if it has one.

    Args:
        measures: What is measured beside accuracy and time.
    """
    inherits = None
    if succession := agenda.inherits(live.number):
        parent = inside(setup.storage, f"trial-{succession.parent}")
        inherits = (str(parent), succession.epoch)
    return Assignment(
        recipe=live.recipe,
        folder=str(inside(setup.storage, f"trial-{live.number}")),
        cache=setup.cache,
        device=setup.device,
        measures=measures,
        awaited=agenda.awaited(live),
        inherits=inherits,
        data_dir=setup.data_dir,
        spared=agenda.spared(live),
    )
