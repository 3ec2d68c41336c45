"""Streams: the random words behind every draw, in the order in which MXNet's CPU streams give them.

There are 1024 Mersenne Twister states; state i is seeded with (127 * seed + i) mod 2**32, and the default seed is 0.
A draw of N samples is cut into min(ceil(N / 64), 1024) runs of equal length, and run i comes from state i.  States
live on from draw to draw, and all CPU contexts share them.  Beside them stands one generator of its own, from which
classes are drawn and arrays shuffled.  This file knows words and numpy arrays only, never an
NDArray; `random.py` is its face.  Invariant: what a state has given is never given twice; a sampler that rejects (the
polar method reads ahead) puts the words it did not use back.

numpy.random is loaded at the first draw, and a state is made when a draw first reaches it.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

STATES = 1024  # random states of one generator
RUN_MIN = 64  # samples that a state gives before the next one is used
SEED_STRIDE = 127  # distance between the seeds of neighbouring generators
GROUP_WORDS = 1 << 18  # words that a rejecting sampler holds at once: its temporaries stay in the cache

_NO_WORDS = np.empty(0, np.uint32)


def plan(size: int) -> list[tuple[int, int]]:
    """Where each state writes: [(start, stop), ...] of states 0, 1, ... for a draw of `size` samples."""
    loops = -(-size // RUN_MIN)
    states = min(loops, STATES)
    if not states:
        return []
    step = -(-size // states)
    return [(start, min(start + step, size)) for start in range(0, size, step)]


class _State:
    """One Mersenne Twister and the words that were read ahead of need."""

    __slots__ = ("_bits", "_seeder", "life", "rest")

    def __init__(self) -> None:
        self._bits, self._seeder = _make_twister()
        self.rest = _NO_WORDS
        self.life = -1

    def seed(self, seed: int, life: int) -> None:
        """Starts anew; `life` counts the generator's seedings, so that a state of an earlier one is known."""
        self._seeder.seed(seed)
        self.rest = _NO_WORDS
        self.life = life

    def read(self, out: np.ndarray) -> None:
        """Fills out (uint32 or wider) with the next words."""
        have = len(self.rest)
        if not have:
            out[:] = self._bits.random_raw(len(out))
            return
        used = min(have, len(out))
        out[:used] = self.rest[:used]
        self.rest = self.rest[used:]
        if used < len(out):
            out[used:] = self._bits.random_raw(len(out) - used)

    def put_back(self, words: np.ndarray) -> None:
        """The words come first in the next `read`."""
        if len(words):
            self.rest = np.concatenate((words, self.rest))


_twister: Any = None


def _make_twister() -> tuple[Any, Any]:
    """A Mersenne Twister and the object that seeds it, without their own seeding from the system's entropy."""
    global _twister
    if _twister is None:
        from numpy.random import MT19937, RandomState
        from numpy.random.bit_generator import ISeedSequence

        class NoEntropy(ISeedSequence):
            def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
                return np.ones(n_words, dtype)

        source: Any = NoEntropy()

        def make() -> tuple[Any, Any]:
            bits = MT19937(source)
            return bits, RandomState(bits)

        _twister = make
    return _twister()


class Streams:
    """A generator: 1024 states, drawn from under one lock.

    Every method returns a fresh 1-d array of `size` samples in `dtype`.
    """

    def __init__(self, seed: int = 0) -> None:
        self.lock = threading.Lock()
        self._states: list[_State] = []
        self._beside: _State | None = None
        self._seed = seed
        self._life = 0

    def seed(self, seed: int) -> None:
        """Starts all streams anew, in constant time: a state is seeded when a draw next reaches it."""
        with self.lock:
            self._seed = int(seed)
            self._life += 1

    def state(self, index: int) -> _State:
        """The state of run `index`; only under the lock."""
        while index >= len(self._states):
            self._states.append(_State())
        state = self._states[index]
        if state.life != self._life:
            state.seed((SEED_STRIDE * self._seed + index) % 2**32, self._life)
        return state

    def words(self, size: int, each: int = 1) -> np.ndarray:
        """uint32 [size, each]: the next `each` words of a state for each sample."""
        out = np.empty((size, each), np.uint32)
        with self.lock:
            for index, (start, stop) in enumerate(plan(size)):
                self.state(index).read(out[start:stop].reshape(-1))
        return out

    def beside(self, size: int) -> np.ndarray:
        """The next words, uint32 [size], of the generator beside the streams, seeded as their first state is."""
        out = np.empty(size, np.uint32)
        with self.lock:
            if self._beside is None:
                self._beside = _State()
            if self._beside.life != self._life:
                self._beside.seed((SEED_STRIDE * self._seed) % 2**32, self._life)
            self._beside.read(out)
        return out

    def beside_back(self, words: Any) -> None:
        """The words come first in the next `beside`."""
        with self.lock:
            if self._beside is not None:
                self._beside.put_back(np.asarray(words, np.uint32))

    def uniform(self, low: Any, high: Any, size: int, dtype: Any = np.float32) -> np.ndarray:
        """low + (high - low) * u, u in [0, 1); low and high are numbers or arrays of `size`.

        float32 takes one word a sample, float64 and float16 two.
        """
        kind = np.dtype(dtype)
        each = words_each(kind)
        values = canonical(self.words(size, each))[:, 0]
        low_, high_ = np.asarray(low, values.dtype), np.asarray(high, values.dtype)
        values *= high_ - low_
        values += low_
        return rounded(values, kind)

    def normal(self, loc: Any, scale: Any, size: int, dtype: Any = np.float32) -> np.ndarray:
        """Marsaglia's polar method; of the two values that it makes the second is kept, the first thrown away."""
        kind = np.dtype(dtype)
        each = words_each(kind)
        out = np.empty(size, np.float32 if each == 1 else np.float64)
        runs = plan(size)
        if runs:
            longest = runs[0][1]
            group = max(1, GROUP_WORDS // (4 * each * longest))
            with self.lock:
                for first in range(0, len(runs), group):
                    self._polar(first, runs[first : first + group], each, out)
        out *= np.asarray(scale, out.dtype)
        out += np.asarray(loc, out.dtype)
        return rounded(out, kind)

    def randint(self, low: int, high: int, size: int, dtype: Any = np.int32) -> np.ndarray:
        """low + ((a << 31) + b) mod (high - low) of two words a, b."""
        words = self.words(size, 2).astype(np.uint64)
        values = (words[:, 0] << np.uint64(31)) + words[:, 1]
        values %= np.uint64(high - low)
        return (values.astype(np.int64) + np.int64(low)).astype(dtype)

    def _polar(self, first: int, runs: list[tuple[int, int]], each: int, out: np.ndarray) -> None:
        """Standard normal values for some runs at once, `first` being the first one's state."""
        rows = np.arange(first, first + len(runs))
        starts = np.array([start for start, _ in runs])
        needs = np.array([stop - start for start, stop in runs])
        while len(rows):
            most = int(needs.max())
            pairs = int(most * 1.2733 + 3.0 * most**0.5 + 2)  # 4 / pi tries a value, and some to spare
            words = np.empty((len(rows), pairs * 2 * each), np.uint32)
            for row, state in enumerate(rows):
                self.state(int(state)).read(words[row])
            xy = canonical(words.reshape(-1, each)).reshape(len(rows), pairs, 2)
            xy *= 2
            xy -= 1
            x, y = xy[..., 0], xy[..., 1]
            radius = x * x + y * y
            inside = (radius <= 1) & (radius != 0)
            rank = np.cumsum(inside, axis=1)  # 1 for a row's first accepted pair
            chosen = inside & (rank <= needs[:, None])
            where = (starts[:, None] + rank - 1)[chosen]
            out[where] = y[chosen] * polar_factor(radius[chosen])
            found = np.minimum(rank[:, -1], needs)
            for row, state in enumerate(rows):
                if found[row] == needs[row]:
                    last = int(np.searchsorted(rank[row], needs[row])) + 1
                    self.state(int(state)).put_back(words[row, last * 2 * each :].copy())
            open_ = found < needs
            rows, starts, needs = rows[open_], (starts + found)[open_], (needs - found)[open_]


def words_each(kind: np.dtype) -> int:
    return 1 if kind == np.float32 else 2


def rounded(values: np.ndarray, kind: np.dtype) -> np.ndarray:
    if kind == np.float16:
        values = values.astype(np.float32)  # MXNet rounds twice on the way to float16
    return values.astype(kind, copy=False)


def canonical(words: np.ndarray) -> np.ndarray:
    """[size, each] words -> [size, 1] in [0, 1): float32 of one word, float64 of two, the second the heavier one."""
    if words.shape[1] == 1:
        u = words.astype(np.float32)
        u *= np.float32(2.0**-32)
        return np.minimum(u, np.nextafter(np.float32(1), np.float32(0)), out=u)
    u = words[:, :1] + words[:, 1:] * 2.0**32
    u *= 2.0**-64
    return np.minimum(u, np.nextafter(1.0, 0.0), out=u)


def polar_factor(radius: np.ndarray) -> np.ndarray:
    """sqrt(-2 log(r) / r); the logarithm in float64, rounded, since numpy's own float32 one is a few units off."""
    log = np.log(radius.astype(np.float64)).astype(radius.dtype)
    return np.sqrt(-2 * log / radius)


STREAMS = Streams()  # the process's own: all CPU contexts draw from it, as in MXNet
