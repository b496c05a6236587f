"""One client that polls: `python poll_client.py PORT PATH BEARER SECONDS RATE START`. Standard library only: it starts soon.

START is in seconds of the monotonic clock, which all processes of a machine share. Writes milliseconds of each answer as JSON.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import sys
import time


def poll(port: int, path: str, bearer: str, seconds: float, rate_hz: float, start_s: float) -> list[float]:
    """Milliseconds of each answer over one connection; polls that are late are made at once."""
    headers = {"Authorization": bearer} if bearer else {}
    times_ms: list[float] = []
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        begin = max(start_s, time.monotonic())
        for number in range(int(seconds * rate_hz)):
            now = time.monotonic()
            if now - begin > seconds:
                break
            time.sleep(max(0.0, begin + number / rate_hz - now))
            asked = time.monotonic()
            connection.request("GET", path, headers=headers)
            connection.getresponse().read()
            times_ms.append(1000.0 * (time.monotonic() - asked))
    return times_ms


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.stdout.write(json.dumps(poll(int(words[0]), words[1], words[2], float(words[3]), float(words[4]), float(words[5]))))
