"""Sets of image tricks with their settings that are known under a name."""

import math
from collections.abc import Mapping

from autotrick.errors import TrickError, unknown
from autotrick.recipe import Settings

PRESETS: Mapping[str, Mapping[str, Settings]] = {
    "keras_offline": {
        "scale": {"smallest": 0.85, "largest": 1.15, "border": "edge"},
        "rotate": {"degrees": 20.0, "border": "edge"},
        "shear": {"tangent": math.tan(0.2), "border": "edge"},
        "translate": {"distance": 0.15, "axis": "both", "border": "edge"},
        "flip": {"probability": 0.5},
    },
}
"""`keras_offline`: the values that tutorials give Keras's ImageDataGenerator to write images with:
rotation_range 20, zoom_range 0.15, shear_range 0.2, shifts 0.15, horizontal_flip, and its fill mode,
which is `edge` here. Differs: one warp after the other, not one matrix; both axes are zoomed alike and
sheared both; 0.2 is taken as radians, as Keras took it at first.
"""


def preset(name: str) -> dict[str, Settings]:
    """Return the tricks of a preset.

    Raises:
        TrickError: No preset has this name.
    """
    if name not in PRESETS:
        raise TrickError(unknown("preset", name, PRESETS))
    return {trick: dict(settings) for trick, settings in PRESETS[name].items()}
