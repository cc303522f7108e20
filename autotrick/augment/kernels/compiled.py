"""How kernels are compiled and cached, and two machine instructions that they share."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., Any])

# Division follows NumPy: a check for zero inside a loop would keep it from being vectorised.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_INNER: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Function) -> Function:
    """Compile a kernel that only other kernels call."""
    return cast(Function, numba.njit(**_INNER)(function))


def entry_point(function: Function) -> Function:
    """Compile a function that Python calls, and cache the code with all that it calls.

    numba checks whether cached code is up to date by the function's own file and by what the
    function closes over. It must close over `sources()` to notice a change in another kernel.
    """
    try:
        return cast(Function, numba.njit(cache=True, **_OPTIONS)(function))
    except RuntimeError:  # numba can write neither beside the package nor in the user's cache
        return cast(Function, numba.njit(**_OPTIONS)(function))


def sources() -> str:
    """Return a digest of all source files that compiled code depends on."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


@compiled
def copy(source: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
    """Copy one contiguous array to another of the same shape.

    `target[:] = source` takes three times as long, because numba allows for overlap.
    """
    old, new = source.reshape(-1), target.reshape(-1)
    for i in range(len(new)):
        new[i] = old[i]


@cast(Callable[[Any], Any], intrinsic)
def fused(_context: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """Return a * b + c in float32, rounded once. torch's `add(x, alpha=...)` computes so."""

    def emit(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.fma(*values)

    return types.float32(types.float32, types.float32, types.float32), emit


@cast(Callable[[Any], Any], intrinsic)
def rounded(_context: Any, _a: Any) -> Any:
    """Return the float32 rounded to a whole number; halves go to the even one."""

    def emit(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        single = context.get_value_type(types.float32)
        return builder.call(builder.module.declare_intrinsic("llvm.rint", [single]), values)

    return types.float32(types.float32), emit
