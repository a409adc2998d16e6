# SPDX-License-Identifier: LGPL-2.1-or-later
"""A script of defines, starts, attaches, ends that knows what must be true at any moment of it.

    script = Script(place, managing, dice)
    script.step()                  one of them; EOFError when the manager was killed meanwhile
    script.check()                 after the manager has come back: nothing acknowledged is lost, nothing half is seen
    script.finish()                everything ends, and nothing is left

may_fail: steps may be refused, and then nothing has changed.
"""
import os
import select
import signal
import time
import uuid as uuids

from machine import domain

SHUTDOWN, SHUTOFF = 4, 5
STOPPED, DESTROYED, FAILED = 5, 1, 5  # event, details
GUESTS = 4
CARD = "<smartcard mode='passthrough' type='unix'><source mode='bind' path='{}'/></smartcard>"


class Refused(Exception):
    """a step that was not done"""


class Guest:
    """What may be true of one: sets, since what was not acknowledged may have happened or not."""

    def __init__(self, name, card):
        self.name, self.uuid, self.card = name, str(uuids.uuid4()), card
        self.defined, self.active, self.plugged, self.marked = {None}, {False}, {False}, {False}

    def known(self):
        return self.defined, self.active, self.plugged, self.marked

    def know(self, before):
        self.defined, self.active, self.plugged, self.marked = before

    def __repr__(self):
        return f"{self.name} defined={self.defined} active={self.active} plugged={self.plugged} {self.marked}"


def definition(guest, words):
    text = domain("", uuid=guest.uuid).replace("<name>guest</name>", f"<name>{guest.name}</name>")
    return text.replace("<memory", f"<description>{words}</description><memory", 1)


class Script:
    def __init__(self, place, m, dice, may_fail=False, deaths=False):
        self.m, self.dice, self.n = m, dice, 0
        self.may_fail, self.deaths, self.refused = may_fail, deaths, 0
        self.steps, self.spent = 0, 0.0
        self.guests = []
        for n in range(GUESTS):
            path = os.path.join(place.new_folder(0o777), "card.sock")
            self.guests.append(Guest(f"g{n}", m.file(CARD.format(path))))

    def step(self):
        guest = self.dice.choice(self.guests)
        defined, active = guest.defined != {None}, guest.active == {True}
        verbs = ["define"] * 2
        if defined and not active:
            verbs += ["start"] * 4 + ["undefine", "autostart"]
        if active:
            verbs += ["destroy"] * 2 + ["suspend", "resume"]
            verbs += ["detach"] if guest.plugged == {True} else ["attach"]
            verbs += ["undefine"] if defined else []
        if not defined and not active:
            verbs += ["create"] * 2
        if active and self.deaths:
            verbs += ["die"] * 2
        began = time.monotonic()
        before = guest.known()
        try:
            getattr(self, self.dice.choice(verbs))(guest)
        except Refused:
            guest.know(before)
            self.refused += 1
        self.steps, self.spent = self.steps + 1, self.spent + time.monotonic() - began

    def moment(self):
        """some time within the next steps, as long as they take here"""
        return self.dice.uniform(0, 6 * self.spent / self.steps if self.steps > 20 else 0.25)

    def define(self, guest):
        self.n += 1
        words = f"words-{self.n}"
        guest.defined = guest.defined | {words}
        self.ok("define", self.m.file(definition(guest, words)))
        guest.defined = {words}

    def undefine(self, guest):
        guest.defined = guest.defined | {None}
        guest.marked = guest.marked | {False}
        self.ok("undefine", guest.name)
        guest.defined, guest.marked = {None}, {False}

    def autostart(self, guest):
        wanted = self.dice.choice((True, False))
        guest.marked = guest.marked | {wanted}
        self.ok("autostart", guest.name, "on" if wanted else "off")
        guest.marked = {wanted}

    def start(self, guest):
        guest.active = guest.active | {True}
        self.ok("start", guest.name, *self.dice.choice(((), ("paused",))))
        guest.active, guest.plugged = {True}, {False}

    def create(self, guest):
        guest.active = guest.active | {True}
        self.ok("create", self.m.file(definition(guest, "transient")), "paused")
        guest.active, guest.plugged = {True}, {False}

    def destroy(self, guest):
        guest.active = guest.active | {False}
        guest.plugged = guest.plugged | {False}
        self.ok("destroy", guest.name)
        guest.active, guest.plugged = {False}, {False}

    def suspend(self, guest):
        self.ok("suspend", guest.name)

    def resume(self, guest):
        self.m.ask("resume", guest.name)  # it may be running

    def attach(self, guest):
        guest.plugged = guest.plugged | {True}
        self.ok("attach", guest.name, guest.card, "live")
        guest.plugged = {True}

    def detach(self, guest):
        guest.plugged = guest.plugged | {False}
        self.ok("detach", guest.name, guest.card, "live")
        guest.plugged = {False}

    def die(self, guest):
        """its QEMU does"""
        guest.active, guest.plugged = guest.active | {False}, guest.plugged | {False}
        kill_and_wait(self.m.pid(guest.uuid))
        self.m.event(0, guest.name, -1, STOPPED, FAILED)
        guest.active, guest.plugged = {False}, {False}

    def die_unseen(self):
        """QEMU of some guests, while there is no manager"""
        for pid, uuid in self.m.processes().items():
            guest = next(g for g in self.guests if g.uuid == uuid)
            if self.dice.random() < 0.3:
                kill_and_wait(pid)
                guest.active, guest.plugged = {False}, {False}

    def ok(self, *words):
        fine, rest = self.m.ask(*words)
        if not fine and self.may_fail and words[0] != "destroy":
            raise Refused(rest)
        if not fine:
            raise AssertionError(f"{words}: {rest}")

    def finish(self):
        for guest in self.guests:
            if guest.active == {True}:
                if guest.plugged == {True}:
                    self.detach(guest)
                self.destroy(guest)
            if guest.defined != {None}:
                self.undefine(guest)
        if self.m.list() or self.m.processes():
            raise AssertionError(f"left: {self.m.list()} {self.m.processes()}")
        left = set(os.listdir(self.m.run_folder())) - {"manager.lock"}
        if left or self._drafts():
            raise AssertionError(f"left: {left} {self._drafts()}")

    def check(self, cleans=True):
        """after the manager has come back; cleans: it could remove drafts"""
        m = self.m
        if m.warnings:
            raise AssertionError(f"warnings: {m.warnings}")
        listed = self._settled()
        for guest in self.guests:
            found = listed.get(guest.name)
            self._check_guest(guest, found)
        strangers = set(listed) - {g.name for g in self.guests}
        processes = m.processes()
        wanted = {m.pid(found[0]) for found in listed.values() if found[1] > 0}
        if strangers or set(processes) != wanted:
            raise AssertionError(f"strangers {strangers}, processes {processes}, wanted {wanted}")
        # One that is being written just now is not there a moment later.
        before = self._drafts()
        m.list()
        if before & self._drafts() and cleans:
            raise AssertionError(f"drafts are left: {before}")

    def _settled(self):
        """a destroy that nobody was told of goes on: QEMU may have been about to end"""
        listed = self.m.list()
        for guest in self.guests:
            if guest.name in listed and listed[guest.name][2] == SHUTDOWN:
                if False not in guest.active:
                    raise AssertionError(f"{guest}: is being ended, and nobody asked for it")
                self.m.event(0, guest.name, -1, STOPPED, DESTROYED)
        return self.m.list()

    def _drafts(self):
        folders = (self.m.run_folder(), os.path.join(self.m.root, "etc", "virtcard", "qemu"))
        return {name for folder in folders for name in os.listdir(folder) if name.startswith(".virtcard-")}

    def _check_guest(self, guest, found):
        m = self.m
        defined = found is not None and found[4]
        active = found is not None and found[1] > 0
        words = None
        if found is not None and found[0] != guest.uuid:
            raise AssertionError(f"{guest} has uuid {found[0]}")
        if defined:
            text = m.xml(guest.name, 2)
            words = text.split("<description>")[1].split("</description>")[0]
        if words not in guest.defined or active not in guest.active:
            raise AssertionError(f"{guest}: found {words}, {found}")
        plugged = False
        if active:
            if '"return"' not in m.ok("qmp", guest.name, '{"execute":"query-name"}'):
                raise AssertionError(f"{guest} does not answer")
            plugged = "<smartcard" in m.xml(guest.name)
            in_qemu = '"smartcard0"' in m.ok(
                "qmp", guest.name, '{"execute":"qom-list","arguments":{"path":"/machine/peripheral"}}')
            if plugged and not in_qemu:  # it left while nobody watched, which is found out a moment later
                m.event(15, guest.name, None, None, None, "smartcard0")
                plugged = "<smartcard" in m.xml(guest.name)
            if plugged not in guest.plugged or plugged != in_qemu:
                raise AssertionError(f"{guest}: plugged {plugged}, in QEMU {in_qemu}")
        elif found is not None and found[2] != SHUTOFF:
            raise AssertionError(f"{guest}: {found} does not run")
        if found is not None and found[5] not in guest.marked:
            raise AssertionError(f"{guest}: autostart {found[5]}")
        guest.defined, guest.active, guest.plugged = {words}, {active}, {plugged and active}
        guest.marked = {found is not None and found[5]}


def kill_and_wait(pid):
    if pid is None:
        raise AssertionError("there is no process")
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    signal.pidfd_send_signal(watch, signal.SIGKILL)
    select.select([watch], [], [], 60)
    os.close(watch)
