"""The voice's part: from sound to what the mouth does (posteriors of phones, closures, curves)."""
