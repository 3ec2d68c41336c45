"""`python -m mxl.deploy.keys FILE`: make the keys of a job whose nodes are on several hosts.

The file is new, of mode 0600, and the same for every node: MXL_KEYS_FILE names it.  It holds all four keys of CurveZMQ;
hand it out as a secret (a mounted file, scp), never in a command line or a variable.
"""

from __future__ import annotations

import sys

import click

from ..core.errors import MXLError
from ..kvstore.transport.curve import make_keys, save_keys


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
def main(file: str) -> None:
    """Make the keys of a job and write them into the new FILE, which only you can read."""
    try:
        save_keys(make_keys(), file)
    except MXLError as error:
        click.echo(f"mxl.deploy.keys: {error}", err=True)
        sys.exit(1)
    click.echo(f"keys written to {file}; every node of the job needs it as MXL_KEYS_FILE")


if __name__ == "__main__":
    main(prog_name="python -m mxl.deploy.keys")
