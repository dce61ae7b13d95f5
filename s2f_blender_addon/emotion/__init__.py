"""The emotion of a character: its sliders, and their keys by hand, from clips or from the voice."""
