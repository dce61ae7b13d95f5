"""What a command says on stderr: one line, in which nothing that stands in a file's name can steer the terminal."""

import sys


def complain(sentence: str) -> None:
    """Print ``sentence``. Letters that show nothing, as escapes and marks of direction, are written out."""
    line = " ".join(sentence.split())
    print("s2f: " + "".join(c if c.isprintable() else _written(c) for c in line), file=sys.stderr)


def sentence_of(error: Exception) -> str:
    """What ``complain`` says of bad input, or of a system that refuses: a full disk, a folder without permission."""
    if isinstance(error, OSError):
        return f"{error.filename or 'This machine'}: {error.strerror or error}."
    return str(error)


def _written(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
