"""Export a result's mesh: one operator for each file format."""
