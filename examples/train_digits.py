"""Handwritten digits: a small convolutional network, trained by one process or by the workers of a cluster.

    python examples/train_digits.py
    mxl-launch -n 4 -s 2 examples/train_digits.py

The 1 797 digits that scikit-learn brings, 8 x 8 pixels, are split 1 437 / 360. In a cluster each worker takes its part
of every batch, the servers sum the parts and run the optimizer, and all go on from the same weights: so N workers on
parts of a batch do what one process does on the whole. At the end worker 0 prints the accuracy on the held-out digits
and a digest of the weights, and writes into --out the learning curve as a picture and as numbers, and the weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import mxl as mx
from mxl.gluon import nn
from mxl.kvstore.config import load as load_settings

TRAINING, HELD_OUT = 1437, 360

Images = np.ndarray[Any, np.dtype[np.float32]]      # [N, 1, 8, 8], from -0.5 to 0.5
Labels = np.ndarray[Any, np.dtype[np.float32]]      # [N]
Weights = dict[str, Any]                            # name -> numpy array


def load_digits() -> tuple[Images, Labels, Images, Labels]:
    """(training images, their labels, held-out images, their labels), split by class in proportion, always alike."""
    try:
        from sklearn.datasets import load_digits as bundled
        from sklearn.model_selection import train_test_split
    except ImportError as error:
        raise SystemExit("this example needs scikit-learn for its digits: pip install 'mxl[examples]'") from error
    pixels, labels = bundled(return_X_y=True)
    images = (pixels / 16 - 0.5).astype(np.float32).reshape(-1, 1, 8, 8)
    parts: Any = train_test_split(images, labels.astype(np.float32), train_size=TRAINING, test_size=HELD_OUT,
                                  stratify=labels, random_state=0)
    return parts[0], parts[2], parts[1], parts[3]


def make_network() -> nn.HybridSequential:
    """A LeNet for 8 x 8 pixels: [N, 1, 8, 8] -> [N, 10]"""
    net = nn.HybridSequential(prefix="digits_")
    with net.name_scope():
        net.add(
            nn.Conv2D(16, kernel_size=3, padding=1, activation="relu"),     # [N, 16, 8, 8]
            nn.MaxPool2D(pool_size=2),
            nn.Conv2D(32, kernel_size=3, padding=1, activation="relu"),     # [N, 32, 4, 4]
            nn.MaxPool2D(pool_size=2),
            nn.Flatten(),
            nn.Dense(64, activation="relu"),
            nn.Dense(10),
        )
    return net


def positions(step: int, batch_size: int, rank: int, workers: int, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Which training digits a worker takes at a step: its contiguous part of the global batch.

    The order of an epoch is one permutation from (seed, epoch), the same in every worker; what does not fill a batch is
    left for other epochs.
    """
    batches = TRAINING // batch_size
    epoch, batch = divmod(step, batches)
    order = np.random.default_rng([seed, epoch]).permutation(TRAINING)
    first, last = (batch * batch_size + batch_size * r // workers for r in (rank, rank + 1))
    return order[first:last]


def accuracy_of(net: nn.HybridSequential, images: Images, labels: Labels) -> float:
    """Share of the images that the network names rightly."""
    metric = mx.metric.Accuracy()
    metric.update(mx.nd.array(labels), net(mx.nd.array(images)))
    return float(metric.get()[1])


def train(args: argparse.Namespace, kv: mx.kv.KVStore) -> tuple[nn.HybridSequential, list[dict[str, float]]]:
    """(the network, records of the learning curve); only rank 0 looks at the held-out digits."""
    images, labels, held_out, held_out_labels = load_digits()
    mx.random.seed(args.seed)
    net = make_network()
    net.initialize(mx.init.Xavier())
    net(mx.nd.array(images[:1]))                # one digit through it: now all shapes are known
    loss_of = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    steps = args.steps if args.steps is not None else args.epochs * (TRAINING // args.batch_size)
    falling_to_0 = mx.lr_scheduler.PolyScheduler(max_update=steps, base_lr=args.lr, pwr=1)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": falling_to_0, "momentum": 0.9, "wd": 1e-3},
                               kvstore=kv)
    records: list[dict[str, float]] = []
    for step in range(steps):
        mine = positions(step, args.batch_size, kv.rank, kv.num_workers, args.seed)
        with mx.autograd.record():
            loss = loss_of(net(mx.nd.array(images[mine])), mx.nd.array(labels[mine]))
        loss.backward()
        trainer.step(args.batch_size)           # servers sum over workers, so this is the batch of all of them
        record = {"step": step + 1, "loss": float(loss.mean().asscalar())}
        kv.report(loss=record["loss"], step_samples=len(mine))      # for the live line of mxl-launch
        if kv.rank == 0:
            if (step + 1) % args.every == 0 or step + 1 == steps:
                record["accuracy"] = accuracy_of(net, held_out, held_out_labels)
                print(f"step {step + 1:4d}  loss {record['loss']:.4f}  accuracy {record['accuracy']:.3f}", flush=True)
            records.append(record)
    return net, records


def pull_weights(net: nn.HybridSequential, kv: mx.kv.KVStore) -> Weights:
    """Name and value of every key, fresh from the store, in the order of their names: a Trainer numbers them so."""
    params = net.collect_params()
    outs = {name: mx.nd.zeros(params[name].shape) for name in sorted(params.keys())}
    kv.pull(list(range(len(outs))), out=list(outs.values()))
    return {name: out.asnumpy() for name, out in outs.items()}


def digest_of(weights: Weights) -> str:
    """One number for all weights: equal where every bit of them is."""
    digest = hashlib.sha256()
    for value in weights.values():
        digest.update(value.tobytes())
    return digest.hexdigest()


def write(folder: Path, records: list[dict[str, float]], weights: Weights) -> None:
    """curve.json, weights.npz and, where matplotlib is installed, curve.png."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "curve.json").write_text(json.dumps(records, indent=1) + "\n")
    np.savez(folder / "weights.npz", **weights)
    try:
        mx.viz.plot_learning_curve(records, folder / "curve.png", title="Handwritten digits")
    except ImportError as error:
        print(f"no picture: {error}")
    else:
        print(f"learning curve {folder / 'curve.png'}")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line; what cannot be ends with a sentence."""
    parser = argparse.ArgumentParser(description="Train a small network on handwritten digits.")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the training digits (20)")
    parser.add_argument("--steps", type=int, help="number of steps, instead of --epochs")
    parser.add_argument("--batch-size", type=int, default=64, help="digits in a step, of all workers together (64)")
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate at the first step; it falls to 0 (0.1)")
    parser.add_argument("--seed", type=int, default=0, help="of the first weights and of the order of the digits (0)")
    parser.add_argument("--every", type=int, default=50, help="steps between two looks at the held-out digits (50)")
    parser.add_argument("--kv-store", default="dist_sync" if load_settings().scheduler else "local",
                        help="kind of store (dist_sync under mxl-launch, else local)")
    parser.add_argument("--out", type=Path, default=Path("runs/digits"), help="folder to write into (runs/digits)")
    args = parser.parse_args(arguments)
    for name in ("epochs", "steps", "batch_size", "every"):
        if getattr(args, name) is not None and getattr(args, name) < 1:
            parser.error(f"--{name.replace('_', '-')} {getattr(args, name)}: expected 1 or more")
    if args.batch_size > TRAINING:
        parser.error(f"--batch-size {args.batch_size}: there are {TRAINING} training digits")
    return args


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains, and has worker 0 print and write what came of it."""
    args = parse(arguments)
    kv = mx.kv.create(args.kv_store)
    if args.batch_size < kv.num_workers:
        raise SystemExit(f"--batch-size {args.batch_size} leaves some of {kv.num_workers} workers without a digit")
    if kv.rank == 0:
        print(f"{TRAINING} digits, batches of {args.batch_size} over {kv.num_workers} worker(s), kvstore {kv.type}")
    net, records = train(args, kv)
    if kv.rank == 0:
        weights = pull_weights(net, kv)
        write(args.out, records, weights)
        print(f"accuracy {records[-1]['accuracy']:.3f}")
        print(f"weights sha256 {digest_of(weights)}")


if __name__ == "__main__":
    main()
