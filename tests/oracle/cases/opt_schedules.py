"""What schedules tell the log, and the rates beside it."""

import logging


class _Lines(logging.Handler):
    def __init__(self):
        logging.Handler.__init__(self)
        self.lines = []

    def emit(self, record):
        self.lines.append([record.levelname, record.getMessage()])


def _told(schedule, updates, before=None):
    """The rates of these updates, and the lines beside them."""
    root, handler = logging.getLogger(), _Lines()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    result = []
    try:
        for update in updates:
            if before:
                before(schedule, update)
            handler.lines.append(schedule(update))
        result = handler.lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return result


def factor_scheduler(mx):
    make = mx.lr_scheduler.FactorScheduler
    return [_told(make(step=3, factor=0.5, base_lr=1.0), range(1, 12)),
            _told(make(step=2, factor=0.1, base_lr=1.0, stop_factor_lr=0.05), range(1, 10)),
            _told(make(step=1, factor=0.1, base_lr=1.0, stop_factor_lr=0.05), [1, 6]),
            _told(make(step=2, factor=0.5, base_lr=1.0), [9, 9, 10, 11]),
            _told(make(step=2, factor=1.0, base_lr=1.0), [4]),
            _told(make(step=2, factor=0.5, base_lr=1.0, warmup_steps=4, warmup_begin_lr=0.1), range(1, 9))]


def multi_factor_scheduler(mx):
    make = mx.lr_scheduler.MultiFactorScheduler
    return [_told(make(step=[2, 5, 6], factor=0.1, base_lr=1.0), range(1, 10)),
            _told(make(step=[2, 5, 6], factor=0.1, base_lr=1.0), [8, 9]),
            _told(make(step=[2, 5], factor=0.5, base_lr=1.0, warmup_steps=4, warmup_begin_lr=0.1), range(1, 9))]


def others(mx):
    return [_told(mx.lr_scheduler.PolyScheduler(5, base_lr=1.0), range(1, 8)),
            _told(mx.lr_scheduler.CosineScheduler(5, base_lr=1.0), range(1, 8))]


def a_rate_set_by_hand(mx):
    def at_four(schedule, update):
        if update == 4:
            schedule.base_lr = 8.0

    return [_told(mx.lr_scheduler.FactorScheduler(step=2, factor=0.5, base_lr=1.0), range(1, 8), at_four),
            _told(mx.lr_scheduler.MultiFactorScheduler(step=[2, 5], factor=0.5, base_lr=1.0), range(1, 8), at_four)]


def of_an_optimizer(mx):
    schedule = mx.lr_scheduler.FactorScheduler(step=2, factor=0.5)
    optimizer = mx.optimizer.SGD(learning_rate=1.0, lr_scheduler=schedule)
    weights = [mx.nd.ones((2,)), mx.nd.ones((3,))]

    def step(_):
        for index, weight in enumerate(weights):
            optimizer.update(index, weight, weight.copy(), None)
        return optimizer.learning_rate

    return _told(step, range(5))
