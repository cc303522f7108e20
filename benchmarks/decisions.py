"""Define a space of 25 decisions, 12 of them conditional, for autotrick and for Optuna.

Both sides state the same question as their users would: a space file of real tricks, and a function
that suggests parameter by parameter. Names and ranges agree (a test compares them).
"""

import tomllib
from collections.abc import Iterator
from typing import Any

import optuna
from optuna.distributions import BaseDistribution

from autotrick.recipe import Recipe
from autotrick.space import SearchSpace

Params = dict[str, Any]

_SPACE = """
question = "What does the machinery around a trial cost?"

[data]
name = "digits"
image_size = 16
validation = 0.2

[fixed]
epochs = {epochs}
momentum = 0.9

[search]
architecture = ["lenet5", "fastnet"]
batch_size = [64, 128, 256]
base_lr = {{ low = 0.02, high = 0.5, log = true }}
weight_decay = {{ low = 1e-5, high = 2e-3, log = true }}

[architectures.lenet5]
width = [1.0, 2.0]

[architectures.fastnet]
width = [0.25, 0.5]

[tricks.linear_warmup]
length = {{ low = 0.0, high = 0.25 }}

[tricks.cosine_decay]

[tricks.step_decay]
gamma = {{ low = 0.05, high = 0.5, log = true }}

[tricks.label_smoothing]
epsilon = {{ low = 0.02, high = 0.2 }}

[tricks.mixup]
alpha = {{ low = 0.05, high = 1.0 }}

[tricks.cutmix]
alpha = {{ low = 0.2, high = 2.0, log = true }}

[tricks.ricap]
beta = {{ low = 0.1, high = 1.0, log = true }}

[tricks.cutout]
length = {{ low = 0.1, high = 0.5 }}

[tricks.random_erasing]
probability = {{ low = 0.1, high = 0.5 }}

[tricks.ema]
half_life = {{ low = 0.005, high = 0.1, log = true }}

[tricks.no_norm_decay]

[tricks.flip]

[tricks.pad_crop]
padding = {{ low = 0.05, high = 0.15 }}

[pruning]
method = "none"
"""


def space(epochs: int) -> SearchSpace:
    """Return the space with this many epochs per trial and no pruning."""
    tables = tomllib.loads(_SPACE.format(epochs=epochs))
    return SearchSpace.model_validate(tables | {"name": f"overhead_{epochs}"})


def suggest(trial: optuna.Trial) -> None:
    """Make the same decisions with Optuna's define-by-run interface."""
    _suggest_basics(trial)
    _suggest_schedule(trial)
    if trial.suggest_categorical("label_smoothing", (False, True)):
        trial.suggest_float("label_smoothing.epsilon", 0.02, 0.2)
    _suggest_images(trial)
    if trial.suggest_categorical("ema", (False, True)):
        trial.suggest_float("ema.half_life", 0.005, 0.1, log=True)
    trial.suggest_categorical("no_norm_decay", (False, True))


def _suggest_basics(trial: optuna.Trial) -> None:
    if trial.suggest_categorical("architecture", ("lenet5", "fastnet")) == "lenet5":
        trial.suggest_categorical("lenet5.width", (1.0, 2.0))
    else:
        trial.suggest_categorical("fastnet.width", (0.25, 0.5))
    trial.suggest_categorical("batch_size", (64, 128, 256))
    trial.suggest_float("base_lr", 0.02, 0.5, log=True)
    trial.suggest_float("weight_decay", 1e-5, 2e-3, log=True)


def _suggest_schedule(trial: optuna.Trial) -> None:
    if trial.suggest_categorical("linear_warmup", (False, True)):
        trial.suggest_float("linear_warmup.length", 0.0, 0.25)
    decay = trial.suggest_categorical("slot.decay", ("off", "cosine_decay", "step_decay"))
    if decay == "step_decay":
        trial.suggest_float("step_decay.gamma", 0.05, 0.5, log=True)


def _suggest_images(trial: optuna.Trial) -> None:
    mix = trial.suggest_categorical("slot.mix", ("off", "cutmix", "mixup", "ricap"))
    if mix == "mixup":
        trial.suggest_float("mixup.alpha", 0.05, 1.0)
    elif mix == "cutmix":
        trial.suggest_float("cutmix.alpha", 0.2, 2.0, log=True)
    elif mix == "ricap":
        trial.suggest_float("ricap.beta", 0.1, 1.0, log=True)
    erase = trial.suggest_categorical("slot.erase", ("off", "cutout", "random_erasing"))
    if erase == "cutout":
        trial.suggest_float("cutout.length", 0.1, 0.5)
    elif erase == "random_erasing":
        trial.suggest_float("random_erasing.probability", 0.1, 0.5)
    trial.suggest_categorical("flip", (False, True))
    # RICAP crops by itself; autotrick does not ask for padding with it either.
    if mix != "ricap" and trial.suggest_categorical("pad_crop", (False, True)):
        trial.suggest_float("pad_crop.padding", 0.05, 0.15)


def drawn(count: int) -> Iterator[tuple[Params, dict[str, BaseDistribution]]]:
    """Yield random decisions with their distributions, as earlier trials would have had."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(count):
        trial = study.ask()
        suggest(trial)
        yield trial.params, trial.distributions


def accuracy(base_lr: float, weight_decay: float) -> float:
    """Return a synthetic accuracy that gives samplers something to learn."""
    return 1 / (1 + abs(base_lr - 0.1) + 100 * weight_decay)


def accuracy_of(recipe: Recipe) -> float:
    """Return the synthetic accuracy of a recipe."""
    return accuracy(recipe.base_lr, recipe.weight_decay)
