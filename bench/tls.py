"""TLS' part of bench/run: virtcardd and a private libvirtd over TLS, and a server that does nothing but TLS.

All are asked in turn, round by round, by the same programs. README.md says what the rows mean.
"""
import contextlib
import os
import resource
import shutil
import socket
import subprocess
import tempfile

from crowd import Crowd
from daemons import MS, memory
from our_daemon import OurDaemon
from private_libvirt import PrivateLibvirt

SORTS = {"P-256": [], "RSA 3072": ["--rsa"]}
N_QUIET = 2000
STORMERS = 4
CALLS = {1: 5000, 64: 200}      # connections: calls on each
SILENT = {"silent": 2000, "half": 1000, "hello": 1000, "drip": 1000}
BUSY = {"again": 500, "inside": 250, "drip": 250}
CONF = """
listen_addr = "127.0.0.1"
tls_port = "{port}"
ca_file = "{folder}/cacert.pem"
cert_file = "{folder}/servercert.pem"
key_file = "{folder}/private/serverkey.pem"
auth_tls = "none"
"""


def free_port():
    with socket.socket() as any_socket:
        any_socket.bind(("127.0.0.1", 0))
        return any_socket.getsockname()[1]


class Tls:
    """ratios are ours to libvirt's, unless said otherwise"""

    def __init__(self, bench, goal):
        self.bench, self.goal = bench, goal

    @contextlib.contextmanager
    def sides(self, *words, bare=False):
        """both daemons with certificates of a sort; (self.ours, self.libvirt), and the bare server's port"""
        with contextlib.ExitStack() as stack:
            folder = tempfile.mkdtemp(prefix="vcb.")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            os.chmod(folder, 0o755)
            for what in (["init"], ["server", "localhost", "127.0.0.1"], ["client", "desk"]):
                subprocess.run([self.bench.virtcard, "pki", *what, *words, "--libvirt", "--dir", folder], stdout=subprocess.DEVNULL, check=True)
            ports = [free_port(), free_port()]
            self.ours = stack.enter_context(OurDaemon(os.path.join(self.bench.build, "virtcardd"), tls=CONF.format(port=ports[0], folder=folder)))
            self.libvirt = stack.enter_context(PrivateLibvirt(tls=CONF.format(port=ports[1], folder=folder)))
            for side, port in zip((self.ours, self.libvirt), ports):
                side.tls_port, side.tls_uri = port, f"qemu+tls://127.0.0.1:{port}/system?pkipath={folder}"
            self.folder, self.bare = folder, None
            if bare:
                server = stack.enter_context(subprocess.Popen([self.bench.program("tls"), "serve", folder], stdout=subprocess.PIPE, text=True))
                stack.callback(server.kill)
                self.bare = int(server.stdout.readline())
            self.lv(self.ours.uri, "up", 0)
            self.lv(self.ours.tls_uri, "up", 0)
            self.lv(self.libvirt.tls_uri, "up", 0)
            yield

    def lv(self, uri, verb, count, *words):
        return self.bench.measure(self.bench.program("lv"), uri, verb, str(count), *map(str, words))

    def wire(self, verb, port, count, *words):
        return self.bench.measure(self.bench.program("tls"), verb, str(port), self.folder, str(count), *map(str, words))

    def both(self, measure):
        """{name: ([ours], [libvirt's])} of measure(side), round by round"""
        found = {}
        for _ in range(self.bench.rounds):
            for i, side in enumerate((self.ours, self.libvirt)):
                for name, value in measure(side).items():
                    found.setdefault(name, ([], []))[i].append(value)
        return found

    def row(self, what, pair, unit="", goal=None):
        ours, others = pair
        self.bench.table.add(what, ours, others, [a / b for a, b in zip(ours, others)], unit, goal)

    def define(self):
        for side in (self.ours, self.libvirt):
            self.lv(side.uri, "define", 1, os.path.join(self.bench.domains, "certificates.xml"))

    def tls(self):
        for sort, words in SORTS.items():
            with self.sides(*words, bare=True):
                self.connects(sort)
        with self.sides():
            self.define()
            self.calls()
        with self.sides():
            self.define()
            self.storms()
        with self.sides():
            self.quiet()

    # ---- coming in

    def connects(self, sort):
        ours, libvirt, bare, library, libvirts_library = [], [], [], [], []
        for _ in range(self.bench.rounds):
            for times, port in ((bare, self.bare), (ours, self.ours.tls_port), (libvirt, self.libvirt.tls_port)):
                times.append(self.wire("connect", port, 100)["connect"][0])
            for times, side in ((library, self.ours), (libvirts_library, self.libvirt)):
                times.append(self.lv(side.tls_uri, "connect", 50)["connect"][0])
        add = self.bench.table.add
        add(f"{sort}: connect, no library (a bare handshake)", ours, bare, [a / b for a, b in zip(ours, bare)], "us", self.goal(at_most=1.25))
        add("  (libvirtd; a bare handshake)", libvirt, bare, [a / b for a, b in zip(libvirt, bare)], "us")
        add(f"{sort}: connect by libvirt's library (a bare handshake)", library, bare, [a / b for a, b in zip(library, bare)], "us")
        add("  (libvirtd; a bare handshake)", libvirts_library, bare, [a / b for a, b in zip(libvirts_library, bare)], "us")

    # ---- calls

    def calls(self):
        for n, count in CALLS.items():
            what = f"{n} connection{'s' if n > 1 else ''}"
            found = self.both(lambda side: self.times(self.wire("calls", side.tls_port, count, n), f"num:{n}"))
            self.rates(f"no library, NumOfDomains, {what}", found, n)
            for call, name in (("num", "NumOfDomains"), ("state", "getState"), ("xml", "getXMLDesc")):
                found = self.both(lambda side: self.times(self.lv(side.tls_uri, "calls", count, n, call), f"{call}:{n}"))
                self.rates(f"{name}, {what}", found, n)

    @staticmethod
    def times(found, name):
        return {"p50": found[name][0], "p99": found[name][1], "rate": found[f"{name}:rate"][0]}

    def rates(self, what, found, n):
        self.row(f"{what}: p50", found["p50"], "us", self.goal(at_most=0.5) if n == 1 else None)
        self.row(f"{what}: p99", found["p99"], "us")
        self.row(f"{what}: calls a second", found["rate"], "", self.goal(at_least=2.5) if n > 1 else None)

    # ---- many who come

    def storms(self):
        def measure(side):
            quiet = self.lv(side.uri, "calls", 5000, 1, "state")["state:1"]
            # Elsewhere they would be other hosts' work: what they compute here is to be nobody's concern.
            with subprocess.Popen(["nice", "-n", "19", self.bench.program("tls"), "storm", str(side.tls_port), self.folder, str(STORMERS)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE) as storm:
                stormy = self.lv(side.uri, "calls", 5000, 1, "state")["state:1"]
                storm.stdin.close()
            return {"quiet": quiet[1], "stormy": stormy[1], "p50": stormy[0]}

        found = self.both(measure)
        for i, who in enumerate(("", " (libvirtd)")):
            stormy, quiet = found["stormy"][i], found["quiet"][i]
            self.bench.table.add(f"getState by unix, p99, in a storm of handshakes{who} (without)", stormy, quiet,
                                 [a / b for a, b in zip(stormy, quiet)], "us", None if i else self.goal(at_most=2))

    # ---- many who are there

    def quiet(self):
        """once: memory does not differ from round to round"""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4 * N_QUIET), hard), hard))
        sizes = []
        for side in (self.ours, self.libvirt):
            before = memory(side.pid, "Rss")
            with subprocess.Popen([self.bench.program("lv"), side.tls_uri, "idle", str(N_QUIET)], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE) as clients:
                if not clients.stdout.readline():
                    raise RuntimeError("the clients do not come in")
                sizes.append((before, memory(side.pid, "Rss")))
                clients.stdin.close()
        (ours, ours_full), (theirs, theirs_full) = sizes
        self.row(f"{N_QUIET} idle TLS connections: memory (RSS)", ([ours_full], [theirs_full]), "kB", self.goal(at_most=0.4))
        self.row("  (each)", ([(ours_full - ours) / N_QUIET], [(theirs_full - theirs) / N_QUIET]), "kB")

    @property
    def crowd(self):
        return os.path.join(self.bench.build, "tests", "live", "crowd")

    # ---- hostile clients

    def hostile_tls(self):
        with self.sides():
            self.define()
            for what, kinds in ((f"{sum(SILENT.values())} that do not end a handshake", SILENT),
                                (f"{sum(BUSY.values())} that renegotiate, or send a byte a second", BUSY)):
                for how, uri in (("unix", self.ours.uri), ("TLS", self.ours.tls_uri)):
                    found = []
                    for _ in range(self.bench.rounds):
                        with Crowd(self.crowd, self.ours.tls_port, self.folder, **kinds):
                            found.append([us / MS for us in self.lv(uri, "calls", 5000, 1, "state")["state:1"]])
                    self.bench.table.add(f"getState by {how} among {what}: p50", [p50 for p50, _ in found], unit="ms")
                    self.bench.table.add("  p99", [p99 for _, p99 in found], unit="ms", goal=self.goal(at_most=30))
