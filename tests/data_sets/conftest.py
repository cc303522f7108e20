from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from numpy.typing import NDArray
from PIL import Image

Table = Callable[..., Path]


@pytest.fixture
def sample() -> Path:
    return Path(__file__).parents[1] / "data"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def picture() -> Callable[..., NDArray[np.uint8]]:
    """Makes an image of noise: side, channels, and a number that decides it."""

    def make(number: int, height: int = 6, width: int = 6, channels: int = 3) -> NDArray[np.uint8]:
        shape = (height, width) if channels == 1 else (height, width, channels)
        return np.random.default_rng(number).integers(0, 256, shape, np.uint8)

    return make


@pytest.fixture
def tree(tmp_path: Path, picture: Callable[..., NDArray[np.uint8]]) -> Callable[..., Path]:
    """Makes PNG files under tmp_path/images; each entry is class folder -> options of `picture`."""

    def make(*folders: str, each: int = 4, **options: int) -> Path:
        for i, folder in enumerate(folders):
            path = tmp_path / "images" / folder
            path.mkdir(parents=True, exist_ok=True)
            for j in range(each):
                Image.fromarray(picture(100 * i + j, **options)).save(path / f"{j}.png")
        return tmp_path / "images"

    return make


@pytest.fixture
def table(tmp_path: Path, picture: Callable[..., NDArray[np.uint8]]) -> Table:
    """Makes tmp_path/NAME.parquet in Hugging Face's layout; overrides replace columns."""

    def make(name: str, rows: int = 8, metadata: Any = None, **overrides: Any) -> Path:
        columns = {
            "image": [{"bytes": png(picture(i)), "path": f"{i}.png"} for i in range(rows)],
            "label": [i % 2 for i in range(rows)],
        } | overrides
        content = pa.table({key: value for key, value in columns.items() if value is not None})
        if metadata:
            content = content.replace_schema_metadata(metadata)
        path = tmp_path / f"{name}.parquet"
        parquet.write_table(content, path)
        return path

    return make


def png(image: NDArray[np.uint8]) -> bytes:
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
