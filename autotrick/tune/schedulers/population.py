"""Population-based training: the worst of a generation are replaced by changed copies of the best.

Jaderberg, Dalibard, Osindero, et al., "Population Based Training of Neural Networks", 2017.
https://arxiv.org/abs/1711.09846

Differs: generations are compared when all of their members are there, so what is copied does not
depend on which worker was faster, and a study that is taken up again decides as before. A copy is a
trial of its own; the one that it replaces ends as pruned.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from autotrick.objective import Value
from autotrick.pareto import order
from autotrick.random_streams import key_of
from autotrick.tune.schedulers.pruning import Pruner, Verdict


@dataclass(frozen=True, slots=True)
class Succession:
    """A trial that another one replaces.

    Attributes:
        parent: Whose weights and settings are copied.
        epoch: Epochs that the copy begins with.
    """

    replaced: int
    parent: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Interval:
    """What a member was worth before and after the epochs between two generations.

    Attributes:
        generation: Which it ended with, counted from 1.
        begin: Epochs before it.
    """

    trial: int
    generation: int
    begin: int
    before: float
    after: float


class Population(Pruner):
    """Pauses its members after every so many epochs until the generation is complete."""

    def __init__(
        self, size: int, interval: int, share: float, *, epochs: int, heirs: int, seed: int
    ) -> None:
        """Begin with members 1 to `size`; trial 0 is compared with and takes no part.

        Args:
            interval: Epochs between two generations.
            share: Part of a generation that is replaced, in (0, 0.5].
            epochs: Of a whole training.
            heirs: How many copies the study can afford.
            seed: The study's.
        """
        super().__init__()
        self._size = size
        self._interval = interval
        self._share = share
        self._epochs = epochs
        self._heirs = heirs
        self._seed = seed
        # Who holds each of the population's places now, and what members reached at each epoch.
        self._places = list(range(1, size + 1))
        self._values: dict[int, dict[int, Value]] = {}
        self._gone: set[int] = set()
        self._failed: set[int] = set()
        self._settled = 0
        self.successions: list[Succession] = []

    @property
    def founders(self) -> int:
        """Trials of the study that are proposed, trial 0 among them; the others are copies."""
        return self._size + 1

    def pauses_at(self, trial: int, epoch: int) -> bool:
        return trial > 0 and epoch > 0 and epoch % self._interval == 0 and epoch < self._epochs

    def awaited(self, trial: int, epochs: int) -> tuple[int, ...]:
        return tuple(epoch for epoch in range(1, epochs) if self.pauses_at(trial, epoch))

    def promotable(self, paused: Collection[int]) -> int | None:
        going = (trial for trial in self._places if trial in paused)
        return next((t for t in going if self._passed.get(t, 0) < self._settled), None)

    def lose(self, trial: int, *, failed: bool = True) -> None:
        """Take in that a member has ended: generations that it did not reach go on without it.

        It counts once `settle` is called.
        """
        self._gone.add(trial)
        if failed:
            self._failed.add(trial)

    def succession(self, trial: int) -> Succession | None:
        """Return whom a trial copies; None for one that begins at the start."""
        place = trial - self.founders
        return self.successions[place] if 0 <= place < len(self.successions) else None

    def generation(self, epoch: int) -> int | None:
        """Return the last epoch up to this one after which members are copied; None for none."""
        return epoch // self._interval * self._interval or None

    def at_an_end(self, left: int) -> str:
        """Return in words why so many of the study's trials copy nobody."""
        trials = f"{left} {'trial is' if left == 1 else 'trials are'} left that nothing can use"
        if self._failed.issuperset(self._places):
            return f"all {len(self._places)} members of the population failed: {trials}"
        return f"the population has had its last generation: {trials}"

    def siblings(self, trial: int) -> list[int]:
        """Return the copies of the same generation with lower numbers, of which nothing is known."""
        epoch = self.successions[trial - self.founders].epoch
        return [
            self.founders + i
            for i, succession in enumerate(self.successions[: trial - self.founders])
            if succession.epoch == epoch
        ]

    def intervals(self, trial: int) -> Iterator[Interval]:
        """Yield what all members made of the intervals until a copy's generation, in order.

        What the driver knows beyond that does not matter: a later one gives the same. Where there
        are several objectives there are none.
        """
        until = self.successions[trial - self.founders].epoch
        unborn = min([trial, *self.siblings(trial)])
        for generation in range(1, until // self._interval + 1):
            begin, end = (generation - 1) * self._interval, generation * self._interval
            for member, after in sorted(self._values.get(end, {}).items()):
                copied = self.succession(member)
                before = self._values.get(begin, {}).get(member, 0.0)
                inherited = copied is not None and copied.epoch >= end
                if member < unborn and not inherited and isinstance(before, float):
                    assert isinstance(after, float)
                    yield Interval(member, generation, begin, before, after)

    def _put(self, trial: int, epoch: int, value: Value) -> None:
        if self.pauses_at(trial, epoch):
            self._values.setdefault(epoch, {})[trial] = value

    def _checker(self, trial: int, epoch: int) -> Verdict:
        if not self.pauses_at(trial, epoch):
            return Verdict.GO
        copied = self.succession(trial)
        if copied and epoch <= copied.epoch:
            return Verdict.GO
        self.settle()
        return Verdict.PAUSE

    def settle(self) -> None:
        """Decide about every generation that is complete."""
        while (epoch := self._settled + self._interval) < self._epochs:
            reached = self._values.get(epoch, {})
            if not all(trial in reached or trial in self._gone for trial in self._places):
                return
            self._settled = epoch
            members = sorted(trial for trial in self._places if trial in reached)
            points = [reached[trial] for trial in members]
            ranked = [
                members[i] for i in order([p if isinstance(p, tuple) else (p,) for p in points])
            ]
            some = int(len(ranked) * self._share)
            for trial in ranked[len(ranked) - some :][: self._heirs - len(self.successions)]:
                parent = ranked[key_of(self._seed, "parent", trial, epoch) % some]
                heir = self.founders + len(self.successions)
                self._places[self._places.index(trial)] = heir
                self.successions.append(Succession(trial, parent, epoch))
