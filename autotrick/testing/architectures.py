"""The contract of a network."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn

from autotrick.domain import Value
from autotrick.models import ARCHITECTURES, build, own
from autotrick.own_code.references import PREFIX
from autotrick.recipe import Settings
from autotrick.testing.small import expect, interrupted, outcome_of, small_data, small_recipe
from autotrick.train import train

_ROWS = 4


def check_architecture(
    architecture: Any,
    *,
    settings: Settings | None = None,
    image_size: tuple[int, int] = (16, 16),
    channels: tuple[int, ...] = (1, 3),
) -> None:
    """Check that a network keeps the contract of networks.

    It is built from its settings and the facts of the data; its first weights depend on the seed alone; it
    gives one finite logit for each class; gradients reach its weights; in evaluation an image's logits do
    not depend on the other images; its weights can be saved and loaded; and a training that is interrupted
    and resumed ends with the same weights.

    Args:
        architecture: A class or function that makes a network, an `Architecture`, or a name of the catalogue.
        settings: Its settings; those that are left out have their defaults.
        image_size: (height, width) in pixels of the images to try.
        channels: The numbers of channels to try.

    Raises:
        AssertionError: It breaks a rule; the message says which one.
        CodeError: Its parameters are not those of a network.
        RecipeError: A setting is wrong, or the network does not accept such images.
    """
    name = _named(architecture)
    values = dict(settings or {})
    for count in channels:
        _check_network(name, values, count, image_size)
    with TemporaryDirectory(prefix="autotrick-check-") as folder:
        _check_training(name, values, coloured=1 not in channels, folder=Path(folder))


def _named(architecture: Any) -> str:
    """Return the name of an architecture, after it was made known."""
    if isinstance(architecture, str):
        return architecture
    name = next((name for name, known in ARCHITECTURES.items() if known is architecture), None)
    if name is not None:
        return name
    qualified = getattr(architecture, "__qualname__", None) or architecture.name
    source = f"{PREFIX}{getattr(architecture, '__module__', 'own')}:{qualified}"
    own.register(source, architecture, source)
    return source


def _check_network(
    name: str, settings: dict[str, Value], channels: int, size: tuple[int, int]
) -> None:
    def made(seed: int) -> nn.Module:
        facts: dict[str, Any] = {"classes": 5, "channels": channels, "image_size": size}
        return build(name, settings, **facts, seed=seed)

    where = f"{name} for images of {channels} channel(s) and {size[1]}x{size[0]} pixels"
    before = torch.default_generator.get_state()
    model, again, other = made(1), made(1), made(2)
    kept = torch.equal(before, torch.default_generator.get_state())
    expect(kept, f"{where}: building it must not change the state of torch's generator.")
    expect(_equal(model, again), f"{where}: the first weights must depend on the seed alone.")
    expect(not _equal(model, other), f"{where}: another seed must give other first weights.")
    images = torch.rand((_ROWS, channels, *size), generator=torch.Generator().manual_seed(1))
    logits = model(images)
    expect(
        tuple(logits.shape) == (_ROWS, 5), f"{where}: logits have the shape {tuple(logits.shape)}."
    )
    expect(bool(logits.isfinite().all()), f"{where}: logits are not finite.")
    nn.functional.cross_entropy(logits, torch.arange(_ROWS)).backward()  # type: ignore[no-untyped-call]
    reached = [weight.grad is not None for weight in model.parameters() if weight.requires_grad]
    expect(any(reached), f"{where}: no weight gets a gradient.")
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    close = torch.allclose(together, alone, atol=1e-4)
    expect(close, f"{where}: in evaluation an image's logits must not depend on the other images.")
    other.load_state_dict(model.state_dict())
    other.eval()
    with torch.no_grad():
        loaded: Tensor = other(images)
    expect(torch.equal(loaded, together), f"{where}: loaded weights give other logits.")


def _equal(one: nn.Module, other: nn.Module) -> bool:
    first, second = one.state_dict(), other.state_dict()
    same = first.keys() == second.keys()
    return same and all(torch.equal(first[key], second[key]) for key in first)


def _check_training(name: str, settings: dict[str, Value], *, coloured: bool, folder: Path) -> None:
    data = small_data(coloured=coloured)
    asked = small_recipe({}, epochs=2, architecture=name, settings=settings)
    asked = asked.model_copy(update={"base_lr": 0.01})
    whole = outcome_of(train(asked, data))
    resumed = outcome_of(interrupted(asked, data, folder))
    expect(
        whole == resumed,
        f"{name}: a training that is interrupted and resumed ends with other weights. Keep all state in parameters "
        "and buffers.",
    )
