#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtcardd under programs that people use on top of libvirt.

    test_clients.py VIRTCARDD [WORD...]
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from daemon import LIMIT, Daemon  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402

program = os.path.abspath(sys.argv[1])
place = Place(os.path.join(os.path.dirname(program), "virtcard"))


def daemon(**more):
    return Daemon(program, place.new_folder(), **more)


@test
def virt_install_makes_a_guest():
    with daemon() as d:
        socket = os.path.join(d.folder, "card")
        made = subprocess.run(["virt-install", "--connect", d.uri(), "--name", "new", "--memory", "64", "--import", "--disk", "none",
                               "--network", "user", "--osinfo", "debian11", "--virt-type", "qemu", "--graphics", "none",
                               "--noautoconsole", "--smartcard", f"passthrough,type=unix,source.mode=bind,source.path={socket}"],
                              capture_output=True, text=True, check=False, timeout=LIMIT, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, HOME=d.folder, XDG_CACHE_HOME=d.folder))
        within("Domain creation completed.", made.stdout + made.stderr)
        equal(d.virsh("domstate", "new"), "running")
        within("<smartcard mode='passthrough' type='unix'>", d.virsh("dumpxml", "new", "--inactive"))
        d.virsh("destroy", "new")
        d.virsh("undefine", "new")


CARD = "<controller type='ccid' index='0'/><smartcard mode='passthrough' type='spicevmc'/><graphics type='spice'/>"


def define(d):
    path = os.path.join(d.folder, "guest.xml")
    with open(path, "w") as file:
        file.write(domain(CARD))
    d.virsh("define", path)


def virt_manager(d, *steps, words=()):
    """it as a person sees it, who does the steps"""
    shown = subprocess.run(["timeout", "--kill-after=5", "45", "xvfb-run", "-a", "dbus-run-session", "--",
                            os.path.join(HERE, "lib", "look.py"), *steps, "--", "virt-manager", "--no-fork", "--connect", d.uri(),
                            *words],
                           capture_output=True, text=True, check=False, timeout=LIMIT, stdin=subprocess.DEVNULL,
                           env=dict(os.environ, HOME=d.folder, XDG_CACHE_HOME=d.folder, XDG_CONFIG_HOME=d.folder,
                                    XDG_RUNTIME_DIR=d.folder, GSETTINGS_BACKEND="memory"))
    if shown.returncode:
        raise AssertionError(f"{shown.stdout}\n{shown.stderr}\n{d.log()}")


@test
def virt_manager_lists_guests():
    with daemon() as d:
        define(d)
        virt_manager(d, "table cell:guest\nShutoff")


@test
def virt_manager_shows_a_smartcard():
    with daemon() as d:
        define(d)
        virt_manager(d, "+table cell:Smartcard", "combo box:smartcard-mode=Passthrough", words=["--show-domain-editor", "guest"])


run(sys.argv[2:])
