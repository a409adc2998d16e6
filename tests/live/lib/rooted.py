# SPDX-License-Identifier: LGPL-2.1-or-later
"""A root that the command uses, with a daemon of its own or without one.

    with Root(place, virtcardd) as root:                   no daemon: qemu:///embed
    with Root(place, virtcardd).start() as root:           a daemon
        root("list", "--all")                              what the command says; AssertionError when it failed
        root.fails("start", "guest")                       its reasons
    @both_ways(maker)                                      a test of each, for functions that take a root
"""
import os
import re
import signal
import socket
import subprocess
import tempfile

from livetap import equal, test

LIMIT = 180
UUID = "c7a5fdbd-edaf-9455-926a-d65c16db1809"


class Root:
    """A root, and a command that uses it; ends what runs there."""

    def __init__(self, place, virtcardd, *where, inside=lambda command: command, env=None):
        self.program, self.daemons = place.virtcard, virtcardd
        self.inside, self.env = inside, env or os.environ
        self.root = place.new_root()
        self.folder = os.path.dirname(self.root)
        self.run = os.path.join(self.root, "run", "virtcard")
        self.socket = os.path.join(self.run, "virtcard-sock")
        self.where = where or ("--root", self.root)
        self.daemon = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for name in self("list", "--name").split():
            self("destroy", name)
        self.stop()

    def file(self, text, name="guest.xml"):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def environment(self, **more):
        return dict(self.env, LC_ALL="C.UTF-8", TMPDIR=self.folder, **more)

    def call(self, *words, env=None, text=None):
        """exit status, standard output, standard error"""
        done = subprocess.run(self.inside([self.program, *self.where, *words]), capture_output=True, text=True, timeout=LIMIT, cwd=self.folder,
                              env=self.environment(**env or {}), input=text, stdin=None if text else subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def __call__(self, *words, **more):
        status, out, err = self.call(*words, **more)
        if status != 0:
            raise AssertionError(f"{words}: {status}: {out}{err}")
        return out

    def fails(self, *words, **more):
        """the reasons"""
        status, out, err = self.call(*words, **more)
        equal((status, out), (1, ""))
        return err.splitlines()

    def popen(self, *words, **more):
        return subprocess.Popen(self.inside([self.program, *self.where, *words]), cwd=self.folder, env=self.environment(), **more)

    def start(self):
        """its daemon, ready"""
        notify = tempfile.mktemp(dir=self.folder)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(notify)
            ready.settimeout(LIMIT)
            self.daemon = subprocess.Popen(self.inside([self.daemons, "--root", self.root]), stderr=subprocess.DEVNULL,
                                           stdin=subprocess.DEVNULL, env=dict(self.env, NOTIFY_SOCKET=notify))
            equal(ready.recv(100), b"READY=1")
        os.unlink(notify)
        return self

    def stop(self, how=signal.SIGTERM):
        if self.daemon:
            self.daemon.send_signal(how)
            self.daemon.wait(LIMIT)
            self.daemon = None

    def pid(self):
        """of the guest's process, as its record has it"""
        with open(os.path.join(self.run, UUID + ".pid")) as file:
            return int(re.search(r"^(\d+) \(", file.read(), re.M).group(1))


def both_ways(new_root):
    """a decorator that makes two tests of a function: without a daemon, and with one"""
    def of_both(function):
        def without():
            with new_root() as root:
                function(root)

        def with_daemon():
            with new_root().start() as root:
                function(root)
                equal(root.daemon.poll(), None)

        without.__name__ = function.__name__
        with_daemon.__name__ = function.__name__ + "_by_a_daemon"
        test(without)
        test(with_daemon)
    return of_both
