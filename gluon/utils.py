"""Small helpers of training loops: splitting a batch over contexts, clipping gradients; and handles of hooks.

Knows arrays only, neither blocks nor trainers. Invariant: the slices of a batch, in order, are the batch.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from itertools import count, pairwise
from typing import Any

import numpy as np

from ..core import nd
from ..core.context import Context
from ..core.ndarray import NDArray
from .download import check_sha1 as check_sha1
from .download import download as download
from .download import replace_file as replace_file
from .errors import BadArgument, Incompatible

NAMES_SHOWN = 8  # in errors that list names

_hook_ids = count()


def shape_is_known(shape: Sequence[int] | None) -> bool:
    """True where every size is known: not None, and no size of 0 or -1; the empty shape counts as unknown."""
    return bool(shape) and all(size > 0 for size in shape)


def listed(names: Iterable[str]) -> str:
    """The first names and how many more there are, for errors.

    >>> listed(f"w{i}" for i in range(10))
    'w0, w1, w2, w3, w4, w5, w6, w7 and 2 more'
    """
    names = list(names)
    rest = len(names) - NAMES_SHOWN
    return (", ".join(names[:NAMES_SHOWN]) or "none") + (f" and {rest} more" if rest > 0 else "")


def split_data(data: NDArray, num_slice: int, batch_axis: int = 0, even_split: bool = True) -> list[NDArray]:
    """Cuts a batch into `num_slice` slices along `batch_axis`.

    Where it does not divide evenly the first slices are longer, or, with `even_split`, ValueError is raised, as for a
    `num_slice` that is not positive. MXNet: `gluon.utils.split_data`.

    >>> [part.shape for part in split_data(nd.zeros((5, 2)), 2, even_split=False)]
    [(3, 2), (2, 2)]
    """
    if num_slice < 1:
        raise BadArgument(f"split_data: num_slice is {num_slice}; expected at least 1")
    size = data.shape[batch_axis]
    if even_split and size % num_slice != 0:
        raise BadArgument(
            f"split_data: axis {batch_axis} of {list(data.shape)} does not divide into {num_slice} equal slices; "
            f"even_split=False makes the first ones longer"
        )
    step, longer = divmod(size, num_slice)
    edges = [i * step + min(i, longer) for i in range(num_slice + 1)]
    if batch_axis == 0:
        return [data[begin:end] for begin, end in pairwise(edges)]
    return [nd.slice_axis(data, axis=batch_axis, begin=begin, end=end) for begin, end in pairwise(edges)]


def split_and_load(
    data: Any, ctx_list: Sequence[Context], batch_axis: int = 0, even_split: bool = True
) -> list[NDArray]:
    """Cuts a batch into one slice for each context, and places each there. Raises ValueError as `split_data` does.

    MXNet: `gluon.utils.split_and_load`.
    """
    array = data if isinstance(data, NDArray) else nd.array(data, ctx=ctx_list[0])
    if len(ctx_list) == 1:
        return [array.as_in_context(ctx_list[0])]
    slices = split_data(array, len(ctx_list), batch_axis, even_split)
    return [part.as_in_context(ctx) for part, ctx in zip(slices, ctx_list, strict=True)]


def clip_global_norm(arrays: Sequence[NDArray], max_norm: float, check_isfinite: bool = True) -> np.float32 | NDArray:
    """Scales the arrays in place so that their 2-norm, all taken together, is at most `max_norm`; returns it as it was.

    The norm is a number of numpy's float32, or, with `check_isfinite=False`, an NDArray of shape (1,). A norm that is
    not finite warns. Raises AssertionError without arrays. MXNet: `gluon.utils.clip_global_norm`. Pascanu, Mikolov,
    Bengio 2013, "On the difficulty of training recurrent neural networks".
    """
    if not arrays:
        raise Incompatible("clip_global_norm: expected at least one array, got an empty list")
    total = sum(float(np.vdot(flat, flat)) for flat in (array.asnumpy().ravel() for array in arrays))
    norm = np.float32(math.sqrt(total)) if not math.isnan(total) else np.float32("nan")
    if check_isfinite and not np.isfinite(norm):
        warnings.warn(f"clip_global_norm: the norm is {norm}, so the clipped arrays are of no use", stacklevel=2)
    scale = max_norm / (float(norm) + 1e-8)
    if not scale >= 1.0:  # also where the norm is nan
        for array in arrays:
            array *= scale
    return norm if check_isfinite else nd.array([norm], ctx=arrays[0].context)


class HookHandle:
    """What registering a hook returns: `detach()`, or the end of a `with` block, takes the hook away."""

    def __init__(self, hooks: dict[int, Callable[..., Any]], hook: Callable[..., Any]) -> None:
        self._hooks = hooks
        self._id = next(_hook_ids)
        hooks[self._id] = hook

    def detach(self) -> None:
        """Takes the hook away; a second call does nothing."""
        self._hooks.pop(self._id, None)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.detach()
