"""Results of jobs become data of Blender. The readers know nothing of Blender, the builders nothing of files.

Imported when first used: everything here needs numpy, which some distributions' Blender lacks.
"""
