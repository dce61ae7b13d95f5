"""The ``s2f`` command line: one file per command, each exporting a typer function.

A command's module imports nothing heavy; torch, bpy and matplotlib are imported inside the function that needs them,
so that ``s2f --help`` answers at once.
"""
