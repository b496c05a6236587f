"""Many files looked at side by side, within the free memory, with progress and a way to stop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from PIL import Image

from ..contract import Progress
from ..contract.options import PhotoOptions
from .files import Limit
from .finding import Found
from .inspection import BYTES_PER_PIXEL, Header, Inspected, inspect, read_header, too_large
from .mask_files import MaskFile
from .mask_reading import bytes_to_read_mask
from .photo import Skipped

_SHARE_OF_FREE_MEMORY = 0.7  # what reading photos takes of it at most


def limit_of_looks(options: PhotoOptions, free_memory: int) -> Limit:
    """The largest picture that is decoded to find out whether it is a mask."""
    fits = int(_SHARE_OF_FREE_MEMORY * free_memory) // BYTES_PER_PIXEL
    return Limit(min(int(1e6 * options.largest_photo_mp), fits), may_be_flat=True)


def read_headers(found: list[Found], options: PhotoOptions, report: Progress) -> tuple[list[tuple[Found, Header]], list[Skipped]]:
    """The pictures that can be opened and are not too large, and the others with the reason."""
    Image.init()  # before any thread asks for a format
    free = int(_SHARE_OF_FREE_MEMORY * report.free_memory)
    headers: list[tuple[Found, Header]] = []
    skipped: list[Skipped] = []
    for index, picture in enumerate(found):
        if index % 50 == 0:
            report(0.1 * index / len(found), "reading sizes")
        try:
            header = read_header(picture.path)
            reason = too_large(header, options.largest_photo_mp, free)
        except ValueError as error:
            reason = str(error)
        if reason:
            skipped.append(Skipped(name=picture.name, reason=reason))
        else:
            headers.append((picture, header))
    return headers, skipped


def inspect_all(
    headers: list[tuple[Found, Header]], masks: Mapping[str, MaskFile], report: Progress
) -> tuple[list[Inspected], list[Skipped]]:
    """Every picture decoded and measured, in the order given; the broken ones with the reason."""
    needs = [header.bytes_to_read for _, header in headers]
    needs += [
        bytes_to_read_mask(masks[found.name], (header.width, header.height)) for found, header in headers if found.name in masks
    ]
    largest = max(needs, default=1)
    free = int(_SHARE_OF_FREE_MEMORY * report.free_memory)
    at_once = max(1, min(os.cpu_count() or 1, free // largest))
    results: dict[int, Inspected] = {}
    skipped: list[Skipped] = []
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="photo")
    try:
        waiting: dict[Future[Inspected], int] = {
            pool.submit(inspect, found, header, masks.get(found.name), free): index
            for index, (found, header) in enumerate(headers)
        }
        while waiting:
            report(
                0.1 + 0.85 * (1 - len(waiting) / len(headers)), f"checking photo {len(headers) - len(waiting)} of {len(headers)}"
            )
            done, _ = wait(waiting, timeout=0.3, return_when=FIRST_COMPLETED)
            for future in done:
                index = waiting.pop(future)
                try:
                    results[index] = future.result()
                except ValueError as error:
                    skipped.append(Skipped(name=headers[index][0].name, reason=str(error)))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [results[index] for index in sorted(results)], skipped
