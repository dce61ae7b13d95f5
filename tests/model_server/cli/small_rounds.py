"""``s2f``, whose rounds of training hear two short clips at a time: a miniature needs no more than that they happen."""

import sys
from dataclasses import replace

from model_server.cli.main import main
from model_server.training.recipe import rounds
from model_server.training.recipe.rounds import Round


def small(large: Round) -> Round:
    return replace(large, plan=replace(large.plan, batch=2, frames=200))


rounds.ALIGNER, rounds.TEACHER, rounds.MIXED = small(rounds.ALIGNER), small(rounds.TEACHER), small(rounds.MIXED)
rounds.STUDENT = tuple(map(small, rounds.STUDENT))  # before the recipe imports them

if __name__ == "__main__":
    sys.exit(main())
