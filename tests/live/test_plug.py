#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices come to a guest that runs and leave it: every holder, every host side, every refusal.

    test_plug.py VIRTCARD PLUG [WORD...]

There is no system in these guests: what only a system releases is released by a reset here, and as it should
be in test_plug_guest.py.
"""
import contextlib
import os
import select
import signal
import socket
import stat
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(os.path.dirname(HERE), "fakes")]
sys.dont_write_bytecode = True

from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from nssdb import NssDb  # noqa: E402
from pki import UUID, Pki  # noqa: E402
from plugged import Plugged, Refused  # noqa: E402

INVALID, UNSUPPORTED, NOT_FOUND, BUSY, QEMU = 1, 2, 3, 6, 11
place = Place(os.path.abspath(sys.argv[1]))
pki = Pki(place)
PLUG = os.path.abspath(sys.argv[2])
XHCI = "<controller type='usb' model='qemu-xhci' ports='15'/>"
SPICE = "<graphics type='spice' autoport='yes'/><video><model type='vga'/></video>"


# Every holder that needs no system to let go of it: what it is for a host side, and its device in QEMU.
HOLDERS = {
    "usb-serial": ("<serial type='{}'>{}<target type='usb-serial'/></serial>", "serial0"),
    "console": ("<console type='{}'>{}<target type='virtio'/></console>", "console0"),
    "channel": ("<channel type='{}'>{}<target type='virtio' name='org.virtcard.0'/></channel>", "channel1"),
    "smartcard": ("<smartcard mode='passthrough' type='{}'>{}</smartcard>", "smartcard0"),
    "redirdev": ("<redirdev bus='usb' type='{}'>{}</redirdev>", "redir0"),
}
OTHERS = "<channel type='null'><target type='virtio' name='org.virtcard.first'/></channel>"
EMPTY_PORT = "0"


class Sides:
    """the host sides, each with what must be there for it"""
    def __init__(self, folder):
        self.folder = folder
        self.open = []
        for end in ".in", ".out":
            os.mkfifo(os.path.join(folder, "pipe" + end), 0o666)
            os.chmod(os.path.join(folder, "pipe" + end), 0o666)

    def path(self, name):
        return os.path.join(self.folder, name)

    def listen(self, family, address):
        server = socket.socket(family)
        server.bind(address)
        server.listen()
        if family == socket.AF_UNIX:
            os.chmod(address, 0o666)
        self.open.append(server)
        return server

    def all(self):
        server = self.listen(socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1]
        self.listen(socket.AF_UNIX, self.path("server"))
        tcp = "host='127.0.0.1' service='{}'"
        return [
            ("null", "", "null"),
            ("vc", "", "vc"),
            ("pty", "", "pty:/dev/pts/"),
            ("file", f"<source path='{self.path('out')}'/>", "file"),
            ("pipe", f"<source path='{self.path('pipe')}'/>", "pipe"),
            ("null", f"<log file='{self.path('log')}' append='on'/>", "null"),
            ("udp", "<source mode='bind' host='127.0.0.1' service='0'/>"
                    "<source mode='connect' host='127.0.0.1' service='9'/>", "udp"),
            ("tcp", f"<source mode='bind' {tcp.format(EMPTY_PORT)}/>", "disconnected:tcp:127.0.0.1:"),
            ("tcp", f"<source mode='bind' {tcp.format(EMPTY_PORT)}/><protocol type='telnet'/>", "disconnected:telnet:"),
            ("tcp", f"<source mode='connect' {tcp.format(server)}/>", "tcp:127.0.0.1:"),
            ("tcp", f"<source mode='bind' {tcp.format(EMPTY_PORT)} tls='yes'/>", "disconnected:tcp:127.0.0.1:"),
            ("tcp", f"<source mode='connect' {tcp.format(server)} tls='yes'/>", ""),
            ("unix", f"<source mode='bind' path='{self.path('bind')}'/>", "disconnected:unix:"),
            ("unix", f"<source mode='connect' path='{self.path('server')}'/>", "unix:"),
        ]

    def close(self):
        for each in self.open:
            each.close()


def tls_root():
    return pki.root("chardev_tls_x509_verify = 1")


def holder(name, kind, inside):
    return HOLDERS[name][0].format(kind, inside)


def plug_all(name):
    sides = Sides(place.new_folder(0o777))
    with Plugged(place, PLUG, domain(XHCI + OTHERS), root=tls_root()) as guest:
        for kind, inside, filename in sides.all():
            text, alias = holder(name, kind, inside), HOLDERS[name][1]
            with guest.unchanged() as before:
                guest.attach(text)
                now = guest.state()
                within("'" + alias + "'", str(now["devices"]))
                within(f"<alias name='{alias}'/>", now["xml"])
                if not now["chardevs"]["char" + alias].startswith(filename):
                    raise AssertionError(f"{kind}: {now['chardevs']}")
                tls = [each for each in now["objects"] if each not in before["objects"]]
                equal(tls, [(f"objchar{alias}_tls0", "child<tls-creds-x509>")] if "tls='yes'" in inside else [])
                equal(len(now["fdsets"]) - len(before["fdsets"]), int(kind == "file" or "<log" in inside))
                guest.detach(text)
            if os.path.exists(sides.path("bind")):
                raise AssertionError("the socket is left")
        sides.close()


def add_plug_tests():
    for name in HOLDERS:
        def one(name=name):
            plug_all(name)
        one.__name__ = f"{name.replace('-', '_')}_on_every_host_side"
        test(one)


add_plug_tests()


@test
def channels_of_displays():
    devices = [
        "<channel type='spicevmc'><target type='virtio'/></channel>",
        "<channel type='spiceport'><source channel='org.virtcard.port'/><target type='virtio' name='a.b'/></channel>",
        "<channel type='qemu-vdagent'><source><clipboard copypaste='yes'/></source>"
        "<target type='virtio' name='com.redhat.spice.0'/></channel>",
        "<channel type='dbus'><source channel='org.virtcard.dbus'/><target type='virtio' name='c.d'/></channel>",
        "<smartcard mode='passthrough' type='spicevmc'/>",
        "<redirdev bus='usb' type='spicevmc'/>",
    ]
    with Plugged(place, PLUG, domain(XHCI + OTHERS + SPICE)) as guest:
        for text in devices:
            with guest.unchanged() as before:
                guest.attach(text)
                equal(len(guest.chardevs()) - len(before["chardevs"]), 1)
                guest.detach(text)


@test
def several_cards_have_several_readers():
    card = "<smartcard mode='passthrough' type='null'><alias name='ua-{}'/></smartcard>"
    with Plugged(place, PLUG, domain(XHCI)) as guest:
        with guest.unchanged():
            for n in range(4):
                guest.attach(card.format(n))
            devices = [name for name, _ in guest.state()["devices"]]
            for n in range(4):
                within(f"ccid{n}", devices)
                within(f"ua-{n}", devices)
            within("'ccid2' holds 'ua-2'", guest.refused("<controller type='ccid' index='2'/>", detach=True)[1])
            for n in (2, 0, 3, 1):
                guest.detach_alias(f"ua-{n}")
        # A reader that was asked for stays until it is asked to go.
        guest.attach("<controller type='ccid' index='0'/>")
        with guest.unchanged():
            guest.attach("<smartcard mode='passthrough' type='null'/>")
            equal(guest.refused("<smartcard mode='passthrough' type='null'>"
                                "<address type='ccid' controller='0' slot='0'/></smartcard>")[0], INVALID)
            guest.detach("<smartcard mode='passthrough' type='null'/>")
        guest.detach("<controller type='ccid' index='0'/>")


@test
def a_hub_before_the_last_port():
    with Plugged(place, PLUG, domain("<input type='tablet' bus='usb'/>")) as guest:
        with guest.unchanged():
            guest.attach("<smartcard mode='passthrough' type='null'/>")
            within("hub0", str(guest.state()["devices"]))
            guest.detach("<smartcard mode='passthrough' type='null'/>")


@test
def cards_of_certificates():
    """QEMU reads certificates once: the same come again, others are refused"""
    folder = place.new_folder()
    db = NssDb(os.path.join(folder, "db"), bits=1024)
    for name in "cert1", "cert2", "cert3", "cert4":
        db.self_signed(name)
    db.public()

    def card(*names):
        inside = "".join(f"<certificate>{name}</certificate>" for name in names)
        return f"<smartcard mode='host-certificates'>{inside}<database>{db.folder}</database></smartcard>"
    with Plugged(place, PLUG, domain(XHCI)) as guest:
        code, words = guest.refused(card("cert1", "cert2", "cert9"))
        within("device.xml:1: <smartcard>: ", words)
        within("cert9", words)
        for _ in range(2):
            with guest.unchanged():
                guest.attach(card("cert1", "cert2", "cert3"))
                within("ccid0", str(guest.state()["devices"]))
                guest.detach(card("cert1", "cert2", "cert3"))
        equal(guest.refused(card("cert1", "cert2", "cert4")),
              (UNSUPPORTED, "device.xml:1: <smartcard>: QEMU has read the certificates of another card, and keeps "
                            "these until it ends: give this card by mode='passthrough'"))


@test
def what_was_there_from_the_start():
    """leaves and comes again as the rest"""
    folder = place.new_folder(0o777)
    card = f"<smartcard mode='passthrough' type='unix'><source mode='bind' path='{folder}/card'/></smartcard>"
    port = f"<serial type='file'><source path='{folder}/out'/><target type='usb-serial' port='0'/></serial>"
    with Plugged(place, PLUG, domain(XHCI + "<controller type='ccid' index='0'/>" + card + port)) as guest:
        before = guest.state()
        for text, alias in (card, "smartcard0"), (port, "serial0"):
            guest.detach(text)
            if "'" + alias + "'" in str(guest.state()["devices"]) or "char" + alias in guest.chardevs():
                raise AssertionError(f"{alias} is still there")
        equal([os.path.exists(f"{folder}/{name}") for name in ("card", "out")], [False, True])
        equal(guest.state()["fdsets"], [])
        for text in card, port:
            guest.attach(text)
        after = guest.state()
        equal(after["chardevs"].keys(), before["chardevs"].keys())
        equal(after["devices"], before["devices"])
        guest.detach(card)                              # the reader was there before, and stays
        guest.detach("<controller type='ccid' index='0'/>")


@test
def one_at_a_time():
    card = "<smartcard mode='passthrough' type='null'/>"
    with Plugged(place, PLUG, domain(XHCI)) as guest, guest.unchanged():
        guest.send("attach " + guest.file(card))
        guest.send("attach " + guest.file(card))
        try:
            guest.answer()
            raise AssertionError("the second one was not refused")
        except Refused as why:
            equal((why.code, why.words), (BUSY, "another device is being attached or detached"))
        guest.answer()
        guest.detach(card)


@test
def ports_of_the_guests_network():
    text = ("<channel type='null'><target type='guestfwd' address='10.0.2.1' port='4600'/></channel>")
    with Plugged(place, PLUG, domain(XHCI)) as guest:
        with guest.unchanged():
            guest.attach(text)
            within("charchannel0", guest.chardevs())
            guest.detach(text)


# What needs a system in the guest

def pci_devices(folder):
    image = os.path.join(folder, "disk.img")
    with open(image, "wb") as file:
        file.truncate(1 << 20)
    os.chmod(image, 0o666)
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.path.join(folder, "egd"))
    server.listen()
    os.chmod(os.path.join(folder, "egd"), 0o666)
    return server, {
        "serial0": "<serial type='null'><target type='pci-serial'/></serial>",
        "rng0": "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
        "rng1": "<rng model='virtio'><backend model='builtin'/></rng>",
        "rng2": f"<rng model='virtio'><rate bytes='1000' period='2000'/><backend model='egd' type='unix'>"
                f"<source mode='connect' path='{folder}/egd'/></backend></rng>",
        "virtio-disk0": f"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{image}'/>"
                        "<target dev='vda' bus='virtio'/></disk>",
        "virtio-serial0": "<controller type='virtio-serial' index='0'/>",
    }


@test
def pci_devices_leave_when_the_guest_lets_them():
    """in time or not: nobody in this guest does, but a reset takes them out"""
    server, devices = pci_devices(place.new_folder())
    with Plugged(place, PLUG, domain(XHCI)) as guest, server:
        with guest.unchanged():
            for alias, text in devices.items():
                guest.attach(text)
                within(f"'{alias}'", str(guest.state()["devices"]))
                within(alias, guest.state()["pci"])
            for alias in list(devices)[:2]:
                with guest.unchanged():
                    try:
                        guest.detach_alias(alias)
                        raise AssertionError("released without a guest")
                    except Refused as why:
                        equal((why.code, why.words), (BUSY, f"the guest has not released '{alias}' in 5000 ms, and may "
                                                            "still do so"))
            equal(guest.refused(devices["serial0"], detach=True),
                  (BUSY, "'serial0' was asked to leave, and the guest has not released it yet"))
            for alias in list(devices)[2:]:
                guest.qmp("device_del", id=alias)       # by somebody else: nobody here waits
            guest.qmp("system_reset")
            for alias in devices:
                guest.wait_left(alias)


@test
def a_channel_brings_its_controller():
    text = "<channel type='null'><target type='virtio' name='a'/></channel>"
    with Plugged(place, PLUG, domain(XHCI)) as guest:
        with guest.unchanged():
            guest.attach(text)
            within("'virtio-serial0'", str(guest.state()["devices"]))
            guest.detach(text)                          # the channel leaves at once
            equal(guest.left, ["channel0"])
            equal(guest.refused(text), (BUSY, "device.xml:1: <channel>: it would sit on 'virtio-serial0', which was "
                                              "asked to leave and which the guest has not released yet"))
            guest.qmp("system_reset")
            guest.wait_left("virtio-serial0")
        guest.attach(text)                              # on a new one
        within("'virtio-serial0'", str(guest.state()["devices"]))


# What is refused

@test
def what_qemu_cannot_plug():
    words = {
        "<serial type='null'/>": "the ISA bus takes devices only when QEMU starts",
        "<serial type='null'><target type='isa-debug'/></serial>": "the ISA bus takes devices only when QEMU starts",
        "<disk type='file'><source file='/x'/><target dev='hda'/></disk>": "IDE and SATA take disks only when QEMU",
        "<parallel type='null'/>": "the ISA bus takes devices only when QEMU starts",
        "<console type='null'/>": "it is the first serial port under its other name",
        "<graphics type='vnc'/>": "QEMU opens displays only when it starts",
        "<video><model type='vga'/></video>": "QEMU takes display adapters only when it starts",
        "<controller type='sata'/>": "QEMU takes SATA controllers only when it starts",
        "<input type='mouse' bus='ps2'/>": "it is part of the machine",
    }
    with Plugged(place, PLUG, domain(XHCI)) as guest:
        for text, why in words.items():
            code, said = guest.refused(text)
            equal(code, UNSUPPORTED)
            within("cannot be attached to a running guest: " + why, said)
        equal(guest.refused("<nonsense/>")[0], INVALID)
        equal(guest.refused("<serial type='null'")[0], INVALID)
        equal(guest.refused("<serial type='null'><target type='usb-serial'/></serial>", detach=True)[0], NOT_FOUND)
        code, said = guest.refused("<memballoon model='virtio'/>", detach=True)
        equal((code, said), (UNSUPPORTED, "'balloon0' cannot be detached from a running guest: a guest has its balloon "
                                          "from start to end"))
    with Plugged(place, PLUG, domain("", machine="q35")) as guest:
        rng = "<rng model='virtio'><backend model='builtin'/></rng>"
        guest.attach(rng)                               # the root port that is kept free
        code, said = guest.refused(rng)
        equal(code, UNSUPPORTED)
        within("needs another <controller type='pci'>", said)


@test
def what_the_host_lacks():
    folder = place.new_folder(0o777)
    with Plugged(place, PLUG, domain(XHCI)) as guest:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            equal(guest.refused(holder("smartcard", "tcp", f"<source mode='bind' host='127.0.0.1' service='{port}'/>")),
                  (BUSY, f"device.xml:1: <smartcard>: port {port} of 127.0.0.1 is taken"))
        within("folder '/no' on the way to '/no/card' does not exist",
               guest.refused(holder("smartcard", "unix", "<source mode='connect' path='/no/card'/>"))[1])
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"{folder}/taken")
            server.listen()
            within("somebody listens on socket",
                   guest.refused(holder("smartcard", "unix", f"<source mode='bind' path='{folder}/taken'/>"))[1])
        tls = "<source mode='bind' host='127.0.0.1' service='0' tls='yes'/>"
        code, said = guest.refused(holder("smartcard", "tcp", tls))
        within("device.xml:1: <smartcard>: ", said)
        within("/etc/pki", said)
    with Plugged(place, PLUG, domain(XHCI), root=pki.copy("server-key.pem").root()) as guest:
        within("server-key.pem", guest.refused(holder("smartcard", "tcp", tls))[1])


@test
def what_qemu_refuses():
    """an id that is taken: before the chardev, after it, and of the reader; all is as it was"""
    folder = place.new_folder(0o777)
    card = holder("smartcard", "unix", f"<source mode='bind' path='{folder}/card'/><log file='{folder}/log'/>")
    with Plugged(place, PLUG, domain(XHCI)) as guest:
        for command, arguments, undo in (
                ("chardev-add", {"id": "charsmartcard0", "backend": {"type": "null", "data": {}}}, "chardev-remove"),
                ("device_add", {"id": "smartcard0", "driver": "usb-mouse"}, "device_del"),
                ("device_add", {"id": "ccid0", "driver": "usb-mouse"}, "device_del")):
            guest.qmp(command, **arguments)
            code, said = guest.refused(card)
            equal(code, QEMU)
            within(command, said)
            equal(os.listdir(folder), [])
            guest.qmp(undo, id=arguments["id"])
        with guest.unchanged():
            guest.attach(card)
            equal(stat.S_ISSOCK(os.stat(f"{folder}/card").st_mode), True)
            guest.detach(card)


# Encrypted, or not at all

@test
def the_wire_is_encrypted():
    with Plugged(place, PLUG, domain(XHCI + OTHERS), root=tls_root()) as guest:
        for name in HOLDERS:
            alias = HOLDERS[name][1]
            text = holder(name, "tcp", "<source mode='bind' host='127.0.0.1' service='0' tls='yes'/>")
            with guest.unchanged():
                guest.attach(text)
                port = int(guest.chardevs()["char" + alias].split(":")[3].split(",")[0])
                with socket.create_connection(("127.0.0.1", port), 20) as plain:
                    plain.sendall(b"plain text, and more of it, so that it is no short record\n" * 4)
                    plain.settimeout(20)
                    with contextlib.suppress(ConnectionResetError):
                        while plain.recv(100):
                            pass                        # at most an alert, then the end
                with pki.client().wrap_socket(socket.create_connection(("127.0.0.1", port), 20),
                                                     server_hostname="127.0.0.1") as wire:
                    within("TLS", wire.version())
                within("tls='yes'", guest.xml_now())
                guest.detach(text)


@test
def qemu_says_hello_first():
    """as a client its first bytes are a TLS handshake"""
    with Plugged(place, PLUG, domain(XHCI + OTHERS), root=tls_root()) as guest:
        for name in HOLDERS:
            with socket.create_server(("127.0.0.1", 0)) as server, guest.unchanged():
                port = server.getsockname()[1]
                text = holder(name, "tcp", f"<source mode='connect' host='127.0.0.1' service='{port}' tls='yes'/>")
                guest.attach(text)
                peer, _ = server.accept()
                with peer:
                    equal(select.select([peer], [], [], 20)[0], [peer])
                    equal(peer.recv(2), b"\x16\x03")
                guest.detach(text)


@test
def a_handshake_that_nobody_ends():
    """QEMU must not be in the middle of one when its chardev goes: it would abort as soon as the peer moves"""
    with Plugged(place, PLUG, domain(XHCI + OTHERS), root=tls_root()) as guest:
        for name, mode in [(name, mode) for name in HOLDERS for mode in ("connect", "bind")]:
            with socket.create_server(("127.0.0.1", 0)) as server, guest.unchanged():
                port = server.getsockname()[1] if mode == "connect" else 0
                text = holder(name, "tcp", f"<source mode='{mode}' host='127.0.0.1' service='{port}' tls='yes'/>")
                guest.attach(text)
                if mode == "connect":
                    peer, _ = server.accept()
                    equal(peer.recv(2), b"\x16\x03")
                else:
                    port = int(guest.chardevs()["char" + HOLDERS[name][1]].split(":")[3].split(",")[0])
                    peer = socket.create_connection(("127.0.0.1", port), 20)
                    peer.sendall(b"\x16\x03\x01")       # the head of a record, and no more
                    guest.qmp("query-chardev")          # it was accepted meanwhile
                guest.detach(text)
                peer.close()


@test
def keys_that_a_secret_opens():
    locked = pki.copy()
    locked.lock("server-key.pem", "open sesame")
    root = locked.root(f'chardev_tls_x509_secret_uuid = "{UUID}"', "chardev_tls = 1")
    locked.secret(root, "open sesame")
    card = holder("smartcard", "tcp", "<source mode='bind' host='127.0.0.1' service='0'/>")
    with Plugged(place, PLUG, domain(XHCI), root=root) as guest:
        with guest.unchanged():
            guest.attach(card)
            within("charsmartcard0-secret0", str(guest.state()["objects"]))
            port = int(guest.chardevs()["charsmartcard0"].split(":")[3].split(",")[0])
            with pki.client().wrap_socket(socket.create_connection(("127.0.0.1", port), 20),
                                          server_hostname="127.0.0.1") as wire:
                within("TLS", wire.version())
            within("tls='yes'", guest.xml_now())
            guest.detach(card)
        locked.secret(root, "something else")
        within("server-key.pem", guest.refused(card)[1])


@test
def pci_holders_are_encrypted_too():
    devices = {"serial0": "<serial type='tcp'>{}<target type='pci-serial'/></serial>",
               "rng0": "<rng model='virtio'><backend model='egd' type='tcp'>{}</backend></rng>"}
    with Plugged(place, PLUG, domain(XHCI), root=tls_root()) as guest, guest.unchanged():
        for alias, text in devices.items():
            with socket.create_server(("127.0.0.1", 0)) as server:
                port = server.getsockname()[1]
                guest.attach(text.format(f"<source mode='connect' host='127.0.0.1' service='{port}' tls='yes'/>"))
                within(f"objchar{alias}_tls0", str(guest.state()["objects"]))
                peer, _ = server.accept()
                with peer:
                    equal(select.select([peer], [], [], 20)[0], [peer])
                    equal(peer.recv(2), b"\x16\x03")
            guest.qmp("device_del", id=alias)
        guest.qmp("system_reset")
        for alias in devices:
            guest.wait_left(alias)


@test
def qemu_dies_in_the_middle():
    with Plugged(place, PLUG, domain(XHCI), may_leave=True) as guest:
        guest.attach("<rng model='virtio'><backend model='builtin'/></rng>")
        with open(guest.record()) as file:
            pid = int(file.read().splitlines()[1].split()[0])
        guest.send("detach-alias rng0")
        os.kill(int(pid), signal.SIGKILL)
        try:
            guest.answer()
            raise AssertionError("released by the dead")
        except Refused as why:
            within("QEMU", why.words)


@test
def the_end_comes_while_a_device_leaves():
    """the last of what it had behind it is on its way out when all is freed"""
    with Plugged(place, PLUG, domain(XHCI), may_leave=True) as guest:
        guest.attach("<rng model='virtio'><backend model='builtin'/></rng>")
        code, _ = guest.refused("<rng model='virtio'><backend model='builtin'/></rng>", detach=True)
        equal(code, BUSY)
        guest.when("rng0", "free")
        guest.send('qmp {"execute":"system_reset"}')    # the end may come before the answer
        guest.wait_end()


@test
def the_end_comes_when_a_device_has_left_by_itself():
    """and QEMU's list of what is there is still on its way"""
    with Plugged(place, PLUG, domain(XHCI), may_leave=True) as guest:
        guest.attach("<serial type='null'><target type='usb-serial'/></serial>")
        guest.when("serial0", "quit")
        guest.send('qmp {"execute":"device_del","arguments":{"id":"serial0"}}')
        guest.wait_end()


try:
    run(sys.argv[3:])
finally:
    place.close()
