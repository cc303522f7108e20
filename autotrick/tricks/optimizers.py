"""Learning rates, weight decay and parameter groups for tricks of slot `optimizer`.

An optimizer whose steps are on another scale than SGD's has its own learning rate. Like the recipe's,
it is given for 256 examples per update and scaled by the recipe's exponent, so that a space can
search it together with the optimizer. The recipe's base_lr is then unused.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from autotrick.domain import Float
from autotrick.tricks.declare import setting
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from autotrick.recipe import Recipe

Groups = list[dict[str, Any]]
"Type of parameter groups in torch's format."


def lr_setting(default: float, low: float, high: float) -> Any:
    """Declare an optimizer's own learning rate, searched from low to high."""
    return setting(
        default,
        "Learning rate at 256 examples per update, above 0; replaces the recipe's base_lr.",
        search=Float(low, high, log=True),
        rule=Range(0, open_low=True),
    )


def decay_setting(default: float, low: float, high: float) -> Any:
    """Declare an optimizer's own decoupled weight decay."""
    return setting(
        default,
        "Weight decay, at least 0; replaces the recipe's. Each update removes the learning rate "
        "times this share of every weight.",
        search=Float(low, high, log=True),
        rule=Range(0),
    )


def share_setting(default: float, about: str, *, search: Float | None = None) -> Any:
    """Declare a momentum or another share in [0, 1)."""
    return setting(default, about, search=search, rule=Range(0, 1, open_high=True))


beta1_setting = partial(
    share_setting, about="Share of the running mean of gradients that an update keeps, in [0, 1)."
)
beta2_setting = partial(
    share_setting,
    about="Share of the running mean of squared gradients that an update keeps, in [0, 1).",
)


def eps_setting(default: float) -> Any:
    """Declare the epsilon that bounds a division."""
    return setting(
        default,
        "Epsilon added to the root by which gradients are divided, above 0.",
        rule=Range(0, open_low=True),
    )


def scaled(lr: float, recipe: Recipe) -> float:
    """Return an optimizer's own learning rate, scaled like the recipe's by the examples per update.

    Args:
        lr: Learning rate at 256 examples per update.
    """
    return recipe.lr / recipe.base_lr * lr


def with_lr(groups: Groups, lr: float, recipe: Recipe) -> Groups:
    """Return the groups with an optimizer's own learning rate.

    Args:
        lr: Learning rate at 256 examples per update.
    """
    peak = scaled(lr, recipe)
    return [
        group | {"lr": peak * group["scale"], "peak": peak * group["scale"]} for group in groups
    ]


def split(groups: Groups, names: set[int]) -> tuple[Groups, Groups]:
    """Return the groups split into the parameters with these ids and the others; omit empty groups."""
    mine: Groups = []
    others: Groups = []
    for group in groups:
        for into, inside in ((mine, True), (others, False)):
            chosen = [p for p in group["params"] if (id(p) in names) == inside]
            if chosen:
                into.append(group | {"params": chosen})
    return mine, others
