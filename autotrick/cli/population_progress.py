"""Progress of population based training: members advance together, and weak ones are replaced."""

from autotrick.tasks import ACCURACY, Metric
from autotrick.tune.driver.events import Event
from autotrick.views.text import duration, metric_text


class PopulationProgress:
    """Follows the members of a population.

    Trial 0 is the baseline and not a member.

    Attributes:
        members: Size of the population.
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
        """Record an epoch or the end of a trial."""
        if event.number == 0 or event.report is None:
            return
        self._epochs = event.recipe.epochs
        self._reached[event.number] = event.report.epoch
        self._trained += event.kind == "epoch"
        self._ended += event.kind == "pruned"

    def pause(self, event: Event) -> str:
        """Record a member that waits for the others; return the result of the last generation.

        The result is empty until the first member of the next generation waits.
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
        best, last = (metric_text(self._values[n], self._metric) for n in (ranked[-1], ranked[0]))
        return (
            f"population after epoch {self._front}/{self._epochs}: best trial {ranked[-1]} "
            f"with {best}, last {last}"
        )

    @property
    def replaced(self) -> int:
        """Number of members that a copy has replaced and that have not ended yet."""
        return max(0, len(self._reached) - self.members - self._ended)

    def standing(self) -> str:
        """Return how many members wait, and after which epoch."""
        waiting = f"{len(self._values)} of {self.members} members wait after epoch {self._front}"
        return waiting if self._front else "no generation is complete yet"

    def time_left(self, seconds: float) -> str:
        """Return the pace, and the time until all members have trained all epochs.

        Args:
            seconds: Time since watching began.
        """
        if not self._trained:
            return "no estimate yet"
        pace = self._trained / max(seconds, 1e-9)
        foremost = sorted(self._reached.values(), reverse=True)[: self.members]
        left = self.members * self._epochs - sum(foremost)
        rate = f"{3600 * pace:.3g} epochs/h"
        return f"{rate}, about {duration(left / pace)} left" if left else rate
