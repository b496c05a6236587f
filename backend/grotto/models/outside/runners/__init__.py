"""Scripts that run in other environments than ours, under their Python (3.8 or later), and import nothing of Grotto."""
