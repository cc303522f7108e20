"""Brings data to the nodes of a cluster: once per node, through Ray, with a check of the fingerprint.

An actor on the driver's node reads the driver's data cache. A worker whose node lacks the data set
decodes it if its files exist there, and otherwise asks that actor.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from autotrick.data import Dataset, load, open_cached, transfer
from autotrick.data.cache import default_folder, recall
from autotrick.errors import DataError
from autotrick.recipe import DataRef

COURIER = "autotrick-courier"


class Courier:
    """Reads the data sets in one machine's cache, piece by piece."""

    def __init__(self, cache: str) -> None:
        self._cache = Path(cache)

    def manifest(self, fingerprint: str, node: str) -> dict[str, Any]:
        """Start to send a data set to a node; return the list of its files."""
        # Ray writes this to the actor's log.
        print(f"sending {fingerprint} to {node}", flush=True)  # noqa: T201
        return transfer.manifest(fingerprint, self._cache)

    def piece(self, fingerprint: str, name: str, offset: int) -> bytes:
        """Return up to 64 MB of one of its files."""
        return transfer.piece(fingerprint, self._cache, name, offset)


@contextmanager
def courier(cache: Path | None) -> Iterator[None]:
    """Within the block, let workers on other nodes read this machine's data cache."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    # It occupies no processor of the cluster, and restarts if it is killed.
    actor = ray.remote(Courier).options(
        name=COURIER, num_cpus=0, max_restarts=-1, max_task_retries=3, scheduling_strategy=here
    )
    handle = actor.remote(str((cache or default_folder()).absolute()))
    try:
        yield
    finally:
        ray.kill(handle)


def data_here(ref: DataRef, *, cache: Path | None, data_dir: Path | None) -> Dataset:
    """Return a data set on a worker's node, and bring it there if it is missing.

    Args:
        ref: With its fingerprint.
        data_dir: Folder where the driver found the files, which may exist on this node too.

    Raises:
        DataError: It is neither on this node nor available from the driver.
        ResourceError: The cache's disk is full.
    """
    folder = cache or default_folder()
    known = recall(ref.fingerprint, folder)
    return known or transfer.once(ref.fingerprint, folder, lambda: _bring(ref, folder, data_dir))


def _bring(ref: DataRef, folder: Path, data_dir: Path | None) -> Dataset:
    with suppress(DataError):  # its files are missing here, or different
        return load(ref, data_dir=data_dir, cache_dir=folder)
    import ray

    try:
        actor = ray.get_actor(COURIER)
    except ValueError:  # there is only this machine, where the driver has loaded it
        return open_cached(ref.fingerprint, folder)
    mark = ref.fingerprint
    sent = ray.get(actor.manifest.remote(mark, ray.get_runtime_context().get_node_id()))
    return transfer.receive(
        mark, folder, sent, lambda name, start: ray.get(actor.piece.remote(mark, name, start))
    )
