"""A libvirtd of our own, beside the system's and unseen by it.

    with PrivateLibvirt() as libvirt:
        libvirt.uri, libvirt.socket, libvirt.pid
        libvirt.stop(); libvirt.start()     the daemon only: its guests go on
    with PrivateLibvirt(tls=LINES)      over TLS too, in the caller's network; LINES of libvirtd.conf say where

Its settings, state and sockets live in a temporary folder, bound over the system's places in a mount
namespace of its own; it has no network but an empty one, and its own process ids: whatever it starts
ends with it, and orphans are reaped at once (libvirt polls for the end of a guest, and a slow reaper
would be counted as libvirt's slowness).
"""
import os
import shutil
import signal
import subprocess
import tempfile
import time

PLACES = ["/etc/libvirt", "/var/lib/libvirt", "/var/cache/libvirt", "/var/log/libvirt", "/run/libvirt"]
START_LIMIT = 60
LIBVIRTD_CONF = """
unix_sock_dir = "{folder}/socket"
auth_unix_rw = "none"
auth_unix_ro = "none"
log_level = 4
"""
# No log daemon, no cgroups, no security labels: the least that a start through libvirt can cost.
QEMU_CONF = """
stdio_handler = "file"
user = "root"
group = "root"
dynamic_ownership = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
"""
SCRIPT = r"""
for place in "$@"; do
  mkdir -p "$place"
  mount --bind "$FOLDER$place" "$place"
done
for file in passwd group; do mount --bind "$FOLDER/$file" /etc/$file; done
ip link set lo up
while read -r _; do
  libvirtd $LISTEN --config /etc/libvirt/libvirtd.conf --pid-file /run/libvirt/libvirtd.pid &
  wait $! || :
  echo ended
done
"""


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def comm(pid):
    with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
        return file.read().strip()


class PrivateLibvirt:
    def __init__(self, where=None, tls=None, before=(), env=None):
        """where: the folder to make its folder in; before: words before its command; env: more of its environment"""
        self.where, self.tls, self.before, self.env = where, tls, before, env or {}

    def __enter__(self):
        self.made = [place for place in PLACES if not os.path.exists(place)]    # to bind on; they go again
        self.folder = tempfile.mkdtemp(prefix="virtcard-bench-libvirt.", dir=self.where)
        os.chmod(self.folder, 0o755)
        self.run = tempfile.mkdtemp(prefix="virtcard-bench-libvirt.", dir="/dev/shm")    # as /run is
        os.symlink(self.run, f"{self.folder}/run")
        for place in PLACES:
            os.makedirs(self.folder + place)
        os.makedirs(f"{self.folder}/socket")
        with open(f"{self.folder}/etc/libvirt/libvirtd.conf", "w", encoding="utf-8") as file:
            file.write(LIBVIRTD_CONF.format(folder=self.folder) + (self.tls or ""))
        with open(f"{self.folder}/etc/libvirt/qemu.conf", "w", encoding="utf-8") as file:
            file.write(QEMU_CONF)
        self._name_user()
        self.log = open(f"{self.folder}/log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*self.before, "unshare", "--mount", *([] if self.tls else ["--net"]), "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
             "sh", "-eu", "-c", SCRIPT, "sh", *PLACES],
            env=dict(os.environ, FOLDER=self.folder, LISTEN="--listen" if self.tls else "", **self.env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self.socket = f"{self.folder}/socket/libvirt-sock"
        self.uri = f"qemu+unix:///system?socket={self.socket}"
        try:
            self.start()
            self._wait_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        """go on at once: whoever wants to know when it answers waits for it"""
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    @property
    def pid(self):
        """as we see it: the shell that unshare started is the first process in there, the daemon its child"""
        shell = children(self.process.pid)[0]
        return next(pid for pid in children(shell) if comm(pid) == "libvirtd")

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        if self.process.stdout.readline() != b"ended\n":
            raise RuntimeError("the private libvirtd's shell has ended")

    def _name_user(self):
        """libvirtd does not start unless its usual user has a name; Debian makes it in a package we do not need"""
        for name, line in (("passwd", "libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin"),
                           ("group", "libvirt-qemu:x:64055:")):
            with open(f"/etc/{name}", encoding="utf-8") as file:
                text = file.read()
            with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text if text.startswith("libvirt-qemu:") or "\nlibvirt-qemu:" in text else f"{text}{line}\n")

    def _wait_ready(self):
        deadline = time.monotonic() + START_LIMIT
        while subprocess.run(["virsh", "-q", "-c", self.uri, "version"], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                raise RuntimeError("the private libvirtd does not answer:\n" + self.log.read()[-3000:])

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)   # unshare's child, and all it started, go with it
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        for place in self.made:
            if os.path.isdir(place) and not os.listdir(place):
                os.rmdir(place)
        self.log.close()
        for folder in (self.folder, self.run):
            shutil.rmtree(folder, ignore_errors=True)
