"""The acoustic network while it learns (torch): its layers, its fitting, how it is measured and becomes a file."""
