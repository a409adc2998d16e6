# SPDX-License-Identifier: LGPL-2.1-or-later
"""A manager (tests/live/managed.c) that tests drive, kill and bring back.

    with Managing(tool, root) as managing:
        managing.ok("define", path)              the answer's words; AssertionError when it failed
        managing.fails("start", "x")             (code, words)
        managing.event("x", 2, 0)                waits for a lifecycle event
        managing.kill()                          SIGKILL; managing.back() starts another one on the root
"""
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading

LIMIT = 180


class Managing:
    env = None

    def __init__(self, tool, root, env=None):
        self.tool, self.root, self.env = tool, root, env
        self.serial = 0
        self.back()

    def back(self, ready=True):
        self.warnings, self.events = [], []
        self.lines = queue.Queue()
        self.process = subprocess.Popen([self.tool, self.root], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=self.env)
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout, self.lines), daemon=True)
        self.reader.start()
        if ready:
            self.until("ready")

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    def _next(self, limit=LIMIT):
        """one line that is no event or warning"""
        while True:
            line = self.lines.get(timeout=limit)
            if line is None:
                raise EOFError("the manager has ended")
            if line.startswith("event "):
                self.events.append(line.split(" ", 6)[1:])
            elif line.startswith("warning "):
                self.warnings.append(line[8:])
            else:
                return line

    def until(self, *beginnings, limit=LIMIT):
        while True:
            line = self._next(limit)
            if line.startswith(beginnings):
                return line

    def send(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def ask(self, *words):
        """(TRUE, words) or (FALSE, "CODE WORDS")"""
        self.send(*words)
        line = self.until(f"ok {words[0]}", f"fail {words[0]} ")
        kind, _, rest = line.split(" ", 2) if line.count(" ") > 1 else (*line.split(" "), "")
        return kind == "ok", rest

    def ok(self, *words):
        fine, rest = self.ask(*words)
        if not fine:
            raise AssertionError(f"{words}: {rest}")
        return rest

    def fails(self, *words):
        fine, rest = self.ask(*words)
        if fine:
            raise AssertionError(f"{words} did not fail")
        code, _, said = rest.partition(" ")
        return int(code), said

    def event(self, *want, limit=LIMIT):
        """waits for an event: (kind, name, id, event, detail, text), None is anything; forgets those before"""
        while True:
            while self.events:
                got = self.events.pop(0)
                if all(w is None or str(w) == g for w, g in zip(want, got)):
                    return got
            line = self.lines.get(timeout=limit)
            if line is None:
                raise EOFError("the manager has ended")
            if line.startswith("event "):
                self.events.append(line.split(" ", 6)[1:])

    def list(self):
        """name -> (uuid, id, state, reason, persistent, autostart)"""
        self.send("list")
        guests = {}
        while True:
            line = self.until("guest ", "ok list")
            if line.startswith("ok"):
                return guests
            name, uuid, number, state, reason, kept, auto = line.split(" ")[1:]
            guests[name] = (uuid, int(number), int(state), int(reason), kept == "persistent", auto == "autostart")

    def file(self, text):
        self.serial += 1
        path = os.path.join(os.path.dirname(self.root), f"in{self.serial}.xml")
        with open(path, "w") as file:
            file.write(text)
        return path

    def xml(self, name, flags=0):
        path = os.path.join(os.path.dirname(self.root), "out.xml")
        self.ok("dumpxml", name, flags, path)
        with open(path) as file:
            return file.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.over()

    def quit(self):
        self.send("quit")
        self.over()

    def over(self):
        self.process.wait(LIMIT)
        self.reader.join(LIMIT)
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.close()

    def run_folder(self):
        return os.path.join(self.root, "run", "virtcard")

    def pid(self, uuid):
        """of QEMU, as its record says; None when there is none"""
        try:
            with open(os.path.join(self.run_folder(), uuid + ".pid")) as file:
                words = file.read().split("\n")[1].split()
        except (OSError, IndexError):
            return None
        return int(words[0]) if words else None

    def processes(self):
        """QEMUs of this root's guests: process id -> uuid"""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                log = os.readlink(f"/proc/{pid}/fd/2")
            except OSError:
                continue
            if b"-uuid" in words and log.startswith(self.run_folder() + "/"):
                found[int(pid)] = words[words.index(b"-uuid") + 1].decode()
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        for pid in self.processes():
            watch = os.pidfd_open(pid)
            signal.pidfd_send_signal(watch, signal.SIGKILL)
            os.close(watch)
