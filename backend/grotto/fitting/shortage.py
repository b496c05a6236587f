"""What torch says when CUDA's memory does not suffice, with its numbers, in our words."""

from __future__ import annotations

import re

_SIZE = r"([\d.]+ [KMG]iB)"
_WANTED = re.compile(rf"Tried to allocate {_SIZE}")
_WHOLE = re.compile(rf"total capacity of {_SIZE}")
_FREE = re.compile(rf"of which {_SIZE} is free")


def shortage_told(error: BaseException) -> str:
    """Part of a sentence from a torch.OutOfMemoryError: "the GPU has 79.1 GiB of memory, 1.0 GiB free, and 2.0 GiB more ...".

    Torch's own first sentence where it tells no numbers.
    """
    words = str(error)
    wanted, whole, free = (found.group(1) if (found := place.search(words)) else "" for place in (_WANTED, _WHOLE, _FREE))
    if not wanted:
        return f"the GPU's memory does not suffice ({words.split('. ')[0].rstrip('.') or 'out of memory'})"
    has = f"the GPU has {whole} of memory" + (f", {free} free" if free else "") if whole else "the GPU's memory does not suffice"
    return f"{has}, and {wanted} more were needed"
