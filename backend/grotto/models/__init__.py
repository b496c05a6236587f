"""Networks of others: where weights lie, and how they are loaded; each sub-room is a door of its own."""
