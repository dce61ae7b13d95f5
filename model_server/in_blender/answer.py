"""The child's side: one job as JSON on stdin; progress and then one answer as JSON lines on stdout.

A job is ``{"do": NAME, …}`` with the arguments of that function; the answer is what it returns, or
``{"sentence": …}`` for a person to read.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.parent import end_with_parent


def answer(jobs: Callable[[], Mapping[str, Callable[..., dict[str, Any]]]]) -> None:
    """Do the job on stdin with what ``jobs`` returns, which is called once nothing can print to stdout any more."""
    end_with_parent()
    job = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever Blender and its importers print goes to the log

    def tell(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    def progress(fraction: float, doing: str) -> None:
        tell({"fraction": fraction, "doing": doing})

    import s2f_blender_addon

    s2f_blender_addon.register()  # the key map that a user edited in a .blend is one of the add-on's properties
    try:
        tell(jobs()[job.pop("do")](progress=progress, **job))
    except UserError as error:
        tell({"sentence": str(error)})
