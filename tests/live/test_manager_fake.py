#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the manager makes of a QEMU that does what real ones rarely do (tests/fakes/qemu.py)."""
import hashlib
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "lib"))

from livetap import equal, run, test, within
from machine import TESTS, Place, domain
from managing import Managing

RUNNING, PAUSED, SHUTOFF = 1, 3, 5

place = Place(os.path.abspath(sys.argv[1]))
tool = os.path.abspath(sys.argv[2])
fake = os.path.join(place.new_folder(), "qemu")
shutil.copyfile(os.path.join(TESTS, "fakes", "qemu.py"), fake)
os.chmod(fake, 0o755)


def know_fake(root):
    """it is taken for the QEMU whose facts the tests have"""
    with open(os.path.join(TESTS, "data", "qemu-7.2.caps")) as file:
        facts = file.read().split("\n", 1)[1]
    about = os.stat(fake)
    name = hashlib.sha256(fake.encode()).hexdigest()[:16] + ".caps"
    with open(os.path.join(root, "var", "lib", "virtcard", "caps", name), "w") as file:
        file.write(f"virtcard-caps 1 {about.st_size} {about.st_mtime_ns} {about.st_ctime_ns} 0 {fake}\n"
                   f"binary {fake}\n{facts}")


def managing():
    root = place.new_root()
    know_fake(root)
    return Managing(tool, root)


def define(m, name):
    m.ok("define", m.file(domain(emulator=fake).replace("<name>guest", f"<name>{name}")))


@test
def a_plain_one():
    with managing() as m:
        define(m, "plain")
        m.ok("start", "plain")
        equal(m.list()["plain"][1:4], (1, RUNNING, 1))
        m.ok("suspend", "plain")
        m.kill()
        m.back()
        equal(m.list()["plain"][1:4], (1, PAUSED, 1))
        m.ok("resume", "plain")
        equal(m.list()["plain"][1:4], (1, RUNNING, 5))
        m.ok("destroy", "plain")
        equal(m.list()["plain"][1:4], (-1, SHUTOFF, 2))


@test
def one_that_ends_before_it_greets():
    with managing() as m:
        define(m, "dies")
        code, words = m.fails("start", "dies")
        within("QEMU exited with status 1: the fake has nothing to say", words)
        equal(m.list()["dies"][1:4], (-1, SHUTOFF, 6))
        equal([f for f in os.listdir(m.run_folder()) if f != "manager.lock"], [])


@test
def one_that_never_greets():
    with managing() as m:
        define(m, "deaf")
        m.send("start", "deaf")
        equal(m.list()["deaf"][1:4], (1, PAUSED, 11))
        equal(m.fails("suspend", "deaf"), (6, "domain is starting"))
        m.send("destroy", "deaf")
        equal(sorted((m.until("ok ", "fail "), m.until("ok ", "fail "))),
              ["fail start 5 domain was ended meanwhile", "ok destroy"])
        equal(m.list()["deaf"][1:4], (-1, SHUTOFF, 6))
        # Killed in the middle of it: nobody was told that it starts, so it does not.
        m.send("start", "deaf")
        equal(m.list()["deaf"][1], 2)
        m.kill()
        m.back()
        equal((m.list()["deaf"][1:4], m.processes()), ((-1, SHUTOFF, 0), {}))
        equal([f for f in os.listdir(m.run_folder()) if f != "manager.lock"], [])
        m.send("start", "deaf")
        equal(m.list()["deaf"][1], 1)
        m.quit()
        m.back()
        equal((m.list()["deaf"][1:4], m.processes()), ((-1, SHUTOFF, 0), {}))


@test
def one_that_does_not_run():
    with managing() as m:
        define(m, "refuses")
        code, words = m.fails("start", "refuses")
        within("not today", words)
        equal((m.list()["refuses"][1:4], m.processes()), ((-1, SHUTOFF, 6), {}))


@test
def one_that_stays():
    with managing() as m:
        define(m, "stays")
        m.ok("start", "stays")
        code, words = m.fails("destroy", "stays", "graceful")
        equal((code, m.list()["stays"][1]), (6, 1))
        m.ok("destroy", "stays")
        equal(m.list()["stays"][1:4], (-1, SHUTOFF, 2))


@test
def one_that_keeps_its_devices():
    with managing() as m:
        rng = "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
        m.ok("define", m.file(domain(rng, emulator=fake).replace("<name>guest", "<name>keeps")))
        m.ok("start", "keeps")
        before = m.xml("keeps")
        equal(m.fails("detach", "keeps", m.file(rng), "live"), (6, "the guest refuses to release 'rng0'"))
        m.event(22, "keeps", 1, 0, 0, "rng0")
        equal(m.xml("keeps"), before)


@test
def one_that_has_forgotten_a_card():
    card = ("<smartcard mode='passthrough' type='unix'><source mode='bind' path='%s'/></smartcard>"
            % os.path.join(place.new_folder(), "card"))
    with managing() as m:
        m.ok("define", m.file(domain(card, emulator=fake).replace("<name>guest", "<name>forgets")))
        m.ok("start", "forgets")
        m.kill()
        m.back()
        m.event(15, "forgets", 1, 0, 0, "smartcard0")
        equal("<smartcard" in m.xml("forgets"), False)
        m.ok("attach", "forgets", m.file(card), "live")
        within("<alias name='smartcard0'/>", m.xml("forgets"))


def drive(path):
    return f"<disk type='file' device='cdrom'><source file='{path}'/><target dev='hda' bus='ide'/></disk>"


@test
def drives_that_are_locked():
    folder = place.new_folder()
    first, second = (os.path.join(folder, name) for name in ("first", "second"))
    for path in first, second:
        with open(path, "wb") as file:
            file.write(bytes(512))
    with managing() as m:
        for name in "locks", "jams":
            m.ok("define", m.file(domain(drive(first), emulator=fake).replace("<name>guest", f"<name>{name}")))
            m.ok("start", name)
        device = m.file(drive(second))
        m.ok("update", "locks", device, "live")
        within(second, m.xml("locks"))
        before = m.xml("jams")
        equal(m.fails("update", "jams", device, "live", "config"),
              (6, "the guest has locked the drive 'ide0-0-0', and does not open it"))
        equal(m.xml("jams"), before)
        equal(second in m.xml("jams", 2), False)


@test
def one_that_cannot_be_saved():
    with managing() as m:
        define(m, "full")
        m.ok("start", "full")
        path = os.path.join(place.new_folder(), "saved")
        code, words = m.fails("save", "full", path)
        equal(words, "QEMU's state could not be saved: no room")
        m.event(0, "full", 1, 3, 0)
        m.event(0, "full", 1, 4, 0)
        equal((m.list()["full"][2], os.listdir(os.path.dirname(path))), (RUNNING, []))


@test
def reasons():
    with managing() as m:
        for name in ("ioerror", "panics", "falls"):
            define(m, name)
            m.ok("start", name)
        m.event(0, "ioerror", 1, 3, 2)
        equal(m.list()["ioerror"][1:4], (1, PAUSED, 5))
        for name, reason in (("panics", 3), ("falls", 3)):
            while m.list()[name][1] > 0:
                m.ok("list")
            equal(m.list()[name][1:4], (-1, SHUTOFF, reason))
        m.ok("start", "panics", "paused")
        m.send("resume", "panics")
        m.event(0, "panics", None, 8, 0)
        m.event(0, "panics", -1, 5, 2)
        m.ok("start", "falls", "paused")
        m.send("resume", "falls")
        m.event(0, "falls", -1, 5, 5)
        m.kill()
        m.back()
        equal(m.list()["ioerror"][1:4], (1, PAUSED, 5))


if __name__ == "__main__":
    run(sys.argv[3:])
