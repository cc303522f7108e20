"""autotrick finds the training tricks that help your images within your budget."""

__version__ = "0.1.0"
