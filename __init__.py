"""Grotto: walls of photographs become cameras, orthophotos and textured meshes. The root of the Blender extension.

Nothing is imported before `register()`, so that this file is harmless where Python takes the checkout for a package.
"""


def register() -> None:
    """Called by Blender when the extension is switched on."""
    from . import addon, operators

    addon.register()
    try:
        operators.register()
    except BaseException:
        addon.unregister()
        raise


def unregister() -> None:
    """Called by Blender when the extension is switched off, and when Blender quits."""
    from . import addon, operators

    operators.unregister()
    addon.unregister()
