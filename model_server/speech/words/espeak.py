"""Languages other than English: espeak-ng, where it is installed, says how their words sound.

It is run as a program of its own and reads the words from its standard input; nothing of it travels with us.
"""

import os
import re
import subprocess
from functools import lru_cache

from model_server.cancel import Progress, silent
from model_server.speech.phones import from_ipa
from s2f_blender_addon.core import launch
from s2f_blender_addon.core.errors import UserError

Way = tuple[str, ...]
PROGRAMS = (
    "espeak-ng", r"C:\Program Files\eSpeak NG\espeak-ng.exe", "/opt/homebrew/bin/espeak-ng", "/usr/local/bin/espeak-ng",
)  # fmt: skip
"""Where its installers put it; programs that are started from a window often lack the shell's search path."""
MISSING = (
    "Only English is built in; install espeak-ng (on Windows and macOS from its website, on Linux as a package) and "
    "restart, or leave the words out."
)
_BLOCK = 200
"""Words that espeak-ng gets at a time."""
_PATIENCE = 60.0


def program() -> str | None:
    """Where espeak-ng is; None where it is not installed."""
    return launch.found(PROGRAMS[0]) or next((name for name in PROGRAMS[1:] if os.path.isfile(name)), None)


@lru_cache(maxsize=1)
def languages() -> dict[str, str]:
    """Code to name of what the installed espeak-ng speaks; nothing where it is not installed."""
    where = program()
    if where is None:
        return {}
    found: dict[str, str] = {}
    for line in _run([where, "--voices"], "").splitlines()[1:]:
        columns = line.split()
        if len(columns) >= 4:
            name = columns[3].replace("_", " ")
            found.setdefault(columns[1], name)
            for code in re.findall(r"\((\S+) \d+\)", line):  # "fr" beside "fr-be" and "fr-fr"
                found.setdefault(code, name.partition(" (")[0])
    return found


def ways(tokens: list[str], language: str, progress: Progress = silent) -> dict[str, tuple[Way, ...]]:
    """How each of ``tokens`` is said in ``language`` (a code such as ``de``), as phone classes; () for what is not.

    Raises UserError where espeak-ng is not installed or does not speak the language.
    """
    where = program()
    if where is None:
        raise UserError(MISSING)
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)*", language) or language not in languages():
        raise UserError(f"The installed espeak-ng does not speak {language!r}; espeak-ng --voices lists what it does.")
    unique = list(dict.fromkeys(tokens))
    found: dict[str, tuple[Way, ...]] = {}
    for start in range(0, len(unique), _BLOCK):
        progress(start / len(unique), "Looking up how the words sound")
        found.update(_looked_up(where, tuple(unique[start : start + _BLOCK]), language))
    return found


@lru_cache(maxsize=64)
def _looked_up(where: str, tokens: tuple[str, ...], language: str) -> dict[str, tuple[Way, ...]]:
    """One line for each token, where espeak-ng keeps to that; else token by token."""
    command = [where, "-q", "--ipa", "-v", language, "--stdin"]
    spoken = [re.sub(r"[^\w'’ -]", " ", token).strip(" -'") for token in tokens]
    lines = _run(command, "".join(f"{word or '.'}\n\n" for word in spoken)).splitlines()
    if len(lines) != len(tokens):
        lines = [" ".join(_run(command, f"{word}\n").split()) if word else "" for word in spoken]
    return {token: _classes(line) for token, line in zip(tokens, lines, strict=True)}


def _classes(ipa: str) -> tuple[Way, ...]:
    plain = re.sub(r"\([a-z-]+\)", " ", ipa)  # where it changes to another language and back
    way = tuple(name for word in plain.split() for name in from_ipa(word))
    return (way,) if way else ()


def _run(command: list[str], text: str) -> str:
    try:
        with launch.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            try:
                said, _ = child.communicate(text.encode(), timeout=_PATIENCE)
            finally:
                child.kill()
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, command)
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(f"espeak-ng does not work ({error}); install it again, or leave the words out.") from None
    return said.decode("utf-8", "replace")
