"""Write the documentation that is made from code; with --check, say what is stale instead.

    python -m docs.make [--check]

Makes the command reference (`docs/commands.md`), one page for each trick with an index and the matrix
of what excludes what (`docs/tricks/`), with a picture for each that changes images, the catalogue of
architectures and data sets, what counts as an image and a label (`docs/data.md`), what is refused
because no machine can serve it (`docs/limits.md`), and what was found of published claims
(`docs/claims.md`). Pictures are compared by their pixels, with room for another JPEG decoder: the
images are 6 of CIFAR-10.
"""

import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from autotrick.cli.preview_rows import alone
from numpy.typing import NDArray
from PIL import Image

from autotrick.cli import main as command_line
from autotrick.data import DATASETS
from autotrick.limits import LIMITS
from autotrick.models import ARCHITECTURES
from autotrick.recipe import DataRef, Recipe
from autotrick.report.pictures import strip
from autotrick.tricks import TRICKS, Setting, Trick
from benchmarks import claims
from docs import data

HERE = Path(__file__).parent
TOLERANCE = 2.0
"""Mean difference of a level at which two pictures are still the same."""
MADE = "<!-- Made by `make docs`; edit the code instead. -->\n\n"


def pages(drawn: Collection[Path]) -> Iterator[tuple[Path, str]]:
    """Yield every made text file, given the pictures there are."""
    yield (
        HERE / "commands.md",
        MADE + "# Commands\n\n" + "\n".join(commands(command_line, "autotrick")),
    )
    yield HERE / "catalogue.md", MADE + catalogue()
    yield HERE / "claims.md", claims.page()
    yield HERE / "data.md", MADE + data.page()
    yield HERE / "limits.md", MADE + limits()
    yield HERE / "tricks" / "README.md", MADE + index()
    for trick in TRICKS.values():
        drawn_too = picture_of(trick.name) in drawn
        yield HERE / "tricks" / f"{trick.name}.md", MADE + page(trick, pictured=drawn_too)


def commands(command: click.Command, path: str) -> Iterator[str]:
    """Yield the help text of a command and of those below it."""
    context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
    yield f"## `{path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from commands(below, f"{path} {name}")


def limits() -> str:
    """Return what is refused at once, and why."""
    text = "# Limits\n\nWhat is beyond them is refused in one line, before anything is read or run.\n\n"
    text += "| at most | of what | because |\n|---|---|---|\n"
    return text + "".join(
        f"| {limit} | {limit.about} | {limit.why} |\n" for limit in LIMITS.values()
    )


def index() -> str:
    """Return the list of tricks by slot, and what cannot be on together."""
    rows = [
        f"| [{t.name}]({t.name}.md) | {t.slot or '-'} | {t.summary()} |"
        for t in sorted(TRICKS.values(), key=lambda t: (t.slot or "~", t.name))
    ]
    barred = [
        f"| {a.name} | {b.name} | {reason} |"
        for a in TRICKS.values()
        for b in TRICKS.values()
        if a.name < b.name and a.slot != b.slot and (reason := _why(a, b))
    ]
    text = "# Tricks\n\nAt most one trick of a slot is on in a recipe.\n\n"
    text += "| trick | slot | what it does |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    if barred:
        text += "\n## Not together, though of different slots\n\n"
        text += "| trick | trick | why |\n|---|---|---|\n" + "\n".join(barred) + "\n"
    return text


def _why(a: type[Trick], b: type[Trick]) -> str:
    return a.excludes.get(b.name) or b.excludes.get(a.name) or ""


def page(trick: type[Trick], *, pictured: bool) -> str:
    """Return one trick's page."""
    module = sys.modules[trick.__module__]
    text = f"# {trick.name}\n\n{trick.summary()}\n\n"
    text += (module.__doc__ or "").strip() + "\n\n"
    if pictured:
        text += f"![images as they are, and after {trick.name}](img/{trick.name}.png)\n\n"
    text += settings_table(trick.settings())
    facts = {
        "Slot": trick.slot,
        "Excludes": "; ".join(f"{name} ({why})" for name, why in trick.excludes.items()),
        "Replaces": ", ".join(sorted(trick.replaces)),
        "Needs": ", ".join(sorted(trick.needs)),
        "Expected time of a training step": f"x{trick.cost:g}",
    }
    text += "".join(f"- {name}: {fact}\n" for name, fact in facts.items() if fact)
    if trick.claims:
        text += "\n## Published effects\n\n| data | architecture | without | with | source |\n"
        text += "|---|---|---|---|---|\n"
        for c in trick.claims:
            text += f"| {c.data} | {c.architecture} | {c.before:g} % | {c.after:g} % | {c.note} |\n"
    text += "\n## Papers\n\n"
    for p in trick.papers:
        text += f"- {p.authors}, [{p.title}]({p.link}), {p.year}\n"
    return text


def settings_table(settings: tuple[Setting, ...]) -> str:
    """Return settings as a Markdown table."""
    if not settings:
        return "It has no settings.\n\n"
    text = (
        "| setting | default | neutral | searched | rule | meaning |\n|---|---|---|---|---|---|\n"
    )
    for s in settings:
        cells = (
            s.name,
            _short(s.default),
            _short(s.neutral),
            s.domain or "-",
            s.rule or "-",
            s.about,
        )
        text += "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |\n"
    return text + "\n"


def _short(value: object) -> str:
    shown = "-" if value is None else str(value)
    return shown if len(shown) <= 40 else "(see the code)"


def catalogue() -> str:
    """Return architectures and data sets."""
    text = "# Architectures\n\nAny classifier of torchvision or timm too: `torchvision/NAME`, `timm/NAME`.\n"
    for a in ARCHITECTURES.values():
        paper = a.paper
        text += f"\n## {a.name}\n\n{a.summary}\n\n{settings_table(a.settings)}"
        text += f"{paper.authors}, [{paper.title}]({paper.link}), {paper.year}\n"
    text += "\n# Data sets\n\nFolders and Parquet files too: `folder:PATH`, `parquet:PREFIX`.\n\n"
    text += "| data set | what it is | classes |\n|---|---|---|\n"
    for s in DATASETS.values():
        text += f"| [{s.name}]({s.link}) | {s.summary} | {s.classes or 'any'} |\n"
    return text


def pictures() -> dict[Path, NDArray[np.uint8]]:
    """Return for each trick that changes images a picture of some, above what it makes of them."""
    from autotrick.data import load
    from autotrick.train.preview import PLAIN, changes, compare

    with TemporaryDirectory() as cache:
        ref = DataRef(name=f"parquet:{HERE.parent / 'tests/data/cifar10'}")
        data = load(ref, cache_dir=Path(cache))
        plain = Recipe(
            data=ref, architecture="fastnet", epochs=10, batch_size=64, base_lr=0.1, seed=1
        )
        recipes = {
            name: plain.model_copy(update={"tricks": alone(trick)})
            for name, trick in TRICKS.items()
            if changes(trick)
        }
        rows = compare(recipes, data, count=6)
    before = strip(rows.pop(PLAIN).images)
    between = np.full((6, *before.shape[1:]), 255, np.uint8)
    after = {name: strip(shown.images) for name, shown in rows.items()}
    return {
        picture_of(name): np.concatenate([before, between, images])
        for name, images in after.items()
        if (images != before).any()
    }


def picture_of(name: str) -> Path:
    """Return where the picture of a trick lies."""
    return HERE / "tricks" / "img" / f"{name}.png"


def same(path: Path, picture: NDArray[np.uint8]) -> bool:
    """Return whether the file holds the picture, but for what a decoder may round."""
    if not path.exists():
        return False
    held = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return held.shape == picture.shape and bool(np.abs(held - picture).mean() < TOLERANCE)


def main() -> int:
    """Write what changed, or with --check name it."""
    drawn = pictures()
    blurred = [path for path, picture in drawn.items() if not same(path, picture)]
    stale = [
        (path, text) for path, text in pages(drawn) if not path.exists() or path.read_text() != text
    ]
    known = {path for path, _ in pages(drawn)}
    orphans = [path for path in HERE.glob("tricks/*.md") if path not in known]
    orphans += [path for path in HERE.glob("tricks/img/*.png") if path not in drawn]
    if "--check" in sys.argv[1:]:
        for path in [*(path for path, _ in stale), *blurred, *orphans]:
            sys.stderr.write(f"stale: {path}. Run: make docs\n")
        return int(bool(stale or blurred or orphans))
    for path, text in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in blurred:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn[path]).save(path, optimize=True)
    for path in orphans:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
