"""Recipe files, with values and text damaged, as `autotrick augment` takes them."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from autotrick.recipe import Recipe
from autotrick.tricks import TRICKS, build
from tests.fuzz.harness import Outcome, command, scratch
from tests.fuzz.mutations import changed, junk, nested, scrambled


def inputs(rng: Random) -> Iterator[bytes]:
    """Give files."""
    while True:
        recipe = _recipe(rng)
        roll = rng.random()
        whole: Any = {"recipe": recipe, "trial": 3} if rng.random() < 0.5 else recipe
        if roll < 0.1:
            yield json.dumps(whole).encode()
        elif roll < 0.65:
            yield json.dumps(changed(rng, whole)).encode()
        elif roll < 0.7:
            yield json.dumps(
                rng.choice((junk(rng), [whole], nested(rng.choice((60, 400)))))
            ).encode()
        elif roll < 0.72:
            deep = rng.choice((100, 2000, 100_000))
            yield rng.choice((b"[", b'{"a":', b'{"recipe":')) * deep
        else:
            yield scrambled(rng, json.dumps(whole, indent=1).encode())


def tried(given: bytes, folder: Path) -> Outcome:
    """Augment a small data set by it."""
    path = folder / "given" / "recipe.json"
    path.write_bytes(given)
    return command("augment", str(path), "--factor", "2", "-o", "more")


def _recipe(rng: Random) -> dict[str, Any]:
    name = rng.choice(("flip", "brightness", "cutout", "searched_policy", *TRICKS))
    recipe = Recipe.model_validate(
        {
            "data": {"name": f"folder:{_images()}", "validation": 0.25, "image_size": 8},
            "architecture": rng.choice(("lenet5", "resnet20", "timm/resnet18")),
            "epochs": 4,
            "batch_size": 4,
            "base_lr": 0.1,
            "tricks": {"flip": {"probability": 0.5}, name: build(name, {}).values()},
            "course": [{"after": 2, "fields": {"base_lr": 0.05}, "tricks": {"flip": {}}}],
            "fidelity": {"of": "data", "rungs": [[1, 0.5], [2, 0.7]]},
        }
    )
    found: dict[str, Any] = recipe.model_dump(mode="json")
    for part in ("course", "fidelity"):
        if rng.random() < 0.7:
            found.pop(part)
    return found


@cache
def _images() -> Path:
    """Return an image folder for all inputs."""
    import numpy as np
    from PIL import Image

    folder = scratch("images")
    pixels = np.random.default_rng(0)
    for label in ("hen", "owl"):
        (folder / "train" / label).mkdir(parents=True)
        for i in range(8):
            image = Image.fromarray(pixels.integers(0, 256, (8, 8, 3), np.uint8))
            image.save(folder / "train" / label / f"{i}.png")
    return folder
