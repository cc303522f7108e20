"""Folders of images as people have them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Photos = Callable[..., Path]


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Photos:
    """Return a function that writes noise into class folders below the working folder.

    Args of it: the folder; `classes`; `each`, images of a class; `sizes` as (H, W); `grey`.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    drawn = np.random.default_rng(0)

    def make(
        folder: str = "photos",
        classes: tuple[str, ...] = ("cat", "dog", "fox"),
        *,
        each: int = 12,
        sizes: tuple[tuple[int, int], ...] = ((40, 40),),
        grey: bool = False,
    ) -> Path:
        for name in classes:
            place = tmp_path / folder / name
            place.mkdir(parents=True, exist_ok=True)
            for i in range(each):
                shape = sizes[i % len(sizes)] + (() if grey else (3,))
                Image.fromarray(drawn.integers(0, 256, shape, np.uint8)).save(place / f"{i}.png")
        return tmp_path / folder

    return make
