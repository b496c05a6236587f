"""An option is declared once: the shell and HTTP have it without another word. (Blender's sidebar: tests/blender.)"""

from __future__ import annotations

import ast
import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from grotto.contract import ProblemError, group, leaves, option, option_group
from grotto.contract.options import MakeWallOptions, TrainOptions
from grotto.contract.recipes import WALL_QUALITIES, RecipeOptions, WallOptions, from_nested, to_nested
from grotto.recipes import RECIPES, Entry
from grotto.runner import flags, options_table
from grotto.runner.stamps import job_stamp
from grotto.server import Backend, JobQueue, Leases, Store, make_app


@option_group
class MurmurOptions:
    """A stage."""

    murmur_count: int = option(3, "Murmurs", "How many murmurs", unit="pieces", least=1, most=9)
    loud: bool = option(False, "Loud", "Whether they are loud")
    tone: str = option("low", "Tone", "Which tone", choices=("low", "high"))
    pitch_hz: float = option(440.0, "Pitch", "Of the first murmur", unit="Hz", least=1.0, most=20000.0)


@option_group
class AddedOptions(RecipeOptions):
    """A recipe with one group that no door has heard of."""

    murmurs: MurmurOptions = group(default_factory=MurmurOptions)


ADDED = Entry("no.module", AddedOptions, {"standard": AddedOptions()})


@pytest.fixture
def http(tmp_path: Path) -> Iterator[TestClient]:
    recipes = {"added": ADDED}
    store = Store(tmp_path / "jobs.db")
    jobs = JobQueue(store, recipes, tmp_path / "jobs", workers=0)
    backend = Backend(jobs=jobs, leases=Leases(), recipes=recipes, stop=lambda: None, stopping=lambda: False)
    app = make_app(backend, token="t", port=80)
    with TestClient(app, base_url="http://127.0.0.1:80", headers={"Authorization": "Bearer t", "Host": "127.0.0.1:80"}) as client:
        yield client
    jobs.close()
    store.close()


def from_shell(*words: str) -> AddedOptions:
    def job(options: Any = None) -> Any:
        return options

    job.__defaults__ = (AddedOptions(),)
    return flags(job, list(words), "test", {"options": AddedOptions})


def test_the_shell_has_a_new_option() -> None:
    assert from_shell() == AddedOptions()
    got = from_shell("--murmur-count", "5", "--loud", "--tone", "high", "--pitch-hz", "100")
    assert dataclasses.astuple(got) == (0, (5, True, "high", 100.0))
    for words in (("--murmur-count", "10"), ("--tone", "middle"), ("--pitch-hz", "nan")):
        with pytest.raises(ProblemError):
            from_shell(*words)
    for words in (("--murmur-count", "2.5"), ("--murmurs", "2"), ("--murmur-count", "many")):
        with pytest.raises(SystemExit):
            from_shell(*words)


def test_http_has_a_new_option(http: TestClient) -> None:
    schema = http.get("/v1/openapi.json").json()["components"]["schemas"]["MurmurOptions"]
    assert schema["properties"]["murmur_count"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 9,
        "default": 3,
        "title": "Murmurs",
        "description": "How many murmurs",
        "unit": "pieces",
    }
    assert schema["properties"]["tone"]["enum"] == ["low", "high"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    "murmurs",
    [
        {"murmur_count": 10},
        {"murmur_count": True},
        {"murmur_count": "3"},
        {"murmur_count": 3.0},
        {"loud": 1},
        {"loud": "yes"},
        {"tone": "middle"},
        {"pitch_hz": 0},
        {"pitch_hz": "440"},
        {"whispers": 1},
    ],
)
def test_http_and_contract_refuse_the_same(http: TestClient, tmp_path: Path, murmurs: dict[str, Any]) -> None:
    with pytest.raises(ProblemError) as caught:
        from_nested(AddedOptions, {"murmurs": murmurs})
    answer = http.post("/v1/jobs/added", json={"input": str(tmp_path), "options": {"murmurs": murmurs}})
    assert answer.status_code == 422, answer.text
    assert answer.json()["kind"] == "bad_input"
    wrong = next(iter(murmurs))
    named = wrong if wrong in {leaf.name for leaf in leaves(AddedOptions)} else ""
    assert caught.value.problem.option == answer.json()["option"] == named


def test_both_doors_mean_the_same_options(http: TestClient, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    body = {"murmurs": {"murmur_count": 5, "pitch_hz": 100}, "memory_limit_mb": 7}
    answer = http.post("/v1/jobs/added", json={"input": str(source), "options": body})
    assert answer.status_code == 201, answer.text
    shell = from_shell("--murmur-count", "5", "--pitch-hz", "100", "--memory-limit-mb", "7")
    assert answer.json()["options"] == to_nested(shell)
    over_http = from_nested(AddedOptions, json.loads(json.dumps(answer.json()["options"])))
    assert job_stamp("added", over_http, "input") == job_stamp("added", shell, "input")


def test_the_table_has_a_new_option() -> None:
    assert "--murmur-count" in options_table(AddedOptions, ADDED.qualities, markdown=True)


@pytest.mark.parametrize("quality", list(WALL_QUALITIES))
def test_the_wall_through_both_doors(quality: str) -> None:
    def job(options: Any = None) -> Any:
        return options

    job.__defaults__ = (WALL_QUALITIES[quality],)
    shell = flags(job, [], "test", {"options": WallOptions})
    over_http = from_nested(WallOptions, json.loads(json.dumps(to_nested(WALL_QUALITIES[quality]))))
    assert shell == over_http == WALL_QUALITIES[quality]
    assert job_stamp("wall", shell, "x") == job_stamp("wall", over_http, "x")


def test_names_are_unique_and_simple() -> None:
    names = [leaf.name for leaf in leaves(WallOptions)]
    assert len(names) == len(set(names))

    @option_group
    class Twice:
        """Two groups with one name."""

        one: MurmurOptions = group(default_factory=MurmurOptions)
        two: MurmurOptions = group(default_factory=MurmurOptions)

    with pytest.raises(ValueError, match="murmur_count"):
        list(leaves(Twice))


def test_the_contract_needs_the_standard_library_only() -> None:
    code = (
        "import sys, importlib; before = set(sys.modules);"
        "[importlib.import_module('grotto.contract' + door) for door in ('', '.options', '.recipes')];"
        "print(sorted({m.partition('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names - {'grotto'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_problems_name_options_that_exist() -> None:
    known = {leaf.name for entry in RECIPES.values() for leaf in leaves(entry.options)}
    known |= {leaf.name for made in (MakeWallOptions, TrainOptions) for leaf in leaves(made)}
    backend = Path(__file__).resolve().parents[2] / "backend" / "grotto"
    found = {
        (path.name, keyword.value.value)
        for path in backend.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("bad_input", "missing_resource")
        for keyword in node.keywords
        if keyword.arg == "option" and isinstance(keyword.value, ast.Constant)
    }
    assert len(found) > 20
    assert [(file, name) for file, name in sorted(found) if name not in known] == []
