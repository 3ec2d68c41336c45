"""Optimizers: `mx.optimizer`.  One file each; `base.py` says what an optimizer is."""

from .adadelta import AdaDelta
from .adagrad import AdaGrad
from .adam import Adam
from .adamax import Adamax
from .base import Optimizer, create, register
from .ftml import FTML
from .ftrl import Ftrl
from .nadam import Nadam
from .nag import NAG
from .rmsprop import RMSProp
from .sgd import SGD, ccSGD
from .signum import Signum
from .states import StatesFileError, dump_states, load_states, parse_states, save_states
from .test import Test
from .updater import Updater, get_updater
from .wire import REGISTRY, from_wire

__all__ = [
    "FTML",
    "NAG",
    "REGISTRY",
    "SGD",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "Adamax",
    "Ftrl",
    "Nadam",
    "Optimizer",
    "RMSProp",
    "Signum",
    "StatesFileError",
    "Test",
    "Updater",
    "ccSGD",
    "create",
    "dump_states",
    "from_wire",
    "get_updater",
    "load_states",
    "parse_states",
    "register",
    "save_states",
]
