"""The recipes that every study tries first."""

from autotrick.recipe import Recipe
from autotrick.space import SearchSpace, all_off, by_hand, published_defaults


def experts(space: SearchSpace) -> list[tuple[str, Recipe]]:
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
