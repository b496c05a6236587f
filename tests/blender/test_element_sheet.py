"""A finished sheet of six views through Blender, as `grotto run element ice.png --route sheet` makes it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest
from own_backend import own_backend

ROOT = Path(__file__).resolve().parents[2]
SHEET = Path(os.environ.get("GROTTO_DATA", ROOT.parent / "shared" / "data")) / "zerorf_ice" / "ice.png"


@pytest.fixture(scope="module")
def made(grotto: Path, installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not SHEET.is_file():
        pytest.skip(f"there is no sheet at {SHEET}: set GROTTO_DATA to where the data are")
    folder = tmp_path_factory.mktemp("sheet")
    with own_backend(folder, grotto):
        bpy.data.batch_remove(list(bpy.data.objects))
        bpy.data.batch_remove(list(bpy.data.collections))
        sheet = {"source": str(SHEET), "route": "sheet", "rig": "zero123plus-v1.1", "quality": "DRAFT"}
        assert bpy.ops.grotto.create_element(out=str(folder / "job"), **sheet) == {"FINISHED"}
        yield folder / "job"


@pytest.mark.slow
def test_a_sheet_becomes_one_closed_body(made: Path, tmp_path: Path) -> None:
    """What the backend says of it is what stands in the scene, and what leaves it as a GLB."""
    facts = json.loads((made / "result.json").read_text())["facts"]
    body: Any = bpy.data.objects["ice Mesh"]
    assert (facts["components"], facts["watertight"]) == (1, True)
    assert len(body.data.polygons) == facts["faces"] <= 20_000
    assert facts["input_view_psnr_db"]["mesh"] >= 26.0
    assert len([item for item in bpy.context.scene.objects if item.type == "CAMERA"]) == 6
    assert bpy.ops.grotto.export_glb(filepath=str(tmp_path / "ice.glb")) == {"FINISHED"}
    with pytest.raises(RuntimeError, match="sheet"):
        bpy.ops.grotto.paint_strokes()
