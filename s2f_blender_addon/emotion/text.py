"""What is said in the recording, wherever the user wrote it down."""

from typing import Any


def spoken_text(settings: Any) -> str:
    """The text of ``settings`` (scene.s2f), empty where none is known."""
    return str(settings.feel_text)
