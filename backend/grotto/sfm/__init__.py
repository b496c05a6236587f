"""Structure from motion; each sub-room is a door of its own."""
