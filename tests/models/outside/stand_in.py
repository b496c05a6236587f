"""Stands in for an outside model: a process of its own that speaks the protocol, well or badly, as its second word says."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def say(event: str, **told: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **told}) + "\n")
    sys.stdout.flush()


def textured_ball(coloured: bool = True) -> Any:
    """A ball in glTF's frame whose front (+z) is red, back blue, top green."""
    import numpy as np
    import trimesh
    from PIL import Image

    ball = trimesh.creation.icosphere(subdivisions=2, radius=2.0)
    ball.apply_translation([5.0, 1.0, -3.0])
    if not coloured:
        return ball
    # places: u by the angle round y from the front, v by the height
    away = ball.vertices - [5.0, 1.0, -3.0]
    u = np.arctan2(away[:, 0], away[:, 2]) / (2 * np.pi) + 0.5
    v = away[:, 1] / 4 + 0.5
    picture = np.zeros((64, 128, 3), np.uint8)
    picture[:, 32:96, 0] = 255
    picture[:, :32, 2] = picture[:, 96:, 2] = 255
    picture[:8] = [0, 255, 0]
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=Image.fromarray(picture))
    ball.visual = trimesh.visual.TextureVisuals(uv=np.stack([u, v], axis=1), material=material)
    return ball


def leave(way: str, out: Path) -> None:
    """Leave a mesh and a result, well or badly."""
    ball = textured_ball(coloured=way != "no colours")
    if way == "not finite":
        ball.vertices[3] = float("nan")
    name = "mesh.obj" if way == "obj" else "mesh.glb"
    if way == "empty":
        import trimesh

        ball = trimesh.PointCloud(ball.vertices)
    ball.export(out / name)
    if way == "cut short":
        whole = (out / name).read_bytes()
        (out / name).write_bytes(whole[: len(whole) // 2])
    told = {"protocol": 2 if way == "older" else 1, "mesh": name, "up": "+y", "front": "+z"}
    if way == "elsewhere":
        told["mesh"] = "../mesh.glb"
    if way == "axes":
        told["front"] = "+y"
    if way != "no result":
        (out / "result.json").write_text("{nonsense" if way == "garbage" else json.dumps(told))


def main(way: str, request_file: str) -> int:
    if way == "crash":
        sys.stderr.write("Segmentation fault in the sampler\n")
        return 139
    say("hello", protocol=99 if way == "other protocol" else 1)
    request = json.loads(Path(request_file).read_text(encoding="utf-8"))
    out = Path(request["out"])
    sys.stdout.write("a bar 10%|#   | and no line of the protocol\n[1, 2]\n")
    sys.stdout.buffer.write(b"\xff\xfe bytes that are no text\n")
    say("progress", fraction=0.25, message="sampling")
    say("progress", fraction="much", message="nonsense")
    if way in ("hang", "hang with a child"):
        if way == "hang with a child":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            (out / "child.pid").write_text(f"{os.getpid()} {child.pid}")
        say("progress", fraction=0.5, message="hanging")
        time.sleep(60)
    if way == "out of memory":
        say("error", kind="out_of_memory", text="CUDA out of memory. Tried to allocate 2.00 GiB")
        return 1
    if way == "no weights":
        say("error", kind="weights", text="LocalEntryNotFoundError")
        return 1
    if way in ("half", "other protocol"):
        return 0
    leave(way, out)
    say("note", message="a note for the user")
    say("done")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
