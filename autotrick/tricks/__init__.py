"""The catalogue: every trick that a search space can name."""

import importlib
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from autotrick.domain import Value
from autotrick.errors import RecipeError, TrickError, unknown
from autotrick.recipe import Recipe
from autotrick.tasks import Task
from autotrick.tasks import find as find_task
from autotrick.tricks.base import Batch, Group, Pictures, Progress, Run, Setting, Trick
from autotrick.tricks.optimizers import scaled

__all__ = [
    "TRICKS",
    "Batch",
    "Group",
    "Pictures",
    "Progress",
    "Run",
    "Setting",
    "Trick",
    "assemble",
    "build",
    "find",
    "peak_lr",
    "unserved",
    "why_not_pretrained",
]

NAMES = (
    "activation",
    "adabound",
    "adaboundw",
    "adam",
    "adamw",
    "adan",
    "adaptive_clip",
    "alternating_flip",
    "augmentation_curriculum",
    "augmix",
    "auto_augment",
    "auto_contrast",
    "batch_ramp",
    "bce_loss",
    "bi_tempered_loss",
    "bias_lr",
    "blur",
    "blur_pool",
    "bootstrapping",
    "brightness",
    "channel_permutation",
    "class_balance",
    "class_weights",
    "clip_norm",
    "clip_value",
    "col_out",
    "colour_jitter",
    "colour_shift",
    "confidence_penalty",
    "constant_warmup",
    "contrast",
    "cosine_decay",
    "cosine_restarts",
    "crop_resize",
    "curriculum",
    "cutmix",
    "cutout",
    "cyclic_rate",
    "discriminative_lr",
    "distillation",
    "drop_block",
    "dropout",
    "dual_cutout",
    "early_stopping",
    "ema",
    "equalize",
    "exponential_decay",
    "flip",
    "fmix",
    "focal_loss",
    "gaussian_noise",
    "ghost_batch_norm",
    "gradient_centralisation",
    "grid_mask",
    "group_norm",
    "hide_and_seek",
    "initialisation",
    "jpeg",
    "jsd_consistency",
    "l1_penalty",
    "l2_penalty",
    "label_smoothing",
    "lamb",
    "lars",
    "layer_freezing",
    "linear_decay",
    "linear_warmup",
    "lion",
    "local_response_norm",
    "logit_scale",
    "lookahead",
    "madgrad",
    "manifold_mixup",
    "mixup",
    "mse_loss",
    "multi_step_decay",
    "muon",
    "nadam",
    "no_norm",
    "no_norm_decay",
    "norm_momentum",
    "one_cycle",
    "one_of",
    "pad_crop",
    "pca_colour",
    "per_image_standardisation",
    "plateau_decay",
    "policy_schedule",
    "poly_loss",
    "polynomial_decay",
    "posterize",
    "pretrained_start",
    "progressive_resizing",
    "radam",
    "rand_augment",
    "random_crop",
    "random_erasing",
    "random_order",
    "repeated_augmentation",
    "resizemix",
    "ricap",
    "right_angle",
    "rmsprop",
    "rotate",
    "salt_and_pepper",
    "sam",
    "scale",
    "searched_policy",
    "selective_backprop",
    "sgd",
    "sgdw",
    "shallow_start",
    "shear",
    "solarize",
    "squeeze_excite",
    "step_decay",
    "stochastic_depth",
    "subset",
    "swa",
    "tanh_decay",
    "test_time_augmentation",
    "three_augment",
    "timm_rand_augment",
    "translate",
    "trivial_augment",
    "until_error_warmup",
    "vertical_flip",
    "warmup_stable_decay",
    "weight_standardisation",
    "whitening",
    "zero_init_norm",
)
"List every trick by the name of its file. To add one, write the file and its name here."


def _class(name: str) -> type[Trick]:
    """Return the trick class that the named file defines."""
    module = importlib.import_module(f"autotrick.tricks.{name}")
    return next(
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Trick) and vars(kind).get("name") == name
    )


TRICKS: dict[str, type[Trick]] = {name: _class(name) for name in NAMES}


def find(name: str) -> type[Trick]:
    """Return the named trick.

    Raises:
        TrickError: There is no such trick; the message suggests the nearest name.
    """
    if name not in TRICKS:
        raise TrickError(unknown("trick", name, TRICKS))
    return TRICKS[name]


def build(name: str, settings: Mapping[str, Value]) -> Trick:
    """Create the named trick with its settings.

    Raises:
        TrickError: The name or a setting is unknown, or a value has the wrong type or range.
    """
    kind = find(name)
    known = [spec.name for spec in kind.settings()]
    for given in settings:
        if given not in known:
            raise TrickError(f"{name}: {unknown('setting', given, known)}")
    types = _types(kind)
    return kind(**{key: _typed(name, key, value, types[key]) for key, value in settings.items()})


_TYPES: dict[type[Trick], dict[str, Any]] = {}


def _types(kind: type[Trick]) -> dict[str, Any]:
    """Return the types of a trick's settings, cached because reading them is slow."""
    if kind not in _TYPES:
        _TYPES[kind] = typing.get_type_hints(kind)
    return _TYPES[kind]


def assemble(recipe: Recipe) -> list[Trick]:
    """Return the recipe's tricks in the order in which each stage calls them.

    Omits tricks that another one replaces or that their settings switch off. What a neutral trick
    excludes, needs or replaces still counts.

    Raises:
        RecipeError: A trick does not work for the recipe's task, two tricks share a slot, one excludes
            another, or one lacks a trick that it needs.
    """
    tricks = [build(name, settings) for name, settings in recipe.tricks.items()]
    kinds = [type(trick) for trick in tricks]
    fault = unserved(kinds, find_task(recipe.task)) or conflict(kinds)
    if fault:
        raise RecipeError(fault)
    replaced = frozenset[str]().union(*(trick.replaces for trick in tricks))
    acting = [trick for trick in tricks if trick.name not in replaced and not trick.is_neutral()]
    return sorted(acting, key=lambda trick: (trick.position, trick.name))


def peak_lr(recipe: Recipe) -> float:
    """Return the peak learning rate that a recipe gives its optimizer, before schedules.

    This is the recipe's `lr`, or the scaled rate of an optimizer with its own. If settings change
    during training, it is the highest rate. It excludes factors on some weights, such as those of
    `bias_lr`.
    """
    parts = [recipe.at(0), *(recipe.at(leg.after) for leg in recipe.course)]
    return max(map(_peak_lr, parts))


def _peak_lr(recipe: Recipe) -> float:
    own = (_own_lr(name, settings) for name, settings in recipe.tricks.items())
    lr = next((lr for lr in own if isinstance(lr, int | float)), None)
    return recipe.lr if lr is None else scaled(lr, recipe)


def _own_lr(name: str, settings: Mapping[str, Value]) -> Value:
    """Return an optimizer's own rate, if any; an unknown trick's setting `lr` counts as one."""
    if name not in TRICKS:
        return settings.get("lr")
    known = TRICKS[name].settings() if TRICKS[name].slot == "optimizer" else ()
    default = next((setting.default for setting in known if setting.name == "lr"), None)
    return None if default is None else settings.get("lr", default)


def unserved(tricks: Iterable[type[Trick]], task: Task) -> str | None:
    """Return which of these tricks cannot train a task, in a sentence, or None."""
    for trick in tricks:
        if not task.serves(trick.name, trick.tasks):
            served = ", ".join(sorted(trick.tasks or ()))
            return (
                f"{trick.name} works for {served}, but the data are for {task.name}. Leave it out."
            )
        if task.spatial and trick.without_masks:
            return (
                f"{trick.name} cannot move the target maps of {task.name} with the images: "
                f"{trick.without_masks}. Leave it out."
            )
    return None


def conflict(tricks: list[type[Trick]]) -> str | None:
    """Return why these tricks cannot be on together, or None."""
    names = {trick.name for trick in tricks}
    slots: dict[str, str] = {}
    for trick in tricks:
        if trick.slot and trick.slot in slots:
            return (
                f"{slots[trick.slot]} and {trick.name} are both of slot {trick.slot!r}, which takes "
                "one trick. Keep one of them."
            )
        if trick.slot:
            slots[trick.slot] = trick.name
        for other, reason in trick.excludes.items():
            if other in names:
                return f"{trick.name} excludes {other}: {reason}. Keep one of them."
        for other in sorted(trick.needs - names):
            return f"{trick.name} needs {other}, which is off. Switch it on too."
    return None


def why_not_pretrained(name: str) -> str | None:
    """Return why a trick cannot be on when the network has pretrained weights, as a clause, or None.

    What excludes the trick `pretrained_start` excludes weights that the architecture brings.
    """
    start = TRICKS["pretrained_start"]
    if name == start.name:
        return f"{name} also sets the initial weights"
    reason = start.excludes.get(name) or TRICKS[name].excludes.get(start.name)
    return f"{name} cannot start from them: {reason}" if reason else None


def _typed(trick: str, key: str, value: Value, kind: Any) -> Value:
    """Return the value as the field's type; converts whole numbers to float but nothing else."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise TrickError(f"{trick}: {key} must be a number of at most 64 bits.")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    plain = typing.get_origin(kind) or kind
    if plain in (bool, int, float, str, list, dict):
        fits = isinstance(value, plain) and not (plain is int and isinstance(value, bool))
        if not fits:
            raise TrickError(f"{trick}: {key} must be a {plain.__name__}, but got {value!r}.")
    return value
