#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The manager of guests on real QEMU: what it offers, and what is left when it is killed."""
import os
import sys
import uuid as uuids

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "lib"))

from livetap import equal, run, test, within
from machine import POWER_OFF, Place, domain
from managing import Managing

INVALID, UNSUPPORTED, NOT_FOUND, EXISTS, STATE, BUSY = 1, 2, 3, 4, 5, 6
RUNNING, PAUSED, SHUTDOWN, SHUTOFF, CRASHED = 1, 3, 4, 5, 6

place = Place(os.path.abspath(sys.argv[1]))
tool = os.path.abspath(sys.argv[2])


def managing():
    return Managing(tool, place.new_root())


def guest(name, devices="", uuid=None, **more):
    return domain(devices, uuid=uuid, **more).replace("<name>guest</name>", f"<name>{name}</name>")


@test
def definitions_come_and_go():
    with managing() as m:
        first, second = str(uuids.uuid4()), str(uuids.uuid4())
        m.ok("define", m.file(guest("a", uuid=first)))
        equal(m.event(0, "a", -1, 0, 0)[5], "-")
        equal(m.list()["a"], (first, -1, SHUTOFF, 0, True, False))
        m.ok("define", m.file(guest("a", uuid=first)))
        m.event(0, "a", -1, 0, 1)
        equal(m.fails("define", m.file(guest("a", uuid=second))),
              (EXISTS, f"domain 'a' already exists with uuid {first}"))
        equal(m.fails("define", m.file(guest("b", uuid=first))),
              (EXISTS, f"domain 'a' is already defined with uuid {first}"))
        code, words = m.fails("define", m.file(guest("c").replace("<vcpu>1", "<vcpu>none")))
        equal(code, INVALID)
        within("(domain_definition):5: <vcpu>: 'none' is not a number", words)
        equal(m.fails("define", m.file(guest("d" * 252)))[0], INVALID)
        m.ok("define", m.file(guest("d" * 251)))
        m.ok("undefine", "d" * 251)
        m.ok("autostart", "a", "on")
        m.kill()
        m.back()
        equal(m.warnings, [])
        equal(m.list(), {"a": (first, -1, SHUTOFF, 0, True, True)})
        m.ok("undefine", "a")
        m.event(0, "a", -1, 1, 0)
        equal(m.fails("start", "a"), (NOT_FOUND, "no domain with matching name 'a'"))
        equal(sorted(os.listdir(os.path.join(m.root, "etc", "virtcard", "qemu"))), ["autostart"])
        equal(os.listdir(os.path.join(m.root, "etc", "virtcard", "qemu", "autostart")), [])


@test
def a_life():
    with managing() as m:
        m.ok("define", m.file(guest("a", "<serial type='pty'/>")))
        equal(m.fails("suspend", "a"), (STATE, "domain is not running"))
        equal(m.fails("destroy", "a"), (STATE, "domain is not running"))
        m.ok("start", "a")
        equal(m.fails("start", "a"), (STATE, "domain is already running"))
        m.event(0, "a", 1, 4, 0)
        m.event(0, "a", 1, 2, 0)
        equal(m.list()["a"][1:4], (1, RUNNING, 1))
        path = m.ok("terminal", "a", "serial0")
        within(f"<source path='{path}'/>", m.xml("a"))
        within(f"<console type='pty' tty='{path}'>", m.xml("a"))
        within("<domain type='qemu' id='1'>", m.xml("a"))
        equal("alias" in m.xml("a", 2), False)
        m.ok("suspend", "a")
        equal(m.list()["a"][2:4], (PAUSED, 1))
        m.event(0, "a", 1, 3, 0)
        m.ok("resume", "a")
        equal(m.list()["a"][2:4], (RUNNING, 5))
        equal(m.fails("resume", "a"), (STATE, "domain is already running"))
        within("\"status\":\"running\"", m.ok("qmp", "a", '{"execute":"query-status","id":"x"}'))
        within("\"id\":\"x\"", m.ok("qmp", "a", '{"execute":"query-status","id":"x"}'))
        equal(m.ok("qmp", "a", '{"execute":"nothing"}'),
              '{"error":{"class":"CommandNotFound","desc":"The command nothing has not been found"}}')
        within("VM status: running", m.ok("hmp", "a", "info status"))
        equal(m.ok("info", "a").split()[:4], ["262144", "262144", "1", "1"])
        m.ok("reset", "a")
        m.event(1, "a")
        m.ok("undefine", "a")
        equal(m.list()["a"][4], False)
        m.ok("destroy", "a")
        m.event(0, "a", -1, 5, 1)
        equal(m.list(), {})
        equal(m.processes(), {})
        equal([f for f in os.listdir(m.run_folder()) if f != "manager.lock"], [])


@test
def a_guest_goes_off_by_itself():
    with managing() as m:
        disk = place.boot_disk(POWER_OFF)
        m.ok("define", m.file(guest("a", disk)))
        m.ok("start", "a")
        m.event(0, "a", 1, 6, 1)
        m.event(0, "a", -1, 5, 0)
        equal(m.list()["a"][1:4], (-1, SHUTOFF, 1))
        m.ok("start", "a", "paused")
        equal(m.list()["a"][1:4], (2, PAUSED, 1))
        m.ok("resume", "a")
        m.event(0, "a", -1, 5, 0)


@test
def transient_guests():
    with managing() as m:
        one = str(uuids.uuid4())
        m.ok("create", m.file(guest("a", uuid=one)), "paused")
        m.event(0, "a", 1, 2, 0)
        m.event(0, "a", 1, 3, 0)
        equal(m.list()["a"], (one, 1, PAUSED, 1, False, False))
        equal(m.fails("undefine", "a")[0], STATE)
        equal(m.fails("autostart", "a", "on")[0], STATE)
        equal(m.fails("create", m.file(guest("a", uuid=one))), (STATE, "domain is already active as 'a'"))
        m.ok("define", m.file(guest("a", uuid=one)))
        equal(m.list()["a"][4], True)
        m.ok("destroy", "a", "graceful")
        equal(m.list()["a"], (one, -1, SHUTOFF, 2, True, False))
        m.ok("create", m.file(guest("b")), "paused", "autodestroy")
        m.ok("drop")
        m.event(0, "b", -1, 5, 1)
        equal(sorted(m.list()), ["a"])
        code, words = m.fails("create", m.file(guest("c", emulator="/bin/false")))
        equal(sorted(m.list()), ["a"])


@test
def guests_outlive_their_manager():
    with managing() as m:
        m.ok("define", m.file(guest("a", "<serial type='pty'/>")))
        m.ok("create", m.file(guest("b")), "paused")
        m.ok("start", "a")
        before, pty = m.list(), m.ok("terminal", "a", "serial0")
        live, own, other = m.xml("a"), m.xml("b"), m.xml("b", 2)
        m.kill()
        m.back()
        equal(m.warnings, [])
        equal(m.list(), before)
        equal(m.ok("resume", "b"), "")
        equal(m.ok("terminal", "a", "serial0"), pty)
        equal((m.xml("a"), m.xml("b"), m.xml("b", 2)), (live, own, other))
        m.ok("suspend", "a")
        m.quit()
        m.back()
        equal(m.list()["a"][1:4], (2, PAUSED, 1))
        m.ok("destroy", "a")
        m.ok("destroy", "b")
        equal(sorted(m.list()), ["a"])
        m.ok("start", "a", "paused")
        equal(m.list()["a"][1], 3)


CARD = "<smartcard mode='passthrough' type='{}'>{}</smartcard>"


@test
def devices_come_and_go():
    with managing() as m:
        path = os.path.join(place.new_folder(0o777), "card.sock")
        card = m.file(CARD.format("unix", f"<source mode='bind' path='{path}'/>"))
        m.ok("define", m.file(guest("a")))
        m.ok("start", "a", "paused")
        m.ok("attach", "a", card, "live", "config")
        equal(m.event(19, "a")[5], "smartcard0")
        for flags in (0, 2):
            within("<smartcard mode='passthrough' type='unix'>", m.xml("a", flags))
            within("<controller type='ccid'", m.xml("a", flags))
        m.kill()
        m.back()
        within(f"<source mode='bind' path='{path}'/>", m.xml("a"))
        m.ok("detach", "a", card, "live")
        equal(m.event(15, "a")[5], "smartcard0")
        equal(os.path.exists(path), False)
        equal(("ccid" in m.xml("a"), "smartcard" in m.xml("a"), "smartcard" in m.xml("a", 2)), (False, False, True))
        m.ok("detach", "a", card, "config")
        equal("smartcard" in m.xml("a", 2), False)
        m.ok("attach", "a", card)
        m.ok("detach-alias", "a", "smartcard0")
        equal(m.fails("detach", "a", card)[0], NOT_FOUND)
        m.ok("destroy", "a")
        equal(m.fails("attach", "a", card, "live"), (STATE, "domain is not running"))
        code, words = m.fails("attach", "a", m.file("<smartcard mode='magic'/>"), "config")
        within("(device_definition):1: <smartcard>: @mode: 'magic' is none of", words)


@test
def a_device_that_left_meanwhile_is_gone():
    with managing() as m:
        path = os.path.join(place.new_folder(0o777), "card.sock")
        m.ok("create", m.file(guest("a", CARD.format("unix", f"<source mode='bind' path='{path}'/>"))), "paused")
        m.ok("list")
        # QEMU tells nobody: its manager is dead when it is said.
        m.send("qmp", "a", '{"execute":"device_del","arguments":{"id":"smartcard0"}}')
        m.until("ok qmp")
        m.kill()
        m.back()
        equal(m.event(15, "a")[5], "smartcard0")
        equal("smartcard" in m.xml("a"), False)
        m.ok("destroy", "a")


@test
def definitions_are_edited():
    with managing() as m:
        disk = ("<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/{}'/>"
                "<target dev='vda' bus='virtio'/></disk>")
        m.ok("define", m.file(guest("a", disk.format("one"))))
        before = m.xml("a")
        m.ok("update", "a", m.file(disk.format("two")), "config")
        equal(m.xml("a"), before.replace("/one", "/two"))
        equal(m.fails("update", "a", m.file(disk.format("x").replace("vda", "vdb")), "config")[0], NOT_FOUND)
        m.ok("attach", "a", m.file(disk.format("x").replace("vda", "vdb")), "config")
        m.ok("detach", "a", m.file(disk.format("x").replace("vda", "vdb")), "config")
        equal(m.xml("a"), before.replace("/one", "/two"))
        m.kill()
        m.back()
        equal(m.xml("a"), before.replace("/one", "/two"))


@test
def titles_and_metadata():
    with managing() as m:
        m.ok("define", m.file(guest("a")))
        m.ok("metadata", "a", 1, 2, "-", "-", "a title")
        m.ok("metadata", "a", 2, 2, "k", "http://k/", "<x><y/></x>")
        equal(m.event(23, "a", None, 2)[5], "http://k/")
        m.kill()
        m.back()
        equal(m.ok("get", "a", 1, 0, "-"), "a title")
        equal(m.ok("get", "a", 2, 2, "http://k/"), "<x><y/></x>")
        m.ok("start", "a", "paused")
        m.ok("metadata", "a", 0, 1, "-", "-", "of what runs")
        equal(m.fails("get", "a", 0, 2, "-")[0], NOT_FOUND)
        equal(m.ok("get", "a", 0, 0, "-"), "of what runs")
        m.ok("metadata", "a", 2, 3, "k", "http://k/", "-")
        equal(m.fails("get", "a", 2, 2, "http://k/")[0], NOT_FOUND)
        m.ok("destroy", "a")


if __name__ == "__main__":
    run(sys.argv[3:])
