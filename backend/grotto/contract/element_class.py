"""Classes of a mural's elements, as elements.json and a segmenter name them."""

ELEMENT_CLASSES = ("character", "animal", "plant", "architecture")
UNKNOWN_CLASS = "unknown"
