"""Numbers in words: every length with its unit, and no millimetres where the scale is not known."""

from __future__ import annotations

import math


class Units:
    """Lengths of a wall: metres where the scale is metric, else parts of the usual camera distance."""

    def __init__(self, metric: bool) -> None:
        self.metric = metric
        self.height = "mm" if metric else "‰"
        self.height_in_words = "mm" if metric else "‰ of the camera distance"

    def length(self, value: float, rounded: bool = False) -> str:
        """A length given in units (metres, or camera distances); `rounded` for numbers that are round by choice."""
        words = "{:g}".format if rounded else digits
        if not self.metric:
            return f"{words(value)} camera distances"
        if abs(value) >= 1:
            return f"{words(value)} m"
        return f"{words(round(value * 100, 9))} cm" if abs(value) >= 0.01 else f"{words(round(value * 1000, 9))} mm"

    def relief(self, value: float) -> str:
        """A height given in thousandths of a unit (millimetres, or thousandths of the camera distance)."""
        return f"{digits(value)} {self.height}"

    def bow(self, value: float) -> str:
        """A bow of a profile, positive towards the viewer, in the unit of heights."""
        return f"{'bulge' if value > 0 else 'hollow'} of {self.relief(abs(value))}"


def digits(value: float, significant: int = 3) -> str:
    """Three significant digits without an exponent; whole numbers stay whole, in groups of three."""
    if not math.isfinite(value):
        return "unknown"
    if value == 0:
        return "0"
    decimals = max(0, significant - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace("-", "−")


def count(number: int, one: str, many: str = "") -> str:
    """1 photo, 25 photos."""
    return f"{number:,} {one if number == 1 else many or one + 's'}".replace(",", "\u202f")


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
