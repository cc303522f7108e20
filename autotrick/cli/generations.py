"""How far a population has come: its members go on together, and the replaced ones never do."""

from autotrick.cli.output import duration
from autotrick.tasks import ACCURACY, Metric
from autotrick.tune.driver.events import Event


class Generations:
    """Follows the members of a population.

    Trial 0 is compared with and takes no part.

    Attributes:
        members: How many there are at a time.
    """

    def __init__(self, members: int, metric: Metric = ACCURACY) -> None:
        self.members = members
        self._metric = metric
        self._epochs = 0
        self._trained = 0
        self._ended = 0
        self._reached: dict[int, int] = {}
        self._front = 0
        self._values: dict[int, float] = {}

    def note(self, event: Event) -> None:
        """Take note of how far a trial is."""
        if event.number == 0 or event.report is None:
            return
        self._epochs = event.recipe.epochs
        self._reached[event.number] = event.report.epoch
        self._trained += event.kind == "epoch"
        self._ended += event.kind == "pruned"

    def pause(self, event: Event) -> str:
        """Take note of a member that waits for the others; return what the generation before came to.

        That is empty until the first member of the next one waits.
        """
        assert event.report
        said = ""
        if event.report.epoch > self._front:
            said = self._result()
            self._front, self._values = event.report.epoch, {}
        if event.report.epoch == self._front:
            self._values[event.number] = event.report.metrics[self._metric.name]
        return said

    def _result(self) -> str:
        if not self._values:
            return ""
        ranked = sorted(self._values, key=lambda n: self._metric.worth(self._values[n]))
        best, last = ranked[-1], self._values[ranked[0]]
        return (
            f"population after epoch {self._front}/{self._epochs}: best trial {best} with "
            f"{self._metric.shown(self._values[best])}, last {self._metric.shown(last)}"
        )

    @property
    def replaced(self) -> int:
        """Members that a copy has taken the place of, and that have not ended yet."""
        return max(0, len(self._reached) - self.members - self._ended)

    def standing(self) -> str:
        """Return where the population is."""
        there = f"{len(self._values)} of {self.members} members wait after epoch {self._front}"
        return there if self._front else "no generation is complete yet"

    def time_left(self, seconds: float) -> str:
        """Return how fast it goes, and how long until all members have had all epochs.

        Args:
            seconds: Since the watching began.
        """
        if not self._trained:
            return "no estimate yet"
        pace = self._trained / max(seconds, 1e-9)
        foremost = sorted(self._reached.values(), reverse=True)[: self.members]
        left = self.members * self._epochs - sum(foremost)
        rate = f"{3600 * pace:.3g} epochs/h"
        return f"{rate}, about {duration(left / pace)} left" if left else rate
