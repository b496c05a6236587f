"""A request on disk: whole, or as it was before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grotto.contract import JobRequest

FIRST = JobRequest("wall", "/photos", "/out", {"photos": {}})
_WRITE = """
import resource, signal, sys
from pathlib import Path
from grotto.contract import JobRequest
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))  # so the write ends in the middle
JobRequest("scan", "/" + "long" * 100, "/out", {}).write(Path(sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="file sizes are limited as Linux does it")
@pytest.mark.parametrize("earlier", [False, True])
def test_a_write_that_ends_in_the_middle_leaves_the_earlier_request_or_none(earlier: bool, tmp_path: Path) -> None:
    if earlier:
        FIRST.write(tmp_path)
    ended = subprocess.run([sys.executable, "-c", _WRITE, str(tmp_path)], capture_output=True, text=True, check=False)
    assert "File too large" in ended.stderr
    assert (tmp_path / "request.json").exists() is earlier
    if earlier:
        assert JobRequest.read(tmp_path) == FIRST
