"""The recipes that every study tries first."""

from autotrick.recipe import Recipe
from autotrick.sample.warm_start import WarmStart
from autotrick.space import SearchSpace, all_off, by_hand, published_defaults


def initial_recipes(space: SearchSpace) -> list[tuple[str, Recipe]]:
    """Return labelled recipes, equal ones once: all tricks off, published defaults, by hand.

    The first is the baseline, in which tricks that the space always keeps on are on too.
    """
    found = [
        ("all tricks off", all_off(space)),
        ("published defaults", published_defaults(space)),
        *by_hand(space),
    ]
    first = {recipe.digest(): (label, recipe) for label, recipe in reversed(found)}
    return [first[recipe.digest()] for label, recipe in found if first[recipe.digest()][0] == label]


def required_recipes(space: SearchSpace, warm_start: WarmStart) -> list[tuple[str, Recipe]]:
    """Return the labelled recipes that a study must try: the baseline, and those named by hand.

    The other initial recipes are ordinary proposals, which constraints may reject.
    """
    enqueued = warm_start.recipes(space, only_required=True)
    return [("all tricks off", all_off(space)), *by_hand(space), *enqueued]
