"""Writes the small CIFAR-10 beside this file: the first images of each class, as they are.

python tests/data/make_sample.py FOLDER_WITH_CIFAR10_PARQUET
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet

PER_CLASS = {"train": 30, "test": 10}


def main(source: Path) -> None:
    for split, count in PER_CLASS.items():
        table = parquet.read_table(source / f"cifar10_{split}.parquet")
        labels = table["label"].to_numpy()
        rows = np.sort(np.concatenate([np.flatnonzero(labels == c)[:count] for c in range(10)]))
        parquet.write_table(table.take(rows), Path(__file__).with_name(f"cifar10_{split}.parquet"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
