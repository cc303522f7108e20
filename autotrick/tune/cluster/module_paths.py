"""Where Ray's workers look for modules.

Ray puts the working folder before the standard library, so that a file `statistics.py` of the user
ends every worker. Here it comes last: a module that exists nowhere else is still found there.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ray import cloudpickle
from ray.job_config import JobConfig

import autotrick
from autotrick.tune.cluster.own_code import luggage

Trainable = Callable[[dict[str, Any]], Any]


class Job(JobConfig):  # type: ignore[misc]
    """A job whose workers do not search the driver's folders first."""

    def _runtime_env_has_working_dir(self) -> bool:
        """Return True, which keeps Ray from adding them; Ray uses it for nothing else."""
        return True


def job() -> Job:
    """Return the job of a search.

    If autotrick itself is in the working folder (a checkout that is not installed), workers need that
    folder to start.
    """
    home = str(Path(autotrick.__file__).resolve().parents[1])
    return Job(_py_driver_sys_path=[home] if home in map(os.path.realpath, _folders()) else [])


def _folders() -> list[str]:
    """Return the folders where the driver finds modules, as Ray would pass them on."""
    script = str(Path(sys.argv[0] if sys.argv else "").resolve().parent)
    return [*([script] if script in sys.path else []), str(Path.cwd())]


def with_paths(trainable: Trainable) -> Trainable:
    """Return the same for a worker that does not know the driver's folders yet.

    A nested function is sent as code, a named one by its module's name, which must be found first. A
    class of Ray is returned unchanged: Ray reads its methods.
    """
    if isinstance(trainable, type):
        return trainable
    packed, folders = cloudpickle.dumps(trainable), _folders()
    # Pickled apart, so that it is read after the folders are known.
    brought = cloudpickle.dumps(luggage())
    unpacked: list[Trainable] = []

    def begin(config: dict[str, Any]) -> Any:
        import sys

        from ray import cloudpickle

        if not unpacked:
            sys.path += [folder for folder in folders if folder not in sys.path]
            if (code := cloudpickle.loads(brought)) is not None:
                from autotrick.tune.cluster.own_code import unpack

                unpack(code)
            unpacked.append(cloudpickle.loads(packed))
        return unpacked[0](config)

    return begin
