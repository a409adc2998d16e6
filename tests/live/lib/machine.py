# SPDX-License-Identifier: LGPL-2.1-or-later
"""`virtcard run` as tests use it.

    place = Place(virtcard, guest_folder)        once: the program, the test guest (built there), a warm cache
    with place.run(domain(...)) as run:          a root and a folder of its own, and the process
        run.wait("started")                      a line of its standard error
        run.signal(SIGINT); run.ended()          its exit status
    run.lines                                    all it said

Leaving the block checks that nothing is left behind: no process, no file in the run folder, no socket.
"""
import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid as uuids

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
USER, GROUP = "nobody", "nogroup"  # whom QEMU runs as when root runs the tests
LIMIT = 180

# Boot sectors: what a guest does at once. PIIX4's power management is where SeaBIOS put it.
POWER_OFF = bytes.fromhex("ba0406" "b80020" "ef")  # mov dx,0x604; mov ax,0x2000; out dx,ax
RESET = bytes.fromhex("b0fe" "e664")               # mov al,0xfe; out 0x64,al
PANIC = bytes.fromhex("ba0505" "b001" "ee")        # mov dx,0x505; mov al,1; out dx,al
NOTHING = b""


def domain(devices="", head="", features="<acpi/>", machine="pc", emulator="/usr/bin/qemu-system-x86_64", boot="",
           uuid=None):
    """a domain whose <devices> is on line 10, and what stands in it from line 11 on"""
    return f"""<domain type='qemu'>
  <name>guest</name>
  <uuid>{uuid or uuids.uuid4()}</uuid>
  <memory unit='MiB'>256</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='{machine}'>hvm</type>{boot}</os>
  <features>{features}</features>
  <clock offset='utc'/>
  {head}
  <devices><emulator>{emulator}</emulator>
{devices}
  </devices>
</domain>
"""


class Place:
    def __init__(self, virtcard, guest_folder=None):
        self.virtcard = virtcard
        self.folder = tempfile.mkdtemp(prefix="vc-live.")
        os.chmod(self.folder, 0o755)
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)     # of a test that forgets, or fails
        self.serial = 0
        self.lock = threading.Lock()
        self.warm = os.path.join(self.folder, "warm")
        if guest_folder:
            self._take_guest(os.environ.get("VIRTCARD_GUEST") or guest_folder)
        subprocess.run([virtcard, "--root", self.warm, "domxml-to-native", "qemu-argv", "-"], check=True,
                       input=domain(), text=True, stdout=subprocess.DEVNULL)

    def _take_guest(self, folder):
        """QEMU's user may have no way to where the guest was built"""
        subprocess.run([os.path.join(TESTS, "guest", "build"), folder], check=True)
        for name in "vmlinuz", "initrd":
            path = os.path.join(self.folder, name)
            shutil.copyfile(os.path.join(folder, name), path)
            os.chmod(path, 0o644)
        with open(os.path.join(folder, "cmdline")) as file:
            cmdline = file.read().strip()
        self.boot = (f"<kernel>{self.folder}/vmlinuz</kernel><initrd>{self.folder}/initrd</initrd>"
                     f"<cmdline>{cmdline}</cmdline>")

    def new_folder(self, mode=0o755):
        with self.lock:
            self.serial += 1
            path = os.path.join(self.folder, str(self.serial))
        os.mkdir(path)
        os.chmod(path, mode)
        return path

    def new_root(self):
        root = os.path.join(self.new_folder(), "root")
        shutil.copytree(self.warm, root)
        os.makedirs(os.path.join(root, "etc", "virtcard"))
        if os.getuid() == 0:
            with open(os.path.join(root, "etc", "virtcard", "qemu.conf"), "w") as file:
                file.write(f'user = "{USER}"\ngroup = "{GROUP}"\n')
        return root

    def boot_disk(self, code):
        """a disk whose boot sector runs code and then halts"""
        path = os.path.join(self.new_folder(), "disk.img")
        with open(path, "wb") as file:
            file.write((code + bytes.fromhex("faf4ebfd")).ljust(510, b"\0") + b"\x55\xaa" + bytes(1024 * 1024 - 512))
        os.chmod(path, 0o666)
        return (f"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{path}'/>"
                "<target dev='hda' bus='ide'/></disk>")

    def run(self, xml, *options, **more):
        return Run(self, xml, *options, **more)

    def fails(self, xml, *options, **more):
        """the lines of a run that must not start"""
        with self.run(xml, *options, may_leave="root" in more, **more) as run:
            status = run.ended(LIMIT)
        if status != 1:
            raise AssertionError(f"exit status {status}, not 1: {run.lines}")
        return run.lines

    def close(self):
        shutil.rmtree(self.folder)


class Run:
    def __init__(self, place, xml, *options, root=None, may_leave=False, inside=lambda command: command,
                 env=None, **more):
        self.root = root or place.new_root()
        self.may_leave = may_leave
        self.folder = os.path.dirname(self.root)
        self.xml = os.path.join(self.folder, "guest.xml")
        self.uuid = xml.split("<uuid>")[1].split("</uuid>")[0]
        self.lines = []
        self.changed = threading.Condition()
        self.is_over = False
        with open(self.xml, "w") as file:
            file.write(xml)
        command = inside([place.virtcard, "--root", self.root, "run", *options, self.xml])
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stderr", subprocess.PIPE)
        self.process = subprocess.Popen(command, text=True, env=env, **more)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr or ():
            with self.changed:
                self.lines.append(line.rstrip("\n").replace(self.xml, "guest.xml"))
                self.changed.notify_all()
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def wait(self, words, limit=LIMIT):
        """the first line with these words"""
        def found():
            return next((line for line in self.lines if words in line), None)

        with self.changed:
            self.changed.wait_for(lambda: found() or self.is_over, limit)
            if not found():
                raise AssertionError(f"no '{words}' in {self.lines}")
            return found()

    @property
    def qemu(self):
        """the process id of QEMU"""
        return int(self.wait("started: process").split()[-1])

    def record(self):
        return os.path.join(self.root, "run", "virtcard", self.uuid + ".pid")

    def signal(self, number):
        self.process.send_signal(number)

    def ended(self, limit=LIMIT):
        status = self.process.wait(limit)
        self.reader.join(limit)
        return status

    def is_left(self):
        """what a run that is over left behind"""
        run = os.path.join(self.root, "run", "virtcard")
        left = os.listdir(run) if os.path.isdir(run) else []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if self.uuid.encode() in words:
                left.append(f"process {pid}")
        return left

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for limit in 1, 20:     # two signals at once would count as one
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(limit)
        if self.process.poll() is None:
            self.process.kill()
        self.reader.join(20)
        if kind is None and not self.may_leave and self.is_left():
            raise AssertionError(f"left behind: {self.is_left()}; said: {self.lines}")


def elapsed(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began
