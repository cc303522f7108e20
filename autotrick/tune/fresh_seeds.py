"""Seeds that no trial of a study has: a recipe that was chosen with a seed is judged with others."""

from autotrick import records
from autotrick.records import Database


def fresh_seeds(database: Database, study: str, num: int) -> tuple[int, ...]:
    """Return the smallest seeds that neither trials of a study nor those of what belongs to it have."""
    names = [study, *(row.name for row in records.studies(database) if row.parent == study)]
    used = {trial.recipe.seed for name in names for trial in records.trials(database, name)}
    found: list[int] = []
    seed = 0
    while len(found) < num:
        if seed not in used:
            found.append(seed)
        seed += 1
    return tuple(found)
