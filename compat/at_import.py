"""Importing this module calls `install_as_mxnet`: for those who can name a module and not call a function.

`mxl-launch --as-mxnet --import my_rules` names it before `my_rules`, so that the servers can import a file of
optimizers that says `import mxnet`.  Nothing else imports it.
"""

from __future__ import annotations

from .mxnet import install_as_mxnet

install_as_mxnet()
