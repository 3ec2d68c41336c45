"""Asks a real MXNet 1.9.1 for the result of every case, and writes facts/*.json.

Run by hand, with the Python of an environment where `mxnet` is installed:

    python tests/oracle/record.py [file of cases ...]

MXNet may crash or hang on a call: each case runs in a forked process of its own, with a time limit.
"""

import json
import os
import select
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import mxnet
import plain
from mxnet.gluon import utils
from mxnet.gluon.data.vision import datasets

LIMIT_S = 20
# MXNet takes no files of images but the published ones; the cases write small ones
utils.check_sha1 = datasets.check_sha1 = lambda filename, sha1_hash: True


def ask(case):
    """The case's result, {"crash": signal}, or {"hang": true}."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with os.fdopen(write, "w") as pipe:
            pipe.write(json.dumps(plain.in_new_folder(case, mxnet)))
        os._exit(0)
    os.close(write)
    text = b""
    with os.fdopen(read, "rb", 0) as pipe:
        while select.select([pipe], [], [], LIMIT_S)[0]:
            more = pipe.read(65536)
            if not more:
                break
            text += more
        else:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return {"hang": True}
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return {"crash": signal.Signals(os.WTERMSIG(status)).name}
    if not text:
        return {"crash": f"exit status {os.WEXITSTATUS(status)}"}
    return json.loads(text)


def main(files):
    by_file = {}
    for name, case in plain.all_cases().items():
        file, _, short = name.partition(".")
        if not files or file in files:
            by_file.setdefault(file, {})[short] = ask(case)
    for file, facts in by_file.items():
        lines = ",\n".join(json.dumps(name) + ": " + json.dumps(fact) for name, fact in facts.items())
        (plain.HERE / "facts" / (file + ".json")).write_text("{\n" + lines + "\n}\n")
        bad = [name for name, fact in facts.items() if isinstance(fact, dict) and ("hang" in fact or "crash" in fact)]
        whole = [name for name, fact in facts.items() if isinstance(fact, dict) and "error" in fact]
        print(f"{file}: {len(facts)} cases; crashed or hung: {bad or 'none'}; nothing but an error: {whole or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])
