"""The definitions of the parts, and which of them a program needs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PACKAGE = "autotrick.export.script.parts"

FILES = (
    *("streams", "data", "resizing", "digits", "idx", "torchvision_data", "folder"),
    *("pixels", "borders", "geometry", "tones", "blurring", "policy", "image_tricks", "erasing"),
    *("mixing", "networks", "library_networks", "surgery", "whitening", "ordering", "schedules"),
    *("optimizing", "muon", "updating", "shrinking", "losses", "evaluation"),
)
"""Files of `parts`, in the order in which their functions stand in a program."""


_MORE = {
    "Path": "from pathlib import Path",
    "adaptive_clip_grad": "from timm.utils import adaptive_clip_grad",
    "argparse": "import argparse",
    "np": "import numpy as np",
    "torch": "import torch",
    "F": "import torch.nn.functional as F",
    "Tensor": "from torch import Tensor",
    "nn": "from torch import nn",
    "TF": "import torchvision.transforms.v2.functional as TF",
    "partial": "from functools import partial",
}
"""Imports for what is written around the parts."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, class or constant of a part.

    Attributes:
        text: Its source.
        uses: The names that it reads from outside.
    """

    text: str
    uses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Library:
    """What the parts define.

    Attributes:
        definitions: By name, in the order of a program.
        imports: Import statements by the name that they bind.
    """

    definitions: Mapping[str, Definition]
    imports: Mapping[str, str]


@cache
def library() -> Library:
    """Return the definitions and imports of all parts."""
    definitions: dict[str, Definition] = {}
    imports = dict(_MORE)
    for name in FILES:
        source = (Path(__file__).parent / "parts" / f"{name}.py").read_text("utf-8")
        for node in ast.parse(source).body:
            imports |= _bound(node)
            if own := _defined(node):
                assert own not in definitions, f"two parts define {own}"
                definitions[own] = Definition(_text(source, node), _free(node))
    return Library(definitions, imports)


def _bound(node: ast.stmt) -> dict[str, str]:
    """Return the names that an import binds; none for other statements and for other parts."""
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if module.startswith(_PACKAGE):
            return {}
        return {a.asname or a.name: f"from {module} import {ast.unparse(a)}" for a in node.names}
    if isinstance(node, ast.Import):
        return {(a.asname or a.name).partition(".")[0]: ast.unparse(node) for a in node.names}
    return {}


def _defined(node: ast.stmt) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else None


def _text(source: str, node: ast.stmt) -> str:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    lines = source.splitlines()[first - 1 : node.end_lineno]
    return "\n".join(line.partition("  # noqa")[0] for line in lines)


def _names(node: ast.AST) -> frozenset[str]:
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _free(node: ast.AST) -> frozenset[str]:
    """Return the names that source reads and does not bind itself."""
    parts = list(ast.walk(node))
    bound = {part.arg for part in parts if isinstance(part, ast.arg)}
    bound |= {part.name for part in parts[2:] if isinstance(part, ast.FunctionDef)}
    read: set[str] = set()
    for part in parts:
        if isinstance(part, ast.Name):
            (read if isinstance(part.ctx, ast.Load) else bound).add(part.id)
    return frozenset(read - bound)


def names_in(lines: str | Iterable[str]) -> frozenset[str]:
    """Return the names that pieces of source use; `return` may stand outside a function."""
    text = lines if isinstance(lines, str) else "\n".join(lines)
    inside = "\n".join(f"    {line}" for line in text.split("\n"))
    return _names(ast.parse(f"def f():\n    pass\n{inside}"))


def needed(start: Iterable[str], texts: Mapping[str, str]) -> set[str]:
    """Return the names that definitions reach in the library.

    Args:
        start: Whole definitions.
        texts: Definitions that replace those of the library, or stand beside them.
    """
    known = library().definitions
    found: set[str] = set()
    waiting = set().union(*(_free(ast.parse(text)) for text in start))
    while waiting:
        name = waiting.pop()
        if name in found or name not in {*known, *texts}:
            continue
        found.add(name)
        waiting |= _free(ast.parse(texts[name])) if name in texts else known[name].uses
    return found


def import_lines(used: Iterable[str]) -> str:
    """Return the import statements for these names as isort orders them."""
    imports = library().imports
    statements = {imports[name] for name in used if name in imports}
    plain = sorted(line for line in statements if line.startswith("import "))
    joined: dict[str, list[str]] = {}
    for line in statements.difference(plain):
        module, _, name = line.removeprefix("from ").partition(" import ")
        joined.setdefault(module, []).append(name)
    members = [f"from {m} import {', '.join(sorted(names))}" for m, names in sorted(joined.items())]
    parts: tuple[list[str], list[str]] = ([], [])
    for line in [*plain, *members]:
        parts[_root(line) not in sys.stdlib_module_names].append(line)
    return "\n\n".join("\n".join(part) for part in parts if part)


def _root(line: str) -> str:
    return line.split()[1].partition(".")[0]
