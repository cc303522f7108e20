"""Explain a fingerprint that does not match: other files, or another way to read them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from autotrick.data import cache
from autotrick.data.dataset import Note, SourceSplits
from autotrick.data.decode_to_cache import write
from autotrick.errors import DataError, ResourceError
from autotrick.recipe import DataRef

REREAD = ("turned", "transparent", "matched_labels", "label_values")
"""Notes on what earlier versions read in another way, so that the fingerprint was another one."""
_NOT_PIXELS = ("copies_test", "copies_validation", "copies_validation_test", "label_conflict")
_OTHERS = "which folders are splits and which files count"


def why_changed(
    ref: DataRef, notes: Sequence[Note], read: Callable[[], SourceSplits], cache_dir: Path
) -> str:
    """Return why a source's fingerprint does not match the recorded one, and what to do.

    The source is read once more by the rules of earlier versions: if that gives the recorded
    fingerprint, the files are the same.

    Args:
        ref: With the recorded fingerprint.
        notes: Of the source as it is read now.
        read: Reads the source as earlier versions did.
        cache_dir: Where arrays are written temporarily.
    """
    said = [note.sentence for note in notes if note.kind not in _NOT_PIXELS]
    if _before(ref, read, cache_dir) == ref.fingerprint:
        return (
            "the files are the same, but earlier versions of autotrick read them in another way. Since "
            f"then: {'; '.join(said) or _OTHERS}. Start a new study, or use the version that recorded "
            "this one."
        )
    changed = [note.sentence for note in notes if note.kind in REREAD]
    if changed:
        return (
            "the files differ, or how they are read. Since earlier versions of autotrick: "
            f"{'; '.join(changed)}. Bring the recorded data back, or start a new study."
        )
    return (
        "pixels, labels, class names or split differ. Bring the recorded data back, or start a new "
        "study."
    )


def _before(ref: DataRef, read: Callable[[], SourceSplits], cache_dir: Path) -> str | None:
    """Return the fingerprint that earlier versions gave; None where they could not read the source."""
    try:
        with cache.partial_folder(cache_dir) as partial:
            return write(read(), ref, partial)[0]
    except (DataError, ResourceError):
        return None
