"""Triangle meshes; each sub-room is a door of its own."""
