"""The stages `parts` and `order` of an element: segment its parts, and order them in depth."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ....contract import MALFORMED, ProblemError, Progress, bad_input, parse_json, reason_of
from ....formats import Artefact
from ....masks import mask_bounds
from ....relief.outline import WorkingCut
from ....relief.parts import (
    OrderCue,
    agreement,
    cue_weights,
    flat_colours,
    neighbours,
    numbered,
    order_cues,
    part_colour,
    part_confidences,
    part_levels,
    rank_parts,
    sampled_factor,
    segment_parts,
    step_factor,
)
from ..cut import CutElement
from ..work import work_cut

Labels = NDArray[np.int32]
Given = tuple[tuple[int, str], ...]  # parts by number and name, from back to front

LABELS, VOTES = "labels.npy", "votes.json"
PARTS_JSON, PARTS_PNG, NUMBERED_PNG = "parts.json", "parts.png", "numbered.png"


@dataclass(frozen=True, kw_only=True)
class ElementParts(Artefact):
    """The parts of an element, numbered from 1, the largest first."""

    count: int
    scale_px: float  # px of the labels for one of the picture's
    left: int  # where the labels begin in the picture, px
    top: int
    labels: str = LABELS
    votes: str = VOTES

    def part_labels(self) -> Labels:
        """(h, w) 0 outside, else the part's number."""
        return np.load(self.folder / self.labels)

    def part_votes(self) -> list[OrderCue]:
        """The depth-order cues between parts."""
        rows = json.loads((self.folder / self.votes).read_text(encoding="utf-8"))
        return [OrderCue(**{**row, "at_px": tuple(row["at_px"])}) for row in rows]


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
    """The parts whose steps shape a body's front."""

    order: ElementOrder
    step: float  # of a part before what it hides, as a part of the longer side

    def factor(self, work: WorkingCut) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        """The factor (n,) of the plain inflation at places (n, 2) in working pixels."""
        labels, order = self.order.part_labels(), self.order
        ratio = step_factor(labels, order.order, self.step * max(labels.shape))
        corner = np.array([order.left, order.top])
        return lambda places: sampled_factor(ratio, (work.in_picture(places) - corner) * order.scale_px)


def find_parts(cut: CutElement, most: int, folder: Path, report: Progress) -> ElementParts:
    """Segment an element into `most` parts at most, and collect cues of which lies before which."""
    report(0.0, "segmenting parts")
    work = work_cut(cut)
    labels = segment_parts(work.colour, work.alpha, most)
    report(0.6, "finding junctions")
    votes = [vote.__dict__ for vote in order_cues(labels)]
    np.save(folder / LABELS, labels)
    (folder / VOTES).write_text(json.dumps(votes), encoding="utf-8")
    scale_px = work.scale * labels.shape[1] / work.alpha.shape[1]
    return ElementParts(folder=folder, count=int(labels.max()), scale_px=scale_px, left=work.left, top=work.top)


def forecast_parts(cut: CutElement, most: int) -> int:
    """Bytes: the picture, and some maps of the size at which parts are segmented."""
    return 300_000_000 + 30 * cut.width * cut.height


def order_parts(cut: CutElement, parts: ElementParts, given: Given | None, folder: Path, report: Progress) -> ElementOrder:
    """Order the parts from back to front, by their cues or as given, and write parts and order for people to edit.

    Raises bad input where a given order names parts that are not there, leaves some out or names one twice.
    """
    report(0.0, "ordering parts")
    labels, votes = parts.part_labels(), parts.part_votes()
    weights = cue_weights(votes, parts.count)
    if given is None:
        order, names = rank_parts(weights), {}
    else:
        order, names = checked_order(given, parts.count), {part: name for part, name in given if name}
    touching = [pair for pair in neighbours(labels) if min(pair) > 0]
    level = part_levels(order, touching)
    named = tuple(names.get(part, f"part {part}") for part in order)
    ordered = ElementOrder(
        folder=folder,
        order=order,
        names=named,
        level=tuple(level[part] for part in order),
        agreement=round(agreement(order, weights), 4),
        by="votes" if given is None else "given",
        scale_px=parts.scale_px,
        left=parts.left,
        top=parts.top,
    )
    np.save(folder / LABELS, labels)
    document = {
        "order_by": ordered.by,
        "agreement": ordered.agreement,
        "parts": _part_rows(ordered, labels, part_confidences(order, weights)),
        "votes": _vote_rows(ordered, votes),
    }
    (folder / PARTS_JSON).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    Image.fromarray(flat_colours(labels)).save(folder / PARTS_PNG)
    Image.fromarray(numbered(work_cut(cut).colour, labels, order)).save(folder / NUMBERED_PNG)
    report.preview(folder / NUMBERED_PNG)
    return ordered


def checked_order(given: Given, count: int) -> tuple[int, ...]:
    """Check a given order; its numbers. Raises bad input where they are not 1 to `count`, each once."""
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
    """Parse the option: numbers from back to front, a parts.json, or nothing. Raises bad input for other words."""
    if not words.strip():
        return None
    pieces = [piece.strip() for piece in words.split(",")]
    if all(piece.isdecimal() for piece in pieces):
        return tuple((int(piece), "") for piece in pieces)
    path = Path(words).expanduser().absolute()
    if not path.is_file():
        raise _unread(f"{words!r} is neither a list of numbers nor a file that is there")
    try:
        rows = parse_json(path.read_bytes())["parts"]
        found = [(row["order"], int(row["id"]), str(row.get("name", ""))) for row in rows]
        places = [place for place, _, _ in found]
        if not found or any(isinstance(place, bool) or not isinstance(place, int | float) for place in places):
            raise ValueError("an order that is no number")
    except (OSError, *MALFORMED) as error:
        raise _unread(f"{path.name} can not be read ({reason_of(error)})") from error
    if len(set(places)) < len(places):
        raise _unread(f"{path.name} has two parts at the same place of the order")
    return tuple((part, name) for _, part, name in sorted(found))


def _unread(what: str) -> ProblemError:
    return bad_input(
        f"the order of parts: {what}",
        f"give numbers like 3,1,2 from back to front, or an edited {PARTS_JSON}",
        option="part_order",
    )


def _part_rows(ordered: ElementOrder, labels: Labels, sure: Mapping[int, float]) -> list[dict[str, Any]]:
    """The parts as parts.json lists them, boxes in px of the whole picture."""
    inside = float((labels > 0).sum())
    corner = (ordered.left, ordered.top) * 2
    rows = []
    for place, part in enumerate(ordered.order, start=1):
        own = labels == part
        box = mask_bounds(own) or (0, 0, 0, 0)
        row = {
            "id": part,
            "name": ordered.names[place - 1],
            "order": place,
            "level": ordered.level[place - 1],
            "area_part": round(float(own.sum()) / inside, 4),
            "box_px": [round(start + side / ordered.scale_px) for side, start in zip(box, corner, strict=True)],
            "confidence": round(float(sure[part]), 3),
            "colour": part_colour(part),
        }
        rows.append(row)
    return rows


def _vote_rows(ordered: ElementOrder, votes: Sequence[OrderCue]) -> list[dict[str, Any]]:
    """The cues as parts.json lists them, junctions with their place in px of the whole picture."""
    rows = []
    for vote in votes:
        row: dict[str, Any] = {
            "front": vote.front,
            "behind": vote.behind,
            "cue": vote.cue,
            "weight": round(vote.weight, 3),
        }
        if vote.cue == "t_junction":
            corner = (ordered.left, ordered.top)
            row["at_px"] = [round(start + at / ordered.scale_px, 1) for start, at in zip(corner, vote.at_px, strict=True)]
        rows.append(row)
    return rows
