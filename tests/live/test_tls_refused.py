#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What goes wrong inside QEMU's TLS handshake, of which QEMU says nothing: nobody gets through, and nothing is plain.

    test_tls_refused.py VIRTCARD [WORD...]

Needs root to capture packets.
"""
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True

from capture import Capture  # noqa: E402
from echo import ECHO, answers, tcp  # noqa: E402
from livetap import equal, run, test  # noqa: E402
from machine import Place, domain  # noqa: E402
from pki import Pki  # noqa: E402

place = Place(os.path.abspath(sys.argv[1]))
pki, other_pki = Pki(place), Pki(place, "Other CA")
PLAIN = b"the plain words"
LIMIT = 60


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Monitor:
    """a second monitor, for virtcard has the first to itself: an emulator with one word more"""

    def __init__(self):
        folder = place.new_folder(0o777)
        os.chmod(folder, 0o777)
        self.path = os.path.join(folder, "qmp")
        self.emulator = os.path.join(place.new_folder(), "qemu")
        with open(self.emulator, "w") as file:
            file.write('#!/bin/sh\ncase "$*" in *charmonitor*) set -- "$@" -qmp '
                       f'unix:{self.path},server=on,wait=off;; esac\nexec /usr/bin/qemu-system-x86_64 "$@"\n')
        os.chmod(self.emulator, 0o755)

    def chardev(self, label):
        """what QEMU says of a character device"""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(LIMIT)
            sock.connect(self.path)
            with sock.makefile("rw") as file:
                file.readline()
                for command in "qmp_capabilities", "query-chardev":
                    print(json.dumps({"execute": command}), file=file, flush=True)
                    answer = json.loads(file.readline())
                    while "return" not in answer:
                        answer = json.loads(file.readline())
        return next(row["filename"] for row in answer["return"] if row["label"] == label)

    def is_disconnected(self):
        name = self.chardev("charserial0")
        equal((name, name.startswith("disconnected:")), (name, True))


@contextlib.contextmanager
def started(source, root):
    monitor = Monitor()
    with place.run(domain("\n".join([place.boot_disk(ECHO), source]), emulator=monitor.emulator),
                   root=root) as process:
        process.wait("started")
        yield monitor, process


def gets_nothing(sock):
    """the plain words are sent, and nothing comes"""
    with contextlib.suppress(OSError):
        sock.settimeout(LIMIT)
        sock.sendall(PLAIN)
        equal(sock.recv(100), b"")


def peer_check(folder, where):
    done = subprocess.run([place.virtcard, "--root", place.warm, "pki", "check", folder, "--peer", where],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stderr.strip()


def only_tls(capture, port, at_least):
    """all of each connection is TLS, and none shows the words"""
    capture.settle()
    streams = capture.streams(port)
    equal(len(streams) >= at_least, True)
    for stream in streams:
        equal((stream.hello, PLAIN in stream.sent + stream.answered), (True, False))
        stream.records()


def clients(guests):
    """{what is wrong: the folder of a client}; guests is the folder of the guest, which gets a CRL"""
    folders = {"none": pki.copy("client-cert.pem", "client-key.pem"), "other CA": other_pki.copy(),
               "revoked": pki.copy(), "not on the list": pki.copy()}
    folders["other CA"].put("ca-cert.pem", pki.get("ca-cert.pem"))
    folders["revoked"].odd("client", "cn = desk", "tls_www_client", "serial = 77")
    folders["not on the list"].odd("client", "cn = other", "tls_www_client")
    guests.put("old-cert.pem", folders["revoked"].get("client-cert.pem"))
    guests.revoke("old-cert.pem")
    return folders


@test
def clients_that_are_turned_away():
    """and then the one that is not"""
    guests, port = pki.copy(), free_port()
    folders = clients(guests)
    source = tcp("bind", port, "xmlns:virtcard='urn:virtcard:domain:1.0' tls='yes'", "<virtcard:client name='CN=desk'/>")
    seen = "it closed the connection when it had seen our certificate"
    with Capture([port]) as capture, started(source, guests.root()) as (monitor, _):
        for what, folder in folders.items():
            with socket.create_connection(("127.0.0.1", port)) as plain, contextlib.suppress(ssl.SSLError, OSError):
                with folder.client(shows=what != "none").wrap_socket(plain, server_hostname="localhost") as sock:
                    gets_nothing(sock)
            monitor.is_disconnected()
            status, words = peer_check(folder.folder, f"localhost:{port}")
            print(f"# {what}: " + "; ".join(words.splitlines()), flush=True)
            equal((what, status), (what, 1))
            want = "it wants a certificate" if what == "none" else seen
            if what == "other CA":
                want = f"{folder.folder}/client-cert.pem"
            equal((what, words, want in words), (what, words, True))
            monitor.is_disconnected()
        with socket.create_connection(("127.0.0.1", port)) as plain:     # not encrypted at all
            gets_nothing(plain)
        monitor.is_disconnected()
        with socket.create_connection(("127.0.0.1", port)) as plain, \
                pki.client().wrap_socket(plain, server_hostname="localhost") as sock:
            answers(sock, PLAIN)
            equal(monitor.chardev("charserial0").startswith("disconnected:"), False)
        capture.settle()
        streams = capture.streams(port)
        good = [stream for stream in streams if stream.hello]
        equal((len(good), len(streams)), (2 * len(folders) + 1, 2 * len(folders) + 2))
        for stream in good:
            equal(PLAIN in stream.sent + stream.answered, False)
            stream.records()


class Serving:
    """answers one connection after the other with a certificate, in a thread"""

    def __init__(self, context):
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self.listener.accept()
                with plain, contextlib.suppress(OSError):
                    self.context.wrap_socket(plain, server_side=True).recv(1)

    def close(self):
        self.listener.close()


def servers(guests):
    """and one that QEMU speaks to all the same: it has no eyes for a CRL where it connects"""
    folders = {"wrong name": pki.copy(), "other CA": other_pki.copy(), "revoked": pki.copy()}
    folders["wrong name"].odd("server", "cn = elsewhere", "dns_name = elsewhere", "tls_www_server")
    folders["revoked"].odd("server", "cn = localhost", "dns_name = localhost", "tls_www_server", "serial = 78")
    guests.put("old-cert.pem", folders["revoked"].get("server-cert.pem"))
    guests.revoke("old-cert.pem")
    return folders


@test
def servers_that_are_not_spoken_to():
    """QEMU tries again and again; the one that is right is spoken to"""
    guests = pki.copy()
    folders = servers(guests)
    reasons = {"wrong name": "its certificate is not for 'localhost', but for 'CN=elsewhere'",
               "revoked": "its certificate was revoked by CA 'CN=Test CA'",
               "other CA": "its certificate was signed by CA 'CN=Other CA', which "}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT)
        port = listener.getsockname()[1]
        source = tcp("connect", port, inside="<reconnect enabled='yes' timeout='1'/>", host="localhost")
        with Capture([port]) as capture, started(source, guests.root()) as (monitor, process):
            process.wait("ca-crl.pem: QEMU does not look at it where it connects: a revoked server is spoken to")
            for what, folder in folders.items():
                plain, _ = listener.accept()
                if what == "revoked":
                    with folder.server(ask=False).wrap_socket(plain, server_side=True) as sock:
                        equal(sock.recv(1), b".")
                else:
                    with plain, contextlib.suppress(ssl.SSLError, OSError):
                        with folder.server(ask=False).wrap_socket(plain, server_side=True) as sock:
                            gets_nothing(sock)
                    monitor.is_disconnected()
                serving = Serving(folder.server(ask=False))
                status, words = peer_check(guests.folder, f"localhost:{serving.port}")
                serving.close()
                equal((what, status, words, reasons[what] in words), (what, 1, words, True))
            plain, _ = listener.accept()
            with pki.server().wrap_socket(plain, server_side=True) as sock:
                answers(sock, PLAIN)
                equal(monitor.chardev("charserial0").startswith("disconnected:"), False)
            only_tls(capture, port, len(folders) + 1)


try:
    run(sys.argv[2:])
finally:
    place.close()
