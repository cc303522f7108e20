"""The model card of an exported model: what it is, how good, how to load it, what not to use it for.

Follows Mitchell et al., "Model Cards for Model Reporting", FAT* 2019. https://arxiv.org/abs/1810.03993
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autotrick.export import files
from autotrick.tricks import build, find
from autotrick.views import text

if TYPE_CHECKING:
    from autotrick.export.trial_facts import TrialFacts

_CLASSES = 50
"""Most classes whose counts a card lists; `model.json` has all."""
_KNOWN = (
    "autotrick",
    "python",
    "torch",
    "torchvision",
    "timm",
    "numpy",
    "cuda",
    "gpu",
    "processor",
)


def card(described: Mapping[str, Any], facts: TrialFacts | None) -> str:
    """Return the model card as Markdown.

    Args:
        described: The content of `model.json`, with the files written so far.
        facts: What is on record of its trial; None if it comes from a file alone.
    """
    parts = [
        _opening(described, facts),
        _results(described, facts),
        _data(described, facts),
        _training(described),
        _use(described),
        _files(described),
        _limits(described, facts),
        _environment(described),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _opening(described: Mapping[str, Any], facts: TrialFacts | None) -> str:
    kind = described["architecture"]
    name = _code(kind["name"])
    settings = ", ".join(f"{key} = {value}" for key, value in kind["settings"].items())
    _, channels, height, width = described["input"]["shape"]
    colour = "grey" if channels == 1 else "colour"
    classes = len(described["classes"])
    what = f"into {classes} classes" if classes else f"for the task {_plain(described['task'])}"
    verb = "Sorts" if classes else "Processes"
    title = (
        f"{described['study']}, trial {described['trial']}" if described["study"] else kind["name"]
    )
    lines = [
        f"# {_plain(title)}",
        f"{verb} {colour} images of {width} x {height} pixels {what}. A {name}"
        f"{f' ({_plain(settings)})' if settings else ''} with {kind['parameters']:,} weights and "
        f"{kind['multiply_adds']:,} multiply-adds per image, trained by "
        f"autotrick {described['exported_with']['autotrick']}.",
    ]
    if facts is not None and facts.study.question:
        lines.append(f"The study that found it asked: {_plain(facts.study.question)}")
    if facts is not None and facts.caveat:
        lines.append(f"**{facts.caveat}**")
    return "\n\n".join(lines)


def _results(described: Mapping[str, Any], facts: TrialFacts | None) -> str:
    found = described["metrics"]
    if not found or facts is None:
        return ""
    rows = []
    for name, value in facts.reports[-1].metrics.items():
        ends = found.get("interval") if name == facts.row.metric else None
        shown = text.measure(name, value).translate(text.ASCII)
        if ends:
            shown += f" ({100 * ends[0]:.2f} to {100 * ends[1]:.2f} at 95 % over images)"
        rows.append((f"validation {name.replace('_', ' ')}", shown))
    rows.append(("validation loss", f"{found['loss']:.4f}"))
    if found.get("robustness") is not None:
        rows.append(("accuracy on corrupted images", text.percent(found["robustness"])))
    if found.get("latency_ms") is not None:
        rows.append(("latency of one image when measured", f"{found['latency_ms']:.3g} ms"))
    images = f" on {found['images']:,} images" if found.get("images") else ""
    lines = [
        "## How good it is",
        _table(("Metric", f"Value{images}"), rows),
        "The search chose this trial by these images, so the values are slightly optimistic. "
        "`autotrick confirm` measures on the test split.",
    ]
    checked = described["evaluation"].get("checked")
    if checked:
        tricks = ", ".join(map(_code, described["evaluation"]["predict"]))
        lines.append(
            f"These values include {tricks}, which `load_model(...).probabilities` applies and the programs "
            f"do not: on {checked['images']:,} of these images the network alone reaches "
            f"{100 * checked['alone']:.2f} %, with it {100 * checked['with_tricks']:.2f} %."
        )
    rounded = described["evaluation"].get("in_float32")
    if rounded:
        lines.append(
            f"The recipe computes in {described['trained']['precision']}, programs in float32: "
            f"{rounded['sentence']}."
        )
    return "\n\n".join(lines)


def _data(described: Mapping[str, Any], facts: TrialFacts | None) -> str:
    ref = described["trained"]["data"]
    given = described["input"]
    counts = described["class_counts"]
    lines = [
        "## Data",
        f"{_code(ref['name'])}, fingerprint `{ref['fingerprint'] or 'unknown'}`; {_split(ref)}.",
    ]
    totals = [f"{sum(number):,} {split}" for split, number in counts.items()]
    if totals:
        lines.append(f"Images: {', '.join(totals)}.")
    names = described["classes"]
    if names and counts:
        rows = [
            (str(i), _plain(name), *(f"{number[i]:,}" for number in counts.values()))
            for i, name in enumerate(names[:_CLASSES])
        ]
        numbers = (0, *range(2, 2 + len(counts)))
        lines.append(_table(("Output", "Class", *counts), rows, numbers))
        if len(names) > _CLASSES:
            lines.append(f"{len(names) - _CLASSES} more classes are in `{files.DESCRIPTION}`.")
    elif names:
        lines.append("Classes, in the order of the outputs: " + ", ".join(map(_plain, names)) + ".")
    if facts is not None and facts.data and facts.data.notes:
        lines.append("\n".join(f"- {_plain(str(note))}" for note in facts.data.notes))
    lines.append(
        f"Images are read as {given['colour']} and resized to {given['shape'][3]} x {given['shape'][2]} "
        f"pixels ({given['resize']}, bilinear). The network's input is {given['value']}, per channel, with "
        f"pixels from 0 to 255, mean {_numbers(given['mean'])} and std {_numbers(given['std'])}."
    )
    if given["seen"] != given["shape"][2:]:
        lines.append(
            f"Of these the network sees the middle {given['seen'][1]} x {given['seen'][0]}."
        )
    return "\n\n".join(lines)


def _split(ref: Mapping[str, Any]) -> str:
    if ref["validation"] is None:
        return "the validation split is the data set's own"
    return (
        f"{100 * ref['validation']:.3g} % of the training images, drawn with seed {ref['split_seed']}, "
        "are the validation split"
    )


def _training(described: Mapping[str, Any]) -> str:
    recipe, trained = described["recipe"], described["trained"]
    took = f" in {text.duration(trained['seconds'])}" if trained["seconds"] is not None else ""
    lines = [
        "## How it was trained",
        f"{trained['epochs']} epochs{took}, batch size {recipe['batch_size']}"
        f"{_accumulated(recipe)}, base learning rate {recipe['base_lr']:.4g} (at 256 examples), momentum "
        f"{recipe['momentum']:.4g}, weight decay {recipe['weight_decay']:.4g}, seed {recipe['seed']}, "
        f"precision {recipe['precision']}. Recipe `{trained['recipe_digest']}`, weights "
        f"`{trained['weights']}`.",
    ]
    average = described["evaluation"]["average"]
    if average:
        lines.append(f"The weights are averages over the training, by {_code(average)}.")
    rows = [
        (_code(name), _plain(_settings(build(name, values).values())), _papers(name))
        for name, values in recipe["tricks"].items()
    ]
    if rows:
        lines.append(_table(("Trick", "Settings", "Published in"), rows))
    else:
        lines.append("No tricks.")
    return "\n\n".join(lines)


def _accumulated(recipe: Mapping[str, Any]) -> str:
    times = recipe["accumulation"]
    return "" if times == 1 else f" x {times} per update"


def _settings(values: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{name} = {text.setting(value)}" for name, value in values.items())
    return shown if len(shown) <= 200 else f"{shown[:197]}..."


def _papers(name: str) -> str:
    papers = find(name).papers
    return "; ".join(f"[{_plain(paper.title)}]({paper.link}), {paper.year}" for paper in papers[:1])


def _use(described: Mapping[str, Any]) -> str:
    given = described["input"]
    _, channels, height, width = given["shape"]
    there = described["files"]
    mode = "L" if channels == 1 else "RGB"
    pixels = "[None, :, :, None]" if channels == 1 else "[None]"
    lines = ["## How to use it"]
    lines.append(_python("With autotrick:", _with_autotrick(described)))
    prepared = [
        "import json",
        "",
        "import numpy as np",
        "from PIL import Image",
        "",
        f'about = json.load(open("{files.DESCRIPTION}"))',
        f'image = Image.open("photo.png").convert("{mode}")'
        f".resize(({width}, {height}), Image.Resampling.BILINEAR)",
        f"pixels = np.asarray(image, np.float32){pixels}",
        'mean, std = (np.array(about["input"][name], np.float32) for name in ("mean", "std"))',
        "images = ((pixels / 255 - mean) / std).transpose(0, 3, 1, 2)",
    ]
    resize = given["resize"]
    how = (
        "Without autotrick, prepare images like this:"
        if resize == "squash"
        else f"Without autotrick, prepare images like this (and `ImageOps.{'fit' if resize == 'crop' else 'pad'}` in "
        "place of `resize`):"
    )
    lines.append(_python(how, prepared))
    classes = (
        'print(about["classes"][logits.argmax(1)[0]])' if described["classes"] else "print(logits)"
    )
    if files.PROGRAM in there or files.TORCHSCRIPT in there:
        lines.append(_python("With PyTorch alone:", _with_torch(there, classes)))
    if files.ONNX in there:
        lines.append(
            _python(
                "With ONNX Runtime:",
                [
                    "import onnxruntime",
                    "",
                    f'session = onnxruntime.InferenceSession("{files.ONNX}")',
                    f'(logits,) = session.run(None, {{"{given["name"]}": images}})',
                    classes,
                ],
            )
        )
    ending = (
        "A softmax of the logits gives probabilities. "
        if described["output"]["probabilities"]
        else ""
    )
    lines.append(
        f'{ending}Any number of images may be given at once. `torch.load("{files.WEIGHTS}", '
        "weights_only=True)` gives the weights by name."
    )
    return "\n\n".join(lines)


def _with_autotrick(described: Mapping[str, Any]) -> list[str]:
    lines = ["import autotrick", "", 'model = autotrick.load_model("path/of/this/folder")']
    if described["output"]["probabilities"]:
        return [
            *lines,
            'probabilities = model.probabilities(["photo.png"])  # (1, K)',
            "print(model.classes[probabilities[0].argmax()])",
        ]
    return [*lines, 'logits = model(model.preprocess(["photo.png"]))']


def _with_torch(there: Mapping[str, Any], classes: str) -> list[str]:
    read = (
        f'torch.export.load("{files.PROGRAM}").module()'
        if files.PROGRAM in there
        else f'torch.jit.load("{files.TORCHSCRIPT}")'
    )
    return [
        "import torch",
        "",
        f"network = {read}",
        "with torch.no_grad():",
        "    logits = network(torch.from_numpy(images))",
        classes,
    ]


def _files(described: Mapping[str, Any]) -> str:
    there = {**described["files"], files.DESCRIPTION: {}, files.CARD: {}}
    rows = []
    for name, about in files.ABOUT.items():
        if name in there:
            known = there[name]
            size = f"{known['bytes']:,}" if "bytes" in known else "-"
            checked = known.get("sentence") or known.get("note") or ""
            rows.append((_code(name), about, size, _plain(checked)))
    lines = ["## Files", _table(("File", "What it holds", "Bytes", "Checked"), rows, (2,))]
    if any("sentence" in known for known in there.values()):
        lines.append(
            f"Programs were read back and compared with the network on "
            f"{described['checked_on']['images']:,} {described['checked_on']['what']}."
        )
    for name, why in described["not_written"].items():
        lines.append(f"Not here: {_code(name)}. {_plain(why)}.".replace("..", "."))
    return "\n\n".join(lines)


def _limits(described: Mapping[str, Any], facts: TrialFacts | None) -> str:
    lines = [
        "It knows images like those that it was trained on, and nothing of others.",
        *(
            ["Every image gets one of the classes, also an image that shows none of them."]
            if described["classes"]
            else []
        ),
        _calibrated(described["evaluation"]["calibration"]),
        "It was not examined for harm that wrong answers do to people.",
    ]
    counts = described["class_counts"].get("train") or []
    names = described["classes"]
    if names and counts and max(counts) >= 3 * max(1, min(counts)):
        least, most = counts.index(min(counts)), counts.index(max(counts))
        lines.insert(
            1,
            f"Classes are unequal: {_plain(names[least])} has {counts[least]:,} training images and "
            f"{_plain(names[most])} {counts[most]:,}. Accuracy on the rare ones is less certain.",
        )
    if facts is not None and facts.caveat:
        lines.insert(0, facts.caveat)
    return "## Limits\n\n" + "\n".join(f"- {line}" for line in lines)


def _calibrated(found: Mapping[str, Any] | None) -> str:
    """Return how far its probabilities can be believed."""
    if found is None:
        return "Whether its probabilities can be believed was not measured."
    return (
        f"Its probabilities are off by {100 * found['ece']:.1f} points on average over {found['images']:,} "
        f"validation images (expected calibration error; {100 * found['ece_by_chance']:.1f} would be chance): "
        f"their mean is {100 * found['confidence']:.1f} %. `autotrick evaluate` shows more."
    )


def _environment(described: Mapping[str, Any]) -> str:
    trained = described["environment"]
    written = described["exported_with"]
    rows = [
        (name, _plain(str(trained[name])), _plain(str(written.get(name, "-"))))
        for name in _KNOWN
        if trained.get(name) is not None
    ]
    if not rows:
        rows = [(name, "unknown", value) for name, value in written.items()]
    return "## Environment\n\n" + _table(("", "Trained with", "Exported with"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a table.

    Args:
        right: Columns that are set flush right.
    """
    return "\n".join(_lines(head, rows, right))


def _lines(
    head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]
) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "".join("---:|" if i in right else "---|" for i in range(len(head)))
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _python(about: str, lines: Sequence[str]) -> str:
    return "\n".join((about, "", "```python", *lines, "```"))


def _numbers(values: Sequence[float]) -> str:
    return "(" + ", ".join(f"{value:.4f}" for value in values) + ")"


def _code(name: str) -> str:
    return f"`{' '.join(name.replace('`', '').split())}`".replace("|", "\\|")


def _plain(words: str) -> str:
    """Return a text in which nothing is markup: names come from users and their folders."""
    return "".join(
        f"\\{mark}" if mark in "\\`*_[]<>|#" else mark for mark in " ".join(words.split())
    )
