"""B01: fifty images a class can be enough, with augmentation."""

from autotrick.recipe import DataRef, Recipe, Settings
from benchmarks.claims.claim import (
    Arm,
    Claim,
    Courses,
    Finding,
    final,
    mean,
    paired,
    values,
)

FEW = 50
"""Images a class."""
EPOCHS = 40
_DATA = DataRef(name="cifar10", validation=0.02)
"""A thousand images validate: more would take longer than the training."""
_CLASS = 4_900
"""Images of a class to choose from."""
FRAME: dict[str, Settings] = {"flip": {}, "pad_crop": {}}
POLICY: dict[str, Settings] = FRAME | {"trivial_augment": {"probability": 0.5}}


def _arm(images: int, name: str, tricks: dict[str, Settings]) -> Arm:
    recipe = Recipe(
        data=_DATA,
        architecture="fastnet",
        architecture_settings={"width": 0.25},
        epochs=EPOCHS * FEW // images,
        batch_size=50,
        base_lr=0.05,
        scaling_exponent=0,
        tricks={"subset": {"fraction": images / _CLASS}, "cosine_decay": {}, **tricks},
    )
    return Arm(f"{images} a class, {name}", recipe)


PLAIN, FRAMED, VARIED, TWICE = ARMS = (
    _arm(FEW, "as they are", {}),
    _arm(FEW, "flip and crop", FRAME),
    _arm(FEW, "flip, crop and policy", POLICY),
    _arm(2 * FEW, "as they are", {}),
)


def judge(courses: Courses) -> list[Finding]:
    """Return what augmentation brings, and beside what more images would."""
    augmented = values(courses[FRAMED.name], final)
    return [
        Finding("flip and crop - as they are", paired(courses, FRAMED.name, PLAIN.name), "above"),
        Finding("with policy - as they are", paired(courses, VARIED.name, PLAIN.name), "above"),
        Finding("flip and crop - chance", mean(augmented - 10), "above"),
        Finding("twice the images - as they are", paired(courses, TWICE.name, PLAIN.name)),
        Finding("flip and crop - twice the images", paired(courses, FRAMED.name, TWICE.name)),
    ]


FEW_IMAGES = Claim(
    name="B01",
    title="Fifty images a class",
    says="A few images a class can be enough to learn from, with augmentation.",
    source='an article on data augmentation, after the table of Huang et al., "Densely Connected '
    'Convolutional Networks", CVPR 2017, https://arxiv.org/abs/1608.06993 (CIFAR-10 with and without)',
    setting="The fast net of a quarter of its width, 500 images of CIFAR-10, 40 epochs of 10 updates, "
    "cosine decay; 1,000 others validate. Twice the images have as many updates. The policy is "
    "TrivialAugment on half of the images. What is enough the claim does not say: the finding is "
    "whether it is better than chance, and the accuracy stands below.",
    arms=ARMS,
    judge=judge,
)
