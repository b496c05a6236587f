"""Lines of events.jsonl by number, whatever else stands in the file."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

from grotto.contract import EVENTS_FILE, Note, event_to_json
from grotto.server import EventLines


def note(number: int) -> str:
    return event_to_json(Note(time=float(number), stage="s", message=str(number)))


def test_strange_lines_count_and_are_left_out(tmp_path: Path) -> None:
    strange = ["{", "[" * 100_000, "\xff", '{"a": 1}', "3", "x" * 3_000_000, "[" + "[]," * 300_000 + "[]]", ""]
    lines = [note(0), *strange, note(1)]
    (tmp_path / EVENTS_FILE).write_text("\n".join(lines) + "\n" + note(2), encoding="latin-1")
    events = EventLines(tmp_path)
    found, seen = events.after(0)
    assert [(number, event["message"]) for number, event in found] == [(1, "0"), (len(lines), "1")]
    assert seen == len(lines)
    with (tmp_path / EVENTS_FILE).open("a") as file:
        file.write("\n")
    assert events.after(seen) == ([(len(lines) + 1, json.loads(note(2)))], len(lines) + 1)


def test_empty_lines_and_a_long_one_take_little_memory(tmp_path: Path) -> None:
    (tmp_path / EVENTS_FILE).write_bytes(b"\n" * 200_000 + b"x" * 5_000_000 + b"\n" + note(1).encode() + b"\n")
    events, seen, found = EventLines(tmp_path), 0, []
    tracemalloc.start()
    found, seen = events.after(199_990)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [event["message"] for _, event in found] == ["1"]
    assert seen == 200_002
    assert peak < 4_000_000


def test_one_answer_holds_a_part_of_long_lines(tmp_path: Path) -> None:
    line = json.dumps({"event": "note", "message": "x" * 1_000_000})
    (tmp_path / EVENTS_FILE).write_text((line + "\n") * 20)
    events = EventLines(tmp_path)
    found, seen = events.after(0)
    assert 0 < seen == len(found) < 20
    numbers = [number for number, _ in found]
    while seen < 20:
        found, seen = events.after(seen)
        numbers += [number for number, _ in found]
    assert numbers == list(range(1, 21))


def test_another_file_in_its_place_is_read_from_its_beginning(tmp_path: Path) -> None:
    (tmp_path / EVENTS_FILE).write_text("".join(note(number) + "\n" for number in range(9)))
    events = EventLines(tmp_path)
    assert events.after(0)[1] == 9
    (tmp_path / EVENTS_FILE).write_text(note(5) + "\n")
    found, seen = events.after(0)
    assert [event["message"] for _, event in found] == ["5"]
    assert seen == 1
