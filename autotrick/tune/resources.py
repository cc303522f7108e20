"""Where and how a study is run."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autotrick.errors import RecordsError, ResourceError
from autotrick.measures import worded
from autotrick.tune.storage import Place, place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Where and how a study is run; what it trains is in the space.

    Attributes:
        address: Of a running Ray cluster; None starts one on this machine.
        concurrency: Trials at a time; None for as many as there is room for.
        cpus_per_trial: Processors that a trial occupies; may be a fraction.
        gpus_per_trial: GPUs that a trial occupies; above 0 trains on CUDA.
        data_dir: Where data sets are looked for.
        storage: Folder for checkpoints, or a URL that fsspec knows; every node must reach it.
        cache: Folder for decoded data sets; None for the user's cache.
        hang_limit_s: Silence after which a trial's worker is ended and another goes on; None for no
            limit. Longer than the longest epoch.
    """

    address: str | None = None
    concurrency: int | None = None
    cpus_per_trial: float = 1.0
    gpus_per_trial: float = 0.0
    data_dir: Path | None = None
    storage: Place = Path("autotrick-files")
    cache: Path | None = None
    hang_limit_s: float | None = None

    @property
    def device(self) -> str:
        """`cuda` when a trial occupies a GPU."""
        return "cuda" if self.gpus_per_trial > 0 else "cpu"

    def slots(self) -> int:
        """Return how many trials run at a time on this machine."""
        return self.concurrency or max(1, math.floor((os.cpu_count() or 1) / self.cpus_per_trial))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON for the record, with absolute paths."""
        paths = {
            name: str(path.absolute())
            for name in ("data_dir", "storage", "cache")
            if isinstance(path := getattr(self, name), Path)
        }
        return asdict(self) | paths

    @classmethod
    def from_json(cls, recorded: Mapping[str, Any]) -> "Resources":
        """Return what `to_json` wrote; what an older version did not know has its default.

        Raises:
            RecordsError: It is something else, such as another version's or another tool's.
        """
        try:
            paths = {
                name: place_of(recorded[name])
                for name in ("data_dir", "storage", "cache")
                if recorded.get(name) is not None
            }
            return cls(**(dict(recorded) | paths))
        except (TypeError, AttributeError, ValueError) as error:
            raise RecordsError(
                f"what is recorded about where the study runs cannot be read: {error}. It is another "
                "version's. Begin another study."
            ) from error


def check_device(resources: Resources) -> None:
    """Refuse GPUs that this machine has not, before anything is changed.

    Raises:
        ResourceError: GPUs are asked for, no cluster is named, and here is none.
    """
    if resources.address or resources.gpus_per_trial == 0:
        return
    import torch

    if not torch.cuda.is_available():
        raise ResourceError(
            f"--gpus-per-trial {resources.gpus_per_trial:g} needs a GPU, and this machine has "
            "none. Leave it at 0, or name a cluster with --address."
        )


def check_nodes(
    nodes: Sequence[Mapping[str, float]], *, cpus: float, gpus: float, memory: float
) -> None:
    """Refuse a trial for which no node of a cluster has room; it would wait without end.

    Args:
        nodes: What each has of `CPU`, `GPU` and `memory`, as Ray names them.
        memory: Bytes that a trial needs.

    Raises:
        ResourceError: A trial runs on one node, and none has so much.
    """
    needs = {"memory": memory, "CPU": cpus, "GPU": gpus}
    largest = {kind: max((node.get(kind, 0.0) for node in nodes), default=0.0) for kind in needs}
    if memory > largest["memory"]:
        raise ResourceError(
            f"a trial needs {worded('memory', memory)} (constraints.memory, and what a process takes "
            f"before it trains), but the largest node gives {worded('memory', largest['memory'])}. "
            "Lower the bound or use another cluster."
        )
    for option, kind in (("cpus", "CPU"), ("gpus", "GPU")):
        if needs[kind] > largest[kind]:
            raise ResourceError(
                f"a trial needs {needs[kind]:g} {kind}, but the largest node has "
                f"{largest[kind]:g}. Lower --{option}-per-trial or use another cluster."
            )
    if not any(all(node.get(kind, 0.0) >= needs[kind] for kind in needs) for node in nodes):
        raise ResourceError(
            f"a trial needs {cpus:g} CPU and {gpus:g} GPU of one node, with the memory that "
            "constraints.memory asks for, and no node has all of that. Lower --cpus-per-trial or use "
            "another cluster."
        )
