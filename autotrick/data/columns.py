"""Label columns of any Arrow type, as numbers or texts."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autotrick.data.labels import UNLABELLED, Column, shown
from autotrick.errors import DataError


def column_of(where: str, label: str, array: Any, names: tuple[str, ...] | None) -> Column:
    """Return a column of a file as numbers or texts.

    Args:
        where: The file, for messages.
        label: Name of the column.
        array: What Arrow read.
        names: Of the classes, where the file has them.

    Raises:
        DataError: It is neither.
    """
    import pyarrow.types as kinds

    held = array.type
    while kinds.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    kind = array.type
    read = next((reader for test, reader in _readers(kinds) if test(kind)), None)
    if kinds.is_nested(kind):
        raise DataError(
            f"{where}: the column {shown(label)} holds {held}, but an image has one label here: data "
            "with several labels an image are not classification. Give a column with one."
        )
    if read is None:
        raise DataError(
            f"{where}: the column {shown(label)} must hold whole numbers or texts, but holds {held}."
        )
    values, missing = read(array, f"{where}: the column {shown(label)}")
    missing |= np.asarray(array.is_null(), bool)
    return Column(where, values, missing, names, str(held))


_Reader = Callable[[Any, str], tuple[NDArray[Any], NDArray[np.bool_]]]


def _readers(kinds: Any) -> tuple[tuple[Callable[[Any], bool], _Reader], ...]:
    return (
        (kinds.is_integer, _integers),
        (kinds.is_boolean, _flags),
        (kinds.is_floating, _fractions),
        (kinds.is_decimal, _fractions),
        (is_text, _texts),
        (is_bytes, _texts),
        (kinds.is_null, _nothing),
    )


def _integers(array: Any, where: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    import pyarrow

    try:
        filled = array.fill_null(0).cast(pyarrow.int64())
    except pyarrow.ArrowInvalid:
        raise DataError(f"{where} has numbers of 2^63 and more, which are not labels.") from None
    values = filled.to_numpy()
    return values, values == UNLABELLED


def _flags(array: Any, _where: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    values = array.fill_null(False).to_numpy().astype(np.int64)
    return values, np.zeros(len(values), bool)


def _fractions(array: Any, where: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    import pyarrow

    numbers = np.asarray(array.cast(pyarrow.float64()).to_numpy(), np.float64)
    missing = np.isnan(numbers)
    whole = np.where(missing, 0, numbers)
    wrong = (whole != np.floor(whole)) | (np.abs(whole) >= 2**53)
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"{where} must hold whole numbers or texts, but row {row} has {whole[row]:g}."
        )
    values = whole.astype(np.int64)
    return values, missing | (values == UNLABELLED)


def _texts(array: Any, where: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    import pyarrow

    try:
        texts = array.cast(pyarrow.large_string()).to_pylist()
    except (pyarrow.ArrowInvalid, UnicodeDecodeError):
        raise DataError(f"{where} holds bytes that are not UTF-8 text.") from None
    values = np.empty(len(texts), object)
    values[:] = [text or "" for text in texts]
    return values, np.array([not text for text in texts], bool)


def _nothing(array: Any, _where: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    return np.zeros(len(array), np.int64), np.ones(len(array), bool)


def is_bytes(kind: Any) -> bool:
    """Return whether an Arrow type is of bytes."""
    import pyarrow.types as kinds

    tests = (kinds.is_binary, kinds.is_large_binary, kinds.is_binary_view)
    return any(test(kind) for test in tests)


def is_text(kind: Any) -> bool:
    """Return whether an Arrow type is of text."""
    import pyarrow.types as kinds

    tests = (kinds.is_string, kinds.is_large_string, kinds.is_string_view)
    return any(test(kind) for test in tests)
