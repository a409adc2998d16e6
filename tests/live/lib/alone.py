# SPDX-License-Identifier: LGPL-2.1-or-later
"""A network of the test's own, with nothing but a loopback, and mounts nobody else sees.

    alone()        first of all: starts the program again there, and returns in it

Ports are free there, and who listens on every address listens to nobody outside.
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys

SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x41


def alone():
    if "VC_TEST_IS_ALONE" not in os.environ:
        os.environ["VC_TEST_IS_ALONE"] = "1"
        user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
        unshare = ["unshare", *user, "--net", "--mount", "--propagation", "private"]
        if subprocess.run([*unshare, "true"], check=False).returncode:
            print("1..0 # SKIP this host lets nobody have a network of its own")
            sys.exit()
        os.execvp("unshare", [*unshare, sys.executable, *sys.argv])
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", UP_AND_RUNNING))
