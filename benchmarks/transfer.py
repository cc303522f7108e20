"""Transfer: a pretrained network against the same one from scratch on 300 photos, over paired seeds.

A small ResNet of timm is trained on five classes of CIFAR-10 and saved in timm's own format. Then 300
images of the other five classes are all that there is: 60 of each, others for every seed. All arms of
a seed have the same images, data order and head, so their differences are paired. The base rate of
each arm is chosen on a further seed. The table goes into `docs/pretrained.md`.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from textwrap import fill

import numpy as np

from autotrick.data import Dataset, Split, load
from autotrick.design.paired import mean_interval
from autotrick.models.weights import pinned
from autotrick.recipe import DataRef, Recipe, Settings
from autotrick.train import checkpoint, train
from benchmarks.children import say
from benchmarks.row import Row, alone

PAGE = Path(__file__).parent.parent / "docs" / "pretrained.md"
NET = "timm/test_resnet"
SOURCE = ("airplane", "bird", "cat", "frog", "ship")
TARGET = ("automobile", "deer", "dog", "horse", "truck")
RATES = (0.2, 0.8)
SEEDS = 5
_FEW, _VALIDATION = 300, 500
_PER_SOURCE = 2000
_EPOCHS, _SOURCE_EPOCHS = 15, 5
_WIDTH = 118
_MARKS = ("<!-- transfer: begin -->", "<!-- transfer: end -->")
_TRICKS: dict[str, Settings] = {"flip": {}, "cosine_decay": {}}

Values = dict[str, list[float]]


def run(quick: bool, data_dir: Path) -> list[Row]:
    """Pretrain, train all arms, write the table, and return a row for each arm.

    Args:
        quick: Two seeds, one rate and fewer epochs; the page stays as it is.

    Raises:
        DataError: CIFAR-10 is not in the folder.
    """
    start = time.perf_counter()
    data = load(DataRef(name="cifar10"), data_dir=data_dir)
    with TemporaryDirectory(prefix="autotrick-transfer-") as folder:
        source = _pretrained(data, Path(folder), epochs=1 if quick else _SOURCE_EPOCHS)
        arms = _arms(str(pinned(NET, str(Path(folder) / "model.safetensors"))))
        epochs, seeds = (2, 2) if quick else (_EPOCHS, SEEDS)
        rates = {arm: _rate(settings, data, epochs, quick) for arm, settings in arms.items()}
        values: Values = {arm: [] for arm in arms}
        for seed in range(seeds):
            for arm, recipe in arms.items():
                values[arm].append(_value(recipe, rates[arm], data, seed, epochs))
                say(f"seed {seed}, {arm}: {values[arm][-1]:.3f}")
    if not quick:
        minutes = (time.perf_counter() - start) / 60
        write(table(values, rates), _facts(source, minutes))
    return [
        alone(f"transfer: {arm}", [100 * v for v in found], "%") for arm, found in values.items()
    ]


def _arms(pin: str) -> dict[str, tuple[Settings, dict[str, Settings]]]:
    """Return the architecture's settings and further tricks of every arm, from scratch first."""
    start: Settings = {"small_stem": "no", "pretrained": pin}
    return {
        "from scratch": ({"small_stem": "no"}, {}),
        "pretrained, all of it trains": (start, {}),
        "pretrained, rates by depth": (start, {"discriminative_lr": {}}),
        "pretrained, the head alone trains": (start | {"freeze": "head"}, {}),
    }


def _recipe(
    arm: tuple[Settings, dict[str, Settings]], rate: float, seed: int, epochs: int
) -> Recipe:
    settings, tricks = arm
    return Recipe(
        data=DataRef(name="cifar10"),
        architecture=NET,
        architecture_settings=settings,
        epochs=epochs,
        batch_size=32,
        base_lr=rate,
        tricks=_TRICKS | tricks,
        seed=seed,
    )


def _value(
    arm: tuple[Settings, dict[str, Settings]], rate: float, data: Dataset, seed: int, epochs: int
) -> float:
    few = chosen(data, TARGET, _FEW // len(TARGET), seed, _VALIDATION)
    return train(_recipe(arm, rate, seed, epochs), few).accuracy


def _rate(
    arm: tuple[Settings, dict[str, Settings]], data: Dataset, epochs: int, quick: bool
) -> float:
    """Return the better base rate on a seed, and so on images, of its own."""
    if quick:
        return RATES[0]
    return max(RATES, key=lambda rate: _value(arm, rate, data, SEEDS, epochs))


def chosen(
    data: Dataset, classes: tuple[str, ...], each: int, seed: int, validation: int
) -> Dataset:
    """Return a data set of some classes only.

    Args:
        each: Number of training images of every class; a seed has others than another.
        validation: Number of validation images, the same for every seed.
    """
    rng = np.random.default_rng(seed)
    numbers = [data.classes.index(name) for name in classes]
    rows = np.concatenate(
        [rng.permutation(np.flatnonzero(data.train.labels == k))[:each] for k in numbers]
    )
    shown = np.flatnonzero(np.isin(data.validation.labels, numbers))[:validation]
    parts = [
        Split(np.array(split.images[at]), np.searchsorted(numbers, split.labels[at]))
        for split, at in ((data.train, rows), (data.validation, shown))
    ]
    pixels = parts[0].images / np.float32(255)
    return replace(
        data,
        classes=classes,
        fingerprint="",
        train=parts[0],
        validation=parts[1],
        test=None,
        mean=pixels.mean((0, 1, 2), dtype=np.float64).astype(np.float32),
        std=pixels.std((0, 1, 2), dtype=np.float64).astype(np.float32),
    )


def _pretrained(data: Dataset, folder: Path, *, epochs: int) -> float:
    """Train the network on the source classes, save it as timm does, and return its accuracy."""
    import timm

    source = chosen(data, SOURCE, _PER_SOURCE, 0, _VALIDATION)
    recipe = _recipe(({"small_stem": "no"}, {}), 0.4, 0, epochs)
    result = train(recipe, source, on_epoch=lambda snapshot: bool(snapshot.save(folder)))
    content = checkpoint.load(folder / f"epoch-{epochs}.checkpoint")
    network = timm.create_model("test_resnet", num_classes=len(SOURCE))
    network.load_state_dict(content["model"])
    expected = {"mean": source.mean.tolist(), "std": source.std.tolist()}
    network.pretrained_cfg = dict(network.pretrained_cfg) | expected
    timm.models.save_for_hf(network, str(folder), safe_serialization=True)
    say(f"{NET} on {', '.join(SOURCE)}: {result.accuracy:.3f} after {epochs} epochs")
    return result.accuracy


def table(values: Values, rates: Mapping[str, float]) -> str:
    """Return the arms as a Markdown table, with paired differences from the first one."""
    baseline = next(iter(values.values()))
    lines = [
        "| start | base rate | accuracy | against from scratch |",
        "|---|--:|--:|--:|",
    ]
    for arm, found in values.items():
        gains = [100 * (mine - other) for mine, other in zip(found, baseline, strict=True)]
        interval = mean_interval(gains)
        gain = "" if found is baseline else f"{mean(gains):+.1f} points"
        if gain and interval:
            gain += " ({:+z.1f} to {:+z.1f})".format(*interval)
        lines.append(f"| {arm} | {rates[arm]:g} | {100 * mean(found):.1f} % | {gain} |")
    return "\n".join(lines)


def _facts(source: float, minutes: float) -> str:
    text = (
        f"Mean over {SEEDS} seeds; differences are paired, with their 95 % intervals. "
        f"`{NET}` was pretrained for {_SOURCE_EPOCHS} epochs on {len(SOURCE) * _PER_SOURCE:,} images of "
        f"{', '.join(SOURCE)} ({100 * source:.0f} % there), then trained for {_EPOCHS} epochs on "
        f"{_FEW} images of {', '.join(TARGET)}; {_VALIDATION:,} others are predicted. All of it took "
        f"{minutes:.0f} minutes on one core: `python -m benchmarks transfer`."
    )
    return fill(text, _WIDTH)


def write(table: str, facts: str, page: Path = PAGE) -> None:
    """Put the table and its facts between the page's marks."""
    begin, end = _MARKS
    text = page.read_text()
    found = re.sub(
        f"{re.escape(begin)}.*{re.escape(end)}",
        lambda _: f"{begin}\n{table}\n\n{facts}\n{end}",
        text,
        flags=re.DOTALL,
    )
    page.write_text(found)
