"""Where the sliders come from when nobody sets them: the voice, the words, and a mixer that weighs them."""
