#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""qemu+ssh: OpenSSH's client, a netcat and a virtcardd on the other side.

    test_ssh.py VIRTCARDD VIRTCARD [WORD...]
"""
import contextlib
import logging
import os
import select
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

from daemon import Daemon, children  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from rooted import UUID  # noqa: E402
from sshd import Sshd  # noqa: E402

LIMIT = 180
virtcardd, virtcard = (os.path.abspath(path) for path in sys.argv[1:3])
place = Place(virtcard)
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class Far:
    """a daemon, and the way to it"""

    def __init__(self):
        self.daemon = Daemon(virtcardd, place.new_folder())
        self.sshd = Sshd(place.new_folder())

    def __enter__(self):
        self.daemon.__enter__()
        self.sshd.__enter__()
        return self

    def __exit__(self, *how):
        self.sshd.__exit__(*how)
        self.daemon.__exit__(*how)

    def uri(self, ssh=None, key=None, socket=None, port=None, more=""):
        return (f"qemu+ssh://root@localhost:{port or self.sshd.port}/system?socket={socket or self.daemon.socket()}"
                f"&command={ssh or self.sshd.ssh}&keyfile={key or self.sshd.key}&no_tty=1{more}")


def call(program, uri, *words, flags=()):
    done = subprocess.run([program, "-c", uri, *flags, *words], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, LC_ALL="C.UTF-8"), check=False)
    return done.returncode, done.stdout, done.stderr


def refused(uri, *words):
    """its one reason"""
    status, out, err = call(virtcard, uri, "list")
    equal((status, out), (1, ""))
    for word in words:
        within(word, err)
    equal(err.count("\n"), 1)


def ends(pids):
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        if not select.select([fd], [], [], LIMIT)[0]:
            raise AssertionError(f"process {pid} goes on")
        os.close(fd)


@test
def a_life():
    with Far() as far:
        path = os.path.join(place.new_folder(), "guest.xml")
        with open(path, "w") as file:
            file.write(domain("<serial type='pty'/>", uuid=UUID))
        for words, want in ((("define", path), f"Domain 'guest' defined from {path}\n"),
                            (("start", "guest", "--paused"), "Domain 'guest' started\n"),
                            (("domstate", "guest"), "paused\n"),
                            (("list", "--name"), "guest\n"),
                            (("destroy", "guest"), "Domain 'guest' destroyed\n")):
            equal(call(virtcard, far.uri(), *words), (0, want, ""))
        # virsh makes the same of the same URI.
        status, out, err = call("virsh", far.uri(), "list", "--all", "--name", flags=("-q",))
        equal((status, out.split(), err), (0, ["guest"], ""))
        # Who looks only, asks for the socket for that.
        status, _, err = call(virtcard, far.uri(socket=far.daemon.socket(True)), "undefine", "guest")
        equal(status, 1)
        within("read only", err)
        equal(call(virtcard, far.uri(), "undefine", "guest"), (0, "Domain 'guest' has been undefined\n", ""))
        ends([pid for pid, words in children(os.getpid()).items() if words[0] == b"nc" and far.daemon.socket().encode() in words])


@contextlib.contextmanager
def listening(uri, *words):
    with subprocess.Popen([virtcard, "-c", uri, "event", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          bufsize=1) as listener:
        try:
            equal(listener.stdout.readline(), "waiting for events\n")
            yield listener
        finally:
            listener.kill()


@test
def events():
    with Far() as far, listening(far.uri(), "--event", "lifecycle") as listener:
        path = os.path.join(place.new_folder(), "guest.xml")
        with open(path, "w") as file:
            file.write(domain(uuid=UUID))
        far.daemon.virsh("define", path)
        equal(listener.stdout.readline(), "event 'lifecycle' for domain 'guest': Defined Added\n")
        equal(listener.wait(LIMIT), 0)


@test
def in_vain():
    with Far() as far:
        stranger = Sshd(place.new_folder())
        refused(far.uri(key=stranger.key), "localhost: ssh: ", "Permission denied (publickey)")
        refused(far.uri(ssh=far.sshd.client("knows-nobody", os.path.join(place.new_folder(), "none"))), "localhost: knows-nobody: ",
                "Host key verification failed.")
        refused(far.uri(ssh=far.sshd.client("knows-another", stranger.known), more="&no_verify=0"), "Host key verification failed.")
        equal(call(virtcard, far.uri(ssh=far.sshd.client("knows-none", os.path.join(place.new_folder(), "none")), more="&no_verify=1"),
                   "list", "--name")[0], 0)
        stranger.listener.close()
        refused(far.uri(port=stranger.port), "localhost: ssh: ", "Connection refused")
        refused(far.uri(socket="/nowhere/sock"), "localhost: ssh: ", "/nowhere/sock")
        refused(far.uri(more="&netcat=/nowhere/nc"), "localhost: ssh: ", "/nowhere/nc: not found")
        refused(far.uri(ssh="/nowhere/ssh"), "cannot run '/nowhere/ssh': ")


@test
def the_way_breaks():
    with Far() as far, listening(far.uri(), "--loop") as listener:
        for transport in far.sshd.transports:
            transport.close()
        words, _ = listener.communicate(timeout=LIMIT)
        equal(listener.returncode, 1)
        within("localhost: ssh: ", words)


run(sys.argv[3:])
