"""``s2f``: from the first moment on, Ctrl-C is one line; the commands are read after that."""

import sys
from io import TextIOWrapper

from . import stop
from .complaint import complain


def main() -> int:
    """Run the command line; its exit status: 2 after bad input, 130 after Ctrl-C, each with one line on stderr."""
    stop.at_once()
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal has no letters for is no reason to stop
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        from . import commands

        stop.in_good_order()
        return commands.run(sys.argv[1:])
    except KeyboardInterrupt:
        complain("stopped")
        return stop.STOPPED
    finally:
        stop.at_once()


if __name__ == "__main__":
    sys.exit(main())
