"""Where and how a study is run."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from autotrick import trusted_locations
from autotrick.errors import RecordsError, ResourceError
from autotrick.machine import memory as memory_here
from autotrick.machine import processors
from autotrick.measures import worded
from autotrick.observing import EVERY, check_every, kinds_of
from autotrick.redaction import redacted_url, without_secrets
from autotrick.tune.checkpoints.storage import Place, place_of

MOST_AT_A_TIME = 10_000
"""Most trials at a time, and most processors or GPUs of one trial: more is a typing error."""

_OBSERVING = ("observe", "observe_every")

WORKER = 2**29
"""Bytes of a worker with torch and Ray loaded, before it trains: 0.5 GiB were measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Where and how a study is run; the space says what it trains.

    Attributes:
        address: Address of a running Ray cluster; None starts one on this machine.
        concurrency: Trials at a time; None for as many as there is room for.
        cpus_per_trial: Processors that a trial occupies; may be a fraction.
        gpus_per_trial: GPUs that a trial occupies; above 0 trains on CUDA.
        data_dir: Where data sets are looked for.
        storage: Folder for checkpoints, or a URL that fsspec knows; every node must reach it.
        cache: Folder for decoded data sets; None for the user's cache.
        hang_limit_s: Seconds of silence after which a trial's worker is replaced; None for no limit. It
            must be longer than the longest epoch.
        observe: What is observed of every trial, of `autotrick.observing.KINDS`; nothing by default.
        observe_every: Updates between two values of the loss, the rate and the speed of a trial that
            is observed.
        code: Folder of the user's own code that a recorded study names, which lets it be imported; None
            takes the space's folder, if the user searched with that code before. It is not recorded.
    """

    address: str | None = None
    concurrency: int | None = None
    cpus_per_trial: float = 1.0
    gpus_per_trial: float = 0.0
    data_dir: Path | None = None
    storage: Place = Path("autotrick-files")
    cache: Path | None = None
    hang_limit_s: float | None = None
    observe: tuple[str, ...] = ()
    observe_every: int = EVERY
    code: Path | None = None

    def __post_init__(self) -> None:
        """Convert texts to paths, and check the counts.

        Raises:
            ResourceError: A count is out of its range, or what to observe is unknown.
        """
        object.__setattr__(self, "observe", kinds_of(self.observe))
        check_every(self.observe_every)
        for name in ("data_dir", "storage", "cache", "code"):
            if isinstance(place := getattr(self, name), str):
                object.__setattr__(
                    self, name, place_of(place) if name == "storage" else Path(place)
                )
        counts = {"concurrency": self.concurrency, "cpus_per_trial": self.cpus_per_trial}
        for name, count in {**counts, "gpus_per_trial": self.gpus_per_trial}.items():
            fits = count is None or 0 <= count <= MOST_AT_A_TIME
            if not fits or (count == 0 and name in counts):
                least = "above 0" if name in counts else "at least 0"
                raise ResourceError(
                    f"{name} must be {least} and at most {MOST_AT_A_TIME:,}, but got {count}."
                )

    @property
    def device(self) -> str:
        """`cuda` when a trial occupies a GPU."""
        return "cuda" if self.gpus_per_trial > 0 else "cpu"

    def slots(self) -> int:
        """Return how many trials run at a time on this machine."""
        if self.concurrency:
            return self.concurrency
        by_processors = math.floor(processors() / self.cpus_per_trial)
        return max(1, min(by_processors, memory_here() // WORKER))

    def warnings(self, threads: int = 1) -> list[str]:
        """Return what is asked of this machine's processors beyond what it gives, in sentences.

        Args:
            threads: The most that a recipe may have.
        """
        if self.address:
            return []
        found, there = [], processors()
        asked = self.slots() * self.cpus_per_trial
        if asked > there:
            found.append(
                f"{self.slots()} trials at a time with {self.cpus_per_trial:g} processors each need "
                f"{asked:g}, and this process may use {there}: each will take longer. Lower "
                "--concurrency or --cpus-per-trial."
            )
        if threads > max(there, self.cpus_per_trial):
            found.append(
                f"a recipe may have {threads} threads, and this process may use {there} processors: "
                "it will take longer. Lower threads."
            )
        return found

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON for the record, with absolute paths."""
        paths: dict[str, Any] = {
            name: str(path.absolute())
            for name in ("data_dir", "storage", "cache")
            if isinstance(path := getattr(self, name), Path)
        }
        urls = {
            name: without_secrets(value)
            for name in ("address", "storage")
            if isinstance(value := getattr(self, name), str)
        }
        # A study that is not observed has the record that it had before there was this.
        said = {k: v for k, v in asdict(self).items() if self.observe or k not in _OBSERVING}
        table = said | paths | urls
        table.pop("code")
        return table

    @classmethod
    def from_json(cls, recorded: Mapping[str, Any]) -> "Resources":
        """Return what `to_json` wrote, with defaults for what an older version did not record.

        Raises:
            RecordsError: It cannot be read, such as that of another version or tool.
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

    @classmethod
    def of_study(
        cls, study: str, recorded: Mapping[str, Any] | None, given: Mapping[str, Any] | None = None
    ) -> "Resources":
        """Return the resources of a study, to go on with it.

        Others may have written the record. A recorded cluster or storage that is not the user's own
        must be given again; a data cache that is not is replaced by the default.

        Args:
            recorded: None for a study that came in a file, which has the defaults.
            given: What the user names now, which replaces the record.

        Raises:
            ResourceError: The record names a cluster or a storage that the user has to confirm.
        """
        given = given or {}
        found = cls.from_json(recorded) if recorded else cls()
        asked = {
            name: str(place)
            for name in ("address", "storage")
            if name not in given and not _is_known(place := getattr(found, name))
        }
        if recorded and asked:
            options = " ".join(f"--{name} {redacted_url(place)}" for name, place in asked.items())
            raise ResourceError(
                f"study {study!r} names places on its record that no search of yours has used here: "
                f"{options}. Others can write to a shared database, so give your own, or these if you "
                f"trust them: autotrick resume {study} {options}"
            )
        if found.cache is not None and not trusted_locations.is_own(str(found.cache)):
            found = replace(found, cache=None)
        return replace(found, **given)

    def remember(self) -> None:
        """Remember the places as the user's own, so that `of_study` accepts them."""
        trusted_locations.remember(self.address, self.storage, self.cache)


def _is_known(place: Place | None) -> bool:
    return place in (None, "auto", "local") or trusted_locations.is_own(str(place))


def check_names(resources: Resources) -> None:
    """Check that the names of folders are text, since they are recorded and sent to workers as JSON.

    Raises:
        ResourceError: A name has bytes that are not UTF-8.
    """
    for option in ("storage", "cache", "data_dir"):
        place = getattr(resources, option)
        if not isinstance(place, Path):
            continue
        try:
            str(place.absolute()).encode()
        except UnicodeEncodeError:
            raise ResourceError(
                f"--{option.replace('_', '-')} is {str(place.absolute())!r}, and the name of a folder "
                "must be UTF-8 text, for it is recorded. Rename it, or choose another folder."
            ) from None


def check_device(resources: Resources) -> None:
    """Check that this machine has the requested GPUs.

    Raises:
        ResourceError: GPUs are requested, no cluster is named, and this machine has none.
    """
    if resources.address or resources.gpus_per_trial == 0:
        return
    import torch

    if not torch.cuda.is_available():
        raise ResourceError(
            f"--gpus-per-trial {resources.gpus_per_trial:g} needs a GPU, and this machine has "
            "none. Leave it at 0, or name a cluster with --address."
        )


def check_room(resources: Resources) -> None:
    """Check that this machine's memory holds the workers of all trials at a time.

    Raises:
        ResourceError: Their processes alone need more than there is.
    """
    need, there = resources.slots() * WORKER, memory_here()
    if resources.address is None and resources.slots() > 1 and need > there:
        raise ResourceError(
            f"{resources.slots()} trials at a time take {worded('memory', need)} before they train, and "
            f"this process may use {worded('memory', there)}. Lower --concurrency to "
            f"{max(1, there // WORKER)} or less."
        )


def check_nodes(
    nodes: Sequence[Mapping[str, float]], *, cpus: float, gpus: float, memory: float
) -> None:
    """Check that a node of a cluster has room for a trial, which would otherwise wait without end.

    Args:
        nodes: The `CPU`, `GPU` and `memory` of each, as Ray names them.
        memory: Bytes that a trial needs.

    Raises:
        ResourceError: No single node has enough.
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
