import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.data import Dataset
from autotrick.errors import ResourceError, TrainingError
from autotrick.recipe import Recipe
from autotrick.train import Snapshot, environment, measure_speed, train
from autotrick.tricks import Batch, Run, Trick

MakeRecipe = Callable[..., Recipe]
SwitchOn = Callable[[type[Trick]], None]


def globals_now() -> dict[str, Any]:
    """Return every setting of the process that training might touch."""
    cudnn = torch.backends.cudnn
    filling: Any = torch.utils.deterministic
    return {
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "only warn": torch.is_deterministic_algorithms_warn_only_enabled(),
        "filled": filling.fill_uninitialized_memory,
        "cudnn": (cudnn.benchmark, cudnn.deterministic, cudnn.enabled),
        "dtype": torch.get_default_dtype(),
        "grad": torch.is_grad_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "torch": torch.random.get_rng_state().tolist(),
        "numpy": np.random.get_state()[1].tolist(),  # type: ignore[index]
        "python": random.getstate(),
    }


@pytest.fixture(params=[(1, False, False), (2, True, True)], ids=["usual", "unusual"])
def process(request: pytest.FixtureRequest) -> Iterator[None]:
    """A process with its own idea of threads and determinism."""
    threads, deterministic, only_warn = request.param
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(deterministic, warn_only=only_warn)
    yield
    torch.set_num_threads(before)
    torch.use_deterministic_algorithms(False)


@pytest.mark.usefixtures("process")
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_training_leaves_the_process_as_it_was(
    digits: Dataset, make_recipe: MakeRecipe, many: dict[str, Any], precision: str
) -> None:
    before = globals_now()

    train(make_recipe(epochs=1, threads=1, precision=precision, tricks=many), digits)

    assert globals_now() == before


@pytest.mark.parametrize("threads", [1, 2])
def test_training_has_the_threads_of_its_recipe(
    digits: Dataset, make_recipe: MakeRecipe, threads: int
) -> None:
    seen: list[int] = []

    def note(snapshot: Snapshot) -> bool:
        seen.append(torch.get_num_threads())
        return True

    train(make_recipe(epochs=1, threads=threads), digits, on_epoch=note)

    assert seen == [threads]


def test_more_threads_than_openmp_gives_are_refused(
    digits: Dataset, make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_THREAD_LIMIT", "2")

    with pytest.raises(ResourceError, match="threads are 3, and OMP_THREAD_LIMIT=2 allows fewer"):
        train(make_recipe(epochs=1, threads=3), digits)


@pytest.mark.parametrize("limit", ["2", "", "0", "many"])
def test_limit_that_is_none_for_a_recipe_is_of_no_concern(
    digits: Dataset, make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setenv("OMP_THREAD_LIMIT", limit)

    assert train(make_recipe(epochs=1, threads=2), digits).reports


@pytest.mark.usefixtures("process")
def test_failed_training_leaves_the_process_as_it_was(
    digits: Dataset, make_recipe: MakeRecipe
) -> None:
    before = globals_now()
    wild = make_recipe(architecture="lenet5", architecture_settings={}, base_lr=1e12, threads=1)

    with pytest.raises(TrainingError):
        train(wild, digits)

    assert globals_now() == before


def test_same_recipe_first_later_and_alone_gives_the_same_weights(
    digits: Dataset, make_recipe: MakeRecipe, many: dict[str, Any]
) -> None:
    asked = make_recipe(tricks=many)
    other = make_recipe(
        architecture="lenet5", architecture_settings={}, seed=9, precision="bf16", threads=2
    )

    first = train(asked, digits).weights
    train(other, digits)
    torch.manual_seed(4711)
    torch.rand(3)
    later = train(asked, digits).weights

    assert later == first


def test_measuring_speed_changes_no_weights(digits: Dataset, make_recipe: MakeRecipe) -> None:
    asked = make_recipe()
    before = train(asked, digits).weights

    parameters, seconds, updates = measure_speed(asked, digits)

    assert train(asked, digits).weights == before
    assert (parameters, updates) == (train(asked, digits).parameters, 3 * 4)
    assert seconds > 0


@dataclass(frozen=True, kw_only=True)
class Glutton(Trick):
    """Asks for more memory than there is."""

    name: ClassVar[str] = "glutton"

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        torch.empty(2**55)
        return batch


@dataclass(frozen=True, kw_only=True)
class ArrayGlutton(Trick):
    """Asks NumPy for more memory than there is."""

    name: ClassVar[str] = "array_glutton"

    def on_images(self, images: Any, samples: Any, run: Run) -> Any:
        np.empty(2**55)
        return images


@dataclass(frozen=True, kw_only=True)
class Narrow(Trick):
    """Says what oneDNN said where a worker's memory had really run out, in place of a step."""

    name: ClassVar[str] = "narrow"

    def on_images(self, images: Any, samples: Any, run: Run) -> Any:
        raise RuntimeError("could not create a primitive")


@dataclass(frozen=True, kw_only=True)
class Unfit(Trick):
    """Says what oneDNN says of an operation that it has not."""

    name: ClassVar[str] = "unfit"

    def on_images(self, images: Any, samples: Any, run: Run) -> Any:
        raise RuntimeError("could not create a primitive descriptor for a convolution")


@pytest.mark.parametrize("trick", [Glutton, ArrayGlutton, Narrow])
def test_memory_that_ran_out_is_named(
    digits: Dataset, make_recipe: MakeRecipe, switch_on: SwitchOn, trick: type[Trick]
) -> None:
    switch_on(trick)

    with pytest.raises(TrainingError, match="memory ran out at batch size 32") as found:
        train(make_recipe(tricks={trick.name: {}}), digits)

    assert found.value.reason == "out_of_memory"


def test_what_cannot_be_done_is_no_want_of_memory(
    digits: Dataset, make_recipe: MakeRecipe, switch_on: SwitchOn
) -> None:
    switch_on(Unfit)

    with pytest.raises(RuntimeError, match="descriptor"):
        train(make_recipe(tricks={"unfit": {}}), digits)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_missing_gpu_is_named(digits: Dataset, make_recipe: MakeRecipe) -> None:
    with pytest.raises(ResourceError, match="no GPU for device 'cuda'"):
        train(make_recipe(), digits, device="cuda")


def test_environment_says_what_may_change_weights() -> None:
    found = environment()

    assert found["torch"] == torch.__version__.partition("+")[0] or found["torch"]
    assert found["device"] == "cpu" and found["gpu"] is None
    assert {"commit", "dirty", "processor", "vectors", "numba", "cuda"} <= found.keys()
    assert all(isinstance(value, str | bool | None) for value in found.values())


@pytest.mark.slow
def test_reports_say_how_long_compiling_took(
    digits: Dataset, make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = nn.Module.compile  # with torch's default backend it takes minutes

    def eager(model: nn.Module) -> None:
        whole(model, backend="eager")

    monkeypatch.setattr(nn.Module, "compile", eager)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, about its own parts
        first, second = train(make_recipe(compiled=True, epochs=2, tricks={}), digits).reports

    assert 0 < first.extra["compile_seconds"] < first.seconds
    assert second.extra["compile_seconds"] < first.extra["compile_seconds"]
