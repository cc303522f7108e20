"""Policy files, ours and those of Fast AutoAugment and PBA, and names of policies."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from autotrick.augment.policies import AUTO_AUGMENT, GROWING, MILD
from autotrick.augment.published_files import LISTED
from tests.fuzz.harness import Outcome, command
from tests.fuzz.mutations import TEXTS, changed, junk, nested, scrambled

Given = tuple[str, bytes]
"""The command, `show`, `import`, `space` or `name`, and what it gets."""
_NAMES = (
    *("cifar10", "v0", "original", "rand-m9-mstd0.5-inc1", "augmix-m5-w4-d2", "trivialaugment"),
    *("rand-m9-n3-mstd0.5", "rand-m15-n2-mstd1.0-p0.4", "3a", "originalr", "v0r"),
)
_SPACE = """
question = "Does it?"
[data]
name = "digits"
[fixed]
epochs = 3
batch_size = 32
architecture = "lenet5"
[search]
base_lr = { low = 0.01, high = 0.1 }
[tricks.TRICK]
policy = "file:policy.json"
"""


def inputs(rng: Random) -> Iterator[Given]:
    """Give commands with files."""
    while True:
        way = rng.choice(("show", "show", "import", "import", "import", "space", "name"))
        if way == "name":
            name = rng.choice((*_NAMES, str(rng.choice(TEXTS))[:60]))
            for _ in range(rng.choice((0, 1, 2))):
                name = scrambled(rng, name.encode("utf-8", "replace")).decode(errors="replace")
            yield way, name.replace("\0", "0").encode("utf-8", "replace")
            continue
        content = _ours(rng) if way in ("show", "space") else _theirs(rng)
        yield way, _damaged(rng, content, python=way == "import")


def tried(given: Given, folder: Path) -> Outcome:
    """Show a policy, import it, or load a space that names it."""
    way, content = given
    if way == "name":
        return command("policy", "import", "-o", "p.json", "--", content.decode())
    path = folder / "given" / "policy.json"
    path.write_bytes(content)
    if way == "show":
        return command("policy", "show", str(path))
    if way == "import":
        return command("policy", "import", str(path), "-o", "p.json", "--epochs", "200")
    trick = "policy_schedule" if b"policy_schedule" in content else "searched_policy"
    space = path.with_name("space.toml")
    space.write_text(_SPACE.replace("TRICK", trick))
    return command("catalogue") if not content else _loaded(space)


def _loaded(space: Path) -> Outcome:
    from autotrick.space import load, published_defaults
    from tests.fuzz.harness import called

    return called(lambda: published_defaults(load(space)))


def _ours(rng: Random) -> Any:
    if rng.random() < 0.3:
        settings: dict[str, Any] = {"policy": GROWING, "starts": [0.0, 0.25, 0.5, 0.75]}
        trick = "policy_schedule"
    else:
        settings = {"policy": rng.choice((MILD, AUTO_AUGMENT["svhn"]))}
        trick = rng.choice(("searched_policy",) * 5 + ("mixup", "auto_augment", "nothing"))
    known = {"study": "digits", "trial": 3, "accuracy": 0.97, "data": "digits", "recipe": "ab"}
    return {
        "format": "autotrick policy 1",
        "trick": trick,
        "settings": settings,
        "provenance": known,
    }


def _theirs(rng: Random) -> Any:
    names = (*LISTED, "Rotate2", "TranslateXAbs", "Posterize2", "CutoutAbs", "SamplePairing")
    roll = rng.random()
    if roll < 0.5:
        return [
            [[rng.choice(names), round(rng.random(), 2), round(rng.random(), 2)] for _ in range(2)]
            for _ in range(rng.choice((1, 2, 10)))
        ]
    if roll < 0.75:
        epochs = sorted(rng.sample(range(1, 200), rng.choice((0, 1, 4))))
        return {
            str(epoch): [[rng.choice(LISTED), rng.random(), rng.randrange(11)] for _ in range(3)]
            for epoch in [0, *epochs]
        }
    flat = [rng.randrange(11) for _ in range(60)]
    return [[str(i), str(i + 1), 3 * i, 3 * i + 3, flat, flat] for i in range(rng.choice((1, 3)))]


def _damaged(rng: Random, content: Any, *, python: bool) -> bytes:
    roll = rng.random()
    if roll < 0.15:
        return json.dumps(content).encode()
    if roll < 0.6:
        found = changed(rng, content)
        return (repr(found) if python and rng.random() < 0.5 else json.dumps(found)).encode(
            errors="replace"
        )
    if roll < 0.64:
        return json.dumps(rng.choice((junk(rng), nested(90), nested(400, as_list=False)))).encode()
    if roll < 0.68:
        opening = rng.choice((b"[", b"(", b"{1:", b'{"a":', b"-", b"1+", b"[[[1,2],", b"'a'"))
        return opening * rng.choice((90, 300, 5000, 200_000))
    if roll < 0.7 and python:
        lines = content if isinstance(content, list) else [content]
        return "\n".join(map(repr, lines)).encode()
    return scrambled(rng, json.dumps(content).encode())
