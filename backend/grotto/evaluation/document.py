"""Blocks of a page that a command writes: where they begin and end, which command wrote them, and when.

A block begins with `<!-- begin: COMMAND, DATE -->` and ends with `<!-- end -->`. Figures that no command makes
stand in blocks whose command is `by hand`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..contract import bad_input

PROGRAM = "python -m grotto.evaluation"
BY_HAND = "by hand"
BY_HAND_NOTE = "Measured once by hand; no command writes this."
_BEGIN = re.compile(r"<!-- begin: (?P<command>.+), (?P<date>\d{4}-\d\d-\d\d) -->")
_END = "<!-- end -->"


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of a page."""

    command: str  # the whole command line, or BY_HAND
    date: datetime.date  # on which the command ran
    text: str  # between the markers, the line that shows command and date left out

    @property
    def bench(self) -> str:
        """Name of the bench that the command runs; empty where it is none of ours."""
        words = self.command.removeprefix(PROGRAM).split()
        return words[0] if self.command.startswith(PROGRAM) and words else ""

    def lines(self) -> str:
        """The block with its markers."""
        return f"<!-- begin: {self.command}, {self.date.isoformat()} -->\n{self.heading()}\n\n{self.text.strip()}\n{_END}"

    def heading(self) -> str:
        """The line that shows a reader command and date."""
        if self.command == BY_HAND:
            return f"*{BY_HAND_NOTE} {self.date.isoformat()}.*"
        return f"*`{self.command}`, {self.date.isoformat()}*"


def blocks_in(text: str) -> list[Block]:
    """All blocks of a page. Raises bad input where markers do not pair, or where a block does not show command and date."""
    blocks = []
    for place in _places(text):
        begin = _BEGIN.match(text, place.start)
        assert begin is not None, "a place begins with its marker"
        date = datetime.date.fromisoformat(begin["date"])
        heading = Block(command=begin["command"], date=date, text="").heading()
        inner = text[begin.end() : place.stop - len(_END)].strip()
        if not inner.startswith(heading):
            raise bad_input(f"the block of {begin['command']} does not show its command and date", f"begin it with {heading}")
        blocks.append(Block(command=begin["command"], date=date, text=inner.removeprefix(heading).strip()))
    return blocks


def outside_blocks(text: str) -> str:
    """The page without its blocks."""
    for place in reversed(_places(text)):
        text = text[: place.start] + text[place.stop :]
    return text


def write_block(page: Path, block: Block) -> None:
    """Replace the blocks of the same bench in a page by a new one. Raises bad input where the page has none."""
    text = page.read_text(encoding="utf-8")
    found = [place for old, place in zip(blocks_in(text), _places(text), strict=True) if old.bench == block.bench]
    if not found:
        raise bad_input(
            f"{page.name} has no block of {block.bench}",
            f"write these lines into it:\n{block.lines()}",
        )
    for place in reversed(found[1:]):
        text = text[: place.start] + text[place.stop :].removeprefix("\n")
    text = text[: found[0].start] + block.lines() + text[found[0].stop :]
    page.write_text(text, encoding="utf-8")


def _places(text: str) -> list[slice]:
    """Where each block stands, markers included."""
    places = []
    begins = list(_BEGIN.finditer(text))
    for number, begin in enumerate(begins):
        end = text.find(_END, begin.end())
        following = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        if not begin.end() <= end < following:
            raise bad_input(f"the block of {begin['command']} has no end", f"add {_END} behind it")
        places.append(slice(begin.start(), end + len(_END)))
    if len(begins) != text.count(_END):
        raise bad_input("the page has an end without a begin", f"remove one {_END}")
    return places


def command_line(bench: str, words: Sequence[str]) -> str:
    """A command as a page shows it: of paths only the last part, as they differ from machine to machine."""
    return " ".join([PROGRAM, bench, *(Path(word).name if "/" in word or "\\" in word else word for word in words)])
