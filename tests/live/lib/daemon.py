# SPDX-License-Identifier: LGPL-2.1-or-later
"""A virtcardd of a test's own.

    with Daemon(program, folder) as daemon:     a root of its own; ready when this returns
        daemon.virsh("list --all")              what virsh says; fails the test when virsh fails
        daemon.refused("domstate x")            what it says when it must fail
        daemon.open()                           python3-libvirt's connection

Leaving the block ends the guests, the daemon, and checks that neither leaves a process or a socket.
"""
import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
import threading

import libvirt

LIMIT = 180
REMOTE = 0x20008086

libvirt.registerErrorHandler(lambda *_: None, None)
libvirt.virEventRegisterDefaultImpl()


def _run_events():
    while True:
        libvirt.virEventRunDefaultImpl()


threading.Thread(target=_run_events, daemon=True).start()


def children(pid):
    """process id -> its words, of all that descend from it"""
    found, parents = {}, {}
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{other}/stat") as file:
                parents[int(other)] = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            pass
    for other in parents:
        at = other
        while at in parents and at != pid:
            at = parents[at]
        if at == pid and other != pid:
            try:
                with open(f"/proc/{other}/cmdline", "rb") as file:
                    found[other] = file.read().split(b"\0")
            except OSError:
                pass
    return found


class Daemon:
    def __init__(self, program, folder, conf="", before=lambda command: command, **more):
        self.program, self.folder, self.before, self.more = program, folder, before, more
        self.root = os.path.join(folder, "r")   # short: there are sockets deep below it
        self.run = os.path.join(self.root, "run", "virtcard")
        etc = os.path.join(self.root, "etc", "virtcard")
        os.makedirs(etc)
        for path, text in (("qemu.conf", 'user = "nobody"\ngroup = "nogroup"\n' if os.getuid() == 0 else ""),
                           ("virtcardd.conf", conf)):
            with open(os.path.join(etc, path), "w") as file:
                file.write(text)
        self.log_path = os.path.join(folder, "log")
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def start(self):
        notify = tempfile.mktemp(dir=self.folder)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, open(self.log_path, "a") as log:
            ready.bind(notify)
            os.chmod(notify, 0o777)     # it may run as another user
            self.process = subprocess.Popen(self.before([self.program, "--root", self.root]), stderr=log, stdin=subprocess.DEVNULL,
                                            env=dict(os.environ, NOTIFY_SOCKET=notify, G_SLICE="always-malloc"), **self.more)
            with self._pidfd() as ended:
                either = select.poll()      # select() knows no descriptor above 1023
                either.register(ready, select.POLLIN)
                either.register(ended, select.POLLIN)
                if ready.fileno() not in dict(either.poll(LIMIT * 1000)):
                    raise AssertionError(f"virtcardd does not start: {self.log()}")
            if ready.recv(100) != b"READY=1":
                raise AssertionError("not ready")
        os.unlink(notify)

    def _pidfd(self):
        return os.fdopen(os.pidfd_open(self.process.pid), "rb", buffering=0)

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    def socket(self, read_only=False):
        return os.path.join(self.run, "virtcard-sock" + ("-ro" if read_only else ""))

    def uri(self, read_only=False):
        return f"qemu+unix:///system?socket={self.socket(read_only)}"

    def call(self, *words, read_only=False, **more):
        return subprocess.run(["virsh", "-c", self.uri(read_only), "-q", *words], capture_output=True, text=True, timeout=LIMIT,
                              stdin=subprocess.DEVNULL, check=False, **more)

    def virsh(self, *words, **more):
        done = self.call(*words, **more)
        if done.returncode or done.stderr:
            raise AssertionError(f"virsh {words}: {done.stderr}\n{self.log()}")
        return done.stdout.rstrip("\n")

    def refused(self, *words, **more):
        done = self.call(*words, **more)
        if done.returncode != 1:
            raise AssertionError(f"virsh {words} was not refused: {done}\n{self.log()}")
        return done.stderr.rstrip("\n")

    def open(self, read_only=False):
        return (libvirt.openReadOnly if read_only else libvirt.open)(self.uri(read_only))

    def raw(self):
        return Raw(self.socket())

    def n_fds(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(LIMIT)

    def __exit__(self, kind, *_):
        try:
            if self.process.poll() is None:
                for name in self.call("list", "--name").stdout.split():
                    self.call("destroy", name)
                status = self.stop()
                if kind is None and status:
                    raise AssertionError(f"exit status {status}: {self.log()}")
            if kind is None and [name for name in os.listdir(self.run) if "sock" in name]:
                raise AssertionError(f"left behind: {os.listdir(self.run)}")
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()


class Raw:
    """bytes as no client library would send them"""

    def __init__(self, path):
        self.peer = socket.socket(socket.AF_UNIX)
        self.peer.connect(path)
        self.peer.settimeout(LIMIT)

    def say(self, procedure, body=b"", length=None, program=REMOTE, kind=0, serial=1):
        self.peer.sendall(struct.pack(">7I", 28 + len(body) if length is None else length, program, 1, procedure, kind, serial, 0)
                          + body)

    def hear(self):
        """a message, or None when the other side has hung up"""
        try:
            head = self._read(4)
            return head and self._read(struct.unpack(">I", head)[0] - 4)
        except ConnectionError:
            return None

    def _read(self, n):
        text = b""
        while len(text) < n:
            more = self.peer.recv(n - len(text))
            if not more:
                return None
            text += more
        return text

    def open(self):
        self.say(1, struct.pack(">II", 0, 0))
        return self.hear()

    def close(self):
        self.peer.close()
