"""One trial as `autotrick show` prints it."""

from autotrick.analysis.overfitting import overfits_after
from autotrick.cli.output import console, headed
from autotrick.cli.tables import print_rows, print_table
from autotrick.data.facts import Facts
from autotrick.views import columns, text
from autotrick.views.data import weights_sentence
from autotrick.views.table import TextTable
from autotrick.views.trial import AttemptView, TrialDetail, TrialView

_MEASURES = ("multiply_adds", "latency_ms", "robustness", "memory", "score")
"""Measures that are shown where they are known."""


def print_detail(detail: TrialDetail, facts: Facts | None = None) -> None:
    """Print a trial with its recipe, epochs and attempts.

    Args:
        facts: What is known of the images.
    """
    trial = detail.trial
    _print_head(trial)
    if facts is not None and trial.parameters:
        pretrained = bool(trial.recipe.architecture_settings.get("pretrained"))
        console().print(weights_sentence(trial.parameters, facts, pretrained=pretrained))
    _print_recipe(trial)
    if detail.without_effect:
        idle = ", ".join(detail.without_effect)
        console().print(f"Without effect, for this network has nothing that they change: {idle}")
    if after := overfits_after(detail.reports):
        console().print(
            f"Overfits: after epoch {after} the validation loss rises while the training loss falls. Fewer "
            "epochs, early_stopping, augmentation or more images help."
        )
    print_rows("Epochs", columns.epochs(detail.reports), detail.reports)
    for attempt in detail.attempts:
        print_attempt(attempt)


def _print_head(trial: TrialView) -> None:
    out = console()
    state = text.with_reason(trial.state, trial.reason)
    head = f"Trial {trial.number} of {trial.study}"
    value = text.measure(trial.metric, trial.value)
    out.print(headed(head, f": {state}, {value}".translate(text.ASCII)))
    size = f", {text.count(trial.parameters, 'weight')}" if trial.parameters else ""
    weights = trial.weights or "-"
    out.print(f"proposed by {trial.origin}; recipe {trial.digest}{size}; weights {weights}")
    values = {name: getattr(trial, name) for name in _MEASURES}
    if not trial.weighed:
        values.pop("score")
    known = [f"{name} {text.measure(name, v)}" for name, v in values.items() if v is not None]
    if known:
        out.print(", ".join(known))


def _print_recipe(trial: TrialView) -> None:
    recipe = trial.recipe.model_dump(mode="json")
    tricks = recipe.pop("tricks")
    settings = [(name, text.setting(value)) for name, value in recipe.items()]
    if trial.lr is not None:
        settings.append(("lr (resolved)", f"{trial.lr:.4g}"))
    print_table("Recipe", TextTable(("Setting", "Value"), settings))
    on = [(name, text.setting(values)) for name, values in tricks.items()]
    print_table("Tricks", TextTable(("Trick", "Settings"), on))


def print_attempt(attempt: AttemptView) -> None:
    """Print one execution of a trial and where it ran."""
    out = console()
    state = text.with_reason(attempt.state, attempt.reason)
    took = "" if attempt.seconds is None else f", {text.duration(attempt.seconds)}"
    out.print(headed(f"Attempt {attempt.number}", f": {state}{took}"))
    facts = attempt.environment or {}
    known = (f"{key} {value}" for key, value in facts.items() if value is not None)
    out.print("  " + ", ".join(known), style="dim")
