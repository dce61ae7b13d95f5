"""Networks of others, from checkpoints that a user has, read without running any of theirs; licence track research.

``open_checkpoint(path)`` tells by the tensors' names which network a file holds. Everything here needs torch; nothing
is downloaded, and no weights of these systems are ours to ship.
"""

from model_server.foreign.checkpoint import CurveNetwork, MotionNetwork, open_checkpoint

__all__ = ["CurveNetwork", "MotionNetwork", "open_checkpoint"]
