"""Work on all cores of this machine, in threads: OpenCV and numpy let go of Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed


def in_parallel(work: Callable[[int], None], count: int) -> Iterator[int]:
    """Do `work` of 0 to count - 1 on all cores, in any order; yields how many are done."""
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        waiting = [pool.submit(work, index) for index in range(count)]
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                future.result()
                yield done
        finally:
            for future in waiting:
                future.cancel()
