"""The pages of the Python reference: which names are public, and where mkdocstrings finds them.

The pages name each object by the module that defines it, so a module may be renamed: `make docs`
writes the new name.
"""

import inspect
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import autotrick


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the reference.

    Attributes:
        names: Functions and classes by the names under which they are imported.
        module: Whose docstring the page begins with, if any.
    """

    file: str
    title: str
    about: str
    names: tuple[str, ...]
    module: str = ""


def _of(module: str, names: str) -> tuple[str, ...]:
    return tuple(f"{module}.{name}" for name in names.split())


PAGES = (
    Page(
        "search",
        "Search and results",
        "Run a study, read what came of it, and run a trial again.",
        (
            *_of("autotrick", "load_space open_database search screen resume run_recipes"),
            *_of("autotrick", "ablate compare confirm"),
            *_of("autotrick", "best_trials reproduce_trial optuna_study"),
            *_of("autotrick.reproduce", "Reproduction"),
            *_of("autotrick.tune", "Resources Options Event"),
        ),
    ),
    Page(
        "recipes",
        "Recipes and training",
        "A recipe is all that decides a trial; training one needs neither Ray nor a database.",
        (
            *_of("autotrick", "Recipe TrialResult train_recipe"),
            *_of("autotrick.recipe", "EpochReport DataRef Fidelity Leg"),
            *_of("autotrick.train", "predict lr_find"),
        ),
    ),
    Page(
        "models",
        "Trained networks",
        "The network of a recorded trial or of a checkpoint, and what it says about new images.",
        (
            *_of("autotrick", "load_model evaluate"),
            *_of("autotrick.train.trained_model", "TrainedModel Source load_checkpoint"),
            *_of("autotrick.train.model_inputs", "ModelInputs"),
            *_of("autotrick.predict", "predict_images"),
            *_of("autotrick.evaluation", "follow"),
            *_of("autotrick.analysis.evaluation", "Evaluation EvaluatedNetwork Scores Robustness"),
            *_of("autotrick.analysis.calibration", "Calibration"),
        ),
    ),
    Page(
        "tricks",
        "Writing a trick",
        "How to declare a trick, and the stages of a training at which it may act.",
        (
            *_of("autotrick", "Trick"),
            *_of("autotrick.tricks.base", "setting Paper Claim"),
            *_of("autotrick.tricks", "Setting Batch Group Progress Run build find"),
            *_of("autotrick.augment.pictures", "Pictures"),
        ),
        module="autotrick.tricks.base",
    ),
    Page(
        "tasks",
        "Tasks",
        "What a target is, the loss, and the metrics that trials are judged by.",
        (
            *_of("autotrick.tasks", "register find tasks"),
            *_of("autotrick.tasks", "Task Metric Accumulator TaskSource"),
        ),
    ),
    Page(
        "space",
        "Spaces",
        "What a space file becomes, and what can be asked of it.",
        (
            *_of("autotrick", "SearchSpace"),
            *_of("autotrick.space", "decisions size json_schema"),
            *_of("autotrick.space", "StudySettings Plateau Pruning Constraints NamedRecipe"),
            *_of("autotrick.objective", "Objective Reward"),
        ),
    ),
    Page(
        "data",
        "Data",
        "Data sets as arrays with a fingerprint: decoded once, cached, memory-mapped by every trial.",
        _of("autotrick.data", "load Dataset Split Source Note Facts"),
    ),
    Page(
        "records",
        "Records",
        "Queries on the results database. They load neither torch nor Ray.",
        (
            *_of("autotrick.records", "open_database upgrade_database Database studies study"),
            *_of("autotrick.records", "trials trial best pareto reports attempts checkpoints"),
            *_of("autotrick.records", "StudyRow TrialRow AttemptRow CheckpointRow"),
        ),
    ),
    Page(
        "errors",
        "Errors",
        "What a user can mend is an AutotrickError, with a sentence that says what to do.",
        tuple(
            f"autotrick.errors.{name}"
            for name, found in vars(import_module("autotrick.errors")).items()
            if inspect.isclass(found) and issubclass(found, autotrick.AutotrickError)
        ),
    ),
)


def pages() -> dict[str, str]:
    """Return the text of every page by its file's name."""
    return {"README": _index()} | {page.file: _text(page) for page in PAGES}


def _index() -> str:
    text = "# Python\n\nEverything that the commands do can be done from Python:\n\n```python\n"
    text += _EXAMPLE + "```\n\n"
    text += "Names are loaded when they are first used: asking the database loads neither torch nor Ray.\n"
    for page in PAGES:
        text += f"\n## [{page.title}]({page.file}.md)\n\n{page.about}\n\n| name | what it is |\n|---|---|\n"
        text += "".join(f"| `{name}` | {_summary(_found(name))} |\n" for name in page.names)
    return text


def _text(page: Page) -> str:
    text = f"# {page.title}\n\n{page.about}\n"
    if page.module:
        text += f"\n{inspect.getdoc(import_module(page.module))}\n"
    for name in page.names:
        text += f"\n::: {_home(name)}\n    options:\n      heading: {name}\n"
        text += f"      toc_label: {name.rpartition('.')[2]}\n"
    return text


def _found(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def _home(name: str) -> str:
    """Return where a function or a class is defined, as `module.name`."""
    found = _found(name)
    assert not isinstance(found, ModuleType), name
    return f"{found.__module__}.{found.__qualname__}"


def _summary(found: Any) -> str:
    return (inspect.getdoc(found) or "").strip().splitlines()[0]


_EXAMPLE = """\
import autotrick

space = autotrick.load_space("search_spaces/quickstart.toml")
with autotrick.open_database("sqlite:///autotrick.db") as database:
    autotrick.search(space, database, trials=12)
    best = autotrick.best_trials(database, "quickstart", limit=1)[0]
    print(autotrick.reproduce_trial(database, "quickstart", best.number).identical)
"""
