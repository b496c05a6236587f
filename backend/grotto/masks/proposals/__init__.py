"""Elements proposed without any stroke."""

from .grouping import Groups, grouped
from .instances import Instance, find_in_tiles, instance_of, once, tiles_of, window_of
from .propose import propose

__all__ = ["Groups", "Instance", "find_in_tiles", "grouped", "instance_of", "once", "propose", "tiles_of", "window_of"]
