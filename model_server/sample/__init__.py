"""The recording that ``s2f demo`` speaks; README.md beside it says how it was made."""

from pathlib import Path

SAMPLE = Path(__file__).parent / "hello.wav"
