"""A virtcardd of our own, with what PrivateLibvirt has.

    with OurDaemon(program) as daemon:
        daemon.uri, daemon.socket, daemon.pid
        daemon.stop(); daemon.start()       the daemon only: its guests go on

Its root is a temporary folder beside libvirt's, so that both write to the same disk; its name is short, for
there are sockets deep below it. What a system has below /run is in memory for both.
"""
import os
import shutil
import signal
import subprocess
import tempfile

LIMIT = 60


class OurDaemon:
    def __init__(self, program, where=None, tls=None):
        """where: the folder to make its folder in; tls: lines of virtcardd.conf that say where TLS is served"""
        self.program, self.where, self.tls, self.process = program, where, tls, None

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="vcb.", dir=self.where)
        self.root = f"{self.folder}/r"
        self.run = tempfile.mkdtemp(prefix="vcb.", dir="/dev/shm")
        self.socket = f"{self.root}/run/virtcard/virtcard-sock"
        self.uri = f"qemu+unix:///system?socket={self.socket}"
        os.makedirs(f"{self.root}/etc/virtcard")
        os.symlink(self.run, f"{self.root}/run")
        with open(f"{self.root}/etc/virtcard/qemu.conf", "w", encoding="utf-8") as file:
            file.write('user = "root"\ngroup = "root"\n')     # as the libvirt beside it
        with open(f"{self.root}/etc/virtcard/virtcardd.conf", "w", encoding="utf-8") as file:
            file.write(self.tls or "")
        self.log = open(f"{self.folder}/log", "w+", encoding="utf-8")
        self.start()
        return self

    def start(self):
        """go on at once: whoever wants to know when it answers waits for it"""
        self.process = subprocess.Popen([self.program, "--root", self.root, *(["--listen"] if self.tls else [])], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(LIMIT)

    def __exit__(self, *_):
        self.stop()
        self.log.close()
        for folder in (self.folder, self.run):
            shutil.rmtree(folder, ignore_errors=True)
