"""What of a training can be observed while it runs, by name.

`autotrick.train.observe` does it. The names are here, so that reading options loads no torch.
"""

from collections.abc import Iterable

from autotrick.errors import ResourceError, unknown

KINDS = ("weights", "gradients", "activations", "images")
"""Distributions of weights, gradients and activations with their share of zeros, and training images."""

EVERY = 10
"""Updates between two values of the loss, the rate and the speed, if nothing else is asked for."""

EVENTS = "events"
"""How the names of event files begin, as TensorBoard expects."""
SMOOTHED_LOSS = "smoothed-loss.json"
"""The smoothed loss after each epoch, with which a trial that goes on continues."""

NOTHING = "none"


def kinds_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of these names, each once, in the order of KINDS.

    Args:
        names: Some of KINDS; `none` alone is nothing.

    Raises:
        ResourceError: A name is unknown, or `none` is not alone.
    """
    asked = [name.strip() for name in names]
    if asked == [NOTHING]:
        return ()
    for name in asked:
        if name == NOTHING:
            raise ResourceError("--observe none observes nothing, so no other name goes with it.")
        if name not in KINDS:
            raise ResourceError(f"--observe: {unknown('kind', name, KINDS)}")
    return tuple(kind for kind in KINDS if kind in asked)


def check_every(every: int) -> int:
    """Return the number of updates between two values.

    Raises:
        ResourceError: It is not a whole number above 0.
    """
    if every < 1:
        raise ResourceError(f"--observe-every must be at least 1 update, but got {every}.")
    return every
