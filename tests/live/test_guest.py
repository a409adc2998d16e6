#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cards as a Linux guest sees them under `virtcard run`, and the guest's console.

    test_guest.py VIRTCARD GUEST_FOLDER [WORD...]

Each test boots the guest of tests/guest once, some ten seconds without KVM, and asks it for all it can.
"""
import contextlib
import functools
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(os.path.dirname(HERE), "fakes")]
sys.dont_write_bytecode = True

from guest import Guest, GuestError  # noqa: E402
from hostcard import HostCard  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from nssdb import NssDb  # noqa: E402
from spice_client import SpiceClient  # noqa: E402
from vsc_provider import DEFAULT_ATR, Provider, ScriptedCard  # noqa: E402

place = Place(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
BOOT = 150
CAC_ATR = bytes.fromhex("3b7a18000073667465206364313434")
NAMES = ["cert1", "cert2", "cert3"]


def agent(folder):
    return (f"<channel type='unix'><source mode='bind' path='{folder}/agent'/>"
            "<target type='virtio' name='org.virtcard.test.0'/></channel>")


@contextlib.contextmanager
def booted(devices, folder=None, options=(), **more):
    """a run, and its guest when that is up"""
    folder = folder or place.new_folder()
    about = {name: more.pop(name) for name in ("features", "machine", "emulator", "head") if name in more}
    with place.run(domain(agent(folder) + "\n" + devices, boot=place.boot, **about), *options, **more) as process:
        process.wait("started")
        with Guest(os.path.join(folder, "agent")) as guest:
            guest.wait_ready(BOOT)
            yield process, guest


def database(folder):
    db = NssDb(os.path.join(folder, "db"))
    for name in NAMES:
        db.self_signed(name)
    db.public()
    return db


def certificates(db):
    inside = "".join(f"<certificate>{name}</certificate>" for name in NAMES)
    return f"<smartcard mode='host-certificates'>{inside}<database>{db.folder}</database></smartcard>"


def passthrough(kind, source):
    return f"<smartcard mode='passthrough' type='{kind}'><source {source}/></smartcard>"


def twice(function):
    """QEMU 7.2's emulated card signals its thread also when that does not wait yet, and so loses a command now and then
    on a busy host, most of all GET RESPONSE after a signature; the guest then waits for minutes"""
    @functools.wraps(function)
    def again():
        try:
            function()
        except TimeoutError as error:
            print(f"# {function.__name__}: {error}: once more", flush=True)
            function()
    return again


def check_certificates(guest, db, reader, keys=1):
    found = [c for c in guest.certs() if c.reader == reader]
    equal(sorted(c.subject for c in found), ["CN=" + name for name in NAMES])
    for key, name in enumerate(NAMES[:keys]):
        data = f"signed by {name}".encode()
        equal(db.verify(name, data, guest.sign(data, reader=reader, key=key, timeout=40)), True)


def check_provider(guest, reader, words):
    equal(guest.readers()[reader].atr, words.atr)
    equal(guest.apdu(reader, "00a4040000", "00ca010200", "80ec000003aabbcc", "00b0000000"),
          [b"\x90\x00", words.word + b" 0102\x90\x00", b"\xaa\xbb\xcc\x90\x00", b"\x6d\x00"])


class Card(ScriptedCard):
    """answers with a word of its own, so that two cards are told apart"""

    def __init__(self, word):
        self.word = word.encode()
        self.atr = bytes([0x3b, len(self.word)]) + self.word
        super().__init__({**ScriptedCard.DEFAULT, "00ca": lambda c: self.word + b" " + c[2:4].hex().encode() + b"\x90\0"})


def provider(address, word, listen=False):
    card = Card(word)
    return Provider(address, card, atr=card.atr, listen=listen)


def eject_and_insert(guest, reader, provider_):
    waiting = guest.start(f"wait-card {reader} empty 40")
    provider_.eject()
    status, output = guest.finish(waiting, 60)
    if status:
        raise TimeoutError(f"the guest does not see the card go: {output}")
    provider_.insert()
    guest.wait_card(reader, "present", 40)
    equal(guest.readers()[reader].atr, provider_.atr)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@test
@twice
def three_cards():
    """of certificates, of a provider that is connected to, of one that comes; then Ctrl-C shuts the guest down"""
    folder = place.new_folder()
    db = database(folder)
    sock = os.path.join(folder, "card")
    with provider("tcp:127.0.0.1:0", "called", listen=True) as called:
        port = called.address.rpartition(":")[2]
        cards = "\n".join([certificates(db), passthrough("tcp", f"mode='connect' host='127.0.0.1' service='{port}'"),
                           passthrough("unix", f"mode='bind' path='{sock}'")])
        with booted(cards, folder) as (process, guest):
            guest.wait_readers(3)
            with provider("unix:" + sock, "came") as came:
                came.wait_attached(20)
                for reader in range(3):
                    guest.wait_card(reader, "present")
                atrs = [reader.atr for reader in guest.readers()]
                equal(sorted(atrs), sorted([CAC_ATR, called.atr, came.atr]))
                check_certificates(guest, db, atrs.index(CAC_ATR))
                check_provider(guest, atrs.index(called.atr), called.card)
                check_provider(guest, atrs.index(came.atr), came.card)
                eject_and_insert(guest, atrs.index(came.atr), came)
                eject_and_insert(guest, atrs.index(called.atr), called)
                speed = guest.apdubench(atrs.index(called.atr), 50, "00ca0000")
                print(f"# an exchange over tcp: {speed}", flush=True)
                process.signal(signal.SIGINT)
                process.wait("asked guest 'guest' to shut down")
                equal(process.ended(), 0)
                equal(process.lines[-1], "guest 'guest' is off")


def with_panic_device():
    path = os.path.join(place.new_folder(), "qemu")
    with open(path, "w") as file:
        file.write('#!/bin/sh\ncase "$*" in *-kernel*) set -- "$@" -device pvpanic;; esac\n'
                   'exec /usr/bin/qemu-system-x86_64 "$@"\n')
    os.chmod(path, 0o755)
    return path


@test
def two_cards_on_q35_and_a_crash():
    folder = place.new_folder()
    port, sock = free_port(), os.path.join(folder, "card")
    with provider("unix:" + sock, "unix", listen=True) as first:
        os.chmod(sock, 0o777)
        cards = "\n".join([passthrough("unix", f"mode='connect' path='{sock}'"),
                           passthrough("tcp", f"mode='bind' host='127.0.0.1' service='{port}'")])
        with booted(cards, folder, machine="q35", emulator=with_panic_device()) as (process, guest):
            with provider(f"tcp:127.0.0.1:{port}", "tcp") as second:
                second.wait_attached(20)
                guest.wait_readers(2)
                for reader in range(2):
                    guest.wait_card(reader, "present")
                atrs = [reader.atr for reader in guest.readers()]
                for each in first, second:
                    check_provider(guest, atrs.index(each.atr), each.card)
                guest.send("crash")
                equal(process.ended(), 3)
                within("guest 'guest' crashed", process.lines)


@test
@twice
def the_hosts_own_card():
    """in a guest without ACPI: it can be asked for nothing"""
    if os.getuid() != 0:
        raise Skip("needs root for a mount namespace")
    folder = place.new_folder()
    names = ["host1", "host2", "host3"]
    card = HostCard(os.path.join(folder, "card"), names)
    subprocess.run(["chown", "-R", "nobody:nogroup", card.folder], check=True)
    with booted("<smartcard mode='host'/>", folder, features="<apic/>", inside=card.inside,
                env=card.environment()) as (process, guest):
        guest.wait_card(0, "present")
        seen = [c.subject[3:] for c in guest.certs()]
        equal(sorted(seen), names)
        equal(card.verify(seen[0], b"this", guest.sign(b"this", pin=card.pin)), True)
        try:
            guest.sign(b"this", pin="9999")
            raise AssertionError("a wrong PIN signs")
        except GuestError as error:
            within("C_Login failed", str(error))
        guest.send("reboot -f")
        process.wait("guest 'guest' rebooted")
        process.signal(signal.SIGINT)
        process.wait("has no ACPI")
        process.signal(signal.SIGINT)
        equal(process.ended(), 130)


class Terminal:
    """a terminal that virtcard believes it is on"""

    def __init__(self):
        self.ours, self.its = pty.openpty()
        self.text = b""

    def type(self, text):
        os.write(self.ours, text)

    def wait(self, words, limit):
        deadline = time.monotonic() + limit
        while words not in self.text:
            ready, _, _ = select.select([self.ours], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {words} in {self.text[-300:]}")
            self.text += os.read(self.ours, 4096)
        at = self.text.index(words) + len(words)
        self.text = self.text[at:]

    def close(self):
        os.close(self.ours)
        os.close(self.its)


def take_terminal():
    """in the child: the terminal on its standard input is its own, and Ctrl-C there is for it"""
    import fcntl
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@test
def the_console():
    """joined, typed to, left with Ctrl-]; then Ctrl-C on the terminal"""
    terminal = Terminal()
    before = termios.tcgetattr(terminal.its)
    xml = domain("<serial type='pty'/>", boot=place.boot)
    with place.run(xml, "--console", stdin=terminal.its, stdout=terminal.its, preexec_fn=take_terminal) as process:
        process.wait("serial0: /dev/pts/")
        process.wait("console of guest 'guest'; Ctrl-] leaves it")
        terminal.wait(b"@ready", BOOT)
        equal(termios.tcgetattr(terminal.its)[3] & (termios.ICANON | termios.ECHO | termios.ISIG), 0)
        terminal.type(b"run 1 ZWNobyBoZWxsbw==\n")      # echo hello
        terminal.wait(b"@out 1 0 aGVsbG8K", 30)
        terminal.type(b"\x03")                          # for the guest, not for virtcard
        terminal.type(b"\x1d")
        process.wait("left the console")
        equal(termios.tcgetattr(terminal.its), before)
        terminal.type(b"\x03")
        process.wait("asked guest 'guest' to shut down")
        equal(process.ended(), 0)
    terminal.close()


@test
def the_terminal_is_given_back_whatever_happens():
    for number in signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM:
        terminal = Terminal()
        before = termios.tcgetattr(terminal.its)
        with place.run(domain("<serial type='pty'/>"), "--console", "--paused", may_leave=True, stdin=terminal.its,
                       stdout=terminal.its) as process:
            process.wait("held")
            pid = process.qemu
            equal(termios.tcgetattr(terminal.its)[3] & termios.ICANON, 0)
            process.signal(number)
            process.ended()
            equal(termios.tcgetattr(terminal.its), before)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        terminal.close()


@test
def a_card_of_the_spice_viewer():
    for program in "Xvfb", "spicy":
        if shutil.which(program) is None:
            raise Skip(f"needs {program}")
    folder = place.new_folder()
    db = database(folder)
    devices = "\n".join(["<graphics type='spice' autoport='yes'/>", "<video><model type='vga'/></video>",
                         "<smartcard mode='passthrough' type='spicevmc'/>"])
    with booted(devices, folder) as (process, guest):
        address = process.wait("spice: 127.0.0.1:")[len("spice: "):]
        guest.wait_card(0, "empty")
        with SpiceClient("spice://" + address, db.folder, NAMES, folder):
            guest.wait_card(0, "present", 60)
            check_certificates(guest, db, 0, keys=3)
        guest.wait_card(0, "empty", 30)
        guest.send("poweroff -f")
        equal(process.ended(), 0)


try:
    run(sys.argv[3:])
finally:
    place.close()
