"""Keys that follow something else: a driver is read back to what moves it, and that is keyed instead."""

from .controls import Control
from .formula import CannotFollow, Formula, formula_of
from .solve import SolvedControls, solved

__all__ = ["CannotFollow", "Control", "Formula", "SolvedControls", "formula_of", "solved"]
