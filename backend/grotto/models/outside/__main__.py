"""`python -m grotto.models.outside MODEL CHECKOUT [MODEL CHECKOUT ...]`: do the calls of our scripts fit real checkouts?

For maintainers, after a publisher's change. Exit codes: 0 all calls fit, 2 some do not.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ...contract import EXIT_DONE, Kind
from ..registry import outside_model
from .check import check_calls


def main(words: list[str]) -> int:
    """Check each pair of a model and its checkout, and write what was found."""
    if not words or len(words) % 2:
        sys.stderr.write(f"{(__doc__ or '').splitlines()[0]}\n")
        return Kind.BAD_INPUT.exit_code
    faults = 0
    for name, checkout in zip(words[::2], words[1::2], strict=True):
        found = check_calls(outside_model(name), Path(checkout))
        sys.stdout.write(found.text() + "\n")
        faults += len(found.faults)
    return Kind.BAD_INPUT.exit_code if faults else EXIT_DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
