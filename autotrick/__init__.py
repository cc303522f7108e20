"""autotrick finds the training tricks that help your images within your budget.

A *space* (a TOML file) asks one question: what is fixed, and what may vary. A *study* is one search
over it. A *recipe* is all that decides one training run; a *trial* is one recipe being run, and a
crash ends one of its *attempts*, not the trial. A *trick* is one technique, on or off in a recipe.

    space.toml --load_space--> SearchSpace --sampler--> Recipe --train_recipe--> TrialResult
                                                           |                         |
                                                     recorded before           every epoch as
                                                      it is launched           it is reported
                                                           v                         v
    database --best_trials--> rows --analysis--> numbers --report, dashboards--> what people look at
                               |
                               +-- reproduce_trial --> bit-identical, or why not

Who does what, from the bottom up; a part imports only what stands above it in this list:

    errors            the exceptions: what a user can mend
    domain, draws     what a setting may be; randomness addressed by (seed, consumer, update, sample)
    recipe            Recipe, EpochReport, TrialResult: the values that cross every border
    augment           image operations on whole batches; policies as data
    tricks            one trick a file, and their catalogue
    models, data      architectures by name; data sets as fingerprinted arrays
    space             TOML to SearchSpace
    design            factors, balanced designs, least squares
    sample            what to try next                              the home of optuna
    train             one recipe in, one result out; checkpoints    no ray, no database
    records           studies, trials, reports in SQL               the home of sqlalchemy, alembic
    analysis          rows to numbers: effects with intervals
    views             rows as values, JSON and table columns; numbers as text
    exchange          studies as files, as studies of Optuna's, and from other tools
    export            networks and trials as files that others use; bundles
    trained           the network of a recorded trial or of a file, ready to predict
    report            figures, one page                             the home of plotly
    evaluation        what a trained network gets right, on any labelled images
    tune              many trials at a time; resume after any kill  the home of ray
    reproduce         a recorded trial once more, compared
    quick             three lines to a first network, without a search
    cli               one command a file

The database is the one truth and only the driver writes it. Workers get a recipe, send messages and
keep checkpoints, so that whatever is killed, `resume` finds all that happened. Names below are
imported when they are first used: asking the database loads neither torch nor ray.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autotrick.errors import AutotrickError
    from autotrick.evaluation import evaluate
    from autotrick.exchange import optuna_study
    from autotrick.recipe import Recipe, TrialResult
    from autotrick.records import best as best_trials
    from autotrick.records import open_database
    from autotrick.reproduce import reproduce as reproduce_trial
    from autotrick.space import SearchSpace
    from autotrick.space.load import load as load_space
    from autotrick.train import train as train_recipe
    from autotrick.trained import load_model
    from autotrick.tricks import Trick
    from autotrick.tune.ablate import ablate
    from autotrick.tune.compare import compare
    from autotrick.tune.confirm import confirm
    from autotrick.tune.recipe_study import run_recipes
    from autotrick.tune.search import resume, screen, search

__version__ = "0.1.0"

__all__ = [
    "AutotrickError",
    "Recipe",
    "SearchSpace",
    "TrialResult",
    "Trick",
    "__version__",
    "ablate",
    "best_trials",
    "compare",
    "confirm",
    "evaluate",
    "load_model",
    "load_space",
    "open_database",
    "optuna_study",
    "reproduce_trial",
    "resume",
    "run_recipes",
    "screen",
    "search",
    "train_recipe",
]

# Functions whose module has their name are given another: `autotrick.train` is the module.
_HOMES = {
    "AutotrickError": ("errors", "AutotrickError"),
    "Recipe": ("recipe", "Recipe"),
    "SearchSpace": ("space", "SearchSpace"),
    "Trick": ("tricks", "Trick"),
    "TrialResult": ("recipe", "TrialResult"),
    "ablate": ("tune", "ablate"),
    "best_trials": ("records", "best"),
    "confirm": ("tune", "confirm"),
    "compare": ("tune", "compare"),
    "evaluate": ("evaluation", "evaluate"),
    "load_model": ("trained", "load_model"),
    "load_space": ("space", "load"),
    "open_database": ("records", "open_database"),
    "optuna_study": ("exchange", "optuna_study"),
    "reproduce_trial": ("reproduce", "reproduce"),
    "resume": ("tune", "resume"),
    "run_recipes": ("tune", "run_recipes"),
    "screen": ("tune", "screen"),
    "search": ("tune", "search"),
    "train_recipe": ("train", "train"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'autotrick' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(importlib.import_module(f"autotrick.{module}"), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
