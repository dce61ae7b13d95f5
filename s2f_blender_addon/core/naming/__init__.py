"""What a name means: the keys of a mesh and the columns of a track go through the same families."""
