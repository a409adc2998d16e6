#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What several clients of virtcardd do with one guest at once, on real QEMU.

    test_together.py VIRTCARD VIRTCARDD [WORD...]
"""
import concurrent.futures
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

virtcard, program = (os.path.abspath(path) for path in sys.argv[1:3])
place = Place(virtcard)
UUID = "01234567-89ab-cdef-fedc-ba9876543210"
BUSY = "the domain is being saved"


class Shared(Daemon):
    """with a guest that is defined, has a card, and is held"""

    def __init__(self):
        super().__init__(program, place.new_folder(0o777))
        self.socket_path = os.path.join(self.folder, "card")
        self.card = (f"<smartcard mode='passthrough' type='unix'><source mode='bind' path='{self.socket_path}'/>"
                     "</smartcard>")

    def __enter__(self):
        super().__enter__()
        self.virsh("define", self.file("guest.xml", domain(self.card, uuid=UUID).replace("256", "32")))
        self.virsh("start", "guest", "--paused")
        return self

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def cards(self, verb, *more):
        """of virtcard: exit status, and what it says"""
        done = subprocess.run([virtcard, "--connect", self.uri(), "card", verb, "guest", *more], capture_output=True, text=True,
                              timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout + done.stderr

    def qemu(self):
        with open(os.path.join(self.run, UUID + ".pid")) as file:
            return int(re.search(r"^(\d+) \(", file.read(), re.M).group(1))

    def drafts(self):
        return sorted(os.path.join(folder, name)
                      for folder in (os.path.join(self.root, "etc", "virtcard", "qemu"), self.folder)
                      for name in os.listdir(folder) if name.startswith(".virtcard-"))

    @contextlib.contextmanager
    def waiting(self, *words):
        """a virsh that waits for QEMU, which answers when this is left; then virsh's answer is in the list"""
        answers, pid = [], self.qemu()
        os.kill(pid, signal.SIGSTOP)
        try:
            with concurrent.futures.ThreadPoolExecutor() as pool:
                asked = pool.submit(self.call, *words)
                until = time.monotonic() + LIMIT
                while not self.drafts():
                    if time.monotonic() > until or asked.done():
                        raise AssertionError(f"nothing was begun: {asked.result()}")
                yield answers
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
                done = asked.result()
                answers.append((done.returncode, done.stderr.strip()))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@test
def what_was_defined_meanwhile_stays():
    with Shared() as d:
        path = d.file("card.xml", d.card)
        title = "<title>changed meanwhile</title>"
        with d.waiting("detach-device", "guest", path, "--live", "--config") as answers:
            d.virsh("desc", "guest", "--config", "--title", "changed meanwhile")
        equal(answers, [(0, "")])
        for _ in range(2):
            xml = d.virsh("dumpxml", "guest", "--inactive")
            equal((title in xml, "<smartcard" in xml, d.drafts()), (True, False, []))
            equal("<smartcard" in d.virsh("dumpxml", "guest"), False)
            equal(d.stop(), 0)
            d.start()
        with d.waiting("setmem", "guest", "16M", "--live", "--config") as answers:
            d.virsh("define", d.file("other.xml", xml.replace(title, "<title>again</title>")))
        equal(answers, [(0, "")])
        xml = d.virsh("dumpxml", "guest", "--inactive")
        within("<title>again</title>", xml)
        within("<currentMemory unit='KiB'>16384</currentMemory>", xml)
        # What does not fit what was defined meanwhile is said, and stays as it was defined.
        d.virsh("attach-device", "guest", path, "--live", "--config")
        with d.waiting("detach-device", "guest", path, "--live", "--config") as answers:
            d.virsh("define", d.file("other.xml", xml))
        equal(answers[0][0], 1)
        within("what runs has changed, but the definition was changed meanwhile, and has not", answers[0][1])
        equal(d.virsh("dumpxml", "guest", "--inactive"), xml)
        with d.waiting("setmem", "guest", "8M", "--live", "--config") as answers:
            d.virsh("undefine", "guest")
        within("undefined meanwhile", answers[0][1])
        equal((d.virsh("dominfo", "guest").count("Persistent:     no"), d.drafts()), (1, []))


@test
def nothing_comes_or_goes_while_it_is_saved():
    with Shared() as d:
        state = os.path.join(d.folder, "state")
        xml = d.virsh("dumpxml", "guest")
        disk = d.file("disk.xml", d.card)
        with d.waiting("save", "guest", state) as answers:
            for verb in "eject", "insert":
                within(BUSY, d.cards(verb)[1])
            within(BUSY, d.refused("detach-device", "guest", disk))
            within(BUSY, d.refused("update-device", "guest", disk))
            within(BUSY, d.refused("attach-device", "guest", disk))
            equal(d.virsh("dumpxml", "guest"), xml)
        equal(answers, [(0, "")])
        d.virsh("restore", state, "--paused")
        equal(d.virsh("domstate", "guest"), "paused")
        with d.waiting("detach-device", "guest", disk, "--live", "--config"):
            within("another device is being attached or detached", d.refused("save", "guest", state + "2"))
        equal(os.path.exists(state + "2"), False)


@test
def a_card_is_in_or_out_whoever_moves_it():
    with Shared() as d:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            done = list(pool.map(lambda n: d.cards(("eject", "insert")[n % 2]), range(24)))
        known = "ejected already", "in its reader already", "on its way already", "another device is being", "successfully"
        equal([said for _, said in done if not any(words in said for words in known)], [])
        within("Card ejected successfully\n", [said for _, said in done])
        is_in = " inserted\n" in d.cards("list")[1]
        qtree = d.virsh("qemu-monitor-command", "guest", "--hmp", "info qtree")
        equal(('dev: ccid-card-passthru, id "smartcard0"' in qtree, os.path.exists(d.socket_path)), (is_in, is_in))
        equal(d.cards("eject" if is_in else "insert")[0], 0)
        equal(d.cards("insert" if is_in else "eject")[0], 0)


@test
def whoever_waits_is_told_when_it_ends_meanwhile():
    with Shared() as d:
        path = d.file("card.xml", d.card)
        for how in "QEMU", "a client":
            with d.waiting("detach-device", "guest", path, "--live", "--config") as answers:
                if how == "QEMU":
                    os.kill(d.qemu(), signal.SIGKILL)
                else:
                    d.virsh("destroy", "guest")
            equal(answers[0][0], 1)
            within("<smartcard", d.virsh("dumpxml", "guest", "--inactive"))
            equal((d.virsh("domstate", "guest"), d.drafts(), os.path.exists(d.socket_path)), ("shut off", [], False))
            d.virsh("start", "guest", "--paused")


try:
    run(sys.argv[3:])
finally:
    place.close()
