"""The list of a mural's elements, which `cut` writes and `element` reads."""

from __future__ import annotations

LIST_FILE = "elements.json"
