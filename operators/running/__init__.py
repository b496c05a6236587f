"""How operators run jobs: `modal` while windows stay usable, `blocking` for scripts; `ending` reports how they ended."""
