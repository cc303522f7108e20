"""Write docs/train_script.md: run `python -m docs.train_script` after a change of the parts.

The program is that of the tour's answer, trained here once; `--train` trains it again and writes its
weights and accuracy, which differ from machine to machine.
"""

import json
import sys
from pathlib import Path

from autotrick.data import load
from autotrick.export.script import LINES, Story, script_of
from autotrick.export.script.architectures import ARCHITECTURES
from autotrick.export.script.refusals import missing_tricks
from autotrick.export.script.sources import SHAPES
from autotrick.export.script.tricks import WRITERS
from autotrick.recipe import DataRef, Recipe
from autotrick.train import train

PAGE = Path(__file__).with_suffix(".md")

WINNER = {
    "architecture": "lenet5",
    "epochs": 10,
    "batch_size": 32,
    "base_lr": 0.462,
    "seed": 43,
    "tricks": {
        "cosine_decay": {},
        "ema": {"half_life": 0.02},
        "initialisation": {},
        "label_smoothing": {"epsilon": 0.07},
        "mixup": {"alpha": 0.4},
    },
}
"""The answer of the tour: lenet5 on digits with five tricks."""


def trained() -> tuple[Recipe, Story]:
    """Train the winner."""
    ref = DataRef(name="digits", image_size=16, validation=0.3)
    data = load(ref)
    recipe = Recipe.model_validate({**WINNER, "data": data.resolve(ref)})
    result = train(recipe, data)
    return recipe, Story(len(result.reports), result.weights, result.accuracy)


def listed(names: list[str]) -> str:
    """Return names as code, in lines of a readable length."""
    lines, line = [], ""
    for name in names:
        part = f"`{name}`, "
        if len(line) + len(part) > 108:
            lines.append(line.rstrip())
            line = ""
        line += part
    return "\n".join([*lines, line.rstrip(", ")])


def page(recipe: Recipe, story: Story) -> str:
    """Return the page's text."""
    fields = {name: getattr(story, name) for name in ("epochs", "weights", "accuracy")}
    recorded = json.dumps({"recipe": recipe.model_dump(mode="json"), "story": fields})
    return f"""# A trial as a program

`autotrick export-model` writes a trial as `train.py` too: one file that trains it again without autotrick.

```sh
autotrick export-model quickstart 43 -o winner
python winner/train.py --data-dir data --out weights.safetensors
```

The file is put together from hand-written functions, and has only those that the recipe uses: at most {LINES}
lines that are not blank, to read, to change and to keep. It prints loss and accuracy of every epoch, and at the end
whether the digest of its weights is the recorded one. On the same machine with the same versions it is, bit for bit:
random numbers, pixels, the order of sums and the number of threads are those of the trial. A trial that was pruned
is trained for as many epochs as it had.

- `--data-dir` says where the data are, `--epochs` trains fewer epochs, `--out` saves the weights.
- It needs PyTorch and NumPy; torchvision for policies, its networks and CIFAR-10; timm where the network or the
  optimizer is timm's; Pillow where images are decoded or resized; scikit-learn for the digits; pyarrow for CIFAR-10
  as Parquet.
- It checks the fingerprint of the data, and stops if they are other ones.

## What it can express

Data: {listed(list(SHAPES))} and `folder:PATH`.

Networks: {listed(list(ARCHITECTURES))}.

{len(WRITERS)} tricks. These cannot be expressed yet, and a recipe with one of them is refused by name:

{listed(missing_tricks())}

Refused likewise: gradient accumulation, compiled networks, courses of changing settings (population-based
training), rungs of fewer or smaller images, tasks other than classification, policies on images of which the number
of pixels is no multiple of 16, and recipes whose program would be longer than {LINES} lines.

## One of them

The answer of the tour (lenet5 on digits with five tricks), trained over ten epochs:

```python
{script_of(recipe, story)}```

It was written from this record:

```json
{recorded}
```
"""


def main() -> None:
    """Write the page from the record on it, or from a new one."""
    if "--train" in sys.argv or not PAGE.exists():
        recipe, story = trained()
    else:
        recorded = json.loads(PAGE.read_text().split("```json\n")[1].split("```")[0])
        recipe, story = Recipe.model_validate(recorded["recipe"]), Story(**recorded["story"])
    PAGE.write_text(page(recipe, story))


if __name__ == "__main__":
    main()
