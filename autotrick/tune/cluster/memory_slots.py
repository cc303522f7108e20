"""Room for trials that run at the same time, given a bound on the memory of each.

A recipe that needs more than `constraints.memory` is rejected, so reserving that much for each trial
keeps all running trials together within the memory of a node or GPU.
"""

from dataclasses import replace

from autotrick.errors import ResourceError
from autotrick.measures import worded
from autotrick.space import SearchSpace
from autotrick.tune.resources import Resources, check_device

PROCESS = 2.0**30
"""Bytes of a worker before it trains: measured with torch and Ray loaded, 0.5 GiB of its own and as much
of libraries' files, which workers share."""


def reserved(space: SearchSpace, resources: Resources) -> float:
    """Return the bytes of its node's memory that are reserved for a trial; 0 without a bound."""
    bound = space.constraints.memory
    return bound + PROCESS if bound and resources.device == "cpu" else 0.0


def fitted(space: SearchSpace, resources: Resources) -> Resources:
    """Return the resources with a larger share of a GPU if the requested one lacks the memory.

    It uses the GPU of the machine where the driver runs.

    Raises:
        ResourceError: The GPU lacks the memory for one trial, or does not exist.
    """
    bound = space.constraints.memory
    if not bound or resources.device == "cpu":
        return resources
    check_device(replace(resources, address=None))
    import torch

    total = torch.cuda.get_device_properties(0).total_memory
    return replace(resources, gpus_per_trial=share(bound, total, resources.gpus_per_trial))


def share(bound: float, total: float, asked: float) -> float:
    """Return the share of a GPU that a trial occupies.

    Args:
        bound: Bytes that training takes at most.
        total: Bytes of the GPU.
        asked: The requested share.

    Raises:
        ResourceError: The whole GPU is too small.
    """
    need = (bound + PROCESS) / total
    if need > max(1.0, asked):
        raise ResourceError(
            f"a trial may take {worded('memory', bound)} (constraints.memory) and a process takes "
            f"{worded('memory', PROCESS)} before it trains, but the GPU has "
            f"{worded('memory', total)}. Lower the bound."
        )
    return max(need, asked)
