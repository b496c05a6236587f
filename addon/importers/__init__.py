"""Import results of jobs: `readers` read files without bpy, `builders` make Blender data, `result` sets the order.

Operators import these modules on use: they need numpy, which the Blender of some distributions lacks.
"""
