"""One APDU from a real guest over a passthrough, to a provider that knows nothing of QEMU's small writes."""
import os
import select
import socket
import subprocess

from guest import Guest
from vsc_provider import Provider

BOOT_LIMIT = 120
COUNT = 100
NODELAY = ",nodelay=on"
CARDS = {
    "tcp": "<smartcard mode='passthrough' type='tcp'><source mode='bind' host='127.0.0.1' service='{port}'/></smartcard>",
    "unix": "<smartcard mode='passthrough' type='unix'><source mode='bind' path='{folder}/{name}.card'/></smartcard>",
}
ADDRESSES = {"tcp": "tcp:127.0.0.1:{port}", "unix": "unix:{folder}/{name}.card"}
DOMAIN = """
<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>256</memory>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>{guest}/vmlinuz</kernel>
    <initrd>{guest}/initrd</initrd>
    <cmdline>{cmdline}</cmdline>
  </os>
  <features>
    <acpi/>
  </features>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='{usb}'/>
    {card}
    <serial type='file'>
      <source path='{folder}/{name}.console'/>
    </serial>
    <channel type='unix'>
      <source mode='connect' path='{folder}/{name}.agent'/>
      <target type='virtio' name='org.virtcard.test.0'/>
    </channel>
  </devices>
</domain>
"""


class OrdinarySocket(socket.socket):
    """Acknowledges when the system likes to, as any provider's socket does: the fake's own trick is left out."""

    def setsockopt(self, level, option, value):
        if (level, option) != (socket.IPPROTO_TCP, socket.TCP_QUICKACK):
            super().setsockopt(level, option, value)


class OrdinaryProvider(Provider):
    def _connect(self, address):
        family, where = self._split(address)
        sock = OrdinarySocket(family)
        sock.settimeout(10)
        sock.connect(where)
        return sock


class Machine:
    """A booted guest with a card."""

    def __init__(self, bench, guest, name, usb, card, command):
        """usb: model of the controller; card: key of CARDS; command: makes argv from the domain's file"""
        with open(f"{guest}/cmdline", encoding="utf-8") as file:
            words = {"name": name, "usb": usb, "guest": guest, "cmdline": file.read().strip(), "folder": bench.folder, "port": free_port()}
        self.address = ADDRESSES[card].format(**words)
        path = f"{bench.folder}/{name}.xml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(DOMAIN.format(card=CARDS[card].format(**words), **words))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{bench.folder}/{name}.agent")
        listener.listen()
        with open(f"{bench.folder}/{name}.log", "wb+") as log:
            self.process = subprocess.Popen(command(path), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            self.guest = self.provider = None
            try:
                self._join(listener)
            except BaseException as error:
                self.close()
                log.seek(0)
                raise RuntimeError(f"guest {name}: {error}: {log.read().decode(errors='replace')[-2000:]}") from error
        listener.close()

    def _join(self, listener):
        died = os.pidfd_open(self.process.pid)
        ready, _, _ = select.select([listener, died], [], [], BOOT_LIMIT)
        os.close(died)
        if listener not in ready:
            raise RuntimeError("does not start")
        self.guest = Guest(listener.accept()[0])
        self.guest.wait_ready(BOOT_LIMIT)
        self.provider = OrdinaryProvider(self.address)
        self.guest.wait_card(0)

    def measure(self):
        """ms of one exchange"""
        return self.guest.apdubench(0, COUNT)["median_us"] / 1000

    def close(self):
        if self.provider:
            self.provider.close()
        if self.guest:
            self.guest.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(1)
            except subprocess.TimeoutExpired:
                self.process.terminate()    # the first one asks the guest
                self.process.wait(30)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def measure_card(bench, guest, name, usb, card, rounds, nodelay=True):
    """ms an exchange, by round, under virtcard; nodelay=False: under its command line without that option"""
    def run(path):
        return [bench.virtcard, "run", path]

    def without(path):
        argv = bench.argv(path)
        assert any(NODELAY in word for word in argv)
        monitor = next(i for i, word in enumerate(argv) if "id=charmonitor" in word)
        argv[monitor] = "null,id=charmonitor"   # nobody listens
        return [word.replace(NODELAY, "") for word in argv if word != "-S"]

    machine = Machine(bench, guest, name, usb, card, run if nodelay else without)
    try:
        return [machine.measure() for _ in range(rounds)]
    finally:
        machine.close()
