"""Ray Tune as the engine: its searcher, scheduler and callback, each one line to the driver.

Ray decides where and when a trial runs, starts and restarts workers, and carries messages. What is
tried, kept and recorded is the driver's business. `Tuner.restore` is not used: a new Tuner over the
recorded trials does the same and loses nothing.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Any, Protocol, TypeVar

from autotrick.errors import ResourceError
from autotrick.redaction import redacted, redacted_url
from autotrick.signals import ending
from autotrick.tune.interrupting import as_before, in_group_of_their_own, stopping_tune
from autotrick.tune.knocking import knock
from autotrick.tune.resources import check_nodes
from autotrick.tune.secrecy import emptied, without_secrets

os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
# What Ray's processes say of workers that die is told in one line of our own.
os.environ.setdefault("TUNE_PRINT_ALL_TRIAL_ERRORS", "0")
os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")

import ray
from ray import tune
from ray.tune import Callback, Stopper
from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler, TrialScheduler
from ray.tune.search import Searcher

logging.getLogger("ray.tune.tune").setLevel(logging.CRITICAL)  # lists trials that were lost


class Conductor(Protocol):
    """Who decides; handles are Ray's trial ids."""

    @property
    def finished(self) -> bool:
        """Whether there will be no assignment any more."""

    @property
    def halted(self) -> bool:
        """Whether nothing that waits may begin, and no worker is at work."""

    def next(self, handle: str) -> dict[str, Any] | None:
        """Return the next assignment, or None when there is none now."""

    def on_start(self, handle: str, node: str) -> None:
        """A worker begins an attempt."""

    def on_message(self, handle: str, text: str) -> bool:
        """A worker sent a message; return whether the trial goes on."""

    def on_lost(self, handle: str) -> None:
        """The worker died, or none could be started; what it had may be assigned again."""

    def renew(self) -> None:
        """Time has passed, whatever else happened."""

    def hanging(self) -> list[str]:
        """Return whose workers are to be ended; `on_lost` follows."""


T = TypeVar("T")


class _Guarded:
    """A conductor whose first exception ends the run in order and is raised after it.

    Ray would wrap it into an exception of its own, or log it and go on.
    """

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor
        self._error: BaseException | None = None

    @property
    def finished(self) -> bool:
        return self._guard(lambda: self._conductor.finished, True)

    @property
    def halted(self) -> bool:
        return self._guard(lambda: self._conductor.halted, True)

    def next(self, handle: str) -> dict[str, Any] | None:
        return self._guard(lambda: self._conductor.next(handle), None)

    def on_start(self, handle: str, node: str) -> None:
        self._guard(lambda: self._conductor.on_start(handle, node), None)

    def on_message(self, handle: str, text: str) -> bool:
        return self._guard(lambda: self._conductor.on_message(handle, text), False)

    def on_lost(self, handle: str) -> None:
        self._guard(lambda: self._conductor.on_lost(handle), None)

    def renew(self) -> None:
        self._guard(self._conductor.renew, None)

    def hanging(self) -> list[str]:
        return self._guard(self._conductor.hanging, [])

    def raise_error(self) -> None:
        """Raise what a call of the conductor raised, if one did."""
        if self._error is not None:
            raise self._error

    def _guard(self, call: Callable[[], T], ended: T) -> T:
        if self._error is not None:
            return ended
        try:
            return call()
        except BaseException as error:
            self._error = error
            return ended


class _Unpickled:
    """Ray pickles what it is given into a file; ours would carry the database's address."""

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
        """Keep nothing: the database is the truth."""

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
    """Ends a run whose budget is spent: Ray would begin the trial that it has in store."""

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
        ResourceError: The cluster cannot be reached, or has not what a trial needs.
    """
    if ray.is_initialized():
        _check(cpus, gpus, memory)
        yield
        return
    with as_before():
        try:
            _connect(address, ceil(slots * cpus))
            _check(cpus, gpus, memory)
            with ending():  # once more, because Ray sets handlers of its own when it starts
                yield
        finally:
            ray.shutdown()


def _connect(address: str | None, room: int) -> None:
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        with without_secrets():
            if address:
                knock(address)
                # The nodes were started with variables of their own, and workers inherit them.
                ray.init(address=address, runtime_env=emptied(), **quiet)
            else:
                with in_group_of_their_own():
                    ray.init(address="local", num_cpus=room, include_dashboard=False, **quiet)
    except Exception as error:  # Ray raises that very class when a node is late
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if address and "Failed to connect" in first:
            first += (
                ". If it asks for a token, set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN to its own."
            )
        where = redacted_url(address) if address else "this machine"
        raise ResourceError(
            f"no Ray cluster at {where}: {redacted(first, address or '')}"
        ) from error


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

    Args:
        shares: What a trial occupies of `cpu`, `gpu` and `memory`, as Ray names them.

    What a call of the conductor raises ends the run, and is raised from here.
    """
    guarded = _Guarded(conductor)
    scratch = tempfile.mkdtemp(prefix="autotrick-ray-")
    tuner = tune.Tuner(
        tune.with_resources(trainable, {name: share for name, share in shares.items() if share}),
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
            # Ray gives some trials up at their first loss, whatever is asked: it never tries again,
            # and the conductor, which hears of every loss, does.
            failure_config=tune.FailureConfig(max_failures=0),
            verbose=0,
        ),
    )
    try:
        with stopping_tune():
            tuner.fit()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    guarded.raise_error()
