"""The identity of a stage's code: what it reaches by imports counts, and nothing else."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import grotto
from grotto.contract import VERSION
from grotto.photos import read_photos
from grotto.runner.stamps import CodeReader, Sources, is_release

HOUSE = {
    "__init__.py": "",
    "stages/make.py": '''
        """A stage."""
        from typing import TYPE_CHECKING

        from ..meshes import repair, welded as weld
        from ..photos.reading import read
        import house.render.picture

        if TYPE_CHECKING:
            from ..runner import Run

        def make(run: "Run"):
            """Make it."""
            from ..late import late
            # a remark
            return repair(weld(read()), late)
        ''',
    "late.py": "late = 1",
    "meshes/__init__.py": """
        from .mending import repair
        from .topology import weld as welded
        from .unused import unused
        """,
    "meshes/mending/__init__.py": "from .holes import fill as repair",
    "meshes/mending/holes.py": "from ...numbers import half\nfill = half",
    "meshes/topology.py": "def weld(x): return x",
    "meshes/unused.py": "from ..elsewhere import thing as unused",
    "elsewhere.py": "thing = 1",
    "numbers/__init__.py": "half = 0.5",
    "photos/__init__.py": "from .reading import read\nfrom .unused import other",
    "photos/reading.py": 'read = open(__file__)\nPAGE = "page.html"',
    "photos/unused.py": "other = 1",
    "photos/page.html": "<p>",
    "render/__init__.py": "def __getattr__(name):\n    return name",
    "render/picture.py": 'CODE = """\n#include <one>\n"""',
    "runner/__init__.py": "from .run import Run",
    "runner/run.py": "Run = 1",
}
REACHED = [
    "stages/make.py", "late.py", "meshes/mending/holes.py", "meshes/topology.py", "numbers/__init__.py", "photos/reading.py",
    "photos/page.html", "render/picture.py",
]  # fmt: skip
NOT_REACHED = ["meshes/unused.py", "elsewhere.py", "runner/run.py"]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    folder = tmp_path / "house"
    for name, text in HOUSE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text).lstrip() + "\n")
    return folder


def identity(house: Path) -> str:
    return Sources(house).hash_of(house / "stages" / "make.py")


@pytest.mark.parametrize("name", REACHED)
def test_a_changed_file_counts_where_the_stage_reaches_it(house: Path, name: str) -> None:
    before = identity(house)
    with (house / name).open("a") as file:
        file.write("more = 2\n")
    assert identity(house) != before


@pytest.mark.parametrize("name", NOT_REACHED)
def test_a_changed_file_does_not_count_where_it_is_not_reached(house: Path, name: str) -> None:
    before = identity(house)
    with (house / name).open("a") as file:
        file.write("more = 2\n")
    assert identity(house) == before


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# a remark", "# another"),
        ('"""Make it."""', '"""Make it,\n\n    with many words.\n    """'),
        ('"""A stage."""', "# no words"),
        ("def make", "\n\ndef make"),
    ],
)
def test_words_about_the_code_do_not_count(house: Path, old: str, new: str) -> None:
    before = identity(house)
    _edit(house / "stages" / "make.py", old, new)
    assert identity(house) == before


def test_what_looks_like_a_remark_in_a_text_of_the_code_counts(house: Path) -> None:
    before = identity(house)
    _edit(house / "render" / "picture.py", "#include <one>", "#include <two>")
    assert identity(house) != before


def test_a_door_that_binds_names_in_an_unknown_way_counts_with_all_of_its_room(house: Path) -> None:
    _edit(house / "stages" / "make.py", "import house.render.picture", "from ..render import picture_of")
    before = identity(house)
    (house / "render" / "new.py").write_text("")
    assert identity(house) != before


def test_a_door_that_names_for_types_what_it_loads_late_is_followed(house: Path) -> None:
    (house / "render" / "__init__.py").write_text(
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from .picture import CODE\n\ndef __getattr__(name): ...\n"
    )
    (house / "render" / "other.py").write_text("")
    _edit(house / "stages" / "make.py", "import house.render.picture", "from ..render import CODE")
    before = identity(house)
    (house / "render" / "other.py").write_text("more = 1\n")
    assert identity(house) == before
    (house / "render" / "picture.py").write_text("CODE = 1\n")
    assert identity(house) != before


def elsewhere(house: Path) -> str:
    """The identity as another process finds it."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom grotto.runner.stamps import Sources\nhouse = Path(sys.argv[1])\n"
        "print(Sources(house).hash_of(house / 'stages' / 'make.py'))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(grotto.__file__).parents[1])}
    told = subprocess.run(
        [sys.executable, "-c", program, str(house)], env=environment, capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def test_what_was_parsed_is_kept_for_other_processes_and_is_never_out_of_date(house: Path) -> None:
    kept, changed = house / "__pycache__" / "sources.json", house / "late.py"
    first = elsewhere(house)
    assert first == identity(house)
    state, text = changed.stat(), changed.read_text()
    changed.write_text(text.replace("late = 1", "late = 2"))  # of the same size
    os.utime(changed, ns=(state.st_atime_ns, state.st_mtime_ns))
    second = elsewhere(house)
    assert second != first
    assert second == identity(house)
    data = json.loads(kept.read_text())
    spoiled = {key: [*row[:2], "another digest", row[3]] for key, row in data["sources"].items()}
    kept.write_text(json.dumps({**data, "sources": spoiled}))
    assert elsewhere(house) != second  # so it was read
    kept.write_text(json.dumps({"parser": "an older one", "sources": spoiled}))
    assert elsewhere(house) == second
    again = json.loads(kept.read_text())
    assert again["parser"] == data["parser"]
    assert all(data["sources"][key] == row for key, row in again["sources"].items())


@pytest.mark.parametrize("text", ["", "[1]", '{"parser": 1}', "{" * 100_000, "\0"])
def test_a_damaged_list_of_what_was_parsed_changes_nothing(house: Path, text: str) -> None:
    before = Sources(house).hash_of(house / "stages" / "make.py")
    copy = house.parent / "copy" / "house"
    shutil.copytree(house, copy)
    (copy / "__pycache__").mkdir(exist_ok=True)
    (copy / "__pycache__" / "sources.json").write_text(text)
    assert identity(copy) == before


def test_the_folder_of_the_checkout_does_not_count(house: Path, tmp_path: Path) -> None:
    before = identity(house)
    (tmp_path / "other").mkdir()
    assert identity(house.rename(tmp_path / "other" / "house")) == before


def test_the_package_under_test_is_a_checkout_and_its_stages_have_hashes() -> None:
    assert not is_release()
    code = CodeReader().of(read_photos)
    assert len(code.identity) == 64
    assert code.name == f"{VERSION}+{code.identity[:8]}"
    reached = Sources(Path(grotto.__file__).parent).reached(Path(read_photos.__code__.co_filename))
    assert {path.name for path in reached} >= {"problem.py", "artefact.py"}
    assert "cli.py" not in {path.name for path in reached}


def test_an_installed_package_is_known_by_its_release(tmp_path: Path) -> None:
    """A copy that an installer recorded: the record names the files that run, so their hash would only cost time."""
    shutil.copytree(Path(grotto.__file__).parent, tmp_path / "grotto", ignore=shutil.ignore_patterns("__pycache__"))
    record = tmp_path / f"grotto-{VERSION}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: grotto\nVersion: {VERSION}\n")
    (record / "RECORD").write_text("grotto/__init__.py,sha256=x,1\ngrotto/runner/__init__.py,sha256=x,1\n")
    program = (
        "from grotto.runner.stamps import CodeReader\nfrom grotto.photos import read_photos\n"
        "print(CodeReader().of(read_photos).identity)"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == VERSION


def _wrapped(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def inner(*arguments: object) -> object:
        return function(*arguments)

    return inner


def test_a_function_is_found_behind_what_wraps_it() -> None:
    reader = CodeReader()
    assert reader.of(functools.partial(read_photos)) == reader.of(_wrapped(read_photos)) == reader.of(read_photos)
    assert reader.of(len).identity == VERSION
