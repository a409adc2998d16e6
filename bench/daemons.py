"""The daemon's part of bench/run: virtcardd and a private libvirtd, asked the same by the same programs.

Both are asked in turn, round by round. README.md says what the rows mean.
"""
import contextlib
import os
import resource
import statistics
import subprocess
import threading
import time

import hostile
from our_daemon import OurDaemon
from private_libvirt import PrivateLibvirt

SIZES = (0, 1000, 5000)
N_GUESTS = 10
N_SILENT = 2000
CALLS = {1: 3000, 8: 1000, 64: 150}     # connections: calls on each
MS = 1000.0


class Daemons:
    """both sides, with the same definitions and guests; ratios are ours to libvirt's"""

    def __init__(self, bench, goal):
        self.bench, self.goal = bench, goal

    def lv(self, side, verb, count, *words):
        return self.bench.measure(self.bench.program("lv"), side.uri, verb, str(count), *map(str, words))

    def both(self, measure):
        """{name: ([ours], [libvirt's])} of measure(side), round by round"""
        found = {}
        for _ in range(self.bench.rounds):
            for i, side in enumerate((self.ours, self.libvirt)):
                for name, value in measure(side).items():
                    found.setdefault(name, ([], []))[i].append(value)
        return found

    def row(self, what, pair, unit, goal=None):
        ours, others = pair
        self.bench.table.add(what, ours, others, [a / b for a, b in zip(ours, others)], unit, goal)

    @contextlib.contextmanager
    def sides(self, where=None):
        other = PrivateLibvirt(where) if where else contextlib.nullcontext(self.bench.libvirt)
        with OurDaemon(os.path.join(self.bench.build, "virtcardd"), where) as self.ours, other as self.libvirt:
            self.lv(self.ours, "up", 0)
            yield
            for side in (self.ours, self.libvirt):
                self.lv(side, "end", 0)

    def domain(self, name="no-card.xml"):
        return os.path.join(self.bench.domains, name)

    # ---- calls

    def calls(self):
        with self.sides():
            for side in (self.ours, self.libvirt):
                self.lv(side, "define", 1, self.domain("certificates.xml"))
            self.raw_calls()
            self.library_calls()
            self.conversions()

    def raw_calls(self):
        raw = self.bench.program("raw")

        def measure(side):
            one, four = (self.bench.measure(raw, side.socket, "20000", depth, "num") for depth in ("1", "4"))
            return {"p50": one["num:1"][0], "p99": one["num:1"][1], "rate": four["num:4:rate"][0]}

        found = self.both(measure)
        echo = [self.bench.measure(raw, "-", "20000", "1", "echo")["echo:1"][0] for _ in range(self.bench.rounds)]
        self.row("no library: a call, p50", found["p50"], "us", self.goal(at_most=0.35))
        self.row("no library: a call, p99", found["p99"], "us")
        self.bench.table.add("no library: a call (two bare unix echoes)", found["p50"][0], [2 * e for e in echo],
                             [a / (2 * e) for a, e in zip(found["p50"][0], echo)], "us", self.goal(at_most=1))
        self.row("no library: calls a second, four on their way", found["rate"], "", self.goal(at_least=2.5))

    def library_calls(self):
        names = {"num": "NumOfDomains", "state": "getState", "xml": "getXMLDesc"}
        for n, count in CALLS.items():
            found = self.both(lambda side: {(call, what): value for call in names for name, times in
                                            self.lv(side, "calls", count, n, call).items()
                                            for what, value in ([("rate", times[0])] if name.endswith(":rate") else
                                                                [("p50", times[0]), ("p99", times[1])])})
            for call, name in names.items():
                where = f"{name}, {n} connection{'s' if n > 1 else ''}"
                self.row(f"{where}: p50", found[call, "p50"], "us", self.goal(at_most=0.65) if n == 1 else None)
                self.row(f"{where}: p99", found[call, "p99"], "us", self.goal(at_most=0.5))
                self.row(f"{where}: calls a second", found[call, "rate"], "", self.goal(at_least=1.8) if n > 1 else None)
        found = self.both(lambda side: {"connect": self.lv(side, "connect", 100)["connect"][0]})
        self.row("connect and close, p50", found["connect"], "us", self.goal(at_most=0.5))

    def conversions(self):
        files = [self.domain(name) for name in sorted(os.listdir(self.bench.domains))]
        found = self.both(lambda side: {name: times[0] for name, times in self.lv(side, "native", 50, *files).items()})
        for name, pair in found.items():
            self.row(f"XML to argv by the daemon: {name[:-4]}", pair, "us")

    # ---- definitions

    def definitions(self):
        with self.sides():
            per_domain = {}
            for size in SIZES:
                for side in (self.ours, self.libvirt):
                    self.lv(side, "define", size, self.domain("certificates.xml"))
                self.definitions_of(size, per_domain)
            self.row("memory per defined domain (RSS, 5,000)", [[(b - a) / SIZES[-1] for a, b in zip(per_domain[0, i], per_domain[SIZES[-1], i])]
                                                              for i in (0, 1)], "kB", self.goal(at_most=0.3))

        with self.sides("/dev/shm"):
            found = self.both(self.redefine)
            self.row("0 defined, in memory: define and undefine, p50", found["redefine"], "us", self.goal(at_most=0.6))

    def redefine(self, side):
        return {"redefine": self.lv(side, "redefine", 50, self.domain("certificates.xml"))["redefine"][0]}

    def definitions_of(self, size, per_domain):
        def measure(side):
            found = {"load": self.restart(side, size), "rss": memory(side.pid, "Rss"), "dirty": memory(side.pid, "Private_Dirty"),
                     **self.redefine(side),
                     "num": self.lv(side, "calls", 2000, 1, "num")["num:1"][0] if size else 0}
            if size:
                found["list"] = self.lv(side, "list", 20)["list"][0]
                found["raw"] = self.bench.measure(self.bench.program("raw"), side.socket, "20", "1", "list")["list:1"][0]
            return found

        found = self.both(measure)
        limit = [durable(self.ours.folder) for _ in range(self.bench.rounds)]
        per_domain[size, 0], per_domain[size, 1] = found["rss"]
        empty, full = size == 0, size == SIZES[-1]
        self.row(f"{size} defined: start to first list", found["load"], "ms", self.goal(at_most=0.15) if full else None)
        self.row(f"{size} defined: memory (RSS)", found["rss"], "kB", self.goal(at_most=0.5) if empty else None)
        self.row(f"{size} defined: memory (private dirty)", found["dirty"], "kB")
        self.row(f"{size} defined: define and undefine, p50", found["redefine"], "us", self.goal(at_most=0.6))
        self.bench.table.add("  (what the disk needs for it)", found["redefine"][0], limit,
                             [a / b for a, b in zip(found["redefine"][0], limit)], "us")
        if size:
            self.row(f"{size} defined: list, p50", found["list"], "us", self.goal(at_most=0.75) if full else None)
            self.row(f"{size} defined: list, no library, p50", found["raw"], "us", self.goal(at_most=0.3) if full else None)
            self.row(f"{size} defined: NumOfDomains, p50", found["num"], "us")

    def restart(self, side, size):
        side.stop()
        with subprocess.Popen([self.bench.program("lv"), side.uri, "up", str(size)], stdout=subprocess.PIPE, text=True) as waiting:
            begin = time.monotonic()
            side.start()
            line = waiting.stdout.readline()
        if not line:
            raise RuntimeError("a daemon does not come up")
        return (float(line.split()[1]) - begin * 1e6) / MS

    # ---- guests

    def guests(self):
        with self.sides():
            path = self.domain()

            def once(side):
                times = self.lv(side, "start", 3, path)
                return {"start": times["start"][0] / MS, "destroy": times["destroy"][0] / MS}

            found = self.both(once)
            self.row("start paused, p50", found["start"], "ms", self.goal(at_most=0.2))
            self.row("destroy, p50", found["destroy"], "ms", self.goal(at_most=0.05))
            for side in (self.ours, self.libvirt):
                self.lv(side, "hold", N_GUESTS, path)
            found = self.both(lambda side: {"restart": self.restart(side, N_GUESTS)})
            self.row(f"restart with {N_GUESTS} running guests", found["restart"], "ms", self.goal(at_most=0.5))


    # ---- hostile clients

    def hostile(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * N_SILENT, hard), hard))
        with self.sides():
            for side in (self.ours, self.libvirt):
                self.lv(side, "define", 1, self.domain("certificates.xml"))
            found = self.both(self.besieged)
            self.row("getState among hostile clients: p50", [[us / MS for us in times] for times in found["p50"]], "ms")
            self.row("getState among hostile clients: p99", [[us / MS for us in times] for times in found["p99"]], "ms")
            self.bench.table.add("  (ours)", [us / MS for us in found["p99"][0]], unit="ms", goal=self.goal(at_most=20))

    def besieged(self, side):
        silent = hostile.Silent(side.socket, N_SILENT)
        greedy = [hostile.Greedy(side.socket, hostile.frame(7)) for _ in range(3)]     # the host's capabilities
        over = threading.Event()

        def attack():
            seed = 0
            while not over.is_set():
                seed += 1
                hostile.random_bytes(side.socket, 20, seed)
                hostile.lying_frames(side.socket)

        attacker = threading.Thread(target=attack)
        attacker.start()
        try:
            p50, p99 = self.lv(side, "calls", CALLS[1], 1, "state")["state:1"]
        finally:
            over.set()
            attacker.join()
            for one in (silent, *greedy):
                one.close()
        return {"p50": p50, "p99": p99}


def durable(folder):
    """us: a file of 2 kB written and removed, so that each outlives a loss of power: median"""
    times, draft, path = [], f"{folder}/draft", f"{folder}/limit"
    folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(30):
        begin = time.monotonic()
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, bytes(2048))
        os.fsync(file)
        os.close(file)
        os.rename(draft, path)
        os.fsync(folder)
        os.unlink(path)
        os.fsync(folder)
        times.append((time.monotonic() - begin) * 1e6)
    os.close(folder)
    return statistics.median(times)


def memory(pid, what):
    """kB, after the daemon has become quiet"""
    seen = []
    while len(seen) < 3 or statistics.pstdev(seen[-3:]) > 64:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            seen.append(next(int(line.split()[1]) for line in file if line.startswith(what + ":")))
        time.sleep(0.05)
    return seen[-1]
