"""``python -m model_server`` is ``s2f``."""

import sys

from model_server.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
