#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`virtcard trust` without any server.

    test_trust.py VIRTCARD
"""
import os
import re
import stat
import subprocess
import sys
import tempfile

from tap import equal, run, test

virtcard = os.path.abspath(sys.argv[1])
temporary = tempfile.TemporaryDirectory()
here = temporary.name
A, B = "SHA256:" + 43 * "A", "SHA256:AQ" + 41 * "A"
HEAD = (" Fingerprint                                          First seen                Server\n" + 95 * "-" + "\n")
DATE = r"20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC"


def call(*words):
    """Exit status, standard output, standard error."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "VIRTCARD_"))}
    env.update(HOME=here)
    done = subprocess.run([virtcard, "trust", *words], cwd=here, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def path():
    return os.path.join(here, ".config", "virtcard", "known_servers")


def rows():
    status, out, err = call("list")
    equal((status, err, out[:len(HEAD)]), (0, "", HEAD))
    return [re.fullmatch(rf" (\S+)   {DATE}   (\S+)", line).groups() for line in out[len(HEAD):].splitlines()]


@test
def nothing_yet():
    equal(rows(), [])
    equal(os.path.exists(path()), False)
    equal(call("remove", "web"), (1, "", f"{path()}: there is no server 'web' with port 16514\n"))


@test
def added_and_removed():
    for server, as_listed in (("Web.example", "web.example:16514"), ("web.example:17", "web.example:17"), ("fd00::1", "[fd00::1]:16514"),
                              ("[fd00:0::1]:18", "[fd00::1]:18"), ("[::2]", "[::2]:16514"), ("10.0.0.1", "10.0.0.1:16514")):
        status, _, err = call("add", server, A)
        equal((status, err, rows()[-1]), (0, "", (A, as_listed)))
    equal(stat.S_IMODE(os.stat(path()).st_mode), 0o600)
    equal(call("add", "--server", "web.example", "--key", A)[0], 0)
    equal(len(rows()), 6)
    status, out, err = call("add", "web.example", B)
    equal((status, out), (1, ""))
    if not re.fullmatch(rf"{path()}:2: server 'web.example' port 16514 is there with another key: {A}, first seen on 20\S*Z; "
                        r"'virtcard trust remove' forgets it\n", err):
        raise AssertionError(err)
    equal(call("remove", "WEB.example:16514"), (0, "Server 'WEB.example:16514' is forgotten\n", ""))
    equal(call("add", "web.example", B)[0], 0)
    equal(rows()[-1], (B, "web.example:16514"))


@test
def what_is_none():
    for server, why in (("web:", "'web:' is not HOST:PORT"), ("web:0", "'0' is not the number of a port"), ("web:x", "'x' is not the number of a port"),
                        ("a b", "server 'a b' port 16514 cannot be remembered"), ("::x", "'::x' is not HOST:PORT: an IPv6 address stands in brackets")):
        equal(call("add", server, A), (1, "", why + "\n"))
    equal(call("add", "web", "ab:cd"), (1, "", "'ab:cd' is no fingerprint: it is 'SHA256:' and 43 characters of base64\n"))


@test
def a_damaged_list():
    with open(path(), "a") as file:
        file.write("x\n")
    with open(path()) as file:
        before = file.read()
    why = f"{path()}:{before.count(chr(10))}: not 'HOST PORT FINGERPRINT TIME', with one space between them\n"
    for words in ("list",), ("add", "other", A), ("remove", "fd00::1"):
        equal(call(*words), (1, "", why))
    with open(path()) as file:
        equal(file.read(), before)


run()
