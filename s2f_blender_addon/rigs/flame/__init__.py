"""FLAME heads: recognised by their vertices and numbered keys, and driven by expressions and bones or by added keys."""

from .head import FlameHead, flame_head

__all__ = ["FlameHead", "flame_head"]
