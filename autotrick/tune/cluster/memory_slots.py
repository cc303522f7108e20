"""Room for trials that run beside each other: what a bound on memory leaves of nodes and GPUs.

A recipe that would take more than `constraints.memory` is turned away, so that setting so much aside
for each trial keeps all that run together within what there is.
"""

from dataclasses import replace

from autotrick.errors import ResourceError
from autotrick.measures import worded
from autotrick.space import SearchSpace
from autotrick.tune.resources import Resources, check_device

PROCESS = 2.0**30
"""Bytes of a worker before it trains: 0.5 GiB of its own were measured with torch and Ray loaded, and
as much of libraries' files, which workers share."""


def reserved(space: SearchSpace, resources: Resources) -> float:
    """Return the bytes of its node's memory that are set aside for a trial; 0 for no matter."""
    bound = space.constraints.memory
    return bound + PROCESS if bound and resources.device == "cpu" else 0.0


def fitted(space: SearchSpace, resources: Resources) -> Resources:
    """Return the resources with a larger share of a GPU where the asked one has not the memory.

    The GPU that counts is the one of the machine where the driver runs.

    Raises:
        ResourceError: The GPU has not the memory for one trial, or is not there.
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
        asked: The share that is asked for.

    Raises:
        ResourceError: The whole GPU is too little.
    """
    need = (bound + PROCESS) / total
    if need > max(1.0, asked):
        raise ResourceError(
            f"a trial may take {worded('memory', bound)} (constraints.memory) and a process takes "
            f"{worded('memory', PROCESS)} before it trains, but the GPU has "
            f"{worded('memory', total)}. Lower the bound."
        )
    return max(need, asked)
