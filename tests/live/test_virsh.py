#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One virsh script, against virtcardd and against libvirt's own daemon: what it says is the same.

    test_virsh.py VIRTCARDD [--show | --differences]

The script is tests/live/virsh/script; every line is a call of virsh, '%' is a folder of each side's own. What
must differ is made alike first (ALIKE). Whatever differs then stands in tests/live/virsh/differences, below its
reason, which docs/compatibility.md has, too: a difference that is not there fails the test, and one that is there and
does not appear, as well. `virsh event` listens meanwhile; what it hears is compared the same way.

--show prints what each line said, --differences what differs, as that file has it.
"""
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, os.pardir, "bench")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402
from daemon import LIMIT, Daemon  # noqa: E402
from livetap import Skip, equal, run, test  # noqa: E402
from private_libvirt import PrivateLibvirt  # noqa: E402

alone()
program = os.path.abspath(sys.argv[1])
SCRIPT = os.path.join(HERE, "virsh")

# What is no fact of the guest: times, processes, terminals, the host's counters.
ALIKE = [
    (r"/dev/pts/\d+", "/dev/pts/N"),
    (r"(CPU time:?\s+|cpu\.(?:time|user|system)=|\.(?:time|user|system|delay|wait)=|cpu_time\s+|user_time\s+|system_time\s+)[\d.]+(s| seconds)?", r"\1N"),
    (r"((?:rss|usable|last_update|swap_\w+|major_fault|minor_fault|unused|available|hugetlb_\w+)[ =])\d+", r"\1N"),
    (r"((?:user|system|idle|iowait|intr|total|free|buffers|cached) *:) +[\d.]+( KiB|%)?$", r"\1 N"),
    (r"(Total:|Memory size:|^ +\d+:) +\d+ KiB", r"\1 N KiB"),
    (r"^(CPU: +)\d+$", r"\1N"),
    (r"\"id\": ?\"libvirt-\d+\"", '"id":"libvirt-N"'),
    (r"(rd_\w+|wr_\w+|flush_\w+|rx_\w+|tx_\w+|errs)(\.\w+)?([ =])\d+", r"\1\2\3N"),
]

# What each side tells of its own, and what is told or not as the end of QEMU comes first or not.
UNHEARD = "'first'|'last'|'migration-iteration'|: Shutdown Finished after host request"

# The order of attributes means nothing in XML.
ATTRIBUTE = re.compile(r""" [\w:]+=(?:'[^']*'|"[^"]*")""")
ATTRIBUTES = re.compile(r"""^( *<[\w:]+)((?: [\w:]+=(?:'[^']*'|"[^"]*"))+)(/?>.*)$""")


class Side:
    """a connection and a folder"""

    def __init__(self, uri, folder, own):
        self.uri, self.folder, self.own = uri, folder, own
        os.makedirs(folder)
        os.chmod(folder, 0o777)
        for name in os.listdir(SCRIPT):
            if name.endswith(".xml"):
                with open(os.path.join(SCRIPT, name)) as file:
                    text = file.read().replace("%", folder)
                with open(os.path.join(folder, name), "w") as file:
                    file.write(text)
        for name, size in (("disk.qcow2", "8M"), ("second.qcow2", "4M")):
            path = os.path.join(folder, name)
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, size], check=True)
            os.chmod(path, 0o666)

    def call(self, line):
        """what virsh says, without its empty lines"""
        words = shlex.split(line.replace("%", self.folder))
        done = subprocess.run(["virsh", "-c", self.uri, *words], capture_output=True, text=True, timeout=LIMIT,
                              stdin=subprocess.DEVNULL, check=False)
        said = done.stdout + done.stderr + (f"(status {done.returncode})\n" if done.returncode else "")
        return [self.alike(text) for text in said.splitlines() if text.strip()]

    def alike(self, text):
        for path in sorted(self.own, key=len, reverse=True):
            text = text.replace(path, self.own[path])
        text = text.replace(self.folder, "%").rstrip()
        text = ATTRIBUTES.sub(lambda found: found[1] + "".join(sorted(ATTRIBUTE.findall(found[2]))) + found[3], text)
        for pattern, word in ALIKE:
            text = re.sub(pattern, word, text)
        return text


class Events:
    """what `virsh event` hears"""

    def __init__(self, side):
        self.side, self.lines = side, []
        self.changed = threading.Condition()
        self.process = subprocess.Popen(["virsh", "-c", side.uri, "event", "--all", "--loop"], text=True, bufsize=1,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(self.side.alike(line.rstrip("\n")))
                self.changed.notify_all()

    def probe(self, name, limit):
        """it hears what happens now"""
        with open(os.path.join(self.side.folder, "probe.xml")) as file:
            text = file.read()
        with open(os.path.join(self.side.folder, "now.xml"), "w") as file:
            file.write(text.replace("probe", name))
        self.side.call("define %/now.xml")
        self.side.call(f"undefine {name}")
        with self.changed:
            return self.changed.wait_for(lambda: any(f"'{name}': Undefined" in line for line in self.lines), limit)

    def end(self):
        """what it has heard of the script's guests, each guest's by itself and in order"""
        if not self.probe("last", LIMIT):
            raise AssertionError(f"the events have stopped: {self.lines}")
        self.process.terminate()
        self.process.wait(LIMIT)
        self.reader.join(LIMIT)
        self.process.stdout.close()
        heard = [line for line in self.lines if not re.search(UNHEARD, line)]
        return sorted((line for line in heard if line.startswith("event ")), key=lambda line: line.split("'")[3:4])


def script():
    with open(os.path.join(SCRIPT, "script")) as file:
        lines = [line.rstrip("\n") for line in file]
    return [line for line in lines if line and not line.startswith("#")]


def perform(side):
    """[(line, what it said)]"""
    events = Events(side)
    deadline = time.monotonic() + LIMIT
    while not events.probe("first", 1):
        if time.monotonic() > deadline:
            raise AssertionError(f"no events: {events.lines}")
    answers = [(line, side.call(line)) for line in script()]
    with open(os.path.join(side.folder, "shot.png"), "rb") as file:
        equal(file.read(8), b"\x89PNG\r\n\x1a\n")
    return answers + [("event --all --loop", events.end())]


said, lock = [], threading.Lock()


def both():
    """what libvirt said, and what we said"""
    with lock:
        if not said:
            said.extend(perform_both())
    return said


def perform_both():
    if os.getuid() != 0:
        raise Skip("libvirt's daemon needs root")
    folder = tempfile.mkdtemp(prefix="vc-virsh.")
    os.chmod(folder, 0o755)
    try:
        with PrivateLibvirt() as libvirt:
            theirs = perform(Side(libvirt.uri, os.path.join(folder, "b"), {libvirt.uri: "URI"}))
        os.mkdir(os.path.join(folder, "v"))
        with Daemon(program, os.path.join(folder, "v")) as daemon:
            ours = perform(Side(daemon.uri(), os.path.join(folder, "o"), {daemon.uri(): "URI"}))
        return theirs, ours
    finally:
        shutil.rmtree(folder)


def differing():
    """[(line, what differs)]: libvirt's with '-', ours with '+'"""
    found = []
    for (line, want), (_, got) in zip(*both()):
        diff = tuple(each.rstrip() for each in difflib.ndiff(want, got) if each[0] in "-+")
        if diff and (line, diff) not in found:
            found.append((line, diff))
    return found


def listed():
    """[(reason, line, what differs)]; '*' is whatever differs"""
    rows, reason = [], None
    with open(os.path.join(SCRIPT, "differences")) as file:
        for text in file.read().splitlines():
            if text.startswith("# "):
                reason = text[2:]
            elif text.startswith("$ "):
                rows.append((reason, text[2:], []))
            elif text:
                rows[-1][2].append(text)
    return [(reason, line, tuple(diff)) for reason, line, diff in rows]


def is_same(row, found):
    return row[1] == found[0] and (row[2] == ("*",) or row[2] == found[1])


@test
def every_difference_is_listed():
    rows = listed()
    new = [found for found in differing() if not any(is_same(row, found) for row in rows)]
    equal("\n".join("\n".join((f"$ {line}", *diff)) for line, diff in new), "")


@test
def every_listed_difference_is_there():
    found = differing()
    equal([row for row in listed() if not any(is_same(row, each) for each in found)], [])


@test
def every_reason_is_in_the_manual():
    with open(os.path.join(HERE, os.pardir, os.pardir, "docs", "compatibility.md")) as file:
        manual = " ".join(file.read().split())
    equal([reason for reason in dict.fromkeys(row[0] for row in listed()) if reason not in manual], [])


@test
def there_are_enough_verbs():
    verbs = {line.split()[0] for line in script()}
    if len(verbs) < 75:
        raise AssertionError(f"{len(verbs)} verbs")
    equal([line for line, said in both()[0] if any("unknown command" in text for text in said)], [])


def show():
    for (line, want), (_, got) in zip(*both()):
        print("$", line)
        print("\n".join(each.rstrip() for each in difflib.ndiff(want, got) if each[0] in "-+ "))


if "--show" in sys.argv:
    show()
elif "--differences" in sys.argv:
    for where, what in differing():
        print(f"$ {where}", *what, sep="\n")
else:
    run(sys.argv[2:])
