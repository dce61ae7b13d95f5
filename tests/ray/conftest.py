"""A cluster takes its time, so these tests run only where they are named: ``python -m pytest tests/ray``."""

import sys

collect_ignore_glob = [] if any("tests/ray" in argument for argument in sys.argv) else ["test_*.py"]
