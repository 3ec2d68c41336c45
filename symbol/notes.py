"""Annotations of nodes that have two names: `lr_mult` is kept, and written to files, as `__lr_mult__`.

Knows the names alone.  Invariant: a node's `attrs` hold the long name only; whoever asks sees both.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["SHORT", "kept", "shown"]

SHORT = ("ctx_group", "lr_mult", "wd_mult", "force_mirroring", "mirror_stage")


def kept(attrs: Mapping[str, str]) -> dict[str, str]:
    """The annotations under the names by which nodes keep them."""
    return {f"__{key}__" if key in SHORT else key: value for key, value in attrs.items()}


def shown(attrs: Mapping[str, str]) -> dict[str, str]:
    """The annotations under all their names."""
    return {**attrs, **{key: attrs[f"__{key}__"] for key in SHORT if f"__{key}__" in attrs}}
