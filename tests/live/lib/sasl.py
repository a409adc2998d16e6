# SPDX-License-Identifier: LGPL-2.1-or-later
"""Users of a virtcardd of a test's own, and what clients are given to log in.

    add_user(virtcard, root, "fred", "secret")
    path = auth_file(folder, "fred", "secret")      libvirt's, for `authfile=` of its clients' URIs
"""
import itertools
import os
import subprocess

LIMIT = 180
_numbers = itertools.count()


def user(virtcard, root, *words, text=""):
    return subprocess.run([virtcard, "--root", root, "user", *words], input=text, capture_output=True, text=True, timeout=LIMIT, check=False)


def add_user(virtcard, root, name, password, *more):
    done = user(virtcard, root, "add", name, *more, text=password + "\n")
    if done.returncode:
        raise AssertionError(done.stderr)


def set_mechanisms(root, *names):
    folder = os.path.join(root, "etc", "virtcard", "sasl2")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "libvirt.conf"), "w") as file:
        file.write(f"mech_list: {' '.join(names)}\n")


def auth_file(folder, name, password):
    path = os.path.join(folder, f"auth{next(_numbers)}.conf")
    with open(path, "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(f"[credentials-test]\nauthname={name}\npassword={password}\n[auth-libvirt-default]\ncredentials=test\n")
    return path
