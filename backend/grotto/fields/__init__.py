"""Radiance and distance fields, and how they are fitted to pictures."""
