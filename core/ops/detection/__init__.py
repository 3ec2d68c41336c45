"""Operators of object detection, one family a file; of `mx.nd.contrib` nearly all."""

from . import boxes, matching, multibox, suppression

__all__ = ["boxes", "matching", "multibox", "suppression"]
