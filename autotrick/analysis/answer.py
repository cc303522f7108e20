"""What a study says in three sentences: what to use, what it gains, what is not worth it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What a study's whole trials say.

    Attributes:
        use: The tricks to switch on; empty for none.
        gain: What they gain over all tricks off at the same base, in the metric's unit for people,
            turned so that more is better; None where it cannot be told.
        gain_low: Lower end of its 95 % interval; None with it.
        gain_high: Its upper end.
        base: The base in words: network, rate, batch size.
        not_worth: Tricks that harm or do not matter, in alphabetical order.
        undecided: Tricks about which the study cannot tell yet, in alphabetical order.
    """

    use: tuple[str, ...]
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    base: str
    not_worth: tuple[str, ...]
    undecided: tuple[str, ...]
