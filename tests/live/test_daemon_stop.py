#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtcardd is told to stop while there is work in flight.

    test_daemon_stop.py VIRTCARDD [WORD...]
"""
import os
import signal
import struct
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

import libvirt  # noqa: E402
from daemon import Daemon  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402

place = Place(os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "virtcard"))
program = os.path.abspath(sys.argv[1])
UUID = "01234567-89ab-cdef-fedc-ba9876543210"


def daemon():
    return Daemon(program, place.new_folder())


def guest():
    return domain("", uuid=UUID).replace("<name>guest<", "<name>web<").replace("256", "32")


def written(path):
    st = os.stat(path)
    return st.st_ino, st.st_mtime_ns


def wire(words):
    """a text as it is on the wire"""
    return struct.pack(">I", len(words)) + words.encode() + bytes(-len(words) % 4)


@test
def it_stops_while_a_guest_is_saved():
    with daemon() as d:
        connection = d.open()
        connection.defineXML(guest()).create()
        connection.close()
        with open(os.path.join(d.run, UUID + ".pid")) as file:
            qemu = int(file.read().splitlines()[1].split()[0])
        os.kill(qemu, signal.SIGSTOP)
        try:
            client = d.raw()
            client.open()
            client.say(55, wire("web") + bytes.fromhex(UUID.replace("-", "")) + struct.pack(">i", 1) + wire(d.folder + "/saved"))
            client.say(157)     # its answer says that the other call was taken
            client.hear()
            equal(d.stop(), 0)
        finally:
            os.kill(qemu, signal.SIGCONT)
        equal([name for name in os.listdir(d.folder) if "virtcard" in name or name == "saved"], [])
        d.start()
        d.virsh("suspend", "web")       # done when its QEMU has been found again
        d.virsh("resume", "web")
        equal(d.virsh("domstate", "web"), "running")
        within('"status":"running"', d.virsh("qemu-monitor-command", "web", '{"execute":"query-status"}'))


@test
def a_guest_that_is_found_as_it_was_left_needs_no_disk():
    with daemon() as d:
        connection = d.open()
        connection.createXML(guest(), libvirt.VIR_DOMAIN_START_PAUSED)
        connection.close()
        paths = [os.path.join(d.run, UUID + end) for end in (".xml", ".xml~")]
        before = [written(path) for path in paths]
        equal(d.stop(), 0)
        d.start()
        within('"prelaunch"', d.virsh("qemu-monitor-command", "web", '{"execute":"query-status"}'))
        equal([written(path) for path in paths], before)
        d.virsh("resume", "web")        # this is a change
        equal([path for path, was in zip(paths, before) if written(path) == was], [])


@test
def a_guest_that_ends_with_its_connection():
    with daemon() as d:
        owner = d.open()
        owner.createXML(guest(), libvirt.VIR_DOMAIN_START_AUTODESTROY | libvirt.VIR_DOMAIN_START_PAUSED)
        equal(d.stop(), 0)
        equal([name for name in os.listdir(d.run) if UUID in name], [])
        d.start()
        equal(d.virsh("list", "--all", "--name"), "")


run(sys.argv[2:])
