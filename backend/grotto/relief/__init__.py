"""Reliefs: bodies from one picture and its outline; each sub-room is a door of its own."""
