"""Factors on the learning rate: functions of the update, counted from 0, and the trial's updates."""

import math


def after_warmup(update: int, updates: int, warmup: int) -> float:
    """Return the share of the updates after the warmup that are done."""
    return max(0, update - warmup) / max(1, updates - warmup)


def linear_warmup(update: int, length: int, start: float) -> float:
    """Rise from a share to 1 (Goyal et al., 2017)."""
    return 1.0 if update >= length else 1 - (1 - start) * (1 - (update + 1) / length)


def constant_warmup(update: int, length: int, factor: float) -> float:
    """Begin with a smaller rate."""
    return factor if update < length else 1.0


def cosine_decay(done: float, final: float) -> float:
    """Fall as half a cosine (Loshchilov and Hutter, 2017)."""
    return 1 - (1 - final) * math.sin(math.pi / 2 * done) ** 2


def step_decay(done: float, moments: tuple, gamma: float) -> float:
    """Multiply by gamma at each moment."""
    return float(gamma ** sum(done >= moment for moment in moments))


def linear_decay(done: float, final: float) -> float:
    """Fall in a line."""
    return 1 - (1 - final) * done


def polynomial_decay(done: float, power: float, final: float) -> float:
    """Fall as a power of the time that is left."""
    return 1 - (1 - final) * (1 - float((1 - done) ** power))


def exponential_decay(done: float, final: float, steps: int) -> float:
    """Fall by the same share all the time, or in so many steps."""
    return float(final ** (math.floor(done * steps) / steps if steps else done))


def tanh_decay(done: float, start: float, end: float) -> float:
    """Fall as a hyperbolic tangent (Hsueh et al., 2019)."""
    return (1 - math.tanh(start + (end - start) * done)) / (1 - math.tanh(start))


def cosine_restarts(
    update: int, updates: int, warmup: int, cycles: int, growth: float, final: float
) -> float:
    """Fall as half a cosine again and again (Loshchilov and Hutter, 2017)."""
    lengths = [growth**i for i in range(cycles)]
    span = updates - warmup
    starts = [round(span * sum(lengths[:i]) / sum(lengths)) for i in range(cycles + 1)]
    update = max(0, update - warmup)
    i = max(i for i in range(cycles) if starts[i] <= update)
    fallen = (update - starts[i]) / max(1, starts[i + 1] - starts[i])
    return cosine_decay(fallen, final)


def cyclic_rate(
    update: int, updates: int, warmup: int, cycles: int, low: float, height: float
) -> float:
    """Rise and fall in triangles (Smith, 2017)."""
    span = max(1, updates - warmup)
    cycle, place = divmod(max(0, update - warmup) * cycles, span)
    away = abs(2 * place - span) / span
    return 1 - (1 - low) * (1 - height**cycle * (1 - away))


def one_cycle(  # noqa: PLR0913 -- the settings
    update: int, updates: int, peak: int, start: float, end: float, cosine: bool, top: float = 1.0
) -> float:
    """Go from the start to the top at the peak, and on to the end (Smith and Topin, 2017)."""
    climbing = update < peak
    part = update / peak if climbing else (update - peak) / max(1, updates - 1 - peak)
    moved = math.sin(math.pi / 2 * part) ** 2 if cosine else part
    low, high = (start, top) if climbing else (top, end)
    return low + (high - low) * moved if part < 1 else high


def warmup_stable_decay(
    update: int, updates: int, climb: int, fall: float, sqrt: bool, final: float
) -> float:
    """Rise, stay, and fall at the end (Hu et al., 2024)."""
    if update < climb:
        return (update + 1) / climb
    start = max(climb, updates - max(1, round(fall * updates)))
    fallen = max(0, update - start) / max(1, updates - start)
    return 1 - (1 - final) * (math.sqrt(fallen) if sqrt else fallen)


class Plateau:
    """Lower the rate when the validation accuracy has not risen for some epochs."""

    def __init__(self, factor: float, patience: int, threshold: float, lowest: float) -> None:
        self.by, self.patience, self.threshold, self.lowest = factor, patience, threshold, lowest
        self.factor, self.best, self.waited = 1.0, -math.inf, 0

    def note(self, accuracy: float) -> None:
        """Take note of an epoch's accuracy."""
        if accuracy > self.best + self.threshold:
            self.best, self.waited = accuracy, 0
        else:
            self.waited += 1
        if self.waited > self.patience:
            self.waited = 0
            self.factor = max(self.factor * self.by, min(self.lowest, self.factor))
