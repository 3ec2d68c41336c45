"""Transforms that change colours by chance.   [H, W, C], C 1 or 3. The operators of `mx.nd.image` compute."""

from __future__ import annotations

from typing import Any

from ....hybrid import HybridBlock


class _Jitter(HybridBlock):
    """A factor of [max(0, 1 - extent), 1 + extent), drawn for each image."""

    _operator: str

    def __init__(self, extent: float) -> None:
        super().__init__()
        self._args = (max(0, 1 - extent), 1 + extent)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return getattr(F.image, self._operator)(x, *self._args)


class RandomBrightness(_Jitter):
    """Brighter or darker by a factor of [max(0, 1 - brightness), 1 + brightness). MXNet: `RandomBrightness`."""

    _operator = "random_brightness"

    def __init__(self, brightness: float) -> None:
        super().__init__(brightness)


class RandomContrast(_Jitter):
    """More or less contrast, by a factor of [max(0, 1 - contrast), 1 + contrast). MXNet: `RandomContrast`."""

    _operator = "random_contrast"

    def __init__(self, contrast: float) -> None:
        super().__init__(contrast)


class RandomSaturation(_Jitter):
    """More or less colourful, by a factor of [max(0, 1 - saturation), 1 + saturation). MXNet: `RandomSaturation`."""

    _operator = "random_saturation"

    def __init__(self, saturation: float) -> None:
        super().__init__(saturation)


class RandomHue(_Jitter):
    """Colours turned by a part of the wheel of [max(0, 1 - hue), 1 + hue). MXNet: `RandomHue`."""

    _operator = "random_hue"

    def __init__(self, hue: float) -> None:
        super().__init__(hue)


class RandomColorJitter(HybridBlock):
    """Brightness, contrast, saturation and hue, each as its own transform, in an order by chance.

    MXNet: `RandomColorJitter`.
    """

    def __init__(self, brightness: float = 0, contrast: float = 0, saturation: float = 0, hue: float = 0) -> None:
        super().__init__()
        self._args = (brightness, contrast, saturation, hue)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.image.random_color_jitter(x, *self._args)


class RandomLighting(HybridBlock):
    """AlexNet's noise along the directions in which photographs' colours vary, of deviation `alpha`.

    MXNet: `RandomLighting`.
    """

    def __init__(self, alpha: float) -> None:
        super().__init__()
        self._alpha = alpha

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.image.random_lighting(x, self._alpha)


class RandomGray(HybridBlock):
    """Shades of grey, in three channels, with probability `p`, by mx.random's stream.   [H, W, 3]

    MXNet: `RandomGray`, of its later versions.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.image.random_gray(x, self.p)
