"""Documents that follow from the code are up to date, and links between documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grotto.recipes import RECIPES
from grotto.runner import options_table

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_options_tables_are_up_to_date(recipe: str) -> None:
    text = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    entry = RECIPES[recipe]
    table = options_table(entry.options, entry.qualities, markdown=True)
    assert f"## `grotto run {recipe}`\n\n{table}" in text, "run make docs"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_that_are_named_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
