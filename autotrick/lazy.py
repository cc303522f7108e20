"""Heavy libraries, loaded when they are first used.

Tricks, architectures and data sets declare themselves in files that compute with torch. The space,
the sampler and the dashboards read only the declarations, so these files take torch from here. A
stand-in of ours, not `importlib.util.LazyLoader`: that one puts an unloaded `torch` into
`sys.modules`, and libraries that look there (SciPy's) then load it.
"""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    import torch
    import torch.nn as nn
    import torch.nn.functional as functional
else:

    class _Lazy(ModuleType):
        def __getattr__(self, name: str) -> Any:
            return getattr(importlib.import_module(self.__name__), name)

    numpy = _Lazy("numpy")
    torch = _Lazy("torch")
    nn = _Lazy("torch.nn")
    functional = _Lazy("torch.nn.functional")

__all__ = ["functional", "nn", "numpy", "torch"]
