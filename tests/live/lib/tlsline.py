# SPDX-License-Identifier: LGPL-2.1-or-later
"""A character device of a real guest, TLS, and another program at its other end.

    line = Line(place, pki, "channel", "bind", 0)     the holder, who waits, the how-manieth of its sort in the guest
    line.listen()                                     before the device is there: the other end of mode='connect'
    ... line.xml is started with, or plugged in ...
    line.call()                                       once it is there: the other end of mode='bind'
    line.exchange(guest)                              data there and back, as the holder has it
    line.check(capture)                               none of it was seen on the wire

or all of that in one: carry(line, guest, plugged). Where QEMU waits, the other end is gnutls-cli; where it
connects, openssl s_server. Both ask for the other's certificate.
"""
import contextlib
import os
import socket
import struct
import subprocess
import threading
import time

from livetap import equal, within
from vsc_provider import Provider, ScriptedCard

LIMIT = 180
BIT = 4      # bytes that every device takes at once


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def is_listening(port):
    with open("/proc/net/tcp") as file:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in file.readlines()[1:])


class Peer:
    """a program that carries its standard input and output over TLS; sock: what is joined to them, or None"""

    def __init__(self, argv, sock=None):
        self.sock, its = (None, sock) if sock else socket.socketpair()
        self.process = subprocess.Popen(argv, stdin=its, stdout=its, stderr=subprocess.DEVNULL)
        its.close()
        self.got = b""
        if self.sock:
            self.sock.settimeout(LIMIT)

    def wait_listening(self, port):
        deadline = time.monotonic() + LIMIT
        while not is_listening(port):
            with contextlib.suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"{self.process.args[0]} ended: {self.process.wait(0.02)}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody listens on port {port}")

    def send(self, data):
        self.sock.sendall(data)

    def take(self, size):
        while len(self.got) < size:
            data = self.sock.recv(65536)
            if not data:
                raise AssertionError(f"the other end is gone after {self.got}")
            self.got += data
        data, self.got = self.got[:size], self.got[size:]
        return data

    def close(self):
        self.process.kill()
        self.process.wait(LIMIT)
        if self.sock:
            self.sock.close()


class PlainPeer(Peer):
    """no program, and nothing encrypted"""

    def __init__(self, port):
        self.sock, self.got = socket.create_connection(("127.0.0.1", port)), b""
        self.sock.settimeout(LIMIT)

    def close(self):
        self.sock.close()


# What is carried.  Each returns the plain bytes that must not be seen.

def on_a_tty(line, guest, device, setup="stty raw -echo <&3;"):
    """a text out of the guest, and then another one into it, which it sends back

    QEMU 7.2 leaves in its TLS buffer what a device cannot take at once, until more comes, so it is sent bit by bit.
    Linux makes /dev/hvc* before the first of them can be opened.
    """
    out, into = (f"{way} the guest by {line.name}".encode() for way in ("out of", "into"))
    job = guest.start(f"until [ -c {device} ] && (exec 3<>{device}) 2>/dev/null; do sleep 0.1; done; exec 3<>{device}; {setup} printf '%s' '{out.decode()}' >&3; "
                      f"dd bs=1 count={len(into)} <&3 >&3 2>/dev/null")
    equal(line.peer.take(len(out)), out)
    for at in range(0, len(into), BIT):
        line.peer.send(into[at:at + BIT])
        equal(line.peer.take(len(into[at:at + BIT])), into[at:at + BIT])
    equal(guest.finish(job, LIMIT), (0, b""))
    return [out]


def serial(line, guest):
    return on_a_tty(line, guest, f"/dev/ttyS{line.number + 1}")     # the first one is the kernel's console


def pci_serial(line, guest):
    ports = guest.check(f"until set -- /sys/bus/pci/devices/*/tty/ttyS*; [ $# -gt {line.number} ] && [ -e $1 ]; do "
                        "sleep 0.1; done; echo $*", LIMIT).split()
    return on_a_tty(line, guest, "/dev/" + os.path.basename(sorted(ports)[line.number]))


def usb_serial(line, guest):
    return on_a_tty(line, guest, f"/dev/ttyUSB{line.number}")


def console(line, guest):
    return on_a_tty(line, guest, f"/dev/hvc{line.number}")


def channel(line, guest):
    return on_a_tty(line, guest, f"/dev/virtio-ports/{line.name}", "")


def parallel(line, guest):
    """a printer: only out of the guest, a byte with each strobe"""
    out = f"paper {line.port}".encode()
    base = (0x378, 0x278)[line.number]
    guest.check(f"put() {{ printf \"\\\\x$1\" | dd of=/dev/port bs=1 seek=$2 conv=notrunc 2>/dev/null; }}; "
                f"for c in {out.hex(' ')}; do put $c {base}; put 0c {base + 2}; put 0d {base + 2}; done", LIMIT)
    equal(line.peer.take(len(out)), out)
    return [out]


def rng(line, guest):
    """entropy of the other end, which is asked for it: 02 and how much"""
    misc = "/sys/class/misc/hw_random"
    got = bytes.fromhex(guest.check(f"until grep -q virtio_rng.{line.number} {misc}/rng_available; do sleep 0.1; done; "
                                    f"echo virtio_rng.{line.number} > {misc}/rng_current; "
                                    "dd if=/dev/hwrng bs=64 count=3 2>/dev/null | od -An -v -tx1", LIMIT))
    last = got[-16:]                # the first may be left over from another one
    equal((len(last), last if last not in line.entropy else b""), (16, b""))
    return [last]


def smartcard(line, guest):
    """commands to a card and its answers"""
    line.provider.wait_attached(LIMIT)
    deadline = time.monotonic() + LIMIT
    while line.provider.atr not in (atrs := [reader.atr for reader in guest.readers()]):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no card of {line.name} among {atrs}")
    reader = atrs.index(line.provider.atr)
    guest.wait_card(reader, "present")
    answers = guest.apdu(reader, "00a4040000", "00ca010200", "80ec00000a" + b"0123456789".hex(), "80fa008000")
    equal(answers, [b"\x90\0", line.word + b" 0102\x90\0", b"0123456789\x90\0", bytes(range(128)) + b"\x90\0"])
    return [b"VSCD", line.word, b"0123456789", bytes(range(32))]


USB_REDIR = struct.Struct("<III")
HELLO, DEVICE_CONNECT, INTERFACE_INFO, EP_INFO, FILTER_REJECT = 0, 1, 4, 5, 22
CAP_FILTER = 1 << 2


def redirdev(line, guest):
    """greetings, and a device of the other end, which QEMU sends back: its xHCI wants more than this end can do"""
    def take():
        kind, size, _ = USB_REDIR.unpack(line.peer.take(USB_REDIR.size))
        return kind, line.peer.take(size)

    def send(kind, body):
        line.peer.send(USB_REDIR.pack(kind, len(body), 0) + body)

    kind, body = take()
    equal((kind, body[:len(b"qemu usb-redir guest")]), (HELLO, b"qemu usb-redir guest"))
    send(HELLO, line.name.encode().ljust(64, b"\0") + struct.pack("<I", CAP_FILTER))
    send(INTERFACE_INFO, struct.pack("<I", 1) + bytes(32) + (b"\xff" + bytes(31)) * 3)
    send(EP_INFO, b"\0" + b"\xff" * 15 + b"\0" + b"\xff" * 15 + bytes(64))
    send(DEVICE_CONNECT, struct.pack("<BBBBHH", 1, 255, 255, 255, 0x1209, 0x0001))
    equal(take(), (FILTER_REJECT, b""))
    return [b"qemu usb-redir guest", line.name.encode()]


# What stands in the description; {source} is the connection.

HOLDERS = {
    "serial": (serial, "<serial type='tcp'>{source}</serial>"),
    "pci-serial": (pci_serial, "<serial type='tcp'>{source}<target type='pci-serial'/></serial>"),
    "usb-serial": (usb_serial, "<serial type='tcp'>{source}<target type='usb-serial'/></serial>"),
    "parallel": (parallel, "<parallel type='tcp'>{source}</parallel>"),
    "console": (console, "<console type='tcp'>{source}<target type='virtio'/></console>"),
    "channel": (channel, "<channel type='tcp'>{source}<target type='virtio' name='{name}'/></channel>"),
    "smartcard": (smartcard, "<smartcard mode='passthrough' type='tcp'>{source}</smartcard>"),
    "rng": (rng, "<rng model='virtio'><backend model='egd' type='tcp'>{source}</backend></rng>"),
    "redirdev": (redirdev, "<redirdev bus='usb' type='tcp'>{source}</redirdev>"),
}


class Line:
    def __init__(self, place, pki, holder, mode, number=0, tls="tls='yes'"):
        self.place, self.pki, self.holder, self.mode, self.number = place, pki, holder, mode, number
        self.port = free_port()
        self.name = f"{holder}.{mode}.{self.port}"
        self.carry, xml = HOLDERS[holder]
        self.is_plain = tls == "tls='no'"
        source = f"<source mode='{mode}' host='localhost' service='{self.port}' {tls}/>"
        self.xml = xml.format(source=source, name=self.name)
        self.entropy = "".join(f"{self.name} gives {i:04};" for i in range(16384)).encode()
        self.word = f"{mode} {self.port}".encode()
        self.peer = self.provider = None
        self.secrets = []

    def _join(self):
        """what speaks for the other end, if that is more than this program"""
        if self.holder != "smartcard":
            return None
        path = os.path.join(self.place.new_folder(), "card")
        card = ScriptedCard({**ScriptedCard.DEFAULT,
                             "00ca": lambda c: self.word + b" " + c[2:4].hex().encode() + b"\x90\0"})
        self.provider = Provider("unix:" + path, card, atr=bytes([0x3b, len(self.word)]) + self.word, listen=True)
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(path)
        return sock

    def _start(self, argv):
        self.peer = Peer(argv, self._join())
        if self.holder == "rng":
            threading.Thread(target=self._give_entropy, daemon=True).start()

    def _give_entropy(self):
        """what is asked for; some before, for nobody may have been there to hear the first question"""
        at = 64
        with contextlib.suppress(OSError, AssertionError):
            self.peer.send(self.entropy[:at])
            while True:
                kind, size = self.peer.take(2)
                equal(kind, 2)
                self.peer.send(self.entropy[at:at + size])
                at += size

    def listen(self):
        if self.mode != "connect":
            return
        self._start(["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{self.port}", "-naccept", "1",
                     "-cert", self.pki.path("server-cert.pem"), "-key", self.pki.path("server-key.pem"),
                     "-CAfile", self.pki.path("ca-cert.pem"), "-Verify", "1", "-verify_return_error"])
        self.peer.wait_listening(self.port)

    def call(self):
        if self.mode != "bind":
            return
        if self.is_plain:
            self.peer = PlainPeer(self.port)
            return
        self._start(["gnutls-cli", f"--logfile={self.place.new_folder()}/log", "--port", str(self.port),
                     "--x509cafile", self.pki.path("ca-cert.pem"), "--x509certfile", self.pki.path("client-cert.pem"),
                     "--x509keyfile", self.pki.path("client-key.pem"), "localhost"])

    def exchange(self, guest):
        self.secrets = self.carry(self, guest)

    def check(self, capture):
        """one connection, which began with a TLS handshake, was made of TLS records alone and showed nothing"""
        streams = capture.streams(self.port)
        equal((self.name, len(streams)), (self.name, 1))
        whole = streams[0].sent + b"|" + streams[0].answered
        equal((self.name, [words for words in self.secrets if words in whole]), (self.name, []))
        equal((self.name, streams[0].hello), (self.name, True))
        records = streams[0].records()
        equal((self.name, records["sent"][0], records["answered"][0]), (self.name, 22, 22))
        within(23, records["sent"])
        within(23, records["answered"])
        if not self.secrets:
            raise AssertionError(f"{self.name} carried nothing")

    def close(self):
        if self.peer:
            self.peer.close()
        if self.provider:
            self.provider.close()


def wait_connected(line, plugged):
    """until QEMU has its handshake behind it: what a guest says before is said to nobody"""
    deadline = time.monotonic() + LIMIT
    while not any(f":{line.port}" in at and not at.startswith("disconnected:") for at in plugged.chardevs().values()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no connection of {line.name} in {plugged.chardevs()}")


def carry(line, guest, plugged=None):
    """with a guest that was started with the line, whose both ends stand; or put it into a running one first"""
    if plugged:
        line.listen()
        plugged.attach(line.xml)
        line.call()
        wait_connected(line, plugged)
    line.exchange(guest)
