"""From images to a first search space: look at them, decide what suits, write it down with reasons.

`source_of` finds what a path or name means, `survey` looks at every file, `propose` decides on image
size, networks, tricks, epochs and trials for a time budget, and `space_text` writes the space.
"""

from autotrick.begin.proposal import Proposal, propose
from autotrick.begin.source import source_of
from autotrick.begin.space_text import space_text
from autotrick.begin.survey import Survey, survey

__all__ = ["Proposal", "Survey", "propose", "source_of", "space_text", "survey"]
