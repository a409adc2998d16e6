#!/usr/bin/env python3
"""The main job on a real guest: a card made of certificates, seen and used inside."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(TOP, "tests", "fakes"), os.path.join(TOP, "tests", "live", "lib")]
from guest import Guest  # noqa: E402
from nssdb import NssDb  # noqa: E402

NAMES = ["login", "signing", "encryption"]
DOMAIN = """<domain type='qemu'>
  <name>demo</name>
  <uuid>6f3b2a10-52b4-4d5e-9a37-1f0c5d3e8b21</uuid>
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
    <channel type='unix'>
      <source mode='bind' path='{folder}/agent.sock'/>
      <target type='virtio' name='org.virtcard.test.0'/>
    </channel>
    <smartcard mode='host-certificates'>
      <certificate>login</certificate>
      <certificate>signing</certificate>
      <certificate>encryption</certificate>
      <database>{folder}/nssdb</database>
    </smartcard>
  </devices>
</domain>
"""


def say(words):
    print(words, flush=True)


def wait_started(process):
    """virtcard says on its standard error that the guest runs; pass on what it says."""
    for line in process.stderr:
        sys.stderr.write(line)
        if "started" in line:
            return
    sys.exit(f"virtcard ended with status {process.wait()}")


def make_card(folder):
    db = NssDb(os.path.join(folder, "nssdb"))
    for name in NAMES:
        db.self_signed(name, subject=f"CN={name} of the demo")
    db.public(0o644)
    return db


def show(folder, virtcard, xml):
    db = make_card(folder)
    say(f"\nA card of three certificates, made in an NSS database: {', '.join(NAMES)}")
    subprocess.run([virtcard, "--root", folder, "validate", xml], check=True)
    say("Booting the guest (emulated processor, some seconds) ...")
    began = time.monotonic()
    guest_process = subprocess.Popen([virtcard, "--root", folder, "run", xml], stderr=subprocess.PIPE, text=True)
    try:
        wait_started(guest_process)
        guest = Guest(os.path.join(folder, "agent.sock"))
        guest.wait_ready(100)
        guest.wait_card(0, "present", 60)
        say(f"The guest is up after {time.monotonic() - began:.0f} s. It sees:")
        for reader in guest.readers():
            say(f"  reader {reader.index}: {reader.name}\n    card {reader.state}, ATR {reader.atr.hex()}")
        for certificate in guest.certs():
            say(f"  certificate {certificate.id}: {certificate.label}, {certificate.subject}")
        data = b"signed by the card inside the guest"
        signature = guest.sign(data, pin="1234", reader=0, key=0)
        verified = [name for name in NAMES if db.verify(name, data, signature)]
        if len(verified) != 1:
            sys.exit("the signature does not verify with any of the three certificates")
        say(f"It signed {len(data)} bytes; on the host the signature ({len(signature)} bytes) verifies with '{verified[0]}'.")
        guest.send("poweroff -f")
        status = guest_process.wait(60)
        say(f"The guest is off; virtcard run ended with status {status}.")
        if status != 0:
            sys.exit(1)
    finally:
        if guest_process.poll() is None:
            guest_process.send_signal(signal.SIGTERM)
            guest_process.send_signal(signal.SIGTERM)
            guest_process.wait(30)


def main():
    os.environ["VIRTCARD_LIBEXEC"] = os.path.join(TOP, "build", "src", "nsscheck")      # not installed
    guest = os.path.join(TOP, "build", "guest")
    with tempfile.TemporaryDirectory(prefix="virtcard-demo-") as folder:
        os.chmod(folder, 0o755)         # QEMU runs as another user
        copy = os.path.join(folder, "guest")
        shutil.copytree(guest, copy)
        xml = os.path.join(folder, "demo.xml")
        with open(xml, "w", encoding="utf-8") as out:
            with open(os.path.join(guest, "cmdline"), encoding="utf-8") as cmdline:
                out.write(DOMAIN.format(guest=copy, folder=folder, cmdline=cmdline.read().strip()))
        show(folder, os.path.join(TOP, "build", "virtcard"), xml)
    say("\nDemo done: a card described in libvirt's XML, in a real guest, used.")


main()
