#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices that come and go as a Linux guest sees them.

    test_plug_guest.py VIRTCARD PLUG GUEST_FOLDER [WORD...]
"""
import contextlib
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(os.path.dirname(HERE), "fakes")]
sys.dont_write_bytecode = True

from guest import Guest  # noqa: E402
from livetap import equal, run, test  # noqa: E402
from machine import Place, domain  # noqa: E402
from pki import Pki  # noqa: E402
from plugged import Plugged  # noqa: E402
from vsc_provider import Provider, ScriptedCard  # noqa: E402

place = Place(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[3]))
PLUG = os.path.abspath(sys.argv[2])
BOOT = 150


@contextlib.contextmanager
def booted(devices, folder, **more):
    agent = (f"<channel type='unix'><source mode='bind' path='{folder}/agent'/>"
             "<target type='virtio' name='org.virtcard.test.0'/></channel>")
    root = more.pop("root", None)
    with Plugged(place, PLUG, domain(agent + devices, boot=place.boot, **more), root=root) as plugged:
        with Guest(f"{folder}/agent") as guest:
            guest.wait_ready(BOOT)
            yield plugged, guest


@test
def cards_come_and_go():
    """the guest sees reader and card, speaks to it, and sees both leave; two of them, one after the other"""
    folder = place.new_folder(0o777)
    card = f"<smartcard mode='passthrough' type='unix'><source mode='bind' path='{folder}/card{{}}'/></smartcard>"
    with booted("<controller type='usb' model='qemu-xhci' ports='8'/>", folder) as (plugged, guest):
        equal(guest.readers(), [])
        with plugged.unchanged():
            for n in range(2):
                plugged.attach(card.format(n))
                guest.wait_readers(n + 1)
                guest.wait_card(n, "empty")
            with Provider(f"unix:{folder}/card1", ScriptedCard()) as provider:
                guest.wait_card(1, "present")
                equal(guest.readers()[1].atr, provider.atr)
                equal(guest.apdu(1, "00ca0102"), [b"virtcard 0102" + b"\x90\x00"])
                plugged.detach(card.format(0))
                guest.wait_readers(1)
                plugged.detach(card.format(1))
                guest.wait_readers(0)


@test
def a_card_over_tls():
    card = ("<smartcard mode='passthrough' type='tcp'>"
            "<source mode='bind' host='127.0.0.1' service='0' tls='yes'/></smartcard>")
    pki = Pki(place)
    with booted("", place.new_folder(0o777), root=pki.root()) as (plugged, guest):
        with plugged.unchanged():
            plugged.attach(card)
            guest.wait_readers(1)
            port = plugged.chardevs()["charsmartcard0"].split(":")[3].split(",")[0]
            with Provider(f"tcp:127.0.0.1:{port}", ScriptedCard(), tls=pki.client(), server_name="127.0.0.1"):
                guest.wait_card(0, "present")
                equal(guest.apdu(0, "00ca0102"), [b"virtcard 0102" + b"\x90\x00"])
                plugged.detach(card)
            guest.wait_readers(0)


@test
def pci_devices_leave_at_once():
    """a system releases them: the entropy source, the port, and what comes along with a channel"""
    folder = place.new_folder(0o777)
    devices = ["<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
               "<rng model='virtio'><backend model='builtin'/></rng>",
               "<serial type='null'><target type='pci-serial'/></serial>",
               "<controller type='virtio-serial' index='1'/>"]
    with booted("", folder) as (plugged, guest):
        before = guest.check("ls /sys/bus/pci/devices")
        with plugged.unchanged():
            for text in devices:
                plugged.attach(text)
            guest.check(f"for i in $(seq 100); do [ $(ls /sys/bus/pci/devices | wc -l) = {len(before.split()) + 4} ] "
                        "&& exit; usleep 100000; done; exit 1")
            for text in reversed(devices):
                plugged.detach(text)
            equal(guest.check("ls /sys/bus/pci/devices"), before)


@test
def a_root_port_to_spare():
    """what a machine with PCI Express keeps free is used, freed and used again"""
    rng = "<rng model='virtio'><backend model='builtin'/></rng>"
    with booted("", place.new_folder(0o777), machine="q35") as (plugged, _), plugged.unchanged():
        for _ in range(2):
            plugged.attach(rng)
            plugged.detach(rng)


try:
    run(sys.argv[4:])
finally:
    place.close()
