# SPDX-License-Identifier: LGPL-2.1-or-later
"""A QMP connection to a QEMU that has just been started.

    qmp = Qmp(path, process)           waits until it is there, or says why it ended
    qmp.call("query-status")           what it returns
"""
import json
import socket
import subprocess

SECONDS = 120


class Ended(AssertionError):
    """QEMU has gone; says what it said"""


class Qmp:
    def __init__(self, path, process):
        self.process = process
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(SECONDS)
        self._connect(path)
        self.file = self.socket.makefile("rw")
        try:
            self.file.readline()
            self.call("qmp_capabilities")
        except OSError:
            self._fail()

    def _fail(self):
        self.socket.close()
        status = self.process.wait(SECONDS)
        raise Ended(f"QEMU ended with {status}: {self.process.stderr.read().decode()}")

    def _connect(self, path):
        """QEMU binds the socket first of all: it has ended, or it is there soon."""
        while True:
            try:
                return self.socket.connect(path)
            except (FileNotFoundError, ConnectionRefusedError):
                try:
                    self.process.wait(0.01)
                except subprocess.TimeoutExpired:
                    continue
                self._fail()

    def call(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                self._fail()
            answer = json.loads(line)
            if "error" in answer:
                raise AssertionError(f"{command} {arguments}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def close(self):
        self.file.close()
        self.socket.close()
