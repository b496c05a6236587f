"""`grotto train matcher`: the options of the shell, and what it shows at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TextIO

from ....contract import Progress
from ....contract.options import MatcherTrainOptions
from ....runner import flags
from .train import train_matcher

Long = Callable[[str], AbstractContextManager[Progress]]
_DEFAULTS = MatcherTrainOptions()


def train_matcher_command(words: Sequence[str], out: TextIO, long: Long) -> None:
    """Train as the words say, and write the result to `out`; `long` makes the progress."""

    def learn(out: Path, options: Any = _DEFAULTS) -> Any:
        """Train the attention matcher on walls that Grotto paints itself; about an hour on one core.

        Args:
            out: the folder of the matcher and its walls; a stopped training goes on in it
            options: how it learns
        """
        return out, options

    folder, options = flags(learn, [*words], "train matcher", {"out": Path, "options": MatcherTrainOptions})
    with long("Training") as report:
        made = train_matcher(options, folder.absolute(), report)
    out.write(f"loss {made.first_loss:.3f} -> {made.last_loss:.3f} in {made.steps} steps\n")
    if made.curve:
        out.write(f"recall at accuracy .90 on a wall not trained on: {made.curve[-1].recall_at_90:.3f}\n")
    out.write(f"grotto run wall PHOTOS --out DIR --matcher attention --matcher-folder {made.folder}\n")
