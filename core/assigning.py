"""`slice_assign` and its like: MXNet's older ways to write into a part of an array, as methods of NDArray."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import ArgumentError, NotAnArray, ShapeError
from .handle import Handle

__all__ = ["Assigning"]


class Assigning:
    """The methods of NDArray that write into a part."""

    __slots__ = ()

    def slice_assign(self, rhs: Any, begin: Sequence[Any], end: Sequence[Any], step: Sequence[Any]) -> Any:
        """Write rhs, which has exactly the part's shape, into self[begin:end:step], an entry an axis; gives self.

        None in begin, end or step, and a step of (), is that of a Python slice.  Raises ShapeError for another shape.
        """
        if not isinstance(rhs, Handle):
            raise NotAnArray(f"slice_assign: rhs must be an NDArray, not {type(rhs).__name__}; use slice_assign_scalar")
        key = _part("slice_assign", self, begin, end, step)
        part = self._meta()[key]  # type: ignore[attr-defined]
        if part.shape != rhs._meta().shape:
            raise ShapeError(f"slice_assign: the part is {list(part.shape)}, rhs {list(rhs._meta().shape)}: they must "
                             f"be equal")  # fmt: skip
        self[key] = rhs  # type: ignore[index]
        return self

    def slice_assign_scalar(self, value: float, begin: Sequence[Any], end: Sequence[Any], step: Sequence[Any]) -> Any:
        """Write one number into self[begin:end:step], an entry an axis; gives self."""
        self[_part("slice_assign_scalar", self, begin, end, step)] = value  # type: ignore[index]
        return self

    @property
    def writable(self) -> bool:
        """True: every array can be written into."""
        return True


def _part(name: str, x: Any, begin: Any, end: Any, step: Any) -> tuple[slice, ...]:
    steps = tuple(step) if step else (None,) * len(begin)
    if not len(begin) == len(end) == len(steps) <= x.ndim:
        raise ArgumentError(
            f"{name}: begin {begin}, end {end} and step {step} must have as many entries, at most the array's {x.ndim}"
        )
    return tuple(slice(*ends) for ends in zip(begin, end, steps, strict=True))
