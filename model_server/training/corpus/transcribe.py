"""The words of real recordings, found by a Whisper model (Radford et al. 2022) that lies in a folder of the user's.

Result: one JSON line a file, so that an interrupted run goes on where it stopped.
"""

import json
from collections.abc import Callable
from pathlib import Path

from s2f_blender_addon.core.errors import UserError

Hear = Callable[[Path, str], str]
"""(recording, what it may be about) to its words."""

ABOUT = {
    "coffee": "Can I have a large latte, a double shot americano, a cappuccino with skim milk, an espresso, please? "
    "Some cinnamon, brown sugar, half and half, a medium roast house coffee."
}
"""Names of things that a part of the corpus speaks of; Whisper spells what it has just read."""


def whisper(folder: Path) -> Hear:
    """A model in CTranslate2's form (model.bin, tokenizer.json …) on the CPU; nothing is ever fetched.

    Raises UserError when faster-whisper is missing or the folder holds no such model.
    """
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        raise UserError("Words are found by faster-whisper; install this project with its train extra.") from None
    if not (folder / "model.bin").is_file():
        raise UserError(f"{folder} holds no Whisper model (model.bin); convert one with ct2-transformers-converter.")
    try:
        model = WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise UserError(f"{folder} cannot be loaded as a Whisper model: {error}.") from None

    def hear(recording: Path, about: str) -> str:
        found, _ = model.transcribe(
            str(recording), language="en", beam_size=5, condition_on_previous_text=False, initial_prompt=about or None
        )
        return " ".join(piece.text.strip() for piece in found)

    return hear


def transcribe(files: list[Path], hear: Hear, about: str, out: Path, report: Callable[[float, str], None]) -> None:
    """Add what ``hear`` makes of each of ``files`` to the JSON lines of ``out``, but for files that are there."""
    done = words(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("a", encoding="utf-8") as sink:
        if out.stat().st_size and not out.read_bytes().endswith(b"\n"):
            sink.write("\n")  # after a line that an interruption cut short
        for i, path in enumerate(files):
            report(i / max(1, len(files)), path.name)
            if path.name not in done:
                sink.write(json.dumps({"file": path.name, "text": hear(path, about)}) + "\n")
                sink.flush()


def words(lines: Path) -> dict[str, str]:
    """File name to its words, from the JSON lines of ``transcribe``; a line that was cut short is left out."""
    found: dict[str, str] = {}
    if lines.exists():
        for line in lines.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            found[row["file"]] = row["text"]
    return found
