#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests that virtcardd keeps for their next start, or under another name.

    test_daemon_saved.py VIRTCARDD [WORD...]
"""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from daemon import LIMIT, Daemon  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402

program = os.path.abspath(sys.argv[1])
place = Place(os.path.join(os.path.dirname(program), "virtcard"))
UUID = "01234567-89ab-cdef-fedc-ba9876543210"


class Kept(Daemon):
    """with a guest that is defined"""

    def __init__(self, devices=""):
        super().__init__(program, place.new_folder())
        self.devices = devices

    def __enter__(self):
        super().__enter__()
        path = os.path.join(self.folder, "guest.xml")
        with open(path, "w") as file:
            file.write(domain(self.devices, uuid=UUID).replace("<name>guest<", "<name>web<").replace("256", "32"))
        self.virsh("define", path)
        return self

    def again(self):
        equal(self.stop(), 0)
        self.start()

    def file(self):
        return os.path.join(self.root, "var", "lib", "virtcard", "save", UUID)

    def state(self):
        return self.virsh("domstate", "web", "--reason")


@test
def it_goes_on_after_a_new_start_of_the_daemon():
    with Kept() as d:
        d.virsh("start", "web")
        d.virsh("managedsave", "web")
        equal(os.stat(d.file()).st_mode & 0o777, 0o600)
        d.again()
        equal((d.state(), d.virsh("list", "--all", "--with-managed-save", "--name").strip()), ("shut off (unknown)", "web"))
        d.virsh("start", "web")
        equal((d.state(), os.path.exists(d.file())), ("running (restored)", False))
        equal(d.virsh("list", "--all", "--with-managed-save", "--name").strip(), "")


def wait(what, seen):
    until = time.monotonic() + LIMIT
    while not seen():
        if time.monotonic() > until:
            raise AssertionError(what)


class Killed(Kept):
    """whose daemon is killed while it does something that a client waits for"""

    def begin(self, *words):
        return subprocess.Popen(["virsh", "-c", self.uri(), *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def kill(self, client=None):
        self.stop(signal.SIGKILL)
        if client:
            equal(client.wait(LIMIT) != 0, True)

    def kept(self):
        folder = os.path.dirname(self.file())
        return os.listdir(folder) if os.path.exists(folder) else []

    def qemu(self):
        with open(os.path.join(self.run, UUID + ".pid")) as file:
            return int(re.search(r"^(\d+) \(", file.read(), re.M).group(1))


@test
def a_save_that_is_cut_off_leaves_a_guest_that_runs():
    with Killed() as d:
        d.virsh("start", "web")
        os.kill(d.qemu(), signal.SIGSTOP)
        client = d.begin("managedsave", "web")
        wait("saving", d.kept)
        d.kill(client)
        os.kill(d.qemu(), signal.SIGCONT)
        d.start()
        wait("it goes on", lambda: d.virsh("domstate", "web") == "running")
        equal(d.kept(), [])
        d.kill()
        with open(d.file(), "w") as file:   # killed between the file and the end of QEMU
            file.write("virtcard-save 1 4 running\n")
        d.start()
        d.virsh("qemu-monitor-command", "web", "--hmp", "info status")      # it has been found
        equal((d.virsh("domstate", "web"), d.kept()), ("running", []))


@test
def a_restore_that_is_cut_off_loses_nothing():
    with Killed() as d:
        d.virsh("start", "web")
        for n in range(6):
            d.virsh("managedsave", "web")
            equal(d.kept(), [UUID])
            client = d.begin("start", "web")
            if n < 3:       # just then
                wait("loaded", lambda: not os.path.exists(d.file()))
            else:           # at some moment, which is what this is about
                wait("QEMU is there", lambda: os.path.exists(os.path.join(d.run, UUID + ".pid")))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    client.wait((n - 3) * 0.1)
            d.kill()
            client.wait(LIMIT)
            d.start()
            if d.virsh("domstate", "web") == "shut off":
                equal(d.kept(), [UUID])
                d.virsh("start", "web")
            wait("it goes on", lambda: d.virsh("domstate", "web") == "running")
            equal(d.kept(), [])


@test
def what_it_did_is_kept_unless_asked_otherwise():
    with Kept() as d:
        for words, state in ((), "paused"), (("--running",), "running"), (("--paused",), "paused"):
            d.virsh("start", "web", "--paused")
            d.virsh("managedsave", "web", *words)
            d.virsh("start", "web")
            equal(d.virsh("domstate", "web"), state)
            d.virsh("destroy", "web")


@test
def a_damaged_file_starts_nothing_and_stays():
    with Kept() as d:
        d.virsh("start", "web")
        d.virsh("managedsave", "web")
        with open(d.file(), "r+b") as file:
            file.truncate(os.path.getsize(d.file()) // 2)
        within("error: ", d.refused("start", "web"))
        equal((d.virsh("domstate", "web"), os.path.exists(d.file())), ("shut off", True))
        with open(d.file(), "r+b") as file:
            file.write(b"something")
        within("is no file of a saved guest", d.refused("start", "web"))
        d.virsh("start", "web", "--force-boot")
        equal((d.state(), os.path.exists(d.file())), ("running (booted)", False))


@test
def it_is_not_forgotten_by_accident():
    with Kept() as d:
        d.virsh("start", "web")
        d.virsh("managedsave", "web")
        within("Refusing to undefine while domain managed save image exists", d.refused("undefine", "web"))
        within("with a managed saved state can't be renamed", d.refused("domrename", "web", "other"))
        image = "start it, or remove the image"
        within(image, d.refused("create", d.folder + "/guest.xml"))
        within(image, d.refused("restore", d.file()))
        d.virsh("undefine", "web", "--managed-save")
        equal(os.path.exists(d.file()), False)


@test
def a_new_name_stays_with_its_autostart():
    with Kept() as d:
        d.virsh("autostart", "web")
        within("'a/b'", d.refused("domrename", "web", "a/b"))
        d.virsh("domrename", "web", "other")
        d.again()
        equal(d.virsh("list", "--all", "--name", "--autostart").strip(), "other")
        within(f"<uuid>{UUID}</uuid>", d.virsh("dumpxml", "other"))
        within("failed to get domain", d.refused("domstate", "web"))
        folder = os.path.join(d.root, "etc", "virtcard", "qemu")
        equal((sorted(os.listdir(folder)), os.listdir(os.path.join(folder, "autostart"))),
              (["autostart", "other.xml"], ["other.xml"]))


@test
def what_it_has_stays_as_it_was_set():
    with Kept() as d:
        d.virsh("setmem", "web", "16M", "--config")
        d.virsh("setvcpus", "web", "4", "--config", "--maximum")
        d.virsh("setvcpus", "web", "2", "--config")
        within("cannot set memory higher than max memory", d.refused("setmem", "web", "33M", "--config"))
        d.again()
        within("<currentMemory unit='KiB'>16384</currentMemory>", d.virsh("dumpxml", "web"))
        within("<vcpu placement='static' current='2'>4</vcpu>", d.virsh("dumpxml", "web"))
        d.virsh("start", "web", "--paused")
        equal(d.virsh("vcpuinfo", "web").count("VCPU:"), 2)


@test
def a_guest_without_a_balloon_or_a_screen_says_so():
    with Kept("<memballoon model='none'/>") as d:
        d.virsh("start", "web", "--paused")
        within("without the balloon device", d.refused("setmem", "web", "16M", "--live"))
        within("no screens to take screenshot from", d.refused("screenshot", "web", d.folder + "/shot"))
        within("actual 32768", d.virsh("dommemstat", "web"))


@test
def a_balloon_of_any_name_is_asked():
    with Kept("<memballoon model='virtio'><alias name='ua-mine'/></memballoon>") as d:
        d.virsh("start", "web", "--paused")
        within("last_update", d.virsh("dommemstat", "web"))


@test
def how_large_a_disk_is():
    with Kept() as d:
        image = os.path.join(d.folder, "image")
        with open(image, "wb") as file:
            file.truncate(3 * 1024 * 1024 + 512)
        os.chmod(image, 0o666)
        d.virsh("attach-disk", "web", image, "vda", "--config")
        sizes = d.virsh("domblkinfo", "web", "vda")
        within("Capacity:       3146240", sizes)
        within("Physical:       3146240", sizes)
        d.virsh("start", "web", "--paused")
        equal(d.virsh("domblkinfo", "web", "vda"), sizes)
        os.unlink(image)
        within("Capacity:       3146240", d.virsh("domblkinfo", "web", "vda"))
        d.virsh("destroy", "web")
        within(f"cannot open '{image}'", d.refused("domblkinfo", "web", "vda"))
        equal(d.process.poll(), None)


@test
def whoever_only_reads_changes_nothing():
    with Kept() as d:
        d.virsh("start", "web", "--paused")
        for words in ("managedsave web", "domrename web other", "setmem web 16M", "setmaxmem web 16M --config", "setvcpus web 1 --config",
                      "screenshot web /tmp/x", "save-image-dumpxml /tmp/x"):
            within("error: ", d.refused(*words.split(), read_only=True))
        equal(d.state(), "paused (user)")
        within("VCPU:", d.virsh("vcpuinfo", "web", read_only=True))


run(sys.argv[2:])
