#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What `tls` becomes, for every device that holds a connection, by what is written and what qemu.conf says.

    test_tls_state.py VIRTCARD

Live XML says yes or no, inactive XML what the user wrote, migratable XML leaves out what came from the host, and status
XML says both.
"""
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from tap import equal, run, test

virtcard = os.path.abspath(sys.argv[1])
temporary = tempfile.TemporaryDirectory()
here = temporary.name

HOLDERS = {
    "serial": "<serial type='tcp'>{}</serial>",
    "serial-usb": "<serial type='tcp'>{}<target type='usb-serial'/></serial>",
    "serial-pci": "<serial type='tcp'>{}<target type='pci-serial'/></serial>",
    "serial-debug": "<serial type='tcp'>{}<target type='isa-debug'/></serial>",
    "parallel": "<parallel type='tcp'>{}</parallel>",
    "console-serial": "<console type='tcp'>{}</console>",
    "console-virtio": "<console type='tcp'>{}<target type='virtio'/></console>",
    "channel-virtio": "<channel type='tcp'>{}<target type='virtio' name='a'/></channel>",
    "channel-guestfwd": "<channel type='tcp'>{}<target type='guestfwd' address='10.0.2.1' port='4600'/></channel>",
    "smartcard": "<smartcard mode='passthrough' type='tcp'>{}</smartcard>",
    "rng": "<rng model='virtio'><backend model='egd' type='tcp'>{}</backend></rng>",
    "redirdev": "<redirdev bus='usb' type='tcp'>{}</redirdev>",
}

FIRST = 4000
TWICE = {"serial", "console-serial"}      # the first serial port is the first console, too

# (written, chardev_tls): what becomes of it, and whether that came from the host
BECOMES = {
    (None, None): ("no", "1"), (None, 0): ("no", "1"), (None, 1): ("yes", "1"),
    ("yes", None): ("yes", "0"), ("yes", 0): ("yes", "0"), ("yes", 1): ("yes", "0"),
    ("no", None): ("no", "0"), ("no", 0): ("no", "0"), ("no", 1): ("no", "0"),
}


def root_of(conf):
    root = os.path.join(here, f"root{conf}")
    if not os.path.isdir(root):
        os.makedirs(os.path.join(root, "etc", "virtcard"))
        with open(os.path.join(root, "etc", "virtcard", "qemu.conf"), "w", encoding="utf-8") as file:
            file.write("" if conf is None else f"chardev_tls = {conf}\n")
    return root


def shown(text, conf, how):
    """{holder: (tls, tlsFromConfig) of each of its sources}"""
    done = subprocess.run([virtcard, "--root", root_of(conf), "normalize", how, "-"], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60)
    equal((done.returncode, done.stderr), (0, ""))
    found = {}
    for source in ElementTree.fromstring(done.stdout).iter("source"):
        found.setdefault(list(HOLDERS)[int(source.get("service")) - FIRST], []).append(
            (source.get("tls"), source.get("tlsFromConfig")))
    return found, done.stdout


def domain(holders, mode, tls):
    devices = "".join(
        HOLDERS[holder].format(f"<source mode='{mode}' host='127.0.0.1' service='{FIRST + number}'{tls}/>")
        for number, holder in enumerate(HOLDERS) if holder in holders)
    return ("<domain type='qemu'><name>a</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>"
            "<memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>"
            f"<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{devices}</devices></domain>")


def check(holders, mode, written, conf):
    live, from_config = BECOMES[written, conf]
    text = domain(holders, mode, f" tls='{written}'" if written else "")
    want = {"--live": (live, None), "--inactive": (written, None), "--migratable": (written, None),
            "--status": (live, from_config)}
    for how, one in want.items():
        found, printed = shown(text, conf, how)
        equal((how, found), (how, {holder: [one] * (2 if holder in TWICE else 1) for holder in holders}))
        if how in ("--inactive", "--migratable"):       # another host decides anew
            for other in None, 0, 1:
                again, _ = shown(printed, other, "--status")
                equal((how, other, set(sum(again.values(), []))), (how, other, {BECOMES[written, other]}))


for written_, conf_ in BECOMES:
    def every_holder(written=written_, conf=conf_):
        for mode in "bind", "connect":
            check(set(HOLDERS) - {"console-serial"}, mode, written, conf)
            check({"console-serial"}, mode, written, conf)

    every_holder.__name__ = f"tls={written_},_chardev_tls={conf_}"
    test(every_holder)

run()
