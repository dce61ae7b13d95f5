"""Tables in the zip that no network learns: pronunciations, words and how likely they are, how a voice varies."""
