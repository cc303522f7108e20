"""Check that the files of a data set are there, before anything heavy is loaded or any image read."""

from pathlib import Path

from autotrick.data.catalogue import find
from autotrick.data.files import missing_folder, placed
from autotrick.data.loading import locate
from autotrick.recipe import DataRef

_AT_HAND = ("digits",)
"""What comes with a library."""


def expect_present(ref: DataRef, data_dir: Path | None) -> None:
    """Raise a DataError unless the files that a reference names are there.

    Only names are looked at. What the cache may have, and what a task reads in its own way, is left to
    `load`.

    Raises:
        DataError: The data set is unknown, or its files are missing.
    """
    kind, _, path = ref.name.partition(":")
    source = find(ref.name)
    if ref.fingerprint or kind in _AT_HAND:
        return
    if kind == "folder":
        root = placed(path, data_dir)
        if not root.is_dir():
            raise missing_folder(root)
    elif kind == "parquet" or not source.path:
        locate(ref, data_dir)
