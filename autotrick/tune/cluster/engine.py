"""Ray Tune as the engine: its searcher, scheduler and callback, each one line to the driver.

Ray decides where and when a trial runs, starts and restarts workers, and carries messages. The driver
decides what is tried, stored and recorded. `Tuner.restore` is not used: a new Tuner over the recorded
trials does the same and loses nothing.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from math import ceil
from typing import Any

from autotrick.errors import ResourceError
from autotrick.machine import memory as memory_here
from autotrick.machine import memory_left
from autotrick.redaction import redacted, redacted_url
from autotrick.signals import ending
from autotrick.tune.cluster.conductor import Conductor, Guarded, Lost
from autotrick.tune.cluster.credentials import emptied, without_secrets
from autotrick.tune.cluster.exit_guard import start_limit
from autotrick.tune.cluster.process_watch import Watch
from autotrick.tune.cluster.ray_signals import as_before, in_group_of_their_own, stopping_tune
from autotrick.tune.cluster.reachable import check_reachable
from autotrick.tune.cluster.session_folders import ensure_token, session_folder
from autotrick.tune.resources import check_nodes

os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
# One line of our own replaces Ray's output about workers that die.
os.environ.setdefault("TUNE_PRINT_ALL_TRIAL_ERRORS", "0")
os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
# Ray waits without end for prestarted workers that are killed meanwhile.
os.environ.setdefault("RAY_enable_worker_prestart", "0")
os.environ.setdefault("RAY_prestart_worker_first_driver", "0")

import ray
from ray import tune
from ray.tune import Callback, Stopper
from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler, TrialScheduler
from ray.tune.search import Searcher

from autotrick.tune.cluster.module_paths import job, with_paths

logging.getLogger("ray.tune.tune").setLevel(logging.CRITICAL)  # it lists lost trials

_watches: list[Watch] = []
"""Those of the cluster that this process is connected to."""

_OBJECTS = 80 * 2**20
"""Bytes of Ray's object store, at least 75 MiB; Ray's default is a third of the memory. Messages between
processes are small here: data sets are files that each process maps."""


class _Unpickled:
    """Keeps Ray from pickling an object into a file, which would hold the database's address."""

    def __reduce__(self) -> tuple[type[object], tuple[()]]:
        return (object, ())


class _Searcher(_Unpickled, Searcher):
    def __init__(self, conductor: Conductor) -> None:
        super().__init__()
        self._conductor = conductor

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        found = self._conductor.next(trial_id)
        return Searcher.FINISHED if found is None and self._conductor.finished else found

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        if error:
            self._conductor.on_lost(trial_id)

    def save(self, checkpoint_path: str) -> None:
        """Save nothing: the database has everything."""

    def save_to_dir(self, checkpoint_dir: str, session_str: str = "default") -> None:
        """Keep nothing: the database is the truth."""


class _Scheduler(_Unpickled, FIFOScheduler):
    def __init__(self, conductor: Conductor) -> None:
        super().__init__()
        self._conductor = conductor

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        go_on = self._conductor.on_message(trial.trial_id, result["message"])
        return str(TrialScheduler.CONTINUE if go_on else TrialScheduler.STOP)


class _Stopper(_Unpickled, Stopper):
    """Ends a run whose budget is spent: Ray would otherwise start the trial that it has queued."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return False

    def stop_all(self) -> bool:
        return self._conductor.halted


class _Starts(_Unpickled, Callback):
    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor

    def on_trial_start(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        self._conductor.on_start(trial.trial_id, trial.node_ip or "")

    def on_step_end(self, iteration: int, trials: list[Trial], **info: Any) -> None:
        self._conductor.renew()
        hanging = self._conductor.hanging()
        for trial in trials:
            if trial.trial_id in hanging and trial.temporary_state.ray_actor:
                ray.kill(trial.temporary_state.ray_actor)


@contextmanager
def cluster(
    address: str | None, *, slots: int, cpus: float, gpus: float, memory: float = 0.0
) -> Iterator[None]:
    """Connect to a cluster, or start one on this machine with as many processors as slots need.

    Raises:
        ResourceError: The cluster cannot be reached, or lacks what a trial needs.
    """
    if ray.is_initialized():
        _check(cpus, gpus, memory)
        yield
        return
    with as_before(), _watching() as watch:
        try:
            _connect(address, ceil(slots * cpus), watch)
            _check(cpus, gpus, memory)
            with ending():  # again, because Ray sets its own handlers when it starts
                yield
        finally:
            ray.shutdown()


def _connect(address: str | None, room: int, watch: Watch) -> None:
    how: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is None:
        how |= {"num_cpus": room, "include_dashboard": False, **_of_this_machine()}
    try:
        with without_secrets(), start_limit(watch.guard):
            if address:
                check_reachable(address)
                # Workers inherit the variables that their nodes were started with.
                ray.init(address=address, job_config=job(), runtime_env=emptied(), **how)
            else:
                with in_group_of_their_own():
                    ray.init(address="local", job_config=job(), **how)
    except Exception as error:  # Ray raises that very class when a node is late
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if address and "Failed to connect" in first:
            first += (
                ". If it asks for a token, set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN to its own."
            )
        if address is None:
            first += f" Its logs: {how['_temp_dir']}/session_latest/logs"
        where = redacted_url(address) if address else "this machine"
        raise ResourceError(
            f"no Ray cluster at {where}: {redacted(first, address or '')}"
        ) from error


@contextmanager
def _watching() -> Iterator[Watch]:
    watch = Watch()
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)
        watch.end()


def logs_folder() -> str:
    """Return the folder of the logs of Ray's workers on this machine; empty if they run elsewhere."""
    node = ray._private.worker._global_node
    return str(node.get_logs_dir_path()) if node else ""


def _of_this_machine() -> dict[str, Any]:
    """Return options of Ray for this machine whose defaults ask for too much or the wrong folder."""
    ensure_token()
    here = memory_here()
    return {
        "_temp_dir": session_folder(),
        "_memory": max(1, min(here, memory_left() or here) - _OBJECTS),
        "object_store_memory": _OBJECTS,
    }


def _check(cpus: float, gpus: float, memory: float) -> None:
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    check_nodes(nodes, cpus=cpus, gpus=gpus, memory=memory)


def run(
    conductor: Conductor,
    trainable: Any,
    *,
    name: str,
    shares: Mapping[str, float],
    concurrency: int | None,
) -> None:
    """Run trials until the conductor has no more, or a signal asks to stop.

    An exception of the conductor ends the run, and is raised after it.

    Args:
        shares: What a trial occupies of `cpu`, `gpu` and `memory`, as Ray names them.
    """
    guarded = Guarded(conductor)
    scratch = tempfile.mkdtemp(prefix="autotrick-ray-")
    tuner = tune.Tuner(
        tune.with_resources(
            with_paths(trainable), {name: share for name, share in shares.items() if share}
        ),
        tune_config=tune.TuneConfig(
            search_alg=_Searcher(guarded),
            scheduler=_Scheduler(guarded),
            num_samples=-1,
            max_concurrent_trials=concurrency,
            reuse_actors=True,
        ),
        run_config=tune.RunConfig(
            name=name,
            storage_path=scratch,
            stop=_Stopper(guarded),
            callbacks=[_Starts(guarded)],
            # Ray gives up some trials at their first loss, whatever this says. So Ray never retries;
            # the conductor learns of every loss and retries.
            failure_config=tune.FailureConfig(max_failures=0),
            verbose=0,
        ),
    )
    for watch in _watches:
        watch.begin(name, ray._private.worker._global_node.all_processes, guarded.fail)
    try:
        with suppress(Lost), stopping_tune():
            tuner.fit()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        for watch in () if guarded.lost else _watches:
            watch.rest()
    guarded.raise_error()
