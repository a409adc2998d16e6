#!/usr/bin/env python3
"""A SPICE client that offers a software smartcard: Debian's spicy on a display nobody sees.

    with SpiceClient("spice+unix:///tmp/x/spice", db.folder, ["cert1", "cert2", "cert3"], folder): ...

The guest gets the card when the client comes and loses it when it goes. Without a video device in
the machine spicy opens no smartcard channel. What spicy says is in folder/spicy.log.
"""
import os
import subprocess


class SpiceClient:
    def __init__(self, uri, database, nicknames, folder):
        self.log = os.path.join(folder, "spicy.log")
        read, write = os.pipe()
        self.display = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"], pass_fds=[write],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as numbers:
            number = numbers.readline().strip()  # written when the display is ready
        if not number:
            self.display.wait()
            raise RuntimeError("Xvfb does not start")
        environment = dict(os.environ, DISPLAY=":" + number, HOME=folder, NO_AT_BRIDGE="1", GDK_BACKEND="x11")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["spicy", "--uri=" + uri, "--spice-smartcard", "--spice-smartcard-db=sql:" + database,
                 "--spice-smartcard-certificates=" + ",".join(nicknames)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment)

    def close(self):
        for process in self.process, self.display:
            if process.poll() is None:
                process.terminate()
            process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
