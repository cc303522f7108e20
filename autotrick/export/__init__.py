"""What becomes of a trial outside autotrick: files of its network, a program, a bundle.

`export_model` writes a folder: weights, a program for PyTorch and one for ONNX, each checked against
the network, `model.json` with all that prediction needs, and a model card. `script` writes the recipe as
a program. `write_bundle` writes what another machine needs to train the trial again. `exchange` moves
whole studies between databases.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autotrick.export.bundle import Bundle, is_bundle, read_bundle, write_bundle
    from autotrick.export.folder import Exported, export_model, load_exported
    from autotrick.export.trial_facts import TrialFacts

__all__ = [
    "Bundle",
    "Exported",
    "TrialFacts",
    "export_model",
    "is_bundle",
    "load_exported",
    "read_bundle",
    "write_bundle",
]

_HOMES = {
    "bundle": ("Bundle", "is_bundle", "read_bundle", "write_bundle"),
    "folder": ("Exported", "export_model", "load_exported"),
    "trial_facts": ("TrialFacts",),
}


def __getattr__(name: str) -> Any:
    """Import a name when it is asked for: bundles are read and paths checked without torch."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
