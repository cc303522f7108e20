"""Find pretrained weights of torchvision and timm, and the normalisation that they expect.

An architecture's setting `pretrained` names the weights:

    true                            the library's default weights
    "a1_in1k", "IMAGENET1K_V2"      published weights by name: timm's tag, torchvision's constant
    "weights/resnet18.safetensors"  a file of weights (also .pth, .pt, .bin)
    "weights"                       a folder with such files or folders, named as the network

Published weights come from the libraries' own caches, or from the hub that the library names; a file
is needed only once a machine. A search pins them: `@` and the first 16 digits of the file's SHA-256
follow the name in its recipes, so that a recipe decides a trial wherever the file lies.

The normalisation is timm's `pretrained_cfg` or torchvision's `transforms` of those weights. Of a file
of one's own it is that of a JSON file beside it in timm's format (`config.json` of a folder that
`timm.models.save_for_hf` wrote, or `resnet18.json` of `resnet18.safetensors`); the digest then covers
both files. Without one, it is that of the library's default weights.
"""

from __future__ import annotations

import hashlib
import importlib
import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from autotrick.bounded_file import is_regular
from autotrick.errors import RecipeError, ResourceError
from autotrick.lazy import torch
from autotrick.tricks.weight_files import hub_folder, located, read_content
from autotrick.user_files import read_json

DIGITS = 16
"Length of the digest in a recipe, in hex digits."
SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
_PINNED = re.compile(rf"(.+)@([0-9a-f]{{{DIGITS}}})", re.DOTALL)
_NAMED_BY_FOLDER = ("model", "pytorch_model")
_ANSWER_S = 10.0
"Seconds within which a hub has to answer at all."
_ELSEWHERE = (
    "Without a network, give the path of a file of weights, or of a folder with files named as the "
    "network, as `pretrained`"
)


@dataclass(frozen=True, slots=True)
class Normalisation:
    """The mean and standard deviation per channel that a network expects, for pixels in [0, 1]."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def of_channels(self, channels: int) -> Normalisation:
        """Return that of images with so many channels; grey ones get the mean over the channels."""
        if channels == len(self.mean):
            return self
        mean, std = (sum(part) / len(part) for part in (self.mean, self.std))
        return Normalisation((mean,) * channels, (std,) * channels)


@dataclass(frozen=True, slots=True)
class Weights:
    """A file of weights on this machine.

    Attributes:
        name: As a recipe names it, without a digest.
        config: The JSON file beside it that says what they expect; None without one.
    """

    name: str
    path: Path
    normalisation: Normalisation
    config: Path | None = None

    def digest(self) -> str:
        """Return the digest that a recipe pins."""
        files = (self.path, self.config) if self.config else (self.path,)
        facts = tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in files)
        return _digest(files, facts)


def split(setting: bool | str) -> tuple[str, str]:
    """Return the name of the weights, empty for the default ones, and their digest, empty if not pinned."""
    if isinstance(setting, bool):
        return "", ""
    found = _PINNED.fullmatch(setting)
    return (found[1], found[2]) if found else (setting, "")


def find(architecture: str, setting: bool | str) -> Weights:
    """Return the weights that a setting names; published ones are fetched if they are not here yet.

    Raises:
        RecipeError: There are no such weights, or they are not those that the recipe pins.
        ResourceError: They are not on this machine and cannot be fetched.
    """
    name, digest = split(setting)
    found = _find(architecture, name)
    if digest and found.digest() != digest:
        raise RecipeError(
            f"the weights of {architecture} at {found.path} have the digest {found.digest()}, and the "
            f"recipe needs {digest}: they are other weights. Give the file that the study was made with."
        )
    return found


def pinned(architecture: str, setting: bool | str) -> bool | str:
    """Return the setting with the name and digest of its weights; false stays.

    Raises:
        RecipeError: There are no such weights, or they are not those that the recipe pins.
        ResourceError: They are not on this machine and cannot be fetched.
    """
    if setting is False:
        return False
    found = find(architecture, setting)
    return f"{found.name}@{found.digest()}"


def absolute(architecture: str, setting: bool | str, folder: Path) -> bool | str:
    """Return the setting with the whole path of the file that it names; published names stay.

    Args:
        folder: What a relative path begins from.

    Raises:
        RecipeError: It is neither the name of published weights nor the path of a file or a folder.
    """
    name, digest = split(setting)
    if not name or name in published(architecture):
        return setting
    path = folder.absolute() / Path(name).expanduser()
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError):
        is_folder = False
    if is_folder:
        path = _in_folder(path, architecture)
    elif not is_regular(path):
        known = ", ".join(published(architecture)) or "none"
        raise RecipeError(
            f"pretrained = {name!r} of {architecture}: no file or folder at {path}, and no published "
            f"weights of that name. Published: {known}."
        )
    return f"{path}@{digest}" if digest else str(path)


def published(architecture: str) -> tuple[str, ...]:
    """Return the names of a network's published weights, the default ones first; loads the library."""
    library, _, model = architecture.partition("/")
    if library == "timm":
        known = importlib.import_module("timm.models").get_arch_pretrained_cfgs(model)
        return tuple(cfg.tag or "default" for cfg in known.values() if cfg.has_weights)
    enum = _enum(model)
    if enum is None:
        return ()
    default = enum["DEFAULT"].name
    return tuple(sorted((one.name for one in enum), key=lambda name: name != default))


def _find(architecture: str, name: str) -> Weights:
    if "/" in name or name.endswith(SUFFIXES):
        return _of_file(architecture, name)
    library, _, model = architecture.partition("/")
    known = published(architecture)
    if not known or (name and name not in known):
        rule = f"{library} has no weights {name!r}" if name else f"{library} has no weights"
        names = f"Published: {', '.join(known)}." if known else "Give the path of a file."
        raise RecipeError(f"{rule} for {model}. {names}")
    name = name or known[0]
    return _of_timm(model, name) if library == "timm" else _of_torchvision(model, name)


def _of_file(architecture: str, name: str) -> Weights:
    on = f"Put the file there on {socket.gethostname()}, as on every node that trains"
    path = located(name, f"{on}, or its name into torch.hub's folder {hub_folder()}.")
    config = next(filter(is_regular, _configs(path)), None)
    given = _normalisation(config) if config else None
    return Weights(name, path, given or default_normalisation(architecture), config)


def _configs(path: Path) -> list[Path]:
    beside = [path.with_suffix(".json")]
    return [path.parent / "config.json", *beside] if path.stem in _NAMED_BY_FOLDER else beside


def _normalisation(config: Path) -> Normalisation | None:
    """Return what a config file in timm's format says; None if it says nothing.

    Raises:
        RecipeError: The file cannot be read, or its numbers are none of a normalisation.
    """
    content = read_json(config, RecipeError)
    for table in (content, content.get("pretrained_cfg") if isinstance(content, dict) else None):
        if isinstance(table, dict) and "mean" in table and "std" in table:
            mean, std = table["mean"], table["std"]
            parts = [*mean, *std] if isinstance(mean, list) and isinstance(std, list) else []
            numbers = all(type(part) in (int, float) for part in parts)
            if not numbers or len(mean) not in (1, 3) or len(mean) != len(std) or min(std) <= 0:
                raise RecipeError(
                    f"{config}: `mean` and `std` are lists of 1 or 3 numbers, those of `std` above 0, "
                    f"but got {mean!r} and {std!r}."
                )
            return Normalisation(tuple(map(float, mean)), tuple(map(float, std)))
    return None


def _in_folder(folder: Path, architecture: str) -> Path:
    """Return the file of a network's weights in a folder.

    Raises:
        RecipeError: There is none, or more than one.
    """
    model = architecture.partition("/")[2]
    # `resnet18.a1_in1k` and `resnet18-f37072fd` are the names that timm and torchvision give.
    named = re.compile(rf"{re.escape(model)}([.-][^/]*)?")
    entries = sorted(path for path in folder.iterdir() if named.fullmatch(path.name))
    files = [path for path in entries if path.suffix in SUFFIXES and is_regular(path)]
    inside = [saved for path in entries if (saved := _saved_in(path))]
    found = [*files, *inside]
    if not found and (alone := _saved_in(folder)):
        found = [alone]
    exact = [path for path in found if path.stem == model or path.parent.name == model]
    if len(exact or found) != 1:
        seen = ", ".join(str(path.relative_to(folder)) for path in found)
        what = f"more than one file of weights: {seen}. Name the file" if found else "no weights"
        hint = "" if found else f": expected {model}.safetensors or {model}.pth, for example"
        raise RecipeError(f"the folder {folder} has {what} for {architecture}{hint}.")
    return (exact or found)[0]


def _saved_in(folder: Path) -> Path | None:
    """Return the file of a folder that holds one network, as the hub and timm write it."""
    names = (f"{stem}{suffix}" for stem in _NAMED_BY_FOLDER for suffix in SUFFIXES)
    return next((folder / name for name in names if is_regular(folder / name)), None)


def default_normalisation(architecture: str) -> Normalisation:
    """Return what the library's default weights of a network expect."""
    library, _, model = architecture.partition("/")
    if library == "timm":
        return _timm_normalisation(importlib.import_module("timm.models").get_pretrained_cfg(model))
    enum = _enum(model)
    return _torchvision_normalisation(enum["DEFAULT"] if enum else None)


def _timm_normalisation(cfg: Any) -> Normalisation:
    data = importlib.import_module("timm.data")
    if cfg is None:
        return Normalisation(data.IMAGENET_DEFAULT_MEAN, data.IMAGENET_DEFAULT_STD)
    return Normalisation(tuple(map(float, cfg.mean)), tuple(map(float, cfg.std)))


def _torchvision_normalisation(weights: Any) -> Normalisation:
    seen = weights.transforms() if weights else None
    if seen is None or not hasattr(seen, "mean"):
        return _timm_normalisation(None)
    return Normalisation(tuple(map(float, seen.mean)), tuple(map(float, seen.std)))


def _enum(model: str) -> Any:
    """Return torchvision's enumeration of a network's weights; None if it has none."""
    enum = importlib.import_module("torchvision.models").get_model_weights(model)
    return enum if len(enum) else None


def _of_torchvision(model: str, name: str) -> Weights:
    weights = _enum(model)[name]
    path = _from_url(f"torchvision/{model}", weights.url)
    return Weights(name, path, _torchvision_normalisation(weights))


def _of_timm(model: str, name: str) -> Weights:
    registry = importlib.import_module("timm.models")
    cfg = registry.get_pretrained_cfg(model if name == "default" else f"{model}.{name}")
    if cfg.hf_hub_id:
        path = _from_hub(f"timm/{model}", cfg.hf_hub_id, cfg.hf_hub_filename)
    else:
        path = _from_url(f"timm/{model}", cfg.url if isinstance(cfg.url, str) else cfg.url[0])
    return Weights(name, path, _timm_normalisation(cfg))


def _from_hub(architecture: str, repository: str, filename: str | None) -> Path:
    """Return a file of the Hugging Face hub: from its cache, else fetched as timm does.

    Raises:
        ResourceError: It is not in the cache and cannot be fetched.
    """
    hub = importlib.import_module("huggingface_hub")
    errors = importlib.import_module("huggingface_hub.errors")
    repository, _, revision = repository.partition("@")
    names = [filename] if filename else ["model.safetensors", "pytorch_model.bin"]
    options = {"repo_id": repository, "revision": revision or None}
    source = f"{repository} of the Hugging Face hub"
    for offline in (True, False):
        if not offline:
            _reach(hub, errors, architecture, source)
        for name in names:
            try:
                return Path(hub.hf_hub_download(filename=name, local_files_only=offline, **options))
            except errors.LocalEntryNotFoundError as error:
                if not offline:
                    raise _unfetched(architecture, source, error) from None
            except errors.EntryNotFoundError:
                continue
            except (OSError, RuntimeError, ValueError, errors.HTTPError) as error:
                raise _unfetched(architecture, source, error) from None
    raise RecipeError(f"{source} holds no file of weights. Give the path of one.")


def _reach(hub: Any, errors: Any, architecture: str, source: str) -> None:
    """Ask the hub once whether it is there: a download tries again for half a minute.

    Raises:
        ResourceError: There is no answer.
    """
    try:
        hub.get_session().head(hub.constants.ENDPOINT, timeout=_ANSWER_S)
    except (OSError, RuntimeError, errors.HTTPError) as error:
        raise _unfetched(architecture, source, error) from None


def _from_url(architecture: str, url: str) -> Path:
    """Return a file that torch.hub keeps: from its folder, else fetched as torchvision does.

    Raises:
        ResourceError: It is not in the folder and cannot be fetched.
    """
    path = hub_folder() / url.rpartition("/")[2]
    if not is_regular(path):
        try:
            torch.hub.load_state_dict_from_url(
                url, progress=False, check_hash=True, map_location="cpu"
            )
        except (OSError, RuntimeError) as error:
            raise _unfetched(architecture, url, error) from None
    return path


def _unfetched(architecture: str, source: str, error: Exception) -> ResourceError:
    root: BaseException = error
    while (cause := root.__cause__ or root.__context__) is not None:
        root = cause
    reason = (str(getattr(root, "reason", "")) or str(root)).strip().splitlines() or ["no answer"]
    return ResourceError(
        f"the weights of {architecture} cannot be fetched from {source}: {reason[0].rstrip('.')}. "
        f"{_ELSEWHERE}."
    )


@lru_cache(maxsize=256)
def _digest(
    files: tuple[Path, ...],
    facts: tuple[tuple[int, int], ...],  # noqa: ARG001 -- part of the cache's key
) -> str:
    """Return the digest of files; computed again when their times or sizes change.

    Args:
        facts: Of each file, the time of its last change and its size.
    """
    found = hashlib.sha256()
    for path in files:
        found.update(read_content(path))
    return found.hexdigest()[:DIGITS]
