"""Optimizers: `mx.optimizer`.  One file each; `base.py` says what an optimizer is."""

from . import contrib as contrib
from .adadelta import AdaDelta
from .adagrad import AdaGrad
from .adam import Adam
from .adamax import Adamax
from .base import Optimizer, create, register
from .dcasgd import DCASGD
from .ftml import FTML
from .ftrl import Ftrl
from .lamb import LAMB
from .lars import LARS
from .lbsgd import LBSGD
from .nadam import Nadam
from .nag import NAG
from .rmsprop import RMSProp
from .sgd import SGD, ccSGD
from .sgld import SGLD
from .signum import Signum
from .states import StatesFileError, dump_states, load_states, parse_states, save_states
from .test import Test
from .updater import Updater, get_updater
from .wire import REGISTRY, from_wire

__all__ = [
    "DCASGD",
    "FTML",
    "LAMB",
    "LARS",
    "LBSGD",
    "NAG",
    "REGISTRY",
    "SGD",
    "SGLD",
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
    "contrib",
    "create",
    "dump_states",
    "from_wire",
    "get_updater",
    "load_states",
    "parse_states",
    "register",
    "save_states",
]
