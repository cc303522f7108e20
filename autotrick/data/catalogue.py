"""The data sets that a space can name, declared without loading their readers."""

from autotrick import tasks
from autotrick.data import own
from autotrick.data.dataset import Source
from autotrick.errors import DataError, unknown

PYTHON = "python"
"""What the names of data sets in code of the user's own begin with."""

_TORCHVISION = "https://docs.pytorch.org/vision/stable/datasets.html"

_SOURCES = (
    Source(
        "digits",
        "1,797 handwritten digits, 8x8 grey; comes with scikit-learn, no download",
        10,
        "https://archive.ics.uci.edu/dataset/80",
    ),
    Source(
        "mnist", "70,000 handwritten digits, 28x28 grey", 10, "http://yann.lecun.com/exdb/mnist/"
    ),
    Source(
        "fashion_mnist",
        "70,000 articles of clothing, 28x28 grey",
        10,
        "https://github.com/zalandoresearch/fashion-mnist",
    ),
    Source(
        "kmnist",
        "70,000 cursive Japanese characters, 28x28 grey",
        10,
        "https://github.com/rois-codh/kmnist",
    ),
    Source("usps", "9,298 digits of postal codes, 16x16 grey", 10, _TORCHVISION),
    Source(
        "cifar10",
        "60,000 photographs of things and animals, 32x32 colour",
        10,
        "https://www.cs.toronto.edu/~kriz/cifar.html",
    ),
    Source(
        "cifar100",
        "60,000 photographs of things and animals, 32x32 colour",
        100,
        "https://www.cs.toronto.edu/~kriz/cifar.html",
    ),
    Source(
        "svhn", "99,289 house numbers, 32x32 colour", 10, "http://ufldl.stanford.edu/housenumbers/"
    ),
    Source(
        "stl10",
        "13,000 labelled photographs, 96x96 colour",
        10,
        "https://cs.stanford.edu/~acoates/stl10/",
    ),
    Source(
        "eurosat",
        "27,000 satellite images of land use, 64x64 colour; no test split",
        10,
        "https://arxiv.org/abs/1709.00029",
    ),
    Source(
        "flowers102",
        "8,189 photographs of flowers of many sizes; own validation split",
        102,
        "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/",
    ),
    Source(
        "dtd",
        "5,640 photographs of textures of many sizes; own validation split",
        47,
        "https://www.robots.ox.ac.uk/~vgg/data/dtd/",
    ),
    Source(
        "oxford_pets",
        "7,349 photographs of cats and dogs of many sizes",
        37,
        "https://www.robots.ox.ac.uk/~vgg/data/pets/",
    ),
    Source(
        "food101",
        "101,000 photographs of dishes of many sizes",
        101,
        "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/",
    ),
    Source(
        "folder",
        "folder:PATH, a folder of images for each class, with or without train, validation, test",
        None,
        "https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html",
        path=True,
    ),
    Source(
        "parquet",
        "parquet:PREFIX, PREFIX_train.parquet and so on, or one file, with image bytes and label",
        None,
        "https://huggingface.co/docs/datasets/image_dataset",
        path=True,
    ),
    Source(
        PYTHON,
        "python:MODULE:NAME or python:FILE.py:NAME, a function or a torch Dataset of your own",
        None,
        "https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.Dataset",
        path=True,
    ),
)

DATASETS: dict[str, Source] = {source.name: source for source in _SOURCES}

CIFAR10 = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
FASHION_MNIST = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def find(name: str) -> Source:
    """Return the source that a data reference names; the path of `folder:PATH` is not checked.

    Raises:
        DataError: There is none; the message suggests the nearest.
    """
    kind, colon, path = name.partition(":")
    found = DATASETS.get(kind) or sources().get(kind) or own.source_of(name)
    if found is None or (colon and not found.path):
        raise DataError(unknown("data set", name, sources()))
    if found.path and not path:
        raise DataError(f"{kind!r} needs to know where: write {kind}:PATH.")
    return found


def sources() -> dict[str, Source]:
    """Return every data set that a space can name, those that tasks bring along last."""
    return DATASETS | {
        found.name: Source(found.name, found.summary, None, found.link, task.name, found.path)
        for task, found in tasks.sources()
    }
