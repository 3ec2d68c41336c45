"""Block: a piece of a model, with children and parameters of its own, called like a function.

Knows the tree (children, parameters, hooks, names) and how to do one thing to all of it; `naming.py` knows how names
are made, `hybrid.py` the blocks that need not know whether they run on arrays. Never computes anything itself.
Invariant: what is set as an attribute and is a Block is a child; what is a Parameter is a parameter of this block.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Self

from ..core import autograd, initializer
from ..core.context import Context
from . import saving
from .errors import AttributeChange, BadChild, Incompatible
from .naming import NameScope, name_new_block
from .parameter import Init, Parameter
from .parameter_dict import ParameterDict
from .utils import HookHandle

Hook = Callable[..., Any]


def _no_forward(self: Block, *args: Any) -> Any:
    raise NotImplementedError(f"{type(self).__name__} defines no forward(self, ...)")


class Block:
    """The base of all models: subclass it, make children in `__init__`, and say in `forward` how they work together.

    `prefix` begins the names of its parameters (by default the class's name and a number); `params` is another block's
    `params`, which this block then shares. MXNet: `gluon.Block`.

    >>> from mxl.gluon import nn
    >>> class Model(Block):
    ...     def __init__(self, **kwargs):
    ...         super().__init__(**kwargs)
    ...         with self.name_scope():
    ...             self.hidden = nn.Dense(20)
    ...             self.output = nn.Dense(10)
    ...     def forward(self, x):
    ...         return self.output(self.hidden(x))
    >>> list(Model(prefix="model_").collect_params(".*bias"))
    ['model_dense0_bias', 'model_dense1_bias']
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        self.has_empty_prefix = prefix == ""
        self._prefix, self._params = name_new_block(prefix, params, self._alias())
        self._name = self._prefix.removesuffix("_")
        self._scope = NameScope(self)
        self._children: dict[str, Block] = {}
        self._reg_params: dict[str, Parameter] = {}
        self._forward_hooks: dict[int, Hook] = {}
        self._forward_pre_hooks: dict[int, Hook] = {}

    def _alias(self) -> str:
        """The kind that numbered names are made of."""
        return type(self).__name__.lower()

    def __repr__(self) -> str:
        children = [(name, value) for name, value in vars(self).items() if isinstance(value, Block)]
        return f"{type(self).__name__}(\n{describe_children(children)}\n)"

    def __setattr__(self, name: str, value: Any) -> None:
        existing = self.__dict__.get(name)
        if existing is None:
            pass
        elif isinstance(existing, Parameter) and not isinstance(value, Parameter):
            raise AttributeChange(_kind_change(self, name, existing, value, "a Parameter"))
        elif isinstance(existing, Block) and not isinstance(value, Block):
            raise AttributeChange(_kind_change(self, name, existing, value, "a Block"))
        if isinstance(value, Block):
            self.register_child(value, name)
        elif isinstance(value, Parameter):
            if name in self._reg_params:
                raise Incompatible(
                    f"attribute {name} of {self.name} has its Parameter already, and keeps it; to share parameters "
                    f"with another block, make this one with params=other.params"
                )
            self._reg_params[name] = value
        super().__setattr__(name, value)

    # ---- names and parameters ----

    @property
    def prefix(self) -> str:
        """What the names of this block's parameters begin with."""
        return self._prefix

    @property
    def name(self) -> str:
        """The prefix without the underscore at its end."""
        return self._name

    @property
    def params(self) -> ParameterDict:
        """This block's own parameters, without its children's; see `collect_params`."""
        return self._params

    def name_scope(self) -> NameScope:
        """Inside `with self.name_scope():` new blocks are named beneath this one."""
        return self._scope

    def collect_params(self, select: str | None = None) -> ParameterDict:
        """The parameters of this block and its children; `select` is a regular expression that names must match."""
        self._warn_about_hidden_blocks()
        pattern = None if select is None else re.compile(select)
        found = ParameterDict(self._params.prefix)
        self._collect(pattern, found)
        return found

    def _collect(self, pattern: re.Pattern[str] | None, found: ParameterDict) -> None:
        if pattern is None:
            found.update(self._params)
        else:
            chosen = ParameterDict()
            chosen._params.update({name: param for name, param in self._params.items() if pattern.match(name)})
            found.update(chosen)
        for child in self._children.values():
            child._collect(pattern, found)

    def _warn_about_hidden_blocks(self) -> None:
        """Blocks in a list, tuple or dict are not children: their parameters would be left out without a word."""
        known = set(self._children.values())
        for name, value in vars(self).items():
            if name.startswith("_"):
                continue
            if isinstance(value, list | tuple | dict) and any(block not in known for block in _blocks_in(value)):
                warnings.warn(
                    f"{type(self).__name__}.{name} is a {type(value).__name__} with Blocks that are no children: "
                    f"collect_params() does not see their parameters. Call register_child() for each of them, or keep "
                    f"them in a Sequential or HybridSequential",
                    stacklevel=3,
                )
        for child in self._children.values():
            child._warn_about_hidden_blocks()

    def initialize(
        self,
        init: Init = None,
        ctx: Context | Sequence[Context] | None = None,
        verbose: bool = False,
        force_reinit: bool = False,
    ) -> None:
        """Gives all parameters their first values, by `init` (Uniform(0.07)) where they have no initializer."""
        self.collect_params().initialize(initializer.Uniform() if init is None else init, ctx, verbose, force_reinit)

    # ---- files ----

    def save_parameters(self, filename: saving.FileName, deduplicate: bool = False) -> None:
        """Writes the parameters of this block and its children to a file, in MXNet's format.

        They are named by their place in the tree (`0.weight`, `hidden.bias`), so that prefixes do not matter. Copies on
        several contexts are averaged. A parameter at several places is written once for each, or, with `deduplicate`,
        once. Raises RuntimeError where a parameter has no value yet.
        """
        saving.save_by_place(self, filename, deduplicate)

    def load_parameters(
        self,
        filename: saving.FileName,
        ctx: saving.Contexts = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Sets the parameters from a file that `save_parameters`, or MXNet, wrote; they need not be initialised.

        `ctx` is where parameters go that are not initialised (cpu(0)). Sizes not known yet are the file's. With
        `cast_dtype` the dtypes may differ: values are cast to the parameters' ('current'), or parameters to the file's
        ('saved'). Raises AssertionError where a parameter is missing in the file, has another shape or dtype there, or
        is on other contexts; ValueError where the file has more. A load that raises changes nothing.

        >>> import os, tempfile
        >>> from mxl.gluon import nn
        >>> net, twin = nn.Dense(2, in_units=3), nn.Dense(2)
        >>> net.initialize()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "net.params")
        ...     net.save_parameters(path)
        ...     twin.load_parameters(path)
        >>> twin.weight.shape, bool((twin.weight.data() == net.weight.data()).asnumpy().all())
        ((2, 3), True)
        """
        rules = saving.Rules(ctx, allow_missing, ignore_extra, cast_dtype, dtype_source)
        saving.load_by_place(self, filename, rules)

    def save_params(self, filename: saving.FileName) -> None:
        """MXNet's older way to save, by names without this block's prefix; use `save_parameters`."""
        warnings.warn("save_params is deprecated: use save_parameters", stacklevel=2)
        self.collect_params().save(filename, strip_prefix=self.prefix)

    def load_params(
        self,
        filename: saving.FileName,
        ctx: saving.Contexts = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
    ) -> None:
        """MXNet's older name of `load_parameters`."""
        warnings.warn("load_params is deprecated: use load_parameters", stacklevel=2)
        self.load_parameters(filename, ctx, allow_missing, ignore_extra)

    def _place_of(self, name: str) -> str:
        """What files call the parameter that is this attribute, after this block's own place."""
        return name

    # ---- the tree ----

    def register_child(self, block: Block, name: str | None = None) -> None:
        """Makes `block` a child; attributes do this by themselves. Raises ValueError for what is no Block."""
        if not isinstance(block, Block):
            raise BadChild(
                f"a child of {type(self).__name__} '{self.name}' must be a Block, but {block!r} is {type(block)}"
            )
        self._children[str(len(self._children)) if name is None else name] = block

    def apply(self, fn: Callable[[Block], Any]) -> Self:
        """Calls `fn` with every block beneath this one, children first, then with this one; returns this one."""
        for child in self._children.values():
            child.apply(fn)
        fn(self)
        return self

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """Passes the wish on to the children; see `HybridBlock.hybridize`."""
        for child in self._children.values():
            child.hybridize(active, **kwargs)

    def cast(self, dtype: Any) -> None:
        """Changes the element type of all parameters."""
        for child in self._children.values():
            child.cast(dtype)
        for param in self._params.values():
            param.cast(dtype)

    # ---- calling ----

    def register_forward_pre_hook(self, hook: Hook) -> HookHandle:
        """Calls `hook(block, inputs)` before each forward; `inputs` is the tuple of arguments."""
        return HookHandle(self._forward_pre_hooks, hook)

    def register_forward_hook(self, hook: Hook) -> HookHandle:
        """Calls `hook(block, inputs, output)` after each forward."""
        return HookHandle(self._forward_hooks, hook)

    def register_op_hook(self, callback: Callable[..., Any], monitor_all: bool = False) -> None:
        """Calls `callback(name, operator, array)` for each node of the graphs of the hybridized blocks beneath."""
        for child in self._children.values():
            child.register_op_hook(callback, monitor_all)

    def __call__(self, *args: Any) -> Any:
        if self._forward_pre_hooks:
            for hook in tuple(self._forward_pre_hooks.values()):
                hook(self, args)
        output = self.forward(*args)
        if self._forward_hooks:
            for hook in tuple(self._forward_hooks.values()):
                hook(self, args, output)
        return output

    # What this block computes: every subclass defines it, with arguments of its own.
    forward: Callable[..., Any] = _no_forward

    def summary(self, *inputs: Any) -> None:
        """Runs the model on `inputs` and prints each layer's output shape and number of parameters.

        The parameters must be initialised, the model not hybridized.
        """
        from .summary import print_block_summary

        with autograd.pause():
            print_block_summary(self, inputs)


def describe_children(children: Sequence[tuple[str, Block]]) -> str:
    """The lines between the brackets of a printed block."""
    return "\n".join(f"  ({name}): " + repr(child).replace("\n", "\n  ") for name, child in children)


def _blocks_in(value: Any) -> list[Block]:
    """The blocks in a container of containers."""
    if isinstance(value, Block):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [block for item in value for block in _blocks_in(item)]
    return []


def _kind_change(block: Block, name: str, old: Any, new: Any, kind: str) -> str:
    return (
        f"attribute {name} of {block.name} is {kind}, {type(old).__name__}, and can only be replaced by another, not "
        f"by {type(new).__name__}"
    )
