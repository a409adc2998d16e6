# SPDX-License-Identifier: LGPL-2.1-or-later
"""One way in which remote control fails: tried with libvirt, and with virtcard.

    bench = Bench(virtcardd, virtcard, place)
    bench.try_case(case)        -> Row: what virsh said to libvirtd, what virtcard said to virtcardd, the step at
                                   which `virtcard connect-doctor` stops, and the line of virtcardd's log

A Case has a PKI of its own, a bare libvirtd and a virtcardd. What differs from run to run (folders, ports, dates of
today, fingerprints) is replaced by words.
"""
import collections
import dataclasses
import itertools
import os
import re
import socket
import subprocess
import time
import typing

from daemon import LIMIT
from livetap import within
from private_libvirt import PrivateLibvirt
from remote import Remote
from sasl import add_user, auth_file, libvirtds_sasl, set_mechanisms

Row = collections.namedtuple("Row", "title virsh virtcard step log")
NONE = "-"
LET_IN = "(is let in)"
USER, PASSWORD = "fred", "correct horse"
_ports = itertools.count(24000)


@dataclasses.dataclass
class Case:
    title: str
    step: str                                       # that doctor stops at, or several; NONE
    server: typing.Callable = lambda pki: None      # changes what the server has
    client: typing.Callable = lambda pki: pki.folder    # makes the client's folder
    host: str = "localhost"
    more: str = ""                                  # of the URI
    conf: str = ""                                  # of both daemons
    at: str = "virtcardd"                           # or "libvirtd": whom virtcard is tried at
    log: str = ""                                   # words of the line of virtcardd's log; "": it has nothing to say
    sane: bool = False                              # libvirtd looks at its own certificates first, and may not start
    before: tuple = ()                              # the words before those of clients
    mechanisms: str = ""                            # of SASL, at both daemons, where USER has to log in with PASSWORD
    login: tuple = ()                               # what clients are given of a name and a password
    weakened: tuple = ()                            # the words before those of both daemons
    run: typing.Callable = None                     # (bench, pki) -> Row's parts but for the title: does all of it by itself


class Libvirtd(PrivateLibvirt):
    """without drivers: whoever is let in is told that there is none for qemu:///system"""

    def __init__(self, pki, conf="", sane=False, mechanisms="", **more):
        auth = "sasl" if mechanisms else "none"
        if mechanisms:
            more["env"] = {"SASL_CONF_PATH": libvirtds_sasl(pki.place.new_folder(), mechanisms, USER, PASSWORD)}
        self.port, self.plain_port = next(_ports), next(_ports)
        super().__init__(**more, tls=f'listen_tls = 1\nlisten_tcp = 1\nlisten_addr = "0.0.0.0"\ntls_port = "{self.port}"\ntcp_port = "{self.plain_port}"\n'
                         f'auth_tls = "{auth}"\nauth_tcp = "none"\nca_file = "{pki.path("cacert.pem")}"\ncert_file = "{pki.path("servercert.pem")}"\n'
                         f'key_file = "{pki.path("private/serverkey.pem")}"\ntls_no_sanity_certificate = {0 if sane else 1}\n'
                         + (f'crl_file = "{pki.path("cacrl.pem")}"\n' if pki.has_crl() else "") + conf)
        self.words = None       # its last ones, where it has not started

    def _wait_ready(self):
        """until both ports are there, the latter after the former, or it has ended"""
        os.set_blocking(self.process.stdout.fileno(), False)
        deadline = time.monotonic() + LIMIT
        while not (is_open(self.port) and is_open(self.plain_port)):
            if self.process.stdout.readline():
                with open(self.log.name) as file:
                    self.words = file.read()
                return
            if time.monotonic() > deadline:
                raise TimeoutError("libvirtd neither listens nor ends")
            time.sleep(0.01)


def is_open(port):
    with open("/proc/net/tcp") as file:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in file.readlines()[1:])


def without(pattern, text):
    return re.sub(pattern, "", text, flags=re.MULTILINE)


class Bench:
    def __init__(self, virtcardd, virtcard, place):
        self.virtcardd, self.virtcard, self.place = virtcardd, virtcard, place

    def normal(self, text):
        folder = re.escape(self.place.folder) + r"/\d+"
        for pattern, word in ((folder, "DIR"), (r"(localhost|cards\.example\.org|127\.0\.0\.\d):\d{5}", r"\1:16514"),
                              (r"20[2-8]\d-\d\d-\d\d \d\d:\d\d:\d\d", "DATE"), (r"\d+ days ago", "N days ago"),
                              (r"\(TLS(1\.\d)\)-\S+", r"TLS \1"), (r"([0-9a-f]{2}:){31}[0-9a-f]{2}", "..."),
                              (r"SHA256:[A-Za-z0-9+/]{43}", "SHA256:...")):
            text = re.sub(pattern, word, text)
        return text

    def call(self, *words, before=()):
        return subprocess.run([*before, *words], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False,
                              env=dict(os.environ, LC_ALL="C.UTF-8"))

    def of_virsh(self, text):
        """without what every line begins with, and what is said of every failure"""
        text = without(r"^.*: info : .*\n|^error: failed to connect to the hypervisor\n|^error: ", text)
        text = without(r"^[-0-9]+ [0-9:.+]+: \d+: (?=warning|error)|(?<=warning : )\w+:\d+ : |(?<=error : )\w+:\d+ : ", text)
        text = re.sub(r"^(warning|error) : ", r"\1: ", text, flags=re.MULTILINE)
        if "no connection driver available for qemu:///system" in text:
            return LET_IN
        return self.normal("; ".join(text.split("\n")).strip("; "))

    def virsh(self, uri, before=()):
        done = self.call("virsh", "-q", "-c", uri, "uri", before=before)
        return self.of_virsh(done.stderr) if done.returncode else LET_IN

    def ours(self, uri, before=(), login=()):
        """what virtcard says, and the steps at which doctor says the same"""
        words = self.login_words(*login)
        done = self.call(self.virtcard, *words, "-c", uri, "list", before=before)
        doctor = self.call(self.virtcard, *words, "connect-doctor", uri, before=before)
        return self.judge(done, doctor)

    def login_words(self, user=None, password=None):
        words = ["--user", user] if user else []
        if password is not None:
            path = os.path.join(self.place.new_folder(0o700), "password")
            with open(path, "w") as file:
                file.write(password)
            words += ["--password-file", path]
        return words

    def judge(self, done, doctor):
        said = done.stderr.rstrip("\n")
        lines = doctor.stdout.splitlines()
        failed = [(line.split(": ", 1), lines[i + 1]) for i, line in enumerate(lines) if line.startswith("failed ")]
        if doctor.returncode != (1 if failed else 0) or doctor.stderr not in done.stderr or done.returncode != doctor.returncode or bool(said) != bool(failed):
            raise AssertionError(f"doctor and list differ: {done} {doctor}")
        # A warning of our own files may stand before; who called when is no part of the cause.
        cause = [words for (_, words), _ in failed if any(part in self.normal(said) for part in self.normal(words).split("; "))]
        if failed and not cause:
            raise AssertionError(f"doctor has another cause: {said!r} {doctor.stdout}")
        for _, remedy in failed:
            within("  what to do: ", remedy)
        return self.normal(said) or LET_IN, ", ".join(head.removeprefix("failed ") for (head, _), _ in failed) or NONE

    def daemon(self, pki, conf="", **more):
        return Remote(self.virtcardd, self.place.new_folder(), pki, conf, addr="0.0.0.0", **more)

    def daemon_of(self, case, pki):
        more = {"before": lambda command: [*case.weakened, *command, "--listen"]} if case.weakened else {}
        d = self.daemon(pki, ('auth_tls = "sasl"\n' if case.mechanisms else "") + case.conf, **more)
        if case.mechanisms:
            set_mechanisms(d.root, case.mechanisms)
            add_user(self.virtcard, d.root, USER, PASSWORD)
        return d

    def log_line(self, daemon, words):
        """without its time, and the port of a client's end"""
        return self.normal(re.sub(r"^\S+ \S+ (.*)127\.0\.0\.1:\d+", r"\g<1>127.0.0.1:PORT", daemon.wait(words).rstrip("\n")))

    def at_libvirtd(self, case, pki, folder):
        with Libvirtd(pki, case.conf, case.sane, case.mechanisms, before=case.weakened) as libvirtd:
            if libvirtd.words:
                return "libvirtd does not start: " + self.of_virsh(libvirtd.words), None
            uri = f"qemu+tls://{case.host}:{libvirtd.port}/system?pkipath={folder}{case.more}"
            theirs = self.virsh(uri + (f"&authfile={auth_file(folder, *case.login)}" if case.login else ""), case.before)
            return theirs, self.ours(uri, case.before, case.login) if case.at == "libvirtd" else None

    def try_case(self, case, pki):
        if case.run:
            return Row(case.title, *case.run(self, pki))
        case.server(pki)
        folder = case.client(pki)
        virsh, ours = self.at_libvirtd(case, pki, folder)
        if ours:
            return Row(case.title, virsh, "at libvirtd: " + ours[0], ours[1], NONE)
        with self.daemon_of(case, pki) as d:
            said, step = self.ours(d.tls_uri(case.host, folder, case.more), case.before, case.login)
            log = self.log_line(d, case.log) if case.log else NONE
        return Row(case.title, virsh, said, step, log)


def read_until_closed(peer):
    """or reset"""
    got = b""
    try:
        while more := peer.recv(4096):
            got += more
    except ConnectionResetError:
        pass
    return got


def connect(port):
    peer = socket.create_connection(("127.0.0.1", port), LIMIT)
    peer.settimeout(LIMIT)
    return peer
