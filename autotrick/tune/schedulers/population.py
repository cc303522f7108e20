"""Population-based training: the worst of a generation are replaced by changed copies of the best.

Jaderberg, Dalibard, Osindero, et al., "Population Based Training of Neural Networks", 2017.
https://arxiv.org/abs/1711.09846

Differs: a generation is compared when all of its members have reached it, so that the speed of the
workers does not matter and a resumed study decides as before. A copy is a trial of its own; the one
that it replaces ends as pruned.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from autotrick.objective import Value
from autotrick.pareto import order
from autotrick.random_streams import key_of
from autotrick.tune.schedulers.pruning import Pruner, Verdict


@dataclass(frozen=True, slots=True)
class Exploit:
    """The decision to replace a member by a copy of a better one.

    Attributes:
        replaced: The trial that ends.
        parent: The trial whose weights and settings are copied.
        epoch: The epoch after which the copy begins.
    """

    replaced: int
    parent: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Interval:
    """The objective values of a member before and after the epochs between two generations.

    Attributes:
        generation: The generation at its end, counted from 1.
        begin: The epoch at its beginning.
    """

    trial: int
    generation: int
    begin: int
    before: float
    after: float


class Population(Pruner):
    """Pauses its members after a fixed number of epochs until the generation is complete."""

    def __init__(
        self, size: int, interval: int, share: float, *, epochs: int, copies: int, seed: int
    ) -> None:
        """Begin with members 1 to `size`; trial 0 is the baseline and not a member.

        Args:
            interval: Epochs between two generations.
            share: Share of a generation that is replaced, in (0, 0.5].
            epochs: Epochs of a whole training.
            copies: How many copies the study can afford.
            seed: The study's seed.
        """
        super().__init__()
        self._size = size
        self._interval = interval
        self._share = share
        self._epochs = epochs
        self._most_copies = copies
        self._seed = seed
        # The member in each position now, and the members' values at each epoch.
        self._members = list(range(1, size + 1))
        self._values: dict[int, dict[int, Value]] = {}
        self._gone: set[int] = set()
        self._failed: set[int] = set()
        self._settled = 0
        self.exploits: list[Exploit] = []

    @property
    def first_generation(self) -> int:
        """Number of trials before the first copy, including trial 0."""
        return self._size + 1

    def pauses_at(self, trial: int, epoch: int) -> bool:
        return trial > 0 and epoch > 0 and epoch % self._interval == 0 and epoch < self._epochs

    def sync_epochs(self, trial: int, epochs: int) -> tuple[int, ...]:
        return tuple(epoch for epoch in range(1, epochs) if self.pauses_at(trial, epoch))

    def promotable(self, paused: Collection[int]) -> int | None:
        going = (trial for trial in self._members if trial in paused)
        return next((t for t in going if self._passed.get(t, 0) < self._settled), None)

    def remove(self, trial: int, *, failed: bool = True) -> None:
        """Remove a member that has ended from the generations that it did not reach.

        Call `settle` afterwards.
        """
        self._gone.add(trial)
        if failed:
            self._failed.add(trial)

    def exploit(self, trial: int) -> Exploit | None:
        """Return the decision that a trial is a copy by; None for a member that starts from scratch."""
        index = trial - self.first_generation
        return self.exploits[index] if 0 <= index < len(self.exploits) else None

    def last_generation(self, epoch: int) -> int | None:
        """Return the last epoch up to this one after which members are copied; None if there is none."""
        return epoch // self._interval * self._interval or None

    def why_ended(self, unused: int) -> str:
        """Return in words why there are no more copies.

        Args:
            unused: How many trials of the study have no recipe.
        """
        trials = f"{unused} {'trial is' if unused == 1 else 'trials are'} left that nothing can use"
        if self._failed.issuperset(self._members):
            return f"all {len(self._members)} members of the population failed: {trials}"
        return f"the population has had its last generation: {trials}"

    def siblings(self, trial: int) -> list[int]:
        """Return the copies of the same generation with lower numbers, which have no results yet."""
        epoch = self.exploits[trial - self.first_generation].epoch
        return [
            self.first_generation + i
            for i, exploit in enumerate(self.exploits[: trial - self.first_generation])
            if exploit.epoch == epoch
        ]

    def intervals(self, trial: int) -> Iterator[Interval]:
        """Yield the intervals of all members until a copy's generation, in order.

        Later results do not matter, so a resumed study yields the same. With several objectives
        there are none.
        """
        until = self.exploits[trial - self.first_generation].epoch
        unborn = min([trial, *self.siblings(trial)])
        for generation in range(1, until // self._interval + 1):
            begin, end = (generation - 1) * self._interval, generation * self._interval
            for member, after in sorted(self._values.get(end, {}).items()):
                exploit = self.exploit(member)
                before = self._values.get(begin, {}).get(member, 0.0)
                copied = exploit is not None and exploit.epoch >= end
                if member < unborn and not copied and isinstance(before, float):
                    assert isinstance(after, float)
                    yield Interval(member, generation, begin, before, after)

    def _add(self, trial: int, epoch: int, value: Value) -> None:
        if self.pauses_at(trial, epoch):
            self._values.setdefault(epoch, {})[trial] = value

    def _decide(self, trial: int, epoch: int) -> Verdict:
        if not self.pauses_at(trial, epoch):
            return Verdict.GO
        exploit = self.exploit(trial)
        if exploit and epoch <= exploit.epoch:
            return Verdict.GO
        self.settle()
        return Verdict.PAUSE

    def settle(self) -> None:
        """Decide which members are replaced in every generation that is complete."""
        while (epoch := self._settled + self._interval) < self._epochs:
            reached = self._values.get(epoch, {})
            if not all(trial in reached or trial in self._gone for trial in self._members):
                return
            self._settled = epoch
            members = sorted(trial for trial in self._members if trial in reached)
            points = [reached[trial] for trial in members]
            ranked = [
                members[i] for i in order([p if isinstance(p, tuple) else (p,) for p in points])
            ]
            num_replaced = int(len(ranked) * self._share)
            for trial in ranked[len(ranked) - num_replaced :][
                : self._most_copies - len(self.exploits)
            ]:
                parent = ranked[key_of(self._seed, "parent", trial, epoch) % num_replaced]
                copy = self.first_generation + len(self.exploits)
                self._members[self._members.index(trial)] = copy
                self.exploits.append(Exploit(trial, parent, epoch))
