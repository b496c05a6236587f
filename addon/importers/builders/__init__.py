"""Build Blender data: meshes, materials, cameras, clouds, splats."""
