"""Work for processes of a batch that die of some rows."""

import os


def work(row: int) -> tuple[str, list[str]]:
    """Row 13 kills its process, row 4 is bad."""
    if row == 13:
        os._exit(9)
    if row == 4:
        raise ValueError("four")
    return str(row), []
