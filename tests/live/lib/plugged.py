# SPDX-License-Identifier: LGPL-2.1-or-later
"""A running guest to which devices come and go: `plug` (plug.c) under machine.py's Run.

    with Plugged(place, plug, domain(...)) as guest:
        with guest.unchanged():                 QEMU has afterwards what it had before
            guest.attach("<smartcard .../>")    or raises Refused
            guest.detach("<smartcard .../>")
        guest.qmp("query-chardev")
"""
import contextlib
import json
import os
import queue
import subprocess
import threading

from machine import LIMIT, Run


class Refused(Exception):
    def __init__(self, code, words):
        super().__init__(words)
        self.code, self.words = code, words


class Plugged(Run):
    def __init__(self, place, plug, xml, root=None, **more):
        self.answers = queue.Queue()
        self.left, self.ready, self.end = [], threading.Event(), None
        self.news = threading.Condition()
        self.place = place

        def instead(command):
            return [plug, command[2], command[-1]]
        super().__init__(place, xml, root=root, inside=instead, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word in ("ok", "error"):
                self.answers.put((word, rest))
                continue
            with self.news:
                if word == "left":
                    self.left.append(rest)
                elif word == "ended":
                    self.end = rest
                elif word == "ready":
                    self.ready.set()
                self.news.notify_all()
        with self.news:
            self.end = self.end or "process ended"
            self.ready.set()
            self.news.notify_all()
        self.answers.put(("error", "-1 plug has ended"))

    def __enter__(self):
        if not self.ready.wait(LIMIT) or self.end is not None:
            raise AssertionError(f"not started: {self.end}, {self.lines}")
        return self

    def __exit__(self, kind, *more):
        with contextlib.suppress(OSError):
            self.process.stdin.close()  # which ends the guest
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        super().__exit__(kind, *more)
        if kind is None and self.process.returncode != 0:
            raise AssertionError(f"exit status {self.process.returncode}: {self.lines}")

    def send(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self, limit=LIMIT):
        word, rest = self.answers.get(timeout=limit)
        if word == "error":
            code, _, words = rest.partition(" ")
            raise Refused(int(code), words)
        return json.loads(rest) if rest else None

    def file(self, xml):
        path = os.path.join(self.place.new_folder(), "device.xml")
        with open(path, "w") as file:
            file.write(xml)
        return path

    def attach(self, xml):
        self.send("attach " + self.file(xml))
        return self.answer()

    def detach(self, xml):
        self.send("detach " + self.file(xml))
        return self.answer()

    def detach_alias(self, alias):
        self.send("detach-alias " + alias)
        return self.answer()

    def qmp(self, command, **arguments):
        more = {name.replace("_", "-"): value for name, value in arguments.items()}
        self.send("qmp " + json.dumps({"execute": command, "arguments": more}))
        return self.answer()

    def xml_now(self):
        self.send("xml")
        return self.answer()

    def when(self, alias, what):
        """do "quit" or "free" as soon as QEMU says that a device has gone"""
        self.send(f"when {alias} {what}")
        return self.answer()

    def wait_end(self, limit=LIMIT):
        with self.news:
            if not self.news.wait_for(lambda: self.end is not None, limit):
                raise AssertionError("has not ended")

    def wait_left(self, alias, limit=LIMIT):
        with self.news:
            came = self.news.wait_for(lambda: alias in self.left, limit)
        if not came:
            there = self.qmp("qom-list", path="/machine/peripheral")
            raise AssertionError(f"'{alias}' has not left, but {self.left}: QEMU has {there} and {self.chardevs()}, {self.lines}")

    def chardevs(self):
        """what QEMU's character devices are, by id"""
        return {each["label"]: each["filename"] for each in self.qmp("query-chardev")}

    def state(self):
        """all that plugging changes in QEMU and in the description"""
        def names(path):
            return sorted((each["name"], each["type"]) for each in self.qmp("qom-list", path=path))
        return {"chardevs": self.chardevs(), "objects": names("/objects"), "devices": names("/machine/peripheral"),
                "fdsets": sorted(each["fdset-id"] for each in self.qmp("query-fdsets") if each["fds"]),
                "nodes": sorted(each["node-name"] for each in self.qmp("query-named-block-nodes")),
                "pci": [device["qdev_id"] for bus in self.qmp("query-pci") for device in bus["devices"]],
                "xml": self.xml_now()}

    @contextlib.contextmanager
    def unchanged(self):
        before = self.state()
        yield before
        after = self.state()
        for name, was in before.items():
            if after[name] != was:
                raise AssertionError(f"{name} changed:\n{was}\n{after[name]}")

    def refused(self, xml, detach=False):
        """(code, words) of an attach, or detach, that must fail and change nothing"""
        with self.unchanged():
            try:
                self.detach(xml) if detach else self.attach(xml)
            except Refused as why:
                return why.code, why.words
        raise AssertionError(f"not refused: {xml}")
