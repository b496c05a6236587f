"""The journal: whole lines whatever happens."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from real_processes import read_events, read_lines

from grotto.contract import JobState, Note, StateChanged, event_from_json
from grotto.runner import Journal


def note(message: str) -> Note:
    return Note(time=1.0, stage="s", message=message)


def test_events_come_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    events = [StateChanged(time=1.0, state=JobState.RUNNING), note("größer"), note("second\nline")]
    for event in events:
        journal(event)
    assert read_events(tmp_path) == events
    assert len(read_lines(tmp_path, after=1)) == 2


def test_a_torn_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    Journal(tmp_path)(note("one"))
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('{"event": "note", "ti')
    assert read_events(tmp_path) == [note("one")]
    Journal(tmp_path)(note("two"))
    assert read_events(tmp_path) == [note("one"), note("two")]
    assert len(read_lines(tmp_path)) == 3  # the torn line keeps its number


def test_names_that_are_not_utf8_come_through(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    Journal(tmp_path)(note(f"{name} skipped"))
    (line,) = read_lines(tmp_path)
    assert json.loads(line)["message"] == f"{name} skipped"


def test_threads_write_whole_lines(tmp_path: Path) -> None:
    journals = [Journal(tmp_path), Journal(tmp_path)]
    threads = [
        threading.Thread(target=lambda j=journal, k=k: [j(note("x" * 200 + str(k))) for _ in range(50)])
        for k, journal in enumerate(journals * 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_events(tmp_path)) == 200


def test_a_reader_that_left_and_a_folder_that_went_do_not_stop_the_job(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    journal = Journal(tmp_path, writing)
    journal(note("one"))
    assert event_from_json(os.read(reading, 1000).decode()) == note("one")
    os.close(reading)
    journal(note("two"))
    os.close(writing)
    assert read_events(tmp_path) == [note("one"), note("two")]
    Journal(tmp_path / "gone")(note("three"))
    assert read_events(tmp_path / "gone") == []
