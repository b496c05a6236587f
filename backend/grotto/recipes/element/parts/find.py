"""The stages `parts` and `order` of an element: what it consists of, and what of it lies before what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from ....contract import ProblemError, Progress, bad_input
from ....formats import Artefact
from ....relief.parts import (
    LOOK_PX,
    Vote,
    agreement,
    confidences,
    levels,
    neighbours,
    part_labels,
    ranked,
    stepped_part,
    votes_of,
    weights_of,
)
from ..cut import CutElement
from ..work import WorkCut, work_cut
from .numbers import flat_colours, numbered

Labels = NDArray[np.int32]
Given = tuple[tuple[int, str], ...]  # parts by number and name, from back to front

LABELS, VOTES = "labels.npy", "votes.json"
PARTS_JSON, PARTS_PNG, NUMBERED_PNG = "parts.json", "parts.png", "numbered.png"


@dataclass(frozen=True, kw_only=True)
class ElementParts(Artefact):
    """An element told apart into parts, numbered from 1, the largest first."""

    count: int
    scale_px: float  # px of the labels for one of the picture's
    left: int  # where the labels begin in the picture, px
    top: int
    labels: str = LABELS
    votes: str = VOTES

    def part_labels(self) -> Labels:
        """(h, w) 0 outside, else the part's number."""
        return np.load(self.folder / self.labels)

    def part_votes(self) -> list[Vote]:
        """What speaks for one part lying before another."""
        rows = json.loads((self.folder / self.votes).read_text(encoding="utf-8"))
        return [Vote(**{**row, "at_px": tuple(row["at_px"])}) for row in rows]


@dataclass(frozen=True, kw_only=True)
class ElementOrder(Artefact):
    """The parts from back to front."""

    order: tuple[int, ...]
    names: tuple[str, ...]  # in that order
    level: tuple[int, ...]  # likewise: how many steps above the backmost
    agreement: float  # part of the votes that agree with the order, 0 to 1
    by: str  # votes, or given
    scale_px: float  # as the parts have it
    left: int
    top: int
    parts: str = PARTS_JSON
    flat: str = PARTS_PNG
    numbered: str = NUMBERED_PNG
    labels: str = LABELS

    def part_labels(self) -> Labels:
        """(h, w) 0 outside, else the part's number."""
        return np.load(self.folder / self.labels)


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What makes a body's front stand out part by part."""

    order: ElementOrder
    step: float  # of a part before what it hides, as a part of the longer side

    def times(self, work: WorkCut, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """What to multiply the heights of the plain inflation by (n,), at places (n, 2) px of the work cut."""
        labels, order = self.order.part_labels(), self.order
        ratio = stepped_part(labels, order.order, self.step * max(labels.shape))
        inner = (work.in_picture(places) - np.array([order.left, order.top])) * order.scale_px - 0.5
        return np.asarray(map_coordinates(ratio, inner[:, ::-1].T, order=1, mode="nearest"), np.float64)


def find_parts(cut: CutElement, most: int, folder: Path, report: Progress) -> ElementParts:
    """Tell the parts of an element apart, `most` at most, and look which lies before which."""
    report(0.0, "telling parts apart")
    work = work_cut(cut)
    part = LOOK_PX / max(work.alpha.shape)
    size = max(2, round(work.alpha.shape[1] * part)), max(2, round(work.alpha.shape[0] * part))
    small = [np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.float32) for one in (work.colour, work.alpha)]
    labels = part_labels(small[0], small[1], most)
    report(0.6, "looking at junctions")
    votes = [vote.__dict__ for vote in votes_of(labels)]
    np.save(folder / LABELS, labels)
    (folder / VOTES).write_text(json.dumps(votes), encoding="utf-8")
    return ElementParts(
        folder=folder, count=int(labels.max()), scale_px=work.scale * size[0] / work.alpha.shape[1], left=work.left, top=work.top
    )


def forecast_parts(cut: CutElement, most: int) -> int:
    """Bytes: the picture, and some maps of the size at which parts are told apart."""
    return 300_000_000 + 30 * cut.width * cut.height


def order_parts(cut: CutElement, parts: ElementParts, given: Given | None, folder: Path, report: Progress) -> ElementOrder:
    """Bring parts into order, by their votes or as it is given, and write both for people to look at and to edit.

    Raises bad input where a given order names parts that are not there, leaves some out or names one twice.
    """
    report(0.0, "ordering parts")
    labels, votes = parts.part_labels(), parts.part_votes()
    weights = weights_of(votes, parts.count)
    if given is None:
        order, names = ranked(weights), {}
    else:
        order, names = checked_order(given, parts.count), {part: name for part, name in given if name}
    touching = [pair for pair in neighbours(labels) if min(pair) > 0]
    level = levels(order, touching)
    named = tuple(names.get(part, f"part {part}") for part in order)
    made = ElementOrder(
        folder=folder, order=order, names=named, level=tuple(level[part] for part in order),
        agreement=round(agreement(order, weights), 4), by="votes" if given is None else "given",
        scale_px=parts.scale_px, left=parts.left, top=parts.top,
    )  # fmt: skip
    np.save(folder / LABELS, labels)
    told = _told(made, parts, labels, votes, confidences(order, weights))
    (folder / PARTS_JSON).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    flat = flat_colours(labels)
    Image.fromarray(flat).save(folder / PARTS_PNG)
    work = work_cut(cut)
    Image.fromarray(numbered(work.colour, labels, order)).save(folder / NUMBERED_PNG)
    report.preview(folder / NUMBERED_PNG)
    return made


def checked_order(given: Given, count: int) -> tuple[int, ...]:
    """The numbers of a given order. Raises bad input where they are not 1 to `count`, each once."""
    numbers = [part for part, _ in given]
    twice = sorted({part for part in numbers if numbers.count(part) > 1})
    unknown = sorted({part for part in numbers if not 1 <= part <= count})
    absent = sorted(set(range(1, count + 1)) - set(numbers))
    for wrong, words in ((unknown, "names parts that are not there"), (twice, "names parts twice"), (absent, "leaves parts out")):
        if wrong:
            raise bad_input(
                f"the order of parts {words}: {', '.join(map(str, wrong))}",
                f"name each of 1 to {count} once, from back to front; the numbers are in {NUMBERED_PNG}",
                option="part_order",
            )
    return tuple(numbers)


def given_order(words: str) -> Given | None:
    """The order that the option means: numbers from back to front, a parts.json, or none. Raises bad input for others."""
    if not words.strip():
        return None
    pieces = [piece.strip() for piece in words.split(",")]
    if all(piece.isdecimal() for piece in pieces):
        return tuple((int(piece), "") for piece in pieces)
    path = Path(words).expanduser().absolute()
    if not path.is_file():
        raise _unread(f"{words!r} is neither a list of numbers nor a file that is there")
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["parts"]
        found = [(row["order"], int(row["id"]), str(row.get("name", ""))) for row in rows]
        places = [place for place, _, _ in found]
        if not found or any(isinstance(place, bool) or not isinstance(place, int | float) for place in places):
            raise ValueError("an order that is no number")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unread(f"{path.name} can not be read ({error})") from error
    if len(set(places)) < len(places):
        raise _unread(f"{path.name} has two parts at the same place of the order")
    return tuple((part, name) for _, part, name in sorted(found))


def _unread(what: str) -> ProblemError:
    return bad_input(
        f"the order of parts: {what}",
        f"give numbers like 3,1,2 from back to front, or an edited {PARTS_JSON}",
        option="part_order",
    )


def _told(
    made: ElementOrder, parts: ElementParts, labels: Labels, votes: Sequence[Vote], sure: Mapping[int, float]
) -> dict[str, Any]:  # fmt: skip
    """What parts.json says."""
    inside = float((labels > 0).sum())
    colours = flat_colours(np.arange(parts.count + 1, dtype=np.int32)[None])[0]
    rows = []
    for place, part in enumerate(made.order, start=1):
        own = labels == part
        down, across = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
        corners = (across[0], down[0], across[-1] + 1, down[-1] + 1)
        starts = (parts.left, parts.top) * 2
        rows.append({
            "id": part, "name": made.names[place - 1], "order": place, "level": made.level[place - 1],
            "area_part": round(float(own.sum()) / inside, 4),
            "box_px": [round(start + corner / parts.scale_px) for corner, start in zip(corners, starts, strict=True)],
            "confidence": round(float(sure[part]), 3), "colour": "#{:02x}{:02x}{:02x}".format(*colours[part].tolist()),
        })  # fmt: skip
    place_px = (parts.left, parts.top)
    told = [
        {"front": vote.front, "behind": vote.behind, "cue": vote.cue, "weight": round(vote.weight, 3)}
        | ({"at_px": [round(s + v / parts.scale_px, 1) for s, v in zip(place_px, vote.at_px, strict=True)]}
           if vote.cue == "t_junction" else {})
        for vote in votes
    ]  # fmt: skip
    return {"order_by": made.by, "agreement": made.agreement, "parts": rows, "votes": told}
