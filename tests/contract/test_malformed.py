"""Documents of another shape: refused in words with the place, whoever wrote them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grotto.contract import JobRequest, Kind, ProblemError, Result, malformed_as_bad_input, parse_json

RESULT = {"recipe": "wall", "assets": [{"kind": "mesh", "path": "mesh/a.glb"}], "facts": {}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"assets": [{"kind": "mesh", "path": "../a.glb"}]}, "no place in the job's folder"),
        ({"assets": [{"kind": "mesh", "path": "/a.glb"}]}, "no place in the job's folder"),
        ({"assets": [{"kind": "mesh", "path": "C:a.glb"}]}, "no place in the job's folder"),
        ({"assets": [{"kind": "mesh", "path": "a\\..\\..\\b.glb"}]}, "no place in the job's folder"),
        ({"assets": [{"kind": "mesh", "path": ""}]}, "no place in the job's folder"),
        ({"assets": [{"kind": "mesh", "path": 3}]}, "assets.0.path is not of the kind str"),
        ({"assets": [3]}, "assets.0 is no object"),
        ({"assets": {"a": 1}}, "assets is no list"),
        ({"assets": [{"path": "a"}]}, "assets.0.kind is missing"),
        ({"timings": {"a": 10**400}}, "too large"),
        ({"timings": {"a": True}}, "timings.a is not of the kind float"),
        ({"notes": "abc"}, "notes is no list"),
        ({"models": [{"name": None}]}, "models.0.name is not of the kind str"),
        ({"later": 1}, "later is unknown"),
    ],
)
def test_a_result_of_another_shape_is_refused_with_the_place(tmp_path: Path, change: dict, words: str) -> None:
    (tmp_path / "result.json").write_text(json.dumps(RESULT))
    assert Result.read(tmp_path).main("mesh") is not None
    (tmp_path / "result.json").write_text(json.dumps(RESULT | change))
    with pytest.raises(ProblemError, match=words):
        Result.read(tmp_path)


@pytest.mark.parametrize("text", ["", "[", "[]", "{" * 100_000, '{"recipe": "a"}', "\xff", '{"input": "a\\u0000"}'])
def test_a_request_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "request.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ProblemError, match="is not a job's request"):
        JobRequest.read(tmp_path)


def test_brackets_and_commas_are_no_document() -> None:
    numbers = json.dumps([[0.123456789 * number, number] for number in range(20_000)]).encode()
    assert len(parse_json(numbers)) == 20_000
    assert parse_json(b"\xef\xbb\xbf{}") == {}
    with pytest.raises(ValueError, match="brackets and commas"):
        parse_json(b"[" + b"[]," * 700_000 + b"[]]")


def test_whatever_a_parse_raises_becomes_one_line_in_words() -> None:
    faults = (
        KeyError("x"),
        IndexError("list index"),
        RecursionError(),
        OverflowError(),
        TypeError("NoneType"),
        ValueError("a\nb\x1b"),
    )
    for fault in faults:
        with pytest.raises(ProblemError) as caught, malformed_as_bad_input("it cannot be read", "make it again"):
            raise fault
        assert caught.value.problem.kind is Kind.BAD_INPUT
        assert caught.value.problem.cause.isprintable()
        assert caught.value.__cause__ is fault
    with pytest.raises(MemoryError), malformed_as_bad_input("it cannot be read", "make it again"):
        raise MemoryError
