import zlib  # noqa: F401  before pycolmap, whose bundled zlib otherwise answers the system's callers and crashes PNG writers
