#!/usr/bin/python3
"""Tries the test guest, its agent and the fakes on plain QEMU: tests/guest/selftest.py FOLDER

FOLDER is what tests/guest/build made. Prints TAP. Without KVM: under TCG everywhere.
"""
import concurrent.futures
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

TESTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path[:0] = [os.path.join(TESTS, "live", "lib"), os.path.join(TESTS, "fakes")]
sys.dont_write_bytecode = True

from guest import Guest, GuestError  # noqa: E402
from hostcard import HostCard  # noqa: E402
from nssdb import NssDb  # noqa: E402
from vsc_provider import DEFAULT_ATR, Provider, ScriptedCard  # noqa: E402

BOOT_LIMIT = 120
CAC_ATR = bytes.fromhex("3b7a18000073667465206364313434")
results = []
results_lock = threading.Lock()


def ok(name, condition, detail=""):
    with results_lock:
        results.append(bool(condition))
        print(f"{'ok' if condition else 'not ok'} {len(results)} - {name}", flush=True)
        if not condition:
            print(f"#   {detail}", flush=True)


class Machine:
    """QEMU with the test guest. It connects to sockets that listen here before it starts: nothing to poll for."""

    def __init__(self, guest_folder, machine, arguments, agent="virtio", agent_tcp=False, host_card=None):
        self.folder = tempfile.mkdtemp(prefix="vc-guest.")
        self.console = os.path.join(self.folder, "console")
        agent_listener, agent_chardev = self._listen("agent", agent_tcp)
        monitor_listener, monitor_chardev = self._listen("monitor", False)
        with open(os.path.join(guest_folder, "cmdline")) as file:
            cmdline = file.read().strip()
        console = ["-chardev", f"file,id=console,path={self.console}", "-device", "isa-serial,chardev=console"]
        ports = {
            "virtio": [*console, "-device", "virtio-serial-pci,id=virtio-serial0",
                       "-device", "virtserialport,bus=virtio-serial0.0,chardev=agent,name=org.virtcard.test.0"],
            "ttyS1": [*console, "-device", "isa-serial,chardev=agent"],
            "ttyS0": ["-device", "isa-serial,chardev=agent"],
        }
        self.started = time.monotonic()
        command = [
            "qemu-system-x86_64", "-S", "-machine", machine, "-accel", "tcg", "-cpu", "qemu64", "-m", "256",
            "-display", "none", "-no-user-config", "-nodefaults", "-no-reboot",
            "-chardev", monitor_chardev, "-mon", "chardev=monitor,mode=control",
            "-kernel", os.path.join(guest_folder, "vmlinuz"), "-initrd", os.path.join(guest_folder, "initrd"),
            "-append", cmdline, "-chardev", agent_chardev, *ports[agent], *arguments]
        with open(os.path.join(self.folder, "qemu.log"), "wb") as log:
            self.process = subprocess.Popen(
                host_card.inside(command) if host_card else command, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env=host_card.environment() if host_card else None)
        self.monitor = self._accept(monitor_listener).makefile("rw")
        self.qmp_read("QMP")
        self.qmp("qmp_capabilities")
        self.guest = Guest(self._accept(agent_listener))

    def _listen(self, name, tcp):
        if tcp:
            listener = socket.create_server(("127.0.0.1", 0))
            return listener, f"socket,id={name},host=127.0.0.1,port={listener.getsockname()[1]},server=off"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(os.path.join(self.folder, name))
        listener.listen()
        return listener, f"socket,id={name},path={os.path.join(self.folder, name)},server=off"

    def _accept(self, listener):
        died = os.pidfd_open(self.process.pid)
        try:
            ready, _, _ = select.select([listener, died], [], [], 30)
        finally:
            os.close(died)
        if listener not in ready:
            raise GuestError("QEMU does not start: " + self.log())
        connection, _ = listener.accept()
        connection.settimeout(30)
        listener.close()
        return connection

    def log(self):
        with open(os.path.join(self.folder, "qemu.log"), errors="replace") as file:
            return file.read()

    def qmp_read(self, *keys):
        """the next message with one of these keys"""
        while True:
            line = self.monitor.readline()
            if not line:
                raise GuestError("QEMU is gone: " + self.log())
            message = json.loads(line)
            if any(key in message for key in keys):
                return message

    def qmp(self, command, **arguments):
        self.monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.monitor.flush()
        answer = self.qmp_read("return", "error")
        if "error" in answer:
            raise GuestError(f"{command}: {answer['error']['desc']}")
        return answer["return"]

    def qmp_event(self, name):
        while True:
            event = self.qmp_read("event")
            if event["event"] == name:
                return event

    def boot(self):
        self.qmp("cont")
        self.guest.wait_ready(BOOT_LIMIT)
        return time.monotonic() - self.started

    def ended(self, timeout=60):
        try:
            return self.process.wait(timeout) == 0
        except subprocess.TimeoutExpired:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.guest.close()
        shutil.rmtree(self.folder)


def emulated(database, names):
    certificates = "".join(f",cert{i}={name}" for i, name in enumerate(names, 1))
    return f"ccid-card-emulated,backend=certificates,db=sql:{database}{certificates},id=smartcard1,bus=ccid1.0"


def check_certificates(guest, db, names, reader):
    found = {c.label or c.subject: c for c in guest.certs() if c.reader == reader}
    subjects = sorted(c.subject for c in found.values())
    ok("three certificates are seen", subjects == sorted(f"CN={n}" for n in names), subjects)
    pem = guest.cert(reader, next(c.id for c in found.values() if c.subject == "CN=" + names[0]))
    ok("a certificate read from the card is the host's", pem.strip() == db.pem(names[0]).replace("\r", "").strip(), pem)
    for key, name in enumerate(names):
        data = f"sign this with {name}".encode()
        signature = guest.sign(data, reader=reader, key=key)
        ok(f"a signature by {name} verifies", db.verify(name, data, signature), signature.hex())
    ok("it does not verify other data", not db.verify(names[-1], b"other", signature))
    try:
        guest.sign(b"x", reader=reader, key=7)
        ok("a missing key is an error", False)
    except GuestError:
        ok("a missing key is an error", True)


def check_passthrough(guest, provider, reader):
    guest.wait_card(reader, "present")
    ok("the provider's ATR is seen", guest.readers()[reader].atr == DEFAULT_ATR, guest.readers())
    answers = guest.apdu(reader, "00a4040000", "00ca010200", "80ec000003aabbcc", "80fa012c00", "00c0000000", "00c000002c",
                         "00b0000000")
    long_answer = bytes(i & 255 for i in range(300))
    expected = [b"\x90\x00", b"virtcard 0102\x90\x00", b"\xaa\xbb\xcc\x90\x00", b"\x61\x00",
                long_answer[:256] + b"\x61\x2c", long_answer[256:] + b"\x90\x00", b"\x6d\x00"]
    ok("commands get the fake card's answers", answers == expected, [a.hex() for a in answers])
    ok("the provider saw these commands", [c.hex() for c, _ in provider.log[-7:]][:2] == ["00a4040000", "00ca010200"],
       provider.log)
    waiting = guest.start(f"wait-card {reader} empty 20")
    provider.eject()
    ok("an eject is seen", guest.finish(waiting, 40)[0] == 0)
    provider.insert("3b00")
    guest.wait_card(reader, "present", 20)
    ok("an insert is seen, with another ATR", guest.readers()[reader].atr == b"\x3b\x00", guest.readers())
    provider.hold()
    count = provider.apdu_count
    pending = guest.start(f"apdu {reader} 00ca0000")
    provider.wait_apdus(count + 1, 20)
    provider.eject()
    status, output = guest.finish(pending, 30)
    ok("a command pending at an eject fails", status == 1 and b"error" in output, (status, output))
    guest.wait_card(reader, "empty", 20)
    provider.release()
    provider.insert(DEFAULT_ATR)
    guest.wait_card(reader, "present", 20)
    ok("and the next card works", guest.apdu(reader, "00ca0506") == [b"virtcard 0506\x90\x00"])


def pc_uhci(folder):
    """libvirt's usual machine, without <acpi/>: both kinds of card at once"""
    with tempfile.TemporaryDirectory(prefix="vc-guest.") as temp:
        names = ["cert1", "cert2", "cert3"]
        db = NssDb(os.path.join(temp, "nss"))
        for name in names:
            db.self_signed(name)
        with Provider(f"unix:{temp}/card", listen=True) as provider, Machine(folder, "pc-i440fx-7.2,usb=off", [
                "-no-acpi", "-device", "piix3-usb-uhci,id=usb", "-device", "usb-ccid,id=ccid0,bus=usb.0",
                "-chardev", f"socket,id=charsmartcard0,path={temp}/card,server=off",
                "-device", "ccid-card-passthru,chardev=charsmartcard0,id=smartcard0,bus=ccid0.0",
                "-device", "usb-ccid,id=ccid1,bus=usb.0", "-device", emulated(db.folder, names)]) as machine:
            ok("pc: the agent is ready", True, machine.boot())
            print(f"# pc: ready after {time.monotonic() - machine.started:.1f} s", flush=True)
            guest = machine.guest
            guest.wait_readers(2)
            guest.wait_card(0, "present")
            guest.wait_card(1, "present")
            atrs = [reader.atr for reader in guest.readers()]
            ok("two readers, each with its card", sorted(atrs) == sorted([CAC_ATR, DEFAULT_ATR]), atrs)
            check_certificates(guest, db, names, atrs.index(CAC_ATR))
            check_passthrough(guest, provider, atrs.index(DEFAULT_ATR))
            reader = atrs.index(DEFAULT_ATR)
            print(f"# pc: {guest.apdubench(reader, 50, '00ca0000')} an exchange over a unix socket", flush=True)
            guest.send("reboot -f")
            ok("pc without ACPI: a reboot ends QEMU under -no-reboot", machine.ended())


def q35_xhci(folder):
    """q35 with XHCI; QEMU listens for the provider; the agent is on the second serial port, over TCP"""
    with tempfile.TemporaryDirectory(prefix="vc-guest.") as temp:
        path = os.path.join(temp, "card")
        with Machine(folder, "q35,usb=off", [
                "-device", "qemu-xhci,id=usb", "-device", "usb-ccid,id=ccid0,bus=usb.0",
                "-chardev", f"socket,id=charsmartcard0,path={path},server=on,wait=off",
                "-device", "ccid-card-passthru,chardev=charsmartcard0,id=smartcard0,bus=ccid0.0"],
                agent="ttyS1", agent_tcp=True) as machine:
            guest = machine.guest
            ok("q35: the agent is ready on ttyS1", True, machine.boot())
            print(f"# q35: ready after {time.monotonic() - machine.started:.1f} s", flush=True)
            guest.wait_readers(1)
            ok("q35: no provider, no card", guest.readers()[0].state == "EMPTY", guest.readers())
            with Provider("unix:" + path) as provider:
                provider.wait_attached()
                check_passthrough(guest, provider, 0)
            with Provider("unix:" + path, ScriptedCard({"00ca": "01029000"}), resync=True) as provider:
                guest.wait_card(0, "empty", 20)
                guest.wait_card(0, "present", 20)
                ok("the next provider's card replaces the old one", guest.apdu(0, "00ca0000") == [b"\1\2\x90\0"])
            machine.qmp("system_powerdown")
            ok("q35: the power button powers off", machine.ended())


def hotplug(folder):
    """everything plugged into a running guest; agent on the only serial port, provider over TCP"""
    with Provider("tcp:127.0.0.1:0", listen=True) as provider, \
            Machine(folder, "pc-i440fx-7.2,usb=off", ["-device", "piix3-usb-uhci,id=usb", "-device", "pvpanic"],
                    agent="ttyS0") as machine:
        guest = machine.guest
        ok("hotplug: the agent is ready on ttyS0", True, machine.boot())
        ok("hotplug: no reader", guest.readers() == [], guest.readers())
        host, port = provider.address[4:].split(":")
        address = {"type": "inet", "data": {"host": host, "port": port}}
        waiting = guest.start("wait-readers 1 30")
        machine.qmp("device_add", driver="usb-ccid", id="ccid0", bus="usb.0")
        ok("a plugged reader is seen", guest.finish(waiting, 45)[0] == 0)
        machine.qmp("chardev-add", id="card0", backend={"type": "socket", "data": {"addr": address, "server": False}})
        machine.qmp("device_add", driver="ccid-card-passthru", id="smartcard0", bus="ccid0.0", chardev="card0")
        guest.wait_card(0, "present", 20)
        check_passthrough(guest, provider, 0)
        print(f"# tcp: {guest.apdubench(0, 50, '00ca0000')} an exchange", flush=True)
        machine.qmp("device_del", id="ccid0")
        guest.wait_readers(0, 20)
        ok("an unplugged reader is gone", guest.readers() == [])
        status, output = guest.run("head -c 300000 /dev/zero | tr '\\0' x; exit 3", 60)
        ok("the agent carries long output and the exit status", status == 3 and output == b"x" * 300000,
           (status, len(output)))
        guest.send("crash")
        guest.wait_closed()
        ok("a crash is reported", machine.qmp_event("GUEST_PANICKED"))


def host_mode(folder):
    """the host's own token in the guest, as <smartcard mode='host'> has it"""
    with tempfile.TemporaryDirectory(prefix="vc-guest.") as temp:
        names = ["host1", "host2", "host3"]
        card = HostCard(os.path.join(temp, "card"), names)
        with Machine(folder, "pc-i440fx-7.2,usb=off", [
                "-device", "piix3-usb-uhci,id=usb", "-device", "usb-ccid,id=ccid0,bus=usb.0",
                "-device", "ccid-card-emulated,backend=nss-emulated,id=smartcard0,bus=ccid0.0"],
                host_card=card) as machine:
            guest = machine.guest
            machine.boot()
            guest.wait_card(0, "present")
            seen = [c.subject[3:] for c in guest.certs()]  # NSS lists a token's certificates in any order
            ok("host: three certificates are seen", sorted(seen) == names, seen)
            signature = guest.sign(b"sign this", pin=card.pin)
            ok("host: a signature verifies", card.verify(seen[0], b"sign this", signature))
            try:
                guest.sign(b"sign this", pin="9999")
                ok("host: a wrong PIN is refused", False)
            except GuestError as error:
                ok("host: a wrong PIN is refused", "C_Login failed" in str(error), error)
            card.eject()
            guest.wait_card(0, "empty", 30)
            card.insert()
            guest.wait_card(0, "present", 30)
            ok("host: the token goes and comes", sorted(c.subject[3:] for c in guest.certs()) == names)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = {pool.submit(test, sys.argv[1]): test.__name__ for test in (pc_uhci, q35_xhci, hotplug, host_mode)}
        for run in concurrent.futures.as_completed(runs):
            if run.exception():
                ok(runs[run], False, repr(run.exception()))
    print(f"1..{len(results)}")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
