"""``s2f train all``: every step from an empty folder to what ships, the last round included."""

from dataclasses import replace
from pathlib import Path

from model_server.cancel import Progress
from model_server.training.recipe import bundled, costs, mixed, needs
from model_server.training.recipe.rounds import MIXED, STUDENT
from model_server.training.recipe.steps import Step, Tell, run
from model_server.training.recipe.workspace import NEURAL, SYNTHETIC, RecipeWorkspace

BEFORE = "before-the-last-round.safetensors"
"""In the work folder: the model that the last round goes on from."""


def train(space: RecipeWorkspace, out: Path, model_id: str, tell: Tell) -> dict[str, dict[str, float]]:
    """Write ``out``; its figures on the ``dev-*`` parts. What an earlier run has made in ``space.work`` is kept.

    Raises UserError, before anything takes its time, for what is missing.
    """
    needs.check(space, out)
    space.claim()
    figures = dict[str, dict[str, float]]()
    run(steps(space, out, model_id, figures), space.work, tell)
    return figures


def steps(space: RecipeWorkspace, out: Path, model_id: str, figures: dict[str, dict[str, float]]) -> list[Step]:
    """All of them; the figures of what ships go into ``figures``."""
    before = space.work / BEFORE
    plan = replace(MIXED.plan, steps=max(1, round(MIXED.plan.steps * space.scale)), seed=space.seed)
    spoken = sum(made.hours for made in SYNTHETIC) * space.scale
    neural = sum(hours for hours, _ in NEURAL.values()) * space.scale if space.kokoro else 0.0
    unheard = sum(len(space.files(name)) for name in space.wordless())

    def export(report: Progress) -> None:
        # Written once: what the last round has heard by it must stay by it.
        made = space.work / f"student{len(STUDENT) - 1}" / "network.safetensors"
        if not before.exists() or before.stat().st_mtime < made.stat().st_mtime:
            bundled.export(space, before, f"{model_id}-before", report)

    return [
        Step("corpus", spoken * costs.SYNTHESIS, lambda report: bundled.corpus(space, report)),
        Step("voices", neural * costs.NEURAL, lambda report: bundled.voices(space, report)),
        Step("words", unheard * costs.WORDS, lambda report: bundled.words(space, report)),
        *bundled.fitting(space),
        Step("before the last round", costs.MEASURED, export),
        *mixed.steps(space.data, space.work, lambda: before, out, model_id, plan, figures),
    ]
