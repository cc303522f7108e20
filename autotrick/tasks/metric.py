"""A metric: one number that says how good a network is, and how people read it."""

from dataclasses import dataclass

MISSING = "-"
"""What stands for a value that is not known."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that evaluation gives for a split.

    Attributes:
        name: The key in reports, databases and files, such as `accuracy`.
        title: How sentences call it, such as `accuracy` or `mean absolute error`.
        larger: Whether larger values are better.
        unit: Of the numbers that people read, such as `%`; empty for a plain number.
        factor: What a value is multiplied by for people: 100 for shares that are shown in percent.
        digits: Digits after the decimal point that people read.
        difference: Unit of a difference of two values, such as `points`; None takes `unit`.
        least: Smallest possible value; None for no bound.
        most: Largest possible value; None for no bound.
    """

    name: str
    title: str
    larger: bool = True
    unit: str = ""
    factor: float = 1.0
    digits: int = 3
    difference: str | None = None
    least: float | None = None
    most: float | None = None

    @property
    def difference_unit(self) -> str:
        """The unit of a difference with a blank before it: ` points`; empty for a plain number."""
        unit = self.unit if self.difference is None else self.difference
        return f" {unit}" if unit else ""

    @property
    def effect(self) -> str:
        """The title of an axis of differences: `effect (points of accuracy)`."""
        return f"effect ({self.difference_unit.strip()} of {self.title})".replace("( of ", "(on ")

    @property
    def diverged(self) -> str:
        """What a value is where training went wrong: `less than half the median accuracy`."""
        how = "less than half" if self.larger else "more than twice"
        return f"{how} the median {self.title}"

    @property
    def range(self) -> str:
        """Where its values are: `in [0, 1]`."""
        if self.least is None and self.most is None:
            return "a number"
        if self.most is None:
            return f"at least {self.least:g}"
        return (
            f"at most {self.most:g}"
            if self.least is None
            else f"in [{self.least:g}, {self.most:g}]"
        )

    @property
    def bound(self) -> str:
        """What the worse end of an interval is called."""
        return "lower bound" if self.larger else "upper bound"

    @property
    def axis(self) -> str:
        """The title of a figure's axis: `validation accuracy (%)`."""
        return f"validation {self.title}" + (f" ({self.unit})" if self.unit else "")

    @property
    def best(self) -> str:
        """What the best value is called: `best accuracy`."""
        return f"best {self.title}"

    def scaled(self, value: float) -> float:
        """Return a value in the unit that people read: 91.25 for an accuracy of 0.9125."""
        return self.factor * value

    def shown(self, value: float | None, *, digits: int | None = None) -> str:
        """Return a value with its unit: `91.25 %`, or `-` if there is none.

        Args:
            digits: After the decimal point; None takes the metric's own.
        """
        if value is None:
            return MISSING
        return f"{self.scaled(value):.{self.digits if digits is None else digits}f}{self._space}"

    def shown_difference(self, value: float | None, *, digits: int | None = None) -> str:
        """Return the difference of two values with its sign and unit: `+0.80 points`.

        Args:
            digits: After the decimal point; None takes the metric's own.
        """
        if value is None:
            return MISSING
        digits = self.digits if digits is None else digits
        return f"{self.scaled(value):+.{digits}f}{self.difference_unit}"

    def worth(self, value: float) -> float:
        """Return the value turned so that larger is better."""
        return value if self.larger else -value

    def possible(self, value: float) -> bool:
        """Return whether the metric can have this value."""
        above = self.least is None or value >= self.least
        return above and (self.most is None or value <= self.most)

    @property
    def _space(self) -> str:
        return f" {self.unit}" if self.unit else ""
