# SPDX-License-Identifier: LGPL-2.1-or-later
"""A crowd of TLS clients that mean no good, or are only many: tests/live/crowd.c, which says what kinds there are.

    with Crowd(program, port, folder, silent=3000, again=500) as crowd:     each has come as far as it wants
    crowd.again                                                             how often one came again, afterwards
"""
import select
import subprocess

LIMIT = 180


class Crowd:
    def __init__(self, program, port, folder, **kinds):
        self.command = [program, str(port), folder, *(str(word) for pair in kinds.items() for word in pair)]
        self.again = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = select.poll()
        ready.register(self.process.stdout, select.POLLIN)
        if not ready.poll(LIMIT * 1000) or self.process.stdout.readline() != "ready\n":
            self.process.kill()
            self.process.wait()
            raise AssertionError("the crowd does not come in")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.again = int(self.process.stdout.read().split()[-1])
        self.process.stdout.close()
        self.process.wait(LIMIT)
