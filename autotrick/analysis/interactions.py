"""Which tricks are worth more, or less, beside one another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interaction:
    """How much more two tricks are worth together than the sum of what each is worth alone.

    Attributes:
        first: One trick.
        second: The other, later in the alphabet.
        effect: In the metric's unit for people; None where it cannot be told apart from others.
        low: Lower end of its 95 % interval; None with it.
        high: Its upper end.
        claimed: Whether it differs from 0 when all pairs that were looked at are allowed for.
        same_job: Whether it is claimed, both tricks help alone, and it takes away about what the lesser
            of them is worth: one of the two is enough.
    """

    first: str
    second: str
    effect: float | None
    low: float | None = None
    high: float | None = None
    claimed: bool = False
    same_job: bool = False
