"""Check our script of an outside model against a real checkout: the names and arguments of each call, in order."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ...contract import bad_input
from ..registry import OutsideModel

CHECK = Path(__file__).with_name("runners") / "check_calls.py"
_LONGEST_S = 300.0


@dataclass(frozen=True)
class CallCheck:
    """What a check found."""

    title: str
    calls: tuple[str, ...]  # of the script, in order
    faults: tuple[str, ...]  # those that do not fit the checkout, in words
    absent: tuple[str, ...]  # packages of the model's environment that an empty module stood in for

    def text(self) -> str:
        """Some lines for maintainers."""
        packages = sorted({name.partition(".")[0] for name in self.absent})
        head = f"{self.title}: {len(self.calls)} calls, {len(self.faults)} do not fit"
        return "\n".join(
            [head, *(f"  {call}" for call in self.calls), *(f"  FAULT {fault}" for fault in self.faults)]
            + ([f"  not installed, so not looked into: {', '.join(packages)}"] if packages else [])
        )


def check_calls(model: OutsideModel, checkout: Path) -> CallCheck:
    """Run the model's script on `checkout` with the bodies of its functions left out, in a process of its own.

    Neither the model's environment nor weights are needed. Raises a bad-input problem where the folder is no checkout of it.
    """
    if not any((checkout / part).exists() for part in model.package.split(" or ")):
        raise bad_input(f"{checkout} is no checkout of {model.title}: {model.package} is not in it", model.how_to_get())
    command = [sys.executable, "-I", str(CHECK), model.name, str(checkout.absolute())]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
    try:
        found = json.loads(ended.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = ended.stderr.strip().splitlines()[-1:] or [f"exit code {ended.returncode}"]
        return CallCheck(model.title, (), (f"the check itself ended early: {last[0]}",), ())
    return CallCheck(model.title, tuple(found["calls"]), tuple(found["faults"]), tuple(found["absent"]))
