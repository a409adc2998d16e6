#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The manager of guests on real QEMU: what it offers, and what is left when it is killed."""
import os
import resource
import select
import signal
import stat
import sys
import uuid as uuids

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "lib"))

from livetap import Skip, equal, run, test, within
from machine import POWER_OFF, RESET, Place, domain
from managing import Managing

INVALID, UNSUPPORTED, NOT_FOUND, EXISTS, STATE, BUSY, DENIED = 1, 2, 3, 4, 5, 6, 7
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


PERIPHERALS = '{"execute":"qom-list","arguments":{"path":"/machine/peripheral"}}'
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


@test
def two_managers_do_not_share_a_root():
    with managing() as m:
        other = Managing.__new__(Managing)
        other.tool, other.root, other.serial = m.tool, m.root, 0
        other.back(ready=False)
        within(f"is being managed by process {m.process.pid}", other.until("fail open 6 "))
        other.over()
        m.ok("list")


@test
def what_is_no_definition_is_said_and_left():
    with managing() as m:
        m.ok("define", m.file(guest("good")))
        uuid = m.list()["good"][0]
        folder = os.path.join(m.root, "etc", "virtcard", "qemu")
        m.kill()
        good = open(os.path.join(folder, "good.xml")).read()
        bad = {"empty": "", "cut": good[:len(good) // 2], "other": good, "same": good.replace("good", "same"),
               "unnumbered": good.replace(f"<uuid>{uuid}</uuid>", "").replace("good", "unnumbered"),
               "binary": "\0\1\2" * 1000}
        for name, text in bad.items():
            with open(os.path.join(folder, name + ".xml"), "w") as file:
                file.write(text)
        os.mkdir(os.path.join(folder, "folder.xml"))
        os.mkfifo(os.path.join(folder, "fifo.xml"))
        os.symlink("nowhere", os.path.join(folder, "link.xml"))
        before = sorted(os.listdir(folder))
        m.back()
        equal(list(m.list()), ["good"])
        equal(len(m.warnings), len(bad) + 3)
        for name in (*bad, "folder", "fifo", "link"):
            within(os.path.join(folder, name + ".xml:"), " ".join(m.warnings))
        equal(sorted(os.listdir(folder)), before)
        code, words = m.fails("start", "empty")
        equal(code, NOT_FOUND)


@test
def a_cut_status_loses_nothing():
    with managing() as m:
        m.ok("create", m.file(guest("a")), "paused")
        before, live, uuid = m.list(), m.xml("a"), m.list()["a"][0]
        path = os.path.join(m.run_folder(), uuid + ".xml")
        with open(path, "rb") as file:
            whole = file.read()
        # At every byte, of either copy.
        for end in range(0, len(whole) - 1, 1 if os.environ.get("VIRTCARD_LONG") else 97):
            m.kill()
            for name in (path, path + "~"):
                with open(name, "wb") as file:
                    file.write(whole[:end] if name.endswith("~") == bool(end % 2) else whole)
            m.back()
            equal((m.warnings, m.list(), m.xml("a")), ([], before, live))
        # Of both: it is not known any more, but never doubled.
        for end in range(0, len(whole) - 1, len(whole) // 7):
            m.kill()
            for name in (path, path + "~"):
                with open(name, "wb") as file:
                    file.write(whole[:end])
            m.back()
            equal((len(m.warnings), m.list()), (1, {}))
            equal(m.fails("create", m.file(guest("a", uuid=uuid)))[0], BUSY)
            equal(list(m.processes().values()), [uuid])
        m.kill()
        for name in (path, path + "~"):
            with open(name, "wb") as file:
                file.write(whole[:100])
        m.back()
        equal((len(m.warnings), m.list(), list(m.processes().values())), (1, {}, [uuid]))
        # It is not known, but it is there: no second one.
        code, words = m.fails("create", m.file(guest("a", uuid=uuid)))
        equal(code, BUSY)
        within("still runs in process", words)
        equal(list(m.processes().values()), [uuid])
        m.kill()
        for name in (path, path + "~"):
            with open(name, "wb") as file:
                file.write(whole)
        m.back()
        equal((m.warnings, m.list()), ([], before))
        m.ok("destroy", "a")


@test
def what_ended_meanwhile_is_told_rightly():
    with managing() as m:
        disk = place.boot_disk(POWER_OFF)
        for name, devices in (("off", disk), ("killed", "")):
            m.ok("define", m.file(guest(name, devices)))
            m.ok("start", name, "paused")
        m.ok("create", m.file(guest("gone")))
        pids = {name: m.pid(m.list()[name][0]) for name in ("killed", "gone")}
        # It goes off while nobody listens: its QEMU does not run before that.
        watch = os.pidfd_open(m.pid(m.list()["off"][0]))
        m.ok("qmp", "off", '{"execute":"cont"}')
        m.kill()
        for pid in pids.values():
            kill_and_wait(pid)
        m.back()
        m.event(0, "off", -1, 5, 0)
        equal(m.list()["off"][1:4], (-1, SHUTOFF, 1))
        equal(m.list()["killed"][1:4], (-1, SHUTOFF, 3))
        equal(sorted(m.list()), ["killed", "off"])
        equal(select.select([watch], [], [], 60)[0], [watch])
        os.close(watch)
        m.ok("start", "killed", "paused")
        kill_and_wait(m.pid(m.list()["killed"][0]))
        m.event(0, "killed", -1, 5, 5)
        equal(m.list()["killed"][1:4], (-1, SHUTOFF, 3))


@test
def what_was_being_ended_ends():
    with managing() as m:
        m.ok("define", m.file(guest("a")))
        m.ok("define", m.file(guest("b")))
        pids = {}
        for name in ("a", "b"):
            m.ok("start", name)
            pids[name] = m.pid(m.list()[name][0])
            os.kill(pids[name], signal.SIGSTOP)
            m.send("destroy", name)
        equal(m.list()["a"][2:4], (SHUTDOWN, 1))
        m.kill()
        kill_and_wait(pids["b"])
        m.back()
        equal((m.list()["a"][2:4], m.list()["b"][1:4]), ((SHUTDOWN, 1), (-1, SHUTOFF, 2)))
        os.kill(pids["a"], signal.SIGCONT)
        m.event(0, "a", -1, 5, 1)
        equal((m.list()["a"][1:4], m.processes()), ((-1, SHUTOFF, 2), {}))


def kill_and_wait(pid):
    watch = os.pidfd_open(pid)
    signal.pidfd_send_signal(watch, signal.SIGKILL)
    select.select([watch], [], [], 60)
    os.close(watch)


@test
def a_guest_that_hangs_delays_nobody():
    with managing() as m:
        m.ok("create", m.file(guest("hangs")), "paused")
        m.ok("create", m.file(guest("works")), "paused")
        pid = m.pid(m.list()["hangs"][0])
        os.kill(pid, signal.SIGSTOP)
        m.send("suspend", "hangs")
        m.ok("resume", "works")
        m.kill()
        m.back()
        equal(m.list()["hangs"][2], PAUSED)
        m.send("resume", "hangs")
        m.ok("hmp", "works", "info status")
        os.kill(pid, signal.SIGCONT)
        m.until("ok resume")
        equal(m.list()["hangs"][2], RUNNING)
        os.kill(pid, signal.SIGSTOP)
        m.send("destroy", "hangs")
        m.ok("destroy", "works")
        os.kill(pid, signal.SIGCONT)
        m.until("ok destroy")
        equal(m.list(), {})


@test
def a_host_that_does_not_answer_delays_nobody_else():
    folder = place.new_folder()
    fifo, helper = os.path.join(folder, "fifo"), os.path.join(folder, "virtcard-nss-check")
    os.mkfifo(fifo)
    os.chmod(fifo, 0o666)
    with open(helper, "w") as file:
        file.write(f"#!/bin/sh\nread word < {fifo}\n")
    os.chmod(helper, 0o755)
    card = ("<smartcard mode='host-certificates'><certificate>a</certificate><certificate>b</certificate>"
            f"<certificate>c</certificate><database>{folder}</database></smartcard>")
    with Managing(tool, place.new_root(), env=dict(os.environ, VIRTCARD_LIBEXEC=folder)) as m:
        m.ok("define", m.file(guest("waits", card)))
        m.send("start", "waits")
        m.ok("create", m.file(guest("works")), "paused")
        equal(m.list()["waits"][2:4], (PAUSED, 11))
        equal(m.fails("suspend", "waits"), (BUSY, "domain is starting"))
        m.send("destroy", "waits")
        equal(sorted((m.until("ok ", "fail "), m.until("ok ", "fail "))),
              ["fail start 5 domain was ended meanwhile", "ok destroy"])
        equal(m.list()["waits"][1:4], (-1, SHUTOFF, 6))
        # What the first look finds is nothing to the second start.
        m.send("start", "waits")
        m.ok("destroy", "works")
        # Killed meanwhile: it was told to nobody.
        m.kill()
        m.back()
        equal(m.list()["waits"][1:4], (-1, SHUTOFF, 0))


@test
def a_guest_resets_itself():
    with managing() as m:
        m.ok("define", m.file(guest("r", place.boot_disk(RESET))))
        m.ok("start", "r")
        m.event(1, "r")
        m.event(1, "r")
        m.ok("destroy", "r")


@test
def a_reboot_begins_again():
    with managing() as m:
        m.ok("define", m.file(guest("a", place.boot_disk(POWER_OFF))))
        m.ok("start", "a", "paused")
        m.ok("reboot", "a")
        m.ok("resume", "a")
        m.event(0, "a", 1, 6, 1)  # off …
        m.event(1, "a")           # … again from the start …
        m.event(0, "a", 1, 6, 1)  # … and off, this time for good
        m.event(0, "a", -1, 5, 0)


@test
def guests_start_with_the_host_once():
    with managing() as m:
        m.ok("define", m.file(guest("a")))
        m.ok("define", m.file(guest("b")))
        m.ok("autostart", "a", "on")
        m.ok("autostart-all")
        m.event(0, "a", 1, 2, 0)
        equal({name: facts[1] > 0 for name, facts in m.list().items()}, {"a": True, "b": False})
        m.ok("destroy", "a")
        m.kill()
        m.back()
        m.ok("autostart-all")
        equal(m.list()["a"][1], -1)


@test
def without_room_nothing_changes():
    if os.getuid() != 0:
        raise Skip("needs root")
    with managing() as m:
        m.ok("define", m.file(guest("a")))
        m.ok("start", "a", "paused")
        before = m.list(), m.xml("a", 2), m.xml("a")
        # No file can be made where there is a limit of nothing.
        limit(m.process.pid, 0)
        code, words = m.fails("define", m.file(guest("b")))
        within("cannot be written", words)
        for part in (1, 2, 3):
            code, words = m.fails("metadata", "a", 1, part, "-", "-", "a title")
            within("cannot be written", words)
        card = m.file(CARD.format("unix", f"<source mode='bind' path='{place.new_folder(0o777)}/card.sock'/>"))
        for part in (("live", "config"), ("live",), ("config",)):
            code, words = m.fails("attach", "a", card, *part)
            within("cannot be written", words)
        code, words = m.fails("create", m.file(guest("c")))
        within("cannot be written", words)
        m.ok("suspend", "a")
        limit(m.process.pid, resource.RLIM_INFINITY)
        equal((m.list(), m.xml("a", 2), m.xml("a")), before)
        equal("smartcard" in m.ok("qmp", "a", PERIPHERALS), False)
        m.kill()
        m.back()
        equal((m.list(), m.xml("a", 2), m.xml("a")), before)
        m.ok("attach", "a", card, "live", "config")
        m.ok("destroy", "a")


@test
def a_guest_is_saved_and_restored():
    with managing() as m:
        path = os.path.join(place.new_folder(), "saved")
        m.ok("define", m.file(guest("a", "<serial type='pty'/>")))
        m.ok("create", m.file(guest("b")), "paused")
        for name in ("a", "b"):
            if name == "a":
                m.ok("start", "a")
            uuid = m.list()[name][0]
            m.ok("save", name, path)
            m.event(0, name, -1, 5, 4)
            equal((stat.S_IMODE(os.stat(path).st_mode), uuid in m.processes().values()), (0o600, False))
            if name == "a":
                equal(m.list()["a"][1:4], (-1, SHUTOFF, 5))
            m.ok("restore", path, *(("paused",) if name == "b" else ()))
            m.event(0, name, None, 2, 2)
            equal((m.list()[name][0], m.list()[name][2:5]),
                  (uuid, (RUNNING, 3, True) if name == "a" else (PAUSED, 1, False)))
            equal(m.fails("save", name, path)[0], EXISTS)
            equal(m.fails("restore", path), (STATE, f"domain is already active as '{name}'"))
            if name == "a":
                m.ok("destroy", name)
                os.unlink(path)
        m.ok("destroy", "b")
        # Not to be loaded: cut, and no such file at all.
        with open(path, "rb") as file:
            whole = file.read()
        for text, code in ((b"", INVALID), (whole[:100], INVALID), (b"x" * 1000, INVALID), (whole[:20000], None)):
            with open(path, "wb") as file:
                file.write(text)
            got, words = m.fails("restore", path)
            equal((code or got, m.processes(), list(m.list())), (got, {}, ["a"]))
        equal(m.fails("restore", "/no/such/file")[0], NOT_FOUND)
        os.chmod(path, 0o662)
        within("can be written to by others", m.fails("restore", path)[1])
        os.chmod(path, 0o600)
        if os.getuid() == 0:
            os.chown(path, 65534, 0)
            equal(m.fails("restore", path), (DENIED, f"{path}: belongs to user 65534, and only files of root and of our own are restored"))
        m.ok("start", "a")
        # Its manager dies meanwhile: it runs on as well.
        m.send("save", "a", path + "3")
        m.event(0, "a", None, 3, 0)
        m.kill()
        m.back()
        if m.list().get("a")[1] > 0:
            while m.list()["a"][2] != RUNNING:
                m.ok("list")


def limit(pid, size):
    """of the files that a process can write"""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


if __name__ == "__main__":
    run(sys.argv[3:])
