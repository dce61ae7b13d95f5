"""The most likely path through a graph of words: Viterbi (1967) with a beam, in memory that does not grow with time.

Frame by frame only the words within reach of the best path are looked at. How each state was reached is kept until all
living paths agree on what came before; that part of the path is then final.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, silent
from model_server.speech.words.graph import UNEXPECTED, Graph, Ints

Array = npt.NDArray[np.float32]

NEVER = np.float32(-1e30)
BEAM = 120.0
"""Natural log that a path may lie behind the best."""
AGREE_EVERY, AGREE_LATEST = 1000, 5000
"""Frames between two looks at what is final; frames after which the best path decides where paths still differ."""
_MERGE_EVERY = 8
"""Frames back in time after which paths that have met become one."""
_BEFORE = -1
"""The state before the first frame."""


@dataclass(frozen=True)
class AlignmentCosts:
    """Natural logs that are lost: on silence or unexpected speech between two words, on the first and on every further
    word that is left out, and on each frame of unexpected speech against the phone that fits it best."""

    silence: float = 1.0
    unexpected: float = 12.0
    left_out: float = 8.0
    more_left_out: float = 1.0
    unexpected_frame: float = 3.2


@dataclass(frozen=True)
class BeamLimits:
    """(T,) each, never falling: at each frame words before ``first`` are over, those from ``end`` on cannot start."""

    first: Ints
    end: Ints


@dataclass(frozen=True)
class _Living:
    """Scores (n,) of the states from ``low`` on, whole words from ``word`` to before ``end``; the best has 0."""

    word: int
    end: int
    low: int
    scores: Array


@dataclass(frozen=True)
class _ViterbiStep:
    """How the states from ``low`` on were reached at one frame: ``moved`` from the state before or from a junction;
    junction ``word`` + i was reached from state ``origin[i]``."""

    low: int
    moved: npt.NDArray[np.bool_]
    word: int
    origin: Ints


def best_path(
    fits: Array, graph: Graph, costs: AlignmentCosts | None = None, limits: BeamLimits | None = None,
    progress: Progress = silent,
) -> Ints:
    """(T,) state of the best path at each frame, for log likelihoods ``fits`` (T, K + 1). Words may be left out."""
    return _BeamSearch(fits, graph, costs or AlignmentCosts(), limits).run(progress)


class _BeamSearch:
    def __init__(self, fits: Array, graph: Graph, costs: AlignmentCosts, limits: BeamLimits | None) -> None:
        self.fits, self.graph, self.costs, self.limits = fits, graph, costs, limits
        self.entries = np.flatnonzero(graph.first).astype(np.int32)
        self.entry_word = graph.word[self.entries]
        self.entry_cost = np.zeros(len(self.entries), np.float32)
        self.entry_cost[graph.phone[self.entries] < 0] = costs.silence
        self.entry_cost[graph.classes[self.entries] == UNEXPECTED] = costs.unexpected
        self.entry_of = np.searchsorted(self.entry_word, np.arange(graph.words + 2))
        self.emission_cost = np.where(graph.classes == UNEXPECTED, np.float32(costs.unexpected_frame), np.float32(0))
        self.reach = max(1, int((BEAM - costs.left_out) / costs.more_left_out))
        self.path = np.empty(len(fits), np.int32)
        self.final = 0  # frames of the path that are final
        self.steps: list[_ViterbiStep] = []  # of the frames from ``final`` on

    def run(self, progress: Progress) -> Ints:
        living = _Living(0, 0, 0, np.zeros(0, np.float32))
        junctions, origin = np.zeros(1, np.float32), np.full(1, _BEFORE, np.int32)
        for t in range(len(self.fits)):
            if t:
                junctions, origin = self._junctions(living)
            junctions, origin = self._leave_out(t, living, junctions, origin)
            living = self._advance(t, living, junctions, origin)
            if t % 100 == 0:
                progress(t / len(self.fits), "Finding the words")
            if len(self.steps) % AGREE_EVERY == 0:
                living = self._agree(t, living)
        self._commit(len(self.fits) - 1, self._last(living))
        return self.path

    def _junctions(self, living: _Living) -> tuple[Array, Ints]:
        """Scores of junctions ``living.word`` to ``living.end`` and the states they are reached from."""
        g, low = self.graph, living.low
        silence = g.blocks[living.word : living.end]
        quiet, unexpected = living.scores[silence - low], living.scores[silence - low + 1]
        scores = np.full(living.end - living.word + 1, NEVER, np.float32)
        origin = np.empty(len(scores), np.int32)
        np.maximum(quiet, unexpected, out=scores[:-1])
        origin[:-1] = silence + (unexpected > quiet)
        spoken = min(living.end, g.words)  # the last block has no word
        if spoken > living.word:
            offsets = g.last_of[living.word : spoken + 1] - g.last_of[living.word]
            ends = g.last[g.last_of[living.word] : g.last_of[spoken]]
            end_scores = living.scores[ends - low]
            best = np.maximum.reduceat(end_scores, offsets[:-1])
            winners = np.where(end_scores == np.repeat(best, np.diff(offsets)), ends, 0)
            after = slice(1, spoken - living.word + 1)
            origin[after] = np.where(best > scores[after], np.maximum.reduceat(winners, offsets[:-1]), origin[after])
            scores[after] = np.maximum(best, scores[after])
        if living.end > g.words:
            scores, origin = scores[:-1], origin[:-1]
        return scores, origin

    def _leave_out(self, t: int, living: _Living, junctions: Array, origin: Ints) -> tuple[Array, Ints]:
        """Junctions from the same word on, as far as words left out may lead within the beam."""
        latest = self.graph.words if self.limits is None else min(self.graph.words, int(self.limits.end[t]))
        least = 0 if self.limits is None else int(self.limits.first[t])
        count = max(min(latest, max(living.end, least) + self.reach), least) - living.word + 1
        wide = np.full(count, NEVER, np.float32)
        shared = min(count, len(junctions))
        wide[:shared] = junctions[:shared]
        source = np.full(count, _BEFORE, np.int32)
        source[:shared] = origin[:shared]
        steps = np.arange(count, dtype=np.float32) * np.float32(self.costs.more_left_out)
        rising = wide + steps
        best = np.maximum.accumulate(rising)
        from_where = np.maximum.accumulate(np.where(rising == best, np.arange(count), 0))
        skipped = best - steps - np.float32(self.costs.left_out)
        better = skipped > wide
        return np.where(better, skipped, wide), np.where(better, source[from_where], source)

    def _advance(self, t: int, living: _Living, junctions: Array, origin: Ints) -> _Living:
        """One frame on: every state is stayed in, or entered from the one before it or from its junction."""
        g = self.graph
        word = living.word if self.limits is None else max(living.word, int(self.limits.first[t]))
        reached = np.flatnonzero(junctions > -BEAM)
        end = max(living.end, living.word + int(reached[-1]) + 1 if len(reached) else 0, word + 1)
        low, high = int(g.blocks[word]), int(g.blocks[end])
        stay = np.full(high - low, NEVER, np.float32)
        kept = living.scores[low - living.low :]
        stay[: len(kept)] = kept
        move = np.empty_like(stay)
        move[1:] = stay[:-1]
        entries = slice(self.entry_of[word], self.entry_of[end])
        entered = junctions[self.entry_word[entries] - living.word] - self.entry_cost[entries]
        states = self.entries[entries]
        if self.limits is not None:
            entered[(self.entry_word[entries] >= self.limits.end[t]) & (g.phone[states] >= 0)] = NEVER
        move[states - low] = entered
        moved = move > stay
        scores = np.where(moved, move, stay)
        scores += self.fits[t][g.classes[low:high]] - self.emission_cost[low:high]
        scores -= scores.max()
        self.steps.append(_ViterbiStep(low, moved, living.word, origin))
        return self._pruned(word, end, low, scores)

    def _pruned(self, word: int, end: int, low: int, scores: Array) -> _Living:
        """Only the words from the first to the last that has a state within the beam."""
        g = self.graph
        near = np.flatnonzero(scores > -BEAM)
        first, last = int(g.word[low + near[0]]), int(g.word[low + near[-1]])
        kept = scores[g.blocks[first] - low : g.blocks[last + 1] - low]
        return _Living(first, last + 1, int(g.blocks[first]), kept)

    def _last(self, living: _Living) -> int:
        """The state that the best path ends in, the words that follow left out."""
        junctions, origin = self._junctions(living)
        missing = self.graph.words - living.word - np.arange(len(junctions))
        cost = np.where(missing > 0, self.costs.left_out + self.costs.more_left_out * missing, 0)
        return int(origin[np.argmax(junctions - cost)])

    def _before(self, t: int, states: Ints) -> Ints:
        """The states at frame t - 1 from which ``states`` at frame t were reached."""
        step = self.steps[t - self.final]
        previous: Ints = states - step.moved[states - step.low]
        entered = step.moved[states - step.low] & self.graph.first[states]
        previous[entered] = step.origin[self.graph.word[states[entered]] - step.word]
        return previous

    def _agree(self, t: int, living: _Living) -> _Living:
        """Make final what all living paths share; where they share too little for long, what the best says."""
        alive = living.low + np.flatnonzero(living.scores > -BEAM).astype(np.int32)
        forced = len(self.steps) >= AGREE_LATEST
        states, which = alive, np.arange(len(alive))
        k = t
        while k > self.final:
            if forced and k == t - AGREE_EVERY:
                chosen = states[which[np.argmax(living.scores[alive - living.low])]]
                wrong = alive[states[which] != chosen]
                scores = living.scores.copy()
                scores[wrong - living.low] = NEVER
                self._commit(k, int(chosen))
                return _Living(living.word, living.end, living.low, scores)
            states, k = self._before(k, states), k - 1
            if (t - k) % _MERGE_EVERY == 0:
                states, same = np.unique(states, return_inverse=True)
                which = same.reshape(-1)[which]
            if len(states) == 1:
                self._commit(k, int(states[0]))
                break
        return living

    def _commit(self, t: int, state: int) -> None:
        """Make final the path that is in ``state`` at frame t."""
        at = np.array([state], np.int32)
        for k in range(t, self.final - 1, -1):
            self.path[k] = at[0]
            if k > self.final:
                at = self._before(k, at)
        del self.steps[: t + 1 - self.final]
        self.final = t + 1
