"""Operators of object detection, one family a file; of `mx.nd.contrib` nearly all."""

from . import boxes, matching, multibox, proposals, suppression

__all__ = ["boxes", "matching", "multibox", "proposals", "suppression"]
