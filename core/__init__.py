"""Arrays, operators, autograd, random streams, initializers, optimizers, schedules, metrics: what needs no other part.

Nothing is loaded here: a server takes `optimizer` without the operators, a script takes what it names.
"""
