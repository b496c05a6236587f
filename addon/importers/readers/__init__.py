"""Read the files of a result into arrays, without bpy: GLB, PLY, splat PLY, transforms.json."""
