"""plot_network: for Gluon blocks, what is hidden, and what it says where something is missing."""

from __future__ import annotations

import sys

import pytest

import mxl as mx
from mxl.gluon import nn


def net() -> nn.HybridSequential:
    made = nn.HybridSequential(prefix="net_")
    with made.name_scope():
        made.add(nn.Conv2D(4, 3), nn.BatchNorm(), nn.Activation("relu"), nn.MaxPool2D(), nn.Dense(3))
    return made


def test_a_block_is_drawn_without_being_initialised() -> None:
    source = mx.viz.plot_network(net(), shape=(1, 1, 8, 8)).source
    for part in ('net_dense0_fwd -> net_pool0_fwd [label="4x3x3"', "Convolution\n3x3/1x1, 4", "net_conv0_fwd -> data"):
        assert part in source
    assert "weight" not in source


def test_weights_are_drawn_when_asked_for() -> None:
    source = mx.viz.plot_network(net(), hide_weights=False).source
    assert "net_conv0_fwd -> net_conv0_weight" in source
    assert "net_batchnorm0_running_mean" in source


def test_a_block_of_several_inputs() -> None:
    block = nn.HybridLambda(lambda F, x, y: F.concat(x, y, dim=1))
    source = mx.viz.plot_network(block, shape={"left": (1, 2), "right": (1, 3)}).source
    assert "-> left [label=2" in source
    assert "-> right [label=3" in source


def test_types_label_the_arrows() -> None:
    conv = mx.sym.Convolution(mx.sym.var("data"), kernel=(3, 3), num_filter=4, name="conv")
    source = mx.viz.plot_network(conv, dtype={"data": "float64"}).source
    assert 'conv -> data [label="(float64)"' in source


def test_repeated_names_are_warned_of() -> None:
    twice = mx.sym.var("x") + mx.sym.var("x")
    with pytest.warns(RuntimeWarning, match="Repeated names: x"):
        mx.viz.plot_network(twice)


@pytest.mark.parametrize(
    "make, kind, sentence",
    [
        (lambda: mx.viz.plot_network("x"), TypeError, "must be a Symbol or a Gluon block, not str"),
        (lambda: mx.viz.plot_network(net(), shape=()), ValueError, r"'net_conv0_fwd': data is \[\], .* no such"),
        (lambda: mx.viz.plot_network(mx.sym.var("x"), shape={"y": (1,)}), ValueError, "incomplete: not known are x"),
        (lambda: mx.viz.print_summary(mx.sym.var("x"), {"y": (1,)}), ValueError, "Input shape is incomplete"),
        (lambda: mx.viz.print_summary(3), TypeError, "expected a Gluon block or a Symbol, got int"),
    ],
)
def test_a_wrong_call_says_so(make, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        make()


def test_without_dot_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    drawing = mx.viz.plot_network(net(), title="plot", save_format="svg")
    with pytest.raises(mx.MXNetError, match=r"'dot' draws the picture, .*apt install graphviz"):
        drawing.render(directory=tmp_path)
    with pytest.raises(mx.MXNetError, match="'dot' draws the picture"):
        drawing.pipe()


def test_without_the_package_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ImportError, match=r"pip install 'mxl\[viz\]'"):
        mx.viz.plot_network(net())


@pytest.mark.parametrize("form, begins", [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_stand_in_for_dot_is_given_the_graph(
    form: str, begins: bytes, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The format and the text reach `dot`; what it makes of them is graphviz's."""
    program = tmp_path / "dot"
    program.write_bytes(
        b"#!" + sys.executable.encode() + b"\nimport sys\nopen(sys.argv[-1] + '.' + sys.argv[2][2:].split(':')[0],"
        b" 'wb').write(" + repr(begins).encode() + b" + open(sys.argv[-1], 'rb').read())\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    path = mx.viz.plot_network(net(), title="plot", save_format=form).render(directory=tmp_path / "out")
    content = (tmp_path / "out" / f"plot.gv.{form}").read_bytes()
    assert path.endswith(f"plot.gv.{form}")
    assert content.startswith(begins)
    assert b"net_dense0_fwd" in content
