"""Every image of a data set can be traced back to its file, whatever the split took."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from PIL import Image

from autotrick.data import load, source_names
from autotrick.recipe import DataRef


def test_rows_of_shards_are_traced_to_file_and_row(
    table: Callable[..., Path], tmp_path: Path, cache: Path
) -> None:
    (tmp_path / "set").mkdir()
    table("set/train-00000-of-00002", 12)
    table("set/train-00001-of-00002", 9)
    ref = DataRef(name="parquet:set", validation=0.25)
    data = load(ref, data_dir=tmp_path, cache_dir=cache)

    names = source_names(ref, data, data_dir=tmp_path)

    assert {split: len(found) for split, found in names.items()} == {"train": 15, "validation": 6}
    for split, part in (("train", data.train), ("validation", data.validation)):
        for name, image in zip(names[split], part.images, strict=True):
            file, _, row = name.rpartition(":")
            content = parquet.read_table(tmp_path / file)["image"][int(row)].as_py()["bytes"]
            np.testing.assert_array_equal(Image.open(BytesIO(content)), image)
    assert len({*names["train"], *names["validation"]}) == 21
