"""Checkouts that stand in for the models': packages with the published names and calls, which make a ball in their frame.

They stand in for an environment, too: `torch` there is a few lines that do what the scripts ask of it.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

TORCH = """
    import contextlib
    import numpy
    float16 = "float16"
    seeds = []
    class cuda:
        @staticmethod
        def is_available(): return False
    def no_grad(): return contextlib.nullcontext()
    def manual_seed(seed):
        seeds.append(seed)
        return f"generator {seed}"
    def device(name): return name
    class Tensor:
        def __init__(self, values): self.values = numpy.asarray(values)
        shape = property(lambda self: self.values.shape)
        data = property(lambda self: self)
        def reshape(self, *shape): return Tensor(self.values.reshape(*shape))
        def permute(self, *order): return Tensor(self.values.transpose(*order))
        def clamp(self, low, high): return Tensor(self.values.clip(low, high))
        def __getitem__(self, key): return Tensor(self.values[key])
        def to(self, device): return self
        def cpu(self): return self
        def numpy(self): return self.values
    def from_numpy(values): return Tensor(values)
    def load(path, map_location, weights_only):
        assert weights_only
        return {"state_dict": {"lrm_generator.a": 1, "other": 2}} if path.endswith("ckpt") else {"unet": 1}
"""
BALL = """
    import numpy
    import trimesh
    from PIL import Image
    def ball(up, front):
        '''A sphere, red towards `front` and blue away from it, stretched to twice its width along `up`.'''
        mesh = trimesh.creation.icosphere(subdivisions=2)
        ahead = mesh.vertices @ numpy.asarray(front)
        mesh.vertices += numpy.outer(mesh.vertices @ numpy.asarray(up), up)
        return mesh, ahead
    def textured(up, front):
        mesh, ahead = ball(up, front)
        picture = numpy.zeros((8, 16, 3), numpy.uint8)
        picture[:, :8, 2] = 255
        picture[:, 8:, 0] = 255
        uv = numpy.stack([ahead / 2 + .5, numpy.full(len(ahead), .5)], axis=1)
        material = trimesh.visual.material.PBRMaterial(baseColorTexture=Image.fromarray(picture))
        mesh.visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
        return mesh
"""
TRIPOSR = {
    "tsr/system.py": """
        import numpy
        from ball import ball
        class TSR:
            class renderer:
                @staticmethod
                def set_chunk_size(size): assert size > 0
            @classmethod
            def from_pretrained(cls, place, config_name, weight_name):
                assert (config_name, weight_name) == ("config.yaml", "model.ckpt")
                print("loading", place, flush=True)
                return cls()
            def to(self, device): assert device == "cpu"
            def __call__(self, images, device):
                corner, middle = numpy.asarray(images[0])[0, 0], numpy.asarray(images[0]).shape
                assert corner.tolist() == [127, 127, 127] and middle[0] == middle[1], (corner, middle)
                return ["codes"]
            def extract_mesh(self, scene_codes, has_vertex_color, resolution=256, threshold=25.0):
                mesh, ahead = ball(up=[0, 0, 1], front=[1, 0, 0])
                assert has_vertex_color
                red, blue = numpy.array([[255, 0, 0, 255], [0, 0, 255, 255]], numpy.uint8)
                mesh.visual.vertex_colors = numpy.where(ahead[:, None] > 0, red, blue)
                return [mesh]
    """,
}
TRELLIS = {
    "trellis/pipelines.py": """
        class TrellisImageTo3DPipeline:
            @classmethod
            def from_pretrained(cls, place):
                assert place == "microsoft/TRELLIS-image-large"
                return cls()
            def cuda(self): pass
            def run(self, image, seed, formats):
                assert image.mode == "RGBA" and seed == 7 and set(formats) == {"mesh", "gaussian"}
                return {"mesh": ["mesh"], "gaussian": ["gaussian"]}
    """,
    "trellis/utils/postprocessing_utils.py": """
        from ball import textured
        def to_glb(app_rep, mesh, simplify=0.95, fill_holes=True, texture_size=1024):
            assert (app_rep, mesh, texture_size) == ("gaussian", "mesh", 512)
            return textured(up=[0, 1, 0], front=[0, 0, 1])
    """,
}
INSTANTMESH = {
    "zero123plus/pipeline.py": "",
    "configs/instant-mesh-large.yaml": "",
    "ckpts/diffusion_pytorch_model.bin": "",
    "ckpts/instant_mesh_large.ckpt": "",
    "omegaconf.py": """
        class Named(dict):
            __getattr__ = dict.__getitem__
        class OmegaConf:
            @staticmethod
            def load(path):
                open(path).close()
                infer = Named(unet_path="ckpts/diffusion_pytorch_model.bin", model_path="ckpts/instant_mesh_large.ckpt",
                              texture_resolution=1024, render_resolution=512)
                return Named(model_config=Named(target="src.models.lrm_mesh.InstantMesh"), infer_config=infer)
    """,
    "diffusers.py": """
        import numpy, os
        from PIL import Image
        class EulerAncestralDiscreteScheduler:
            @staticmethod
            def from_config(config, timestep_spacing):
                assert timestep_spacing == "trailing"
        class Unet:
            def load_state_dict(self, state, strict): assert state == {"unet": 1} and strict
        class Scheduler: config = {}
        class Drawn:
            images = [Image.fromarray(numpy.repeat(numpy.arange(6, dtype=numpy.uint8).reshape(3, 2), 320, 0).repeat(320, 1))]
        class DiffusionPipeline:
            unet, scheduler = Unet(), Scheduler()
            @classmethod
            def from_pretrained(cls, name, custom_pipeline, torch_dtype, local_files_only):
                assert name == "sudo-ai/zero123plus-v1.2" and local_files_only
                assert os.path.isfile(os.path.join(custom_pipeline, "pipeline.py"))  # no server is asked for it
                return cls()
            def to(self, device): return self
            def __call__(self, image, num_inference_steps):
                assert image.mode == "RGBA" and num_inference_steps == 75
                return Drawn
    """,
    "src/models/lrm_mesh.py": "",
    "src/utils/train_util.py": """
        import numpy, torch
        from ball import ball
        class Model:
            def load_state_dict(self, state, strict): assert state == {"a": 1} and strict
            def to(self, device): return self
            def init_flexicubes_geometry(self, device, fovy): assert fovy == 30.0
            def eval(self): return self
            def forward_planes(self, images, cameras):
                tiles = images.values
                assert tiles.shape == (1, 6, 3, 320, 320) and cameras == "cameras 4.0"
                assert [round(float(t.mean()) * 255) for t in tiles[0]] == [0, 1, 2, 3, 4, 5]
                return "planes"
            def extract_mesh(self, planes, use_texture_map, texture_resolution, render_resolution):
                assert planes == "planes" and use_texture_map and texture_resolution == 512
                mesh, ahead = ball(up=[0, 0, 1], front=[1, 0, 0])
                uv = numpy.stack([ahead / 2 + .5, numpy.full(len(ahead), .5)], axis=1)
                texture = numpy.zeros((3, 8, 16))
                texture[2, :, :8], texture[0, :, 8:] = 1, 1
                return [torch.Tensor(x) for x in (mesh.vertices, mesh.faces, uv, mesh.faces, texture)]
        def instantiate_from_config(config): return Model()
    """,
    "src/utils/camera_util.py": """
        class Cameras(str):
            def to(self, device): return str(self)
        def get_zero123plus_input_cameras(batch_size, radius): return Cameras(f"cameras {radius}")
    """,
    "src/utils/mesh_util.py": """
        import os, numpy
        from PIL import Image
        def save_obj_with_mtl(points, uv, faces, uv_faces, texture, name):
            stem = os.path.splitext(name)[0]
            with open(stem + ".mtl", "w") as f: f.write(f"newmtl m\\nKd 1 1 1\\nmap_Kd {os.path.basename(stem)}.png\\n")
            with open(name, "w") as f:
                f.write(f"mtllib {os.path.basename(stem)}.mtl\\n")
                for p in points: f.write("v %f %f %f\\n" % tuple(p))
                for p in uv: f.write("vt %f %f\\n" % tuple(p))
                f.write("usemtl m\\n")
                for a, b in zip(faces + 1, uv_faces + 1): f.write("f " + " ".join(f"{i}/{j}" for i, j in zip(a, b)) + "\\n")
            Image.fromarray((texture * 255).astype(numpy.uint8)).save(stem + ".png")
    """,
}
_SHAPE = """
    class Hunyuan3DDiTFlowMatchingPipeline:
        @classmethod
        def from_pretrained(cls, place):
            assert place == "NAME"
            return cls()
        def __call__(self, image, generator):
            assert image.mode == "RGBA" and generator == "generator 7"
            from ball import ball
            return [ball(up=[0, 1, 0], front=[0, 0, 1])[0]]
"""
HUNYUAN3D = {
    "hy3dgen/shapegen.py": _SHAPE.replace("NAME", "tencent/Hunyuan3D-2")
    + """
    class FloaterRemover:
        def __call__(self, mesh): return mesh
    class DegenerateFaceRemover(FloaterRemover): pass
    class FaceReducer(FloaterRemover): pass
""",
    "hy3dgen/texgen.py": """
        from ball import textured
        class Hunyuan3DPaintPipeline:
            @classmethod
            def from_pretrained(cls, place): return cls()
            def __call__(self, mesh, image):
                assert len(mesh.faces) and image.mode == "RGBA"
                return textured(up=[0, 1, 0], front=[0, 0, 1])
    """,
}
HUNYUAN3D_2_1 = {
    "hy3dshape/hy3dshape/pipelines.py": _SHAPE.replace(
        'assert place == "NAME"', 'assert place == "tencent/Hunyuan3D-2.1" or "/" == place[0]'
    ),
    "hy3dpaint/ckpt/RealESRGAN_x4plus.pth": "",
    "torchvision_fix.py": """
        import sys, types
        def apply_fix(): sys.modules["torchvision.transforms.functional_tensor"] = types.ModuleType("functional_tensor")
    """,
    "huggingface_hub.py": """
        def snapshot_download(repo_id, allow_patterns):
            if repo_id.startswith("/"):
                raise ValueError("Repo id must be in the form 'repo_name' or 'namespace/repo_name'")
            return "/cache/of/the/hub"
    """,
    "hy3dpaint/textureGenPipeline.py": """
        import os, sys
        import huggingface_hub
        from ball import textured
        from PIL import Image
        class Hunyuan3DPaintConfig:
            def __init__(self, max_num_view, resolution):
                self.multiview_pretrained_path = "tencent/Hunyuan3D-2.1"
                self.dino_ckpt_path = "facebook/dinov2-giant"
        class Hunyuan3DPaintPipeline:
            def __init__(self, config):
                assert config.custom_pipeline == "hy3dpaint/hunyuanpaintpbr"
                assert "torchvision.transforms.functional_tensor" in sys.modules  # basicsr imports it
                path = huggingface_hub.snapshot_download(
                    repo_id=config.multiview_pretrained_path, allow_patterns=["hunyuan3d-paintpbr-v2-1/*"])
                print("paint from", path, "and", config.dino_ckpt_path, flush=True)
            def __call__(self, mesh_path, image_path, output_mesh_path, save_glb):
                assert os.path.isfile(mesh_path) and not save_glb
                textured(up=[0, 1, 0], front=[0, 0, 1]).export(output_mesh_path)
                for name, value in ("metallic", 204), ("roughness", 51):
                    Image.new("L", (16, 16), value).save(output_mesh_path.replace(".obj", f"_{name}.jpg"))
                return output_mesh_path
    """,
}


def checkout(files: dict[str, str], folder: Path) -> Path:
    """Write a stand-in checkout into `folder`."""
    for name, text in {"torch.py": TORCH, "ball.py": BALL, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder
