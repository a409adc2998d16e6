# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rows of the table in docs/tls.md that are no client and daemon with certificates of some sort."""
import contextlib
import os
import shutil
import socket
import subprocess

import libvirt
from daemon import LIMIT
from failing import NONE, Case, Libvirtd, connect, read_until_closed
from livetap import Skip, equal
from oddserver import Server, send, until_closed


def at_server(function, with_tls=False):
    """both clients at the same server"""
    def run(bench, pki):
        with Server(function, pki if with_tls else None) as server:
            uri = f"qemu+tls://localhost:{server.port}/system?pkipath={pki.folder}"
            return bench.virsh(uri), *bench.ours(uri), NONE
    return run


def as_nobody(bench, pki):
    """whose key is root's"""
    if os.getuid() != 0 or os.stat("/proc/self/ns/user").st_ino != os.stat(f"/proc/{os.getppid()}/ns/user").st_ino:
        raise Skip("only root can be somebody else")
    before = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "env", "HOME=/")
    virtcard = bench.virtcard
    os.chmod(bench.place.folder, 0o755)
    with bench.daemon(pki) as d, Libvirtd(pki) as libvirtd:
        theirs = bench.virsh(f"qemu+tls://localhost:{libvirtd.port}/system?pkipath={pki.folder}", before)
        bench = type(bench)(bench.virtcardd, shutil.copy(virtcard, bench.place.new_folder()), bench.place)     # where nobody may run it
        return theirs, *bench.ours(d.tls_uri(), before), NONE


def no_callback(bench, pki):
    """a program that has nobody asked"""
    def python(port):
        try:
            libvirt.open(f"qemu+tls://localhost:{port}/system?pkipath={pki.folder}")
        except libvirt.libvirtError as error:
            return f"python3-libvirt: {bench.of_virsh(error.get_error_message())}"
        raise AssertionError("it was let in")

    with bench.daemon_of(Case("", "", mechanisms="SCRAM-SHA-256"), pki) as d, Libvirtd(pki, mechanisms="SCRAM-SHA-256") as libvirtd:
        return python(libvirtd.port), python(d.port), NONE, NONE


def plain_client(bench, pki):
    with bench.daemon(pki) as d, Libvirtd(pki) as libvirtd:
        theirs = bench.virsh(f"qemu+tcp://127.0.0.1:{libvirtd.port}/system")
        ours = bench.virsh(f"qemu+tcp://127.0.0.1:{d.port}/system")
        return theirs, "virsh: " + ours, NONE, bench.log_line(d, "was refused: ")


def plain_port(bench, pki):
    with Libvirtd(pki) as libvirtd:
        uri = f"qemu+tls://localhost:{libvirtd.plain_port}/system?pkipath={pki.folder}"
        said, step = bench.ours(uri)
        return bench.virsh(uri), "at libvirtd: " + said, step, NONE


def nobody_there(bench, pki):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))     # and it does not listen
        uri = f"qemu+tls://localhost:{held.getsockname()[1]}/system?pkipath={pki.folder}"
        return bench.virsh(uri), *bench.ours(uri), NONE


def no_name(bench, pki):
    uri = f"qemu+tls://nowhere.invalid/system?pkipath={pki.folder}"
    texts = bench.virsh(uri), *bench.ours(uri)
    # What the system says depends on whom it can ask.
    return (*(text.replace("Temporary failure in name resolution", "Name or service not known") for text in texts), NONE)


def half_open(bench, pki):
    """a connection that says nothing: how long is it kept?"""
    with bench.daemon(pki, "tls_handshake_timeout = 1\n") as d, Libvirtd(pki) as libvirtd, connect(libvirtd.port) as theirs, connect(d.port) as ours:
        equal(read_until_closed(ours), b"")
        theirs.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            return f"libvirtd ends it: {theirs.recv(1)}", NONE, NONE, NONE
        return "libvirtd keeps it", "virtcardd ends it", NONE, bench.log_line(d, "was refused: ")


def cut(answer=b""):
    """it has heard the client's first message, and closes; all is read, so that it is no reset"""
    def function(peer):
        peer.recv(65536)
        peer.sendall(answer)
        peer.shutdown(socket.SHUT_WR)
        until_closed(peer)
    return function


class Silent:
    """Servers that say nothing: begun before all other cases, for it takes as long as a client waits."""

    def __init__(self, bench, pki, with_tls):
        self.bench = bench
        self.server = Server(until_closed, pki if with_tls else None).__enter__()
        uri = f"qemu+tls://localhost:{self.server.port}/system?pkipath={pki.folder}"
        self.clients = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
                        for words in (["virsh", "-c", uri, "uri"], [bench.virtcard, "-c", uri, "list"], [bench.virtcard, "connect-doctor", uri])]

    def take(self):
        virsh, *ours = self.clients
        done = [subprocess.CompletedProcess(process.args, process.wait(LIMIT), *process.communicate()) for process in ours]
        is_waiting = virsh.poll() is None
        virsh.kill()
        _, err = virsh.communicate()
        self.server.__exit__()
        return "(waits without an end)" if is_waiting else self.bench.of_virsh(err), *self.bench.judge(*done), NONE


def cases(bench, pki):
    silent, mute = Silent(bench, pki, False), Silent(bench, pki, True)
    return [
        Case("key of the client that may not be read", "certificates", run=as_nobody),
        Case("program without a callback, where users log in", NONE, run=no_callback),
        Case("name that does not resolve", "name", run=no_name),
        Case("port at which nobody listens", "port", run=nobody_there),
        Case("TLS client on a port that is plain", "handshake", run=plain_port),
        Case("plain client on the port of TLS", NONE, run=plain_client),
        Case("server of another protocol", "handshake", run=at_server(send(b"220 welcome, speak\r\n" * 100))),
        Case("server that closes at once", "handshake", run=at_server(cut())),
        Case("server that closes in the middle of the handshake", "handshake", run=at_server(cut(b"\x16\x03\x03\x00\x7a"))),
        Case("server that closes after the handshake", "client certificate", run=at_server(lambda peer: peer.unwrap(), True)),
        Case("server of another protocol, over TLS", "client certificate", run=at_server(send(b"\x02"), True)),
        Case("server that is silent from the beginning", "handshake", run=lambda *_: silent.take()),
        Case("server that is silent after the handshake", "client certificate", run=lambda *_: mute.take()),
        Case("client that is silent from the beginning", NONE, run=half_open),
    ]
