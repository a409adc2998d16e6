#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TLS of every device that holds a connection, with real programs at the other end and a look at the wire.

    test_tls_wire.py VIRTCARD PLUG GUEST_FOLDER [WORD...]

Needs root to capture packets.
"""
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(os.path.dirname(HERE), "fakes")]
sys.dont_write_bytecode = True

from capture import Capture  # noqa: E402
from guest import Guest  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from pki import Pki  # noqa: E402
from plugged import Plugged  # noqa: E402
from tlsline import Line, carry  # noqa: E402

place = Place(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[3]))
PLUG = os.path.abspath(sys.argv[2])
pki = Pki(place)
BOOT = 150
COLD = ["serial", "pci-serial", "usb-serial", "parallel", "console", "channel", "smartcard", "rng", "redirdev"]

HOT = ["pci-serial", "usb-serial", "console", "channel", "smartcard", "rng", "redirdev"]


def described(folder, lines):
    agent = (f"<channel type='unix'><source mode='bind' path='{folder}/agent'/>"
             "<target type='virtio' name='org.virtcard.test.0'/></channel>")
    usb = "<controller type='usb' index='0' model='qemu-xhci' ports='15'/>"
    return domain("\n".join([usb, "<serial type='null'/>", agent, *(line.xml for line in lines)]),
                  boot=place.boot.replace("<cmdline>", "<cmdline>8250.nr_uarts=8 "))


@test
def every_holder_in_both_modes():
    """one guest with all of them; the one that is plain shows that the capture would see it"""
    folder = place.new_folder()
    lines = [Line(place, pki, holder, mode, number) for holder in COLD for number, mode in enumerate(("bind", "connect"))]
    plain = Line(place, pki, "channel", "bind", 2, tls="tls='no'")
    try:
        began = time.monotonic()
        with Capture([line.port for line in [*lines, plain]]) as capture:
            for line in lines:
                line.listen()
            with place.run(described(folder, [*lines, plain]), "--paused", root=pki.root()) as process:
                process.wait("is held")
                for line in [*lines, plain]:
                    line.call()
                process.signal(signal.SIGUSR1)
                with Guest(os.path.join(folder, "agent")) as guest:
                    guest.wait_ready(BOOT)
                    print(f"# booted after {time.monotonic() - began:.1f} s", flush=True)
                    for line in [*lines, plain]:
                        began = time.monotonic()
                        carry(line, guest)
                        print(f"# {line.name}: {time.monotonic() - began:.1f} s", flush=True)
                    capture.settle()
                    guest.send("poweroff -f")
                    equal(process.ended(), 0)
        for line in lines:
            line.check(capture)
        seen = capture.streams(plain.port)
        equal((len(seen), seen[0].hello), (1, False))
        for words in plain.secrets:
            within(words, seen[0].sent + seen[0].answered)
    finally:
        for line in [*lines, plain]:
            line.close()


@test
def every_holder_plugged_in():
    """what a running guest can be given"""
    folder = place.new_folder(0o777)
    lines = [Line(place, pki, holder, mode, number) for holder in HOT for number, mode in enumerate(("bind", "connect"))]
    try:
        with Capture([line.port for line in lines]) as capture:
            with Plugged(place, PLUG, described(folder, []), root=pki.root()) as plugged, \
                    Guest(os.path.join(folder, "agent")) as guest:
                guest.wait_ready(BOOT)
                for line in lines:
                    began = time.monotonic()
                    carry(line, guest, plugged)
                    print(f"# {line.name}, plugged in: {time.monotonic() - began:.1f} s", flush=True)
                capture.settle()
        for line in lines:
            line.check(capture)
    finally:
        for line in lines:
            line.close()


try:
    run(sys.argv[4:])
finally:
    place.close()
