"""How two photos lie to each other, as their own points give it, before they are matched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tie:
    """The similarity of two photos as their own largest features give it: z_first = turn z_second + shift, in pixels."""

    first: int  # positions in the photo set
    second: int
    turn: tuple[float, float]  # real and imaginary part
    shift: tuple[float, float]
