# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program at a terminal of its own.

    person = Terminal([virtcard, ...])
    person.wait("Trust it?")    what it said up to these words
    person.type("yes")
    person.end()                its exit status, and what it still said
"""
import os
import pty
import select
import subprocess

LIMIT = 180


class Terminal:
    def __init__(self, command, env=None, stdin=None):
        self.master, slave = pty.openpty()
        # the session's own terminal is the first it opens: /dev/tty
        self.process = subprocess.Popen(["setsid", "--ctty", "--wait", *command] if stdin is None else command,
                                        stdin=slave if stdin is None else stdin, stdout=slave, stderr=slave,
                                        env=env or dict(os.environ, LC_ALL="C.UTF-8"), start_new_session=stdin is not None)
        os.close(slave)
        self.text = ""

    def read(self):
        """FALSE at its end"""
        if not select.select([self.master], [], [], LIMIT)[0]:
            raise AssertionError(f"it says nothing more: {self.text!r}")
        try:
            more = os.read(self.master, 65536)
        except OSError:     # EIO: nobody has the other end
            more = b""
        self.text += more.decode().replace("\r\n", "\n")
        return bool(more)

    def wait(self, words):
        while words not in self.text:
            if not self.read():
                raise AssertionError(f"no {words!r} in {self.text!r}")
        before, _, self.text = self.text.partition(words)
        return before

    def type(self, text):
        os.write(self.master, text.encode() + b"\n")

    def end(self):
        while self.read():
            pass
        os.close(self.master)
        return self.process.wait(LIMIT), self.text
