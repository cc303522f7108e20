"""The recipes that every study tries first."""

from autotrick.recipe import Recipe
from autotrick.sample.warm_start import WarmStart
from autotrick.space import SearchSpace, all_off, by_hand, published_defaults


def initial_recipes(space: SearchSpace) -> list[tuple[str, Recipe]]:
    """Return recipes with their labels, equal ones once: all tricks off, published defaults, by hand.

    The first is the baseline that the others are compared with; tricks that the space keeps on
    always are on in it too.
    """
    found = [
        ("all tricks off", all_off(space)),
        ("published defaults", published_defaults(space)),
        *by_hand(space),
    ]
    first = {recipe.digest(): (label, recipe) for label, recipe in reversed(found)}
    return [first[recipe.digest()] for label, recipe in found if first[recipe.digest()][0] == label]


def demanded(space: SearchSpace, warm_start: WarmStart) -> list[tuple[str, Recipe]]:
    """Return the recipes, with labels, that a study has to try: a search without them is another.

    They are the baseline, and what was named by hand; other early ones are proposals like any.
    """
    enqueued = warm_start.recipes(space, demanded=True)
    return [("all tricks off", all_off(space)), *by_hand(space), *enqueued]
