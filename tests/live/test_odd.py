#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Does every text arrive at the real QEMU exactly as it was written, or is it refused?

    test_odd.py VIRTCARD [WORD...]

Texts are made by chance from a seed (VIRTCARD_SEED); VIRTCARD_LONG makes many more of them.  A guest with such a
text in each place is started, held before its first instruction, and QEMU is asked what it was told; where it
has no answer, it is what it has opened or made, or what it says of it when it gives up.  Only a text that a place
is known to refuse may be refused.
"""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True

import oddtext  # noqa: E402
from alone import alone  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from oddspots import Channel, Device, InHead, InOs, Initrd, Name, Spot, Tls, leaves  # noqa: E402
from oddtext import xml  # noqa: E402
from qmp import SECONDS, Qmp  # noqa: E402

if os.getuid() == 0:
    alone()  # nobody outside is asked what a text may be the name of
virtcard = os.path.abspath(sys.argv[1])
LONG = "VIRTCARD_LONG" in os.environ
SEED = int(os.environ.get("VIRTCARD_SEED", "0")) or (int.from_bytes(os.urandom(4), "big") if LONG else 2026)
QEMU = "/usr/bin/qemu-system-x86_64"
OS = "<os><type arch='x86_64' machine='pc'>hvm</type>"
UUID = "c7a5fdbd-edaf-9455-926a-d65c16db1809"


# --- one guest ---

def describe(places):
    """the description; the line of each place"""
    lines = [f"<domain type='qemu' xmlns:virtcard='urn:virtcard:domain:1.0'><uuid>{UUID}</uuid><memory unit='MiB'>64</memory>"]
    lines += [p.line() for p in places if isinstance(p, InHead)]
    if not any(isinstance(p, Name) for p in places):
        lines.append("<name>guest</name>")
    lines.append(OS)
    lines += [p.line() for p in places if isinstance(p, InOs)]
    lines += ["</os><devices>", f"<emulator>{QEMU}</emulator><controller type='virtio-serial' ports='31'/>"]
    lines += [p.line() for p in places if isinstance(p, Device)]
    where = {lines.index(p.line()) + 1: p for p in places}
    where.update({lines.index(OS) + 1: p for p in places if isinstance(p, Initrd)})  # its fault is told of <os>
    return "\n".join([*lines, "</devices></domain>"]), where


def to_argv(root, description):
    return subprocess.run([virtcard, "--root", root, "domxml-to-native", "qemu-argv", "-"], input=description.encode(),
                          capture_output=True, check=False)


def refusals(words):
    return {int(n) for n in re.findall(r"^\(standard input\):(\d+): (?!warning)", words, re.M)}


class Guest:
    """QEMU, as a shell starts the words virtcard prints"""

    def __init__(self, root, words):
        self.folder = os.path.join(root, "run", "virtcard", UUID)
        os.makedirs(os.path.join(self.folder, "channel"), exist_ok=True)
        self.process = subprocess.Popen(["sh", "-c", "exec " + words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, cwd=root)
        try:
            self.qmp = Qmp(os.path.join(self.folder, "monitor.sock"), self.process)
            self.chardevs = {each["label"]: each["filename"] for each in self.qmp.call("query-chardev")}
        except BaseException:
            self.close()
            raise

    def get(self, path, name):
        return self.qmp.call("qom-get", path=path, property=name)

    def chardev(self, alias):
        return self.chardevs["char" + alias]

    def opened(self):
        folder, paths = f"/proc/{self.process.pid}/fd", []
        for fd in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):    # closed meanwhile
                paths.append(os.readlink(os.path.join(folder, fd)))
        return paths

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        if hasattr(self, "qmp"):
            self.qmp.close()
        shutil.rmtree(self.folder)


def one_round(seed):
    rng = oddtext.generator(seed)
    with tempfile.TemporaryDirectory(prefix="vc") as folder:
        root = os.path.join(folder, "r")
        places = [kind(rng, folder) for kind in leaves(Spot)]
        try:
            for place in places:
                place.prepare()
            _ask(root, places, seed)
        finally:
            for place in places:
                place.close()


def _ask(root, places, seed):
    while True:
        description, lines = describe(places)
        made = to_argv(root, description)
        if made.returncode == 0:
            break
        said = made.stderr.decode()
        refused = [lines[n] for n in refusals(said) if n in lines]
        if not refused:
            raise AssertionError(f"seed {seed}: refused, but not where: {said}\n{description}")
        for place in refused:
            if not place.may_refuse():
                raise AssertionError(f"seed {seed}: {type(place).__name__} {place.text!r} was refused: {said}")
            places.remove(place)
    for n, place in enumerate(p for p in places if isinstance(p, Channel)):
        place.alias = f"channel{n}"
    guest = Guest(root, made.stdout.decode())
    try:
        for place in places:
            try:
                place.check(guest)
            except AssertionError as why:
                raise AssertionError(f"seed {seed}: {type(place).__name__} {place.text!r}: {why}") from why
            arrived[type(place).__name__] = arrived.get(type(place).__name__, 0) + 1
    finally:
        guest.close()


arrived = {}


@test
def texts_arrive_at_qemu():
    rounds = 600 if LONG else 30
    with tempfile.TemporaryDirectory(prefix="vc") as folder:
        Tls.certificates = folder
        for words in (["init"], ["server", "localhost"]):
            subprocess.run([virtcard, "--root", os.path.join(folder, "r"), "pki", *words, "--dir", folder], check=True, stdout=subprocess.DEVNULL)
        for n in range(rounds):
            one_round(SEED + n)
    print(f"# seed {SEED}, {rounds} guests, texts that arrived: {arrived}")
    for kind in leaves(Spot):
        assert arrived.get(kind.__name__, 0) > rounds / 4, f"{kind.__name__}: too few of its texts arrived"


# --- places of which QEMU speaks when it gives up ---

SAID = {
    "tcp bind host": ("<serial type='tcp'><source mode='bind' host='{}' service='0'/></serial>", "failed for {}:0:"),
    "tcp bind service": ("<serial type='tcp'><source mode='bind' host='127.0.0.1' service='{}'/></serial>", "failed for 127.0.0.1:{}:"),
    "tcp host": ("<serial type='tcp'><source mode='connect' host='{}' service='1'/></serial>", "failed for {}:1:"),
    "udp host": ("<serial type='udp'><source mode='connect' host='{}' service='1'/></serial>", "failed for {}:1:"),
    "udp service": ("<serial type='udp'><source mode='connect' host='127.0.0.1' service='{}'/></serial>", "failed for 127.0.0.1:{}:"),
    "udp bind host": ("<serial type='udp'><source mode='bind' host='{}' service='0'/>"
                      "<source mode='connect' host='127.0.0.1' service='1'/></serial>", "failed for {}:0:"),
    "udp bind service": ("<serial type='udp'><source mode='bind' host='127.0.0.1' service='{}'/>"
                         "<source mode='connect' host='127.0.0.1' service='1'/></serial>", "failed for 127.0.0.1:{}:"),
    "vnc": ("<graphics type='vnc' port='5900' listen='{}'/>", "failed for {}:5900:"),
    "spice": ("<graphics type='spice' port='5900' listen='{}'/>", "getaddrinfo({},5900)"),
}


def guest_with(device, head=""):
    return (f"<domain type='qemu'><name>g</name><uuid>{UUID}</uuid><memory unit='MiB'>64</memory>{head}\n"
            f"{OS}</os><devices>\n{device}</devices></domain>")


def start(root, made, **env):
    """what a QEMU says that gives up"""
    folder = os.path.join(root, "run", "virtcard", UUID)
    os.makedirs(folder, exist_ok=True)
    done = subprocess.run(["sh", "-c", 'exec env "$@" ' + made.stdout.decode(), "sh", *(f"{k}={v}" for k, v in env.items())],
                          stdin=subprocess.DEVNULL, capture_output=True, cwd=root, timeout=SECONDS, check=False)
    shutil.rmtree(folder)
    if done.returncode != 1:
        raise AssertionError(f"QEMU ended with {done.returncode}: {made.stdout.decode()}")
    return done.stderr.decode()


def give_up(root, device, words):
    """what QEMU said, or None where it was refused"""
    made = to_argv(root, guest_with(device.format(xml(words))))
    if made.returncode:
        equal(refusals(made.stderr.decode()), {3})
        return None
    return start(root, made)


@test
def addresses_are_what_qemu_speaks_of():
    rng, heard = oddtext.generator(SEED), dict.fromkeys(SAID, 0)
    rounds = 100 if LONG else 5
    with tempfile.TemporaryDirectory(prefix="vc") as folder:
        for _ in range(rounds):
            for name, (device, words) in SAID.items():
                text = oddtext.no_name(rng)
                said = give_up(os.path.join(folder, "r"), device, text)
                if said is None:
                    assert name in MAY_REFUSE and re.search(MAY_REFUSE[name], text), f"{name}: {text!r} was refused"
                    continue
                within(words.format(text), said)
                heard[name] += 1
    print(f"# seed {SEED}, {rounds} rounds, texts that arrived: {heard}")
    assert all(heard.values()), f"nothing arrived: {heard}"


# --- a card's certificates, which QEMU pastes into one text for libcacard, which asks NSS ---

@test
def nicknames_are_what_nss_is_asked_for():
    rng, refused, arrived_here = oddtext.generator(SEED), 0, 0
    rounds = 200 if LONG else 15
    with tempfile.TemporaryDirectory(prefix="vc") as folder:
        nss, heard = os.path.join(folder, "nss.so"), os.path.join(folder, "words")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", nss, os.path.join(os.path.dirname(HERE), "fakes", "nss_words.c")], check=True)
        while arrived_here < rounds:
            without = rng.choice(["", ',"()'])
            words = [oddtext.text(rng, without, longest=24) for _ in range(3)]
            database = os.path.join("/", oddtext.text(rng, without, longest=30))
            device = ("<smartcard mode='host-certificates'>" + "<certificate>{}</certificate>" * 3 + "<database>{}</database></smartcard>")
            made = to_argv(os.path.join(folder, "r"), guest_with(device.format(*map(xml, [*words, database]))))
            if made.returncode:
                equal(refusals(made.stderr.decode()), {3})
                trap = any(re.search(r"""^\s|[,"()]""", word) for word in words) or re.search('["\n]', database)
                assert trap, f"seed {SEED}: {words} in {database!r}: {made.stderr.decode()}"
                refused += 1
                continue
            said = start(os.path.join(folder, "r"), made, LD_PRELOAD=nss, VC_NSS_WORDS=heard)
            within("failed to initialize vcard", said)
            with open(heard, encoding="utf-8", newline="") as file:
                equal(file.read().split("\0"), [database, *words, ""])
            os.unlink(heard)
            arrived_here += 1
    print(f"# seed {SEED}: {arrived_here} sets of nicknames arrived, {refused} were refused")


# --- words that QEMU never gets ---

@test
def words_for_people_are_kept():
    rng = oddtext.generator(SEED)
    for _ in range(1000 if LONG else 50):
        title, words = oddtext.text(rng, "\n"), oddtext.text(rng, longest=200)
        text = guest_with("", f"<title>{xml(title)}</title><description>{xml(words)}</description>")
        done = subprocess.run([virtcard, "normalize", "-"], input=text.encode(), capture_output=True, check=False)
        equal((done.returncode, done.stderr), (0, b""))
        root = ElementTree.fromstring(done.stdout)
        equal((root.find("title").text, root.find("description").text), (title, words))


# --- a start, which opens and binds what it names itself ---

@test
def a_start_makes_just_these_files():
    rng = oddtext.generator(SEED)
    place = Place(virtcard)
    try:
        for _ in range(20 if LONG else 2):
            folder = place.new_folder(0o777)
            names = {kind: kind + oddtext.text(rng, "/") for kind in ("file", "log", "bound")}
            names["auto"] = oddtext.text(rng, "/", longest=8)
            paths = {kind: xml(os.path.join(folder, name)) for kind, name in names.items()}
            devices = (f"<serial type='file'><source path='{paths['file']}'/><log file='{paths['log']}' append='off'/></serial>"
                       f"<parallel type='unix'><source mode='bind' path='{paths['bound']}'/></parallel>"
                       f"<channel type='unix'><target type='virtio' name='{xml(names['auto'])}'/></channel>")
            with place.run(domain(devices), "--paused") as guest:
                guest.wait("is held")
                equal(sorted(os.listdir(folder)), sorted(names[kind] for kind in ("file", "log", "bound")))
                equal(os.listdir(os.path.join(guest.root, "run", "virtcard", guest.uuid, "channel")), [names["auto"]])
    finally:
        place.close()


MAY_REFUSE = {"vnc": r"[=,]|^\[[^:]*\]$"}
run(sys.argv[2:])
