"""Jobs as the command line shows them."""

from __future__ import annotations

import time
from typing import Any

from ..contract import JobState, Problem
from ..runner import duration


def jobs_table(jobs: list[dict[str, Any]]) -> str:
    """One line a job, newest first."""
    if not jobs:
        return "no jobs\n"
    rows = [("id", "recipe", "state", "done", "input", "output")]
    rows += [(j["id"], j["recipe"], j["state"], f"{j['fraction']:.0%}", j["input"], j["out"]) for j in jobs]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows)


def job_text(job: dict[str, Any]) -> str:
    """Everything about one job."""
    lines = [f"job {job['id']}: {job['recipe']}, {job['state']}", f"input: {job['input']}", f"output: {job['out']}"]
    if job["started"] is not None:
        lines.append(f"time: {duration(max(0.0, (job['ended'] or time.time()) - job['started']))}")
    if job["title"]:
        lines.append(f"stage: {job['number']}/{job['count']} {job['title']} {job['message']}".rstrip())
    if not JobState(job["state"]).ended:
        left = "" if job["seconds_left"] is None else f", {duration(job['seconds_left'])} left"
        lines.append(f"done: {job['fraction']:.0%}{left}")
    if job["problem"] is not None:
        lines.append(Problem.from_json(job["problem"]).sentence())
    return "\n".join(lines) + "\n"
