#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cards put into the readers of a running Linux guest and taken out, with a daemon and without.

    test_cards.py VIRTCARD VIRTCARDD GUEST_FOLDER [WORD...]
"""
import contextlib
import functools
import os
import re
import select
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(os.path.dirname(HERE), "fakes")]
sys.dont_write_bytecode = True

from guest import Guest  # noqa: E402
from hostcard import HostCard  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from nssdb import NssDb  # noqa: E402
from rooted import LIMIT, UUID, Root, both_ways  # noqa: E402
from spice_client import SpiceClient  # noqa: E402
from vsc_provider import Provider, ScriptedCard  # noqa: E402

virtcard, virtcardd, guest_folder = (os.path.abspath(path) for path in sys.argv[1:4])
place = Place(virtcard, guest_folder)
root_of = functools.partial(Root, place, virtcardd)
BOOT = 150
SEEN = 60       # until a guest has seen a card come or go
CAC_ATR = bytes.fromhex("3b7a18000073667465206364313434")
NAMES = ["cert1", "cert2", "cert3"]


def twice(function):
    """QEMU 7.2's emulated card loses a command now and then on a busy host: see tests/live/test_guest.py"""
    @functools.wraps(function)
    def again(*words):
        try:
            function(*words)
        except TimeoutError as error:
            print(f"# {function.__name__}: {error}: once more", flush=True)
            function(*words)
    return again


@contextlib.contextmanager
def booted(root, devices=""):
    """the guest of a root, up"""
    os.chmod(root.folder, 0o777)
    agent = (f"<channel type='unix'><source mode='bind' path='{root.folder}/agent'/>"
             "<target type='virtio' name='org.virtcard.test.0'/></channel>")
    root("define", root.file(domain(agent + devices, boot=place.boot, uuid=UUID)))
    root("start", "guest")
    try:
        with Guest(f"{root.folder}/agent") as guest:
            guest.wait_ready(BOOT)
            yield guest
    finally:
        root.call("destroy", "guest")
        root("undefine", "guest")


def certificates(folder):
    """(database, <smartcard>)"""
    db = NssDb(os.path.join(folder, "db"))
    for name in NAMES:
        db.self_signed(name)
    db.public()
    inside = "".join(f"<certificate>{name}</certificate>" for name in NAMES)
    return db, f"<smartcard mode='host-certificates'>{inside}<database>{db.folder}</database></smartcard>"


def passthrough(kind, source):
    return f"<smartcard mode='passthrough' type='{kind}'><source {source}/></smartcard>"


def check_signature(guest, db, reader=0):
    equal(db.verify(NAMES[0], b"signed", guest.sign(b"signed", reader=reader, timeout=40)), True)


class Virsh:
    """Debian's virsh on the daemon of a root."""

    def __init__(self, root):
        self.root = root
        self.command = ["virsh", "-c", f"qemu+unix:///system?socket={root.socket}"]

    def __call__(self, *words):
        done = subprocess.run([*self.command, *words], capture_output=True, text=True, timeout=LIMIT, cwd=self.root.folder,
                              stdin=subprocess.DEVNULL)
        if done.returncode:
            raise AssertionError(f"virsh {words}: {done.stderr}")
        return done.stdout.strip()


class Events:
    """What a running `virsh event --all --loop` says."""

    def __init__(self, virsh):
        # a line at a time, which it does for a terminal only
        self.process = subprocess.Popen(["stdbuf", "-oL", *virsh.command, "event", "--all", "--loop", "guest"], bufsize=0,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = b""

    def wait(self, words):
        while words.encode() not in self.text:
            if not select.select([self.process.stdout], [], [], LIMIT)[0]:
                raise AssertionError(f"no '{words}' in {self.text.decode()}")
            more = os.read(self.process.stdout.fileno(), 4096)
            if not more:
                raise AssertionError(f"no '{words}' in {self.text.decode()}, and the end")
            self.text += more
        self.text = self.text.split(words.encode(), 1)[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def states(root):
    """alias -> state, of card list"""
    rows = [line.split() for line in root("card", "list", "guest").splitlines()[2:] if line]
    return {alias: state for alias, _, _, state in rows}


def channel_states(virsh):
    return dict(re.findall(r"name='([^']+)' state='(\w+)'", virsh("dumpxml", "guest")))


def check_channels(guest, virsh, events):
    """the description tells which channels the guest has opened, and an event, when QEMU's agent comes and goes"""
    states_ = {"org.virtcard.test.0": "connected", "org.qemu.guest_agent.0": "disconnected"}
    equal(channel_states(virsh), states_)
    port = guest.check("cd /sys/class/virtio-ports; grep -l guest_agent */name").split("/")[0]
    holding = guest.start(f"exec 3<>/dev/{port}; while [ ! -e /tmp/enough ]; do usleep 100000; done", 60)
    events.wait("event 'agent-lifecycle' for domain 'guest': state: 'connected' reason: 'channel event'\n")
    equal(channel_states(virsh), {**states_, "org.qemu.guest_agent.0": "connected"})
    guest.check("touch /tmp/enough")
    equal(guest.finish(holding)[0], 0)
    events.wait("event 'agent-lifecycle' for domain 'guest': state: 'disconnected' reason: 'channel event'\n")
    equal(channel_states(virsh), states_)
    equal("state=" in virsh("dumpxml", "--inactive", "guest").split("<channel")[1], False)


@test
@twice
def a_card_for_a_running_guest():
    """virsh gives it; it signs, goes, comes back, and leaves for good: the guest and virsh event see it each time"""
    with root_of().start() as root:
        virsh = Virsh(root)
        db, card = certificates(root.folder)
        file = root.file(card, "card.xml")
        agent = (f"<channel type='unix'><source mode='bind' path='{root.folder}/qemu-agent'/>"
                 "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>")
        with booted(root, agent) as guest, Events(virsh) as events:
            check_channels(guest, virsh, events)
            equal(guest.readers(), [])
            equal(virsh("attach-device", "guest", file), "Device attached successfully")
            events.wait("event 'device-added' for domain 'guest': smartcard0\n")
            guest.wait_readers(1, SEEN)
            guest.wait_card(0, "present", SEEN)
            check_signature(guest, db)
            equal(root("card", "eject", "guest"), "Card ejected successfully\n")
            events.wait("event 'device-removed' for domain 'guest': smartcard0\n")
            guest.wait_card(0, "empty", SEEN)
            within("virtcard:ejected='yes'", virsh("dumpxml", "guest"))
            equal(root("card", "insert", "guest"), "Card inserted successfully\n")
            events.wait("event 'device-added' for domain 'guest': smartcard0\n")
            guest.wait_card(0, "present", SEEN)
            equal("ejected" in virsh("dumpxml", "guest"), False)
            check_signature(guest, db)
            equal(virsh("detach-device", "guest", file), "Device detached successfully")
            events.wait("event 'device-removed' for domain 'guest': smartcard0\n")
            guest.wait_readers(0, SEEN)
            equal(states(root), {})
            equal(root("shutdown", "guest"), "Domain 'guest' is being shutdown\n")
            events.wait("event 'lifecycle' for domain 'guest': Stopped Shutdown\n")


@both_ways(root_of)
@twice
def cards_of_several_modes(root):
    """each goes and comes back while the others stay; what is out stays out for the next who holds the guest"""
    db, emulated = certificates(root.folder)
    sock = os.path.join(root.folder, "came")
    with Provider("tcp:127.0.0.1:0", ScriptedCard(), listen=True) as called:
        port = called.address.rpartition(":")[2]
        cards = [emulated, passthrough("tcp", f"mode='connect' host='127.0.0.1' service='{port}'"),
                 passthrough("unix", f"mode='bind' path='{sock}'")]
        with booted(root, "".join(cards)) as guest:
            guest.wait_readers(3, SEEN)
            equal(states(root), {f"smartcard{n}": "inserted" for n in range(3)})
            with Provider("unix:" + sock, ScriptedCard()):
                for reader in range(3):
                    guest.wait_card(reader, "present", SEEN)
                for n in range(3):
                    root("card", "eject", "guest", f"smartcard{n}")
                wait_states(guest, "empty", 3)
            equal(set(states(root).values()), {"ejected"})
            if root.daemon:
                root.stop(signal.SIGKILL)
                root.start()
            equal(set(states(root).values()), {"ejected"})
            equal(os.path.exists(sock), False)
            for n in range(3):
                root("card", "insert", "guest", f"smartcard{n}")
            with Provider("unix:" + sock, ScriptedCard()):
                wait_states(guest, "present", 3)
                equal(guest.apdu(guest_reader(guest, called.atr), "00ca0102"), [b"virtcard 0102" + b"\x90\x00"])
                check_signature(guest, db, guest_reader(guest, CAC_ATR))


def wait_states(guest, state, count):
    for reader in range(count):
        guest.wait_card(reader, state, SEEN)
    equal(len(guest.readers()), count)


def guest_reader(guest, atr):
    return next(n for n, reader in enumerate(guest.readers()) if reader.atr == atr)


@test
@twice
def the_hosts_own_card():
    if os.getuid() != 0:
        raise Skip("needs root for a mount namespace")
    card = HostCard(os.path.join(place.new_folder(), "card"), ["host1", "host2", "host3"])
    subprocess.run(["chown", "-R", "nobody:nogroup", card.folder], check=True)
    with root_of(inside=card.inside, env=card.environment()).start() as root:
        with booted(root, "<smartcard mode='host'/>") as guest:
            guest.wait_card(0, "present", SEEN)
            root("card", "eject", "guest")
            guest.wait_card(0, "empty", SEEN)
            root("card", "insert", "guest")
            guest.wait_card(0, "present", SEEN)
            seen = guest.certs()[0].subject[3:]
            equal(card.verify(seen, b"this", guest.sign(b"this", pin=card.pin)), True)


@test
@twice
def a_card_of_the_spice_viewer():
    for program in "Xvfb", "spicy":
        if shutil.which(program) is None:
            raise Skip(f"needs {program}")
    with root_of().start() as root:
        db, _ = certificates(root.folder)
        devices = ("<graphics type='spice' autoport='yes'/><video><model type='vga'/></video>"
                   "<smartcard mode='passthrough' type='spicevmc'/>")
        with booted(root, devices) as guest:
            address = Virsh(root)("domdisplay", "guest")
            with SpiceClient(address, db.folder, NAMES, root.folder):
                guest.wait_card(0, "present", SEEN)
                within("is the card of the SPICE viewer", root.fails("card", "eject", "guest")[0])
                equal(states(root), {"smartcard0": "inserted"})
                check_signature(guest, db)
            guest.wait_card(0, "empty", SEEN)
            file = root.file("<smartcard mode='passthrough' type='spicevmc'/>", "card.xml")
            root("detach-device", "guest", file)
            root.stop(signal.SIGKILL)
            root.start()
            within("would end at a second one", root.fails("attach-device", "guest", file)[0])
            equal(states(root), {})
            equal(root("domstate", "guest"), "running\n")


try:
    run(sys.argv[4:])
finally:
    place.close()
