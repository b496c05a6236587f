"""Memory: control groups of both versions, the refusal and its numbers, the peak."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grotto.contract import Kind, ProblemError
from grotto.runner import GB, MB, cgroup_free_bytes, free_bytes, refuse_if_gpu_is_too_small, refuse_if_too_large


def write(file: Path, text: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n")


def test_version_2_takes_the_tightest_group_above(tmp_path: Path) -> None:
    root = tmp_path / "cgroup"
    write(tmp_path / "self", "0::/user/job")
    write(root / "user/job/memory.max", "max")
    write(root / "user/job/memory.current", 1 * GB)
    write(root / "user/memory.max", 4 * GB)
    write(root / "user/memory.current", 3 * GB)
    write(root / "user/memory.stat", f"anon 5\ninactive_file {GB // 2}\nfile 7")
    assert cgroup_free_bytes(tmp_path / "self", root) == GB + GB // 2


def test_version_1(tmp_path: Path) -> None:
    root = tmp_path / "cgroup"
    write(tmp_path / "self", "4:cpu,cpuacct:/job\n3:memory:/job\n1:name=systemd:/job")
    write(root / "memory/job/memory.limit_in_bytes", 2 * GB)
    write(root / "memory/job/memory.usage_in_bytes", GB)
    write(root / "memory/job/memory.stat", "total_inactive_file 100")
    write(root / "memory/memory.limit_in_bytes", 9223372036854771712)  # what Linux says for no limit
    write(root / "memory/memory.usage_in_bytes", GB)
    assert cgroup_free_bytes(tmp_path / "self", root) == GB + 100


def test_no_group_or_no_limit(tmp_path: Path) -> None:
    assert cgroup_free_bytes(tmp_path / "missing", tmp_path) is None
    write(tmp_path / "self", "0::/")
    assert cgroup_free_bytes(tmp_path / "self", tmp_path) is None


def test_a_group_over_its_limit_has_nothing_left(tmp_path: Path) -> None:
    write(tmp_path / "self", "0::/job")
    write(tmp_path / "job/memory.max", GB)
    write(tmp_path / "job/memory.current", 2 * GB)
    assert cgroup_free_bytes(tmp_path / "self", tmp_path) == 0


def test_this_process_has_some_memory() -> None:
    assert 0 < free_bytes() < 1 << 50


def test_refusal_says_both_numbers() -> None:
    needed = free_bytes() + 100 * GB
    with pytest.raises(ProblemError) as caught:
        refuse_if_too_large("Joining", needed, 0)
    problem = caught.value.problem
    assert problem.kind is Kind.MISSING_RESOURCE
    assert f"Joining needs {needed / GB:.1f} GB of memory" in problem.cause
    assert "GB are free" in problem.cause


def test_the_users_limit_counts_where_it_is_tighter() -> None:
    refuse_if_too_large("Joining", 100 * MB, 200)
    refuse_if_too_large("Joining", 100 * MB, 0)
    with pytest.raises(ProblemError, match=r"needs 0\.3 GB of memory, 0\.2 GB are allowed"):
        refuse_if_too_large("Joining", 300 * MB, 200)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak is that of the whole process")
def test_peak_is_seen_and_forgotten() -> None:
    """In a process of its own: what other tests left behind is freed when it pleases."""
    program = """if True:
        from grotto.runner.memory import MB, PeakMemory
        peak = PeakMemory()
        peak.restart()
        before = peak.megabytes()
        block = bytearray(80 * MB)
        block[::4096] = b"x" * len(block[::4096])
        assert peak.megabytes() > before + 70
        del block
        peak.restart()
        assert peak.megabytes() < before + 40
    """
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_gpu_that_is_too_small_is_refused_with_its_numbers() -> None:
    refuse_if_gpu_is_too_small("Fitting splats", 3 * GB, None)  # no GPU, nothing to refuse
    refuse_if_gpu_is_too_small("Fitting splats", 3 * GB, 4 * GB)
    with pytest.raises(ProblemError, match=r"Fitting splats needs 3\.0 GB of GPU memory, 2\.0 GB are free") as error:
        refuse_if_gpu_is_too_small("Fitting splats", 3 * GB, 2 * GB)
    assert error.value.problem.kind is Kind.MISSING_RESOURCE and "CUDA_VISIBLE_DEVICES" in error.value.problem.remedy
