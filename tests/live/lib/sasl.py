# SPDX-License-Identifier: LGPL-2.1-or-later
"""Users of a virtcardd of a test's own, and what clients are given to log in.

    add_user(virtcard, root, "fred", "secret")
    path = auth_file(folder, "fred", "secret")      libvirt's, for `authfile=` of its clients' URIs
    libvirtds_sasl(folder, "PLAIN", "fred", "secret")   a libvirtd's settings and user: SASL_CONF_PATH of its environment
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


def libvirtds_sasl(folder, mechanisms, name, password):
    database = os.path.join(folder, "passwd.db")
    with open(os.path.join(folder, "libvirt.conf"), "w") as file:
        file.write(f"mech_list: {mechanisms}\nsasldb_path: {database}\npwcheck_method: auxprop\nauxprop_plugin: sasldb\n")
    subprocess.run(["/usr/sbin/saslpasswd2", "-p", "-c", "-a", "libvirt", "-f", database, name], input=password, text=True, timeout=LIMIT, check=True,
                   env=dict(os.environ, SASL_CONF_PATH=folder))
    return folder


def auth_file(folder, name, password=None):
    path = os.path.join(folder, f"auth{next(_numbers)}.conf")
    with open(path, "w") as file:
        os.fchmod(file.fileno(), 0o600)
        said = f"password={password}\n" if password is not None else ""
        file.write(f"[credentials-test]\nauthname={name}\n{said}[auth-libvirt-default]\ncredentials=test\n")
    return path
