"""Write the pages that are made from code; with --check, name what is out of date or wrong instead.

    python -m docs.make [--check]

Made are the command reference (`docs/commands.md`), the keys of a space (`docs/keys.md`), a page for
every trick with an index and what excludes what (`docs/tricks/`), with a picture of each that changes
images, the catalogue of architectures and data sets, how images and labels are read
(`docs/data.md`), the limits (`docs/limits.md`), the published claims (`docs/claims.md`), claims about
tricks held against known truth (`docs/truth.md`), and the Python reference (`docs/api/`). The site's first page and its list of changes are copies of README.md
and CHANGELOG.md; git ignores them.

Pictures show 6 images of CIFAR-10. They are compared by their pixels, with room for another JPEG
decoder. `--check` also looks for names in the written pages that do not exist (`docs.checks`).
"""

import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autotrick.cli import main as command_line
from autotrick.cli.preview_rows import alone
from autotrick.data import DATASETS
from autotrick.limits import LIMITS
from autotrick.models import ARCHITECTURES
from autotrick.recipe import DataRef, Recipe
from autotrick.report.pictures import strip
from autotrick.tricks import TRICKS, Setting, Trick
from autotrick.tricks.base import Paper
from benchmarks import claims, effects
from docs import checks, data, keys, reference

HERE = Path(__file__).parent
TOLERANCE = 2.0
"""Mean difference in levels up to which two pictures count as the same."""
MADE = "<!-- Made by `make docs`; edit the code instead. -->\n\n"


COPIES = {"index.md": "README.md", "changes.md": "CHANGELOG.md"}
"""Pages of the site that are files of the top folder."""


def pages(drawn: Collection[Path]) -> Iterator[tuple[Path, str]]:
    """Yield every made text file, given the pictures there are."""
    yield (
        HERE / "commands.md",
        MADE + "# Commands\n\n" + "\n".join(commands(command_line, "autotrick")),
    )
    yield HERE / "catalogue.md", MADE + catalogue()
    yield HERE / "claims.md", claims.page()
    yield HERE / "data.md", MADE + data.page()
    yield HERE / "keys.md", MADE + keys.page()
    yield HERE / "limits.md", MADE + limits()
    yield HERE / "truth.md", effects.page()
    for name, text in reference.pages().items():
        yield HERE / "api" / f"{name}.md", MADE + text
    yield HERE / "tricks" / "README.md", MADE + index()
    for trick in TRICKS.values():
        drawn_too = picture_of(trick.name) in drawn
        yield HERE / "tricks" / f"{trick.name}.md", MADE + page(trick, pictured=drawn_too)


def copies() -> Iterator[tuple[Path, str]]:
    """Yield the pages that are copies, with links as seen from their folder."""
    for name, source in COPIES.items():
        text = (HERE.parent / source).read_text().replace("](docs/", "](")
        for copy, original in COPIES.items():
            text = text.replace(f"]({original})", f"]({copy})")
        yield HERE / name, _ALONE + text


_ALONE = "---\nhide:\n  - navigation\n---\n\n"
"""What tells the site to show a page without the list of the others."""


def commands(command: click.Command, path: str) -> Iterator[str]:
    """Yield the help text of a command and of those below it."""
    context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
    yield f"## `{path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from commands(below, f"{path} {name}")


def limits() -> str:
    """Return the page of limits: what is refused, and why."""
    text = "# Limits\n\nAnything beyond these limits is refused in one line, before it is read or run.\n\n"
    text += "| at most | of what | because |\n|---|---|---|\n"
    return text + "".join(
        f"| {limit} | {limit.about} | {limit.why} |\n" for limit in LIMITS.values()
    )


def index() -> str:
    """Return the list of tricks by slot, and which cannot be on together."""
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
    text = "# Tricks\n\nAt most one trick of a slot is on in a recipe.\n"
    text += "`autotrick preview SPACE -o tricks.png` draws what image tricks do to your images.\n\n"
    text += "| trick | slot | what it does |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    if barred:
        text += "\n## Pairs of different slots that exclude each other\n\n"
        text += "| trick | trick | why |\n|---|---|---|\n" + "\n".join(barred) + "\n"
    return text


def _why(a: type[Trick], b: type[Trick]) -> str:
    return a.excludes.get(b.name) or b.excludes.get(a.name) or ""


def page(trick: type[Trick], *, pictured: bool) -> str:
    """Return one trick's page."""
    module = sys.modules[trick.__module__]
    text = f"[All tricks](README.md)\n\n# {trick.name}\n\n{trick.summary()}\n\n"
    # Two brackets in a row would be a link.
    text += re.sub(r"\](\s?)\[", r"]\1\\[", (module.__doc__ or "").strip()) + "\n\n"
    if pictured:
        text += f"![images as they are, and after {trick.name}](img/{trick.name}.png)\n\n"
    text += settings_table(trick.settings())
    facts = {
        "Slot": trick.slot,
        "Between settings": ", ".join(rule.sentence for rule in trick.rules),
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
    return text + "".join(f"- {cited(paper)}\n" for paper in trick.papers)


def cited(paper: Paper) -> str:
    """Return a paper as a line of Markdown."""
    return f"{paper.authors}, [{paper.title}]({paper.link}), {paper.published}"


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
            s.sentence,
            s.about,
        )
        text += "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |\n"
    return text + "\n"


def _short(value: object) -> str:
    shown = "-" if value is None else str(value)
    return shown if len(shown) <= 40 else "(see the code)"


def catalogue() -> str:
    """Return architectures and data sets."""
    text = "# Architectures and data sets\n\n## Architectures\n\n"
    text += (
        "These, and every classifier of torchvision or timm as `torchvision/NAME` or `timm/NAME`.\n"
    )
    for a in ARCHITECTURES.values():
        text += f"\n### {a.name}\n\n{a.summary}\n\n{settings_table(a.settings)}"
        text += "\n\n".join(map(cited, a.papers)) + "\n"
    text += "\n## Data sets\n\nYour own images are `folder:PATH` or `parquet:PREFIX`: see "
    text += "[your own images](your_images.md).\n\n"
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


def problems() -> Iterator[str]:
    """Yield what is wrong in the pages that people write, a phrase each."""
    written = [HERE.parent / source for source in COPIES.values()]
    made = {path for path, _ in (*pages(()), *copies())}
    written += [path for path in sorted(HERE.glob("*.md")) if path not in made]
    for path in written:
        for fault in checks.faults(path.read_text(), path.parent):
            yield f"{path}: {fault}"
    for key in checks.missing_keys((HERE / "spaces.md").read_text()):
        yield f"{HERE / 'spaces.md'}: no example shows {key}"


def main() -> int:
    """Write what changed, or with --check name it and what is wrong in the written pages."""
    drawn = pictures()
    changed = [path for path, picture in drawn.items() if not same(path, picture)]
    made = dict(pages(drawn))
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    orphans = [path for name in ("tricks", "api") for path in HERE.glob(f"{name}/*.md")]
    orphans = [path for path in orphans if path not in made]
    orphans += [path for path in HERE.glob("tricks/img/*.png") if path not in drawn]
    for path, text in copies():
        path.write_text(text)
    if "--check" in sys.argv[1:]:
        behind = [*stale, *changed, *orphans]
        found = list(problems())
        if behind:
            found.append(f"stale: {behind[0]} ({len(behind)} in all). Run: make docs")
        sys.stderr.writelines(f"{line}\n" for line in found)
        return int(bool(found))
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path])
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn[path]).save(path, optimize=True)
    for path in orphans:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
