"""What the extension keeps in a scene: settings, options, found elements, results, strokes."""
