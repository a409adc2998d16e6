#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtcardd over TLS while its certificates are wrong, change or are revoked; while many come at once; and what it
writes of what was done.

    test_remote_keys.py VIRTCARDD [WORD...]
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

import libvirt  # noqa: E402
from daemon import LIMIT, Daemon  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from remote import Remote, Remotes  # noqa: E402

program = os.path.abspath(sys.argv[1])
virtcard = os.path.join(os.path.dirname(program), "virtcard")
place = Place(virtcard)
pki = Remotes(place)
UUID = "01234567-89ab-cdef-fedc-ba9876543210"
LONG_AGO = ['activation_date = "2001-01-01 00:00:00 UTC"', 'expiration_date = "2002-01-01 00:00:00 UTC"']


def daemon(mine=pki, conf="", **more):
    return Remote(program, place.new_folder(), mine, conf, **more)


def guest(name="web"):
    return domain("", uuid=UUID).replace("<name>guest<", f"<name>{name}<").replace("256", "32")


def check(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stderr


# Its own certificate is wrong

def expired(mine):
    mine.serve("signing_key", *LONG_AGO)


def without_ca(mine):
    os.unlink(mine.path("cacert.pem"))


def mismatched(mine):
    shutil.copy(Remotes(place).path("private/serverkey.pem"), mine.path("private/serverkey.pem"))


def garbage(mine):
    with open(mine.path("private/serverkey.pem"), "w") as file:
        file.write("no key\n")


def other_ca(mine):
    shutil.copy(Remotes(place, "Their CA").path("cacert.pem"), mine.path("cacert.pem"))


def no_certificate(mine):
    os.unlink(mine.path("servercert.pem"))


def stale_crl(mine):
    mine.revoke(template=['crl_this_update_date = "2001-01-01 00:00:00 UTC"', 'crl_next_update_date = "2002-01-01 00:00:00 UTC"'])


WRONG = [
    (stale_crl, "cacrl.pem: the CRL of 'CN=Test CA' is out of date since 2002-01-01 00:00:00 UTC, and so every client is refused"),
    (expired, "servercert.pem: expired on 2002-01-01"),
    (without_ca, "cacert.pem: does not exist"),
    (no_certificate, "servercert.pem: does not exist"),
    (mismatched, "private/serverkey.pem: is not the key of the certificate in "),
    (garbage, "private/serverkey.pem: "),
    (other_ca, "servercert.pem: was signed by CA 'CN=Test CA', which is not in "),
]


def add_wrong(spoil, words):
    def function():
        mine = pki.copy()
        spoil(mine)
        want = mine.path("") + words
        with daemon(mine) as d:
            d.wait("TLS connections are refused: " + want)
            equal(d.virsh("list"), "")              # the unix socket works all the same
            within("rror", d.not_over_tls("list", folder=pki.folder))
            d.wait("TLS is not ready: " + want)
            status, said = check(virtcard, "pki", "check", "--libvirt", "--end", "server", mine.folder)
            equal(status, 1)
            within(want, said)
            status, said = check(program, "--root", d.root, "--listen", "--check")
            equal(status, 1)
            within(want, said)
            for name in "cacert.pem", "servercert.pem", "private/serverkey.pem":
                shutil.copy(pki.path(name), mine.path(name))
            if mine.has_crl():
                mine.revoke()
            d.wait("TLS is served with the certificate of 'CN=localhost'")
            equal(d.over_tls("list", folder=pki.folder), "")
            equal(check(program, "--root", d.root, "--listen", "--check"), (0, ""))

    function.__name__ = spoil.__name__
    test(function)


for row in WRONG:
    add_wrong(*row)


@test
def a_port_that_is_busy():
    with daemon() as d:
        equal(d.stop(), 0)
        with socket.create_server(("127.0.0.1", d.port)):
            d.start()
            d.wait(f"TLS is not served at 127.0.0.1:{d.port} (listen_addr, tls_port): Address already in use")
            equal(d.virsh("list"), "")
        d.process.send_signal(signal.SIGHUP)
        d.wait(f"TLS is served at 127.0.0.1:{d.port}")
        equal(d.over_tls("list"), "")
    with daemon(addr="192.0.2.1") as d:
        d.wait(f"TLS is not served at 192.0.2.1:{d.port} (listen_addr, tls_port): Cannot assign requested address")


@test
def a_crl_that_is_named_has_to_be_there():
    mine = pki.copy()
    mine.revoke()
    with daemon(mine) as d:
        equal(d.over_tls("list"), "")
        os.unlink(mine.path("cacrl.pem"))
        d.wait("TLS goes on with the certificates it has: " + mine.path("cacrl.pem") + ": does not exist")
        equal(d.over_tls("list"), "")
        equal(d.stop(), 0)
        d.start()
        d.wait("TLS connections are refused: " + mine.path("cacrl.pem") + ": does not exist")
        within("rror", d.not_over_tls("list"))


# They change

def fingerprint(d):
    with d.shake() as peer:
        equal(peer.recv(1), b"\x01")
        return peer.getpeercert(True)


@test
def files_that_change_are_read_again():
    mine = pki.copy()
    with daemon(mine) as d:
        before = fingerprint(d)
        d.wait("TLS is served with the certificate")
        stays = libvirt.open(d.tls_uri())
        key = mine.path("private/serverkey.pem")
        shutil.copy(key, key + ".old")
        mine.serve("signing_key")
        new = open(key).read()
        d.wait("TLS is served with the certificate")
        after = fingerprint(d)
        assert before != after, "the old one is shown"
        shutil.copy(key + ".old", key)
        d.wait("TLS goes on with the certificates it has: " + key + ": is not the key of the certificate in ")
        equal(fingerprint(d), after)
        with open(key, "w") as file:
            file.write(new)
        d.wait("TLS is served with the certificate")
        d.process.send_signal(signal.SIGHUP)
        d.wait("TLS is served with the certificate")
        equal(fingerprint(d), after)
        equal(stays.numOfDomains(), 0)
        stays.close()


@test
def revoked_while_the_rest_is_wrong():
    for spoil in mismatched, expired:
        mine = pki.copy()
        mine.revoke()
        bob = mine.client("bob")
        with daemon(mine) as d:
            goes, stays = libvirt.open(d.tls_uri(folder=bob)), libvirt.open(d.tls_uri())
            spoil(mine)
            d.wait("TLS goes on with the certificates it has")
            mine.revoke(bob)
            within("'CN=bob' at ", d.wait("): its certificate was revoked"))
            equal(stays.numOfDomains(), 0)
            if spoil is mismatched:     # others still come in, with those before
                within("rror", d.not_over_tls("list", folder=bob))
                d.wait("was refused: the client certificate CN=bob was revoked")
                equal(d.over_tls("list"), "")
            stays.close()
            del goes


def reload(uri):
    done = subprocess.run([virtcard, "-c", uri, "tls-reload"], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
                          check=False)
    return done.returncode, done.stdout, done.stderr


@test
def they_are_read_when_somebody_says_so():
    mine = pki.copy()
    with daemon(mine) as d:
        status, out, err = reload(d.uri())
        equal((status, err), (0, ""))
        within("TLS is served with the certificate of 'CN=localhost', until 2", out)
        before = fingerprint(d)
        mine.serve("signing_key")
        status, out, err = reload(d.tls_uri())  # without the half second in which they are found by themselves
        equal((status, err), (0, ""))
        assert fingerprint(d) != before, "the old one is shown"
        after = fingerprint(d)
        mismatched(mine)
        status, out, err = reload(d.uri())
        equal((status, out), (1, ""))
        within("TLS goes on with the certificates it has: " + mine.path("private/serverkey.pem") + ": is not the key of", err)
        equal(fingerprint(d), after)
        status, out, err = reload(d.uri(read_only=True))
        equal((status, out), (1, ""))
        within("read only access prevents", err)
    with Daemon(program, place.new_folder()) as d:
        equal(reload(d.uri()), (1, "", "Requested operation is not valid: TLS is not served here: only a virtcardd that was started with --listen does that\n"))


@test
def a_revoked_client_is_ended_and_nobody_else():
    mine = pki.copy()
    mine.revoke()
    bobs = mine.client("bob")
    with daemon(mine) as d:
        ended, calls, trouble = threading.Event(), [], []
        desk, bob = libvirt.open(d.tls_uri()), libvirt.open(d.tls_uri(folder=bobs))
        bob.registerCloseCallback(lambda *_: ended.set(), None)
        bob.setKeepAlive(30, 5)
        go = threading.Event()

        def load():
            try:
                connection = libvirt.open(d.tls_uri())
                while not go.is_set():
                    connection.numOfDomains()
                    calls.append(1)
                connection.close()
            except libvirt.libvirtError as error:
                trouble.append(error)

        loads = [threading.Thread(target=load) for _ in range(8)]
        for thread in loads:
            thread.start()
        try:
            mine.revoke(bobs)
            assert ended.wait(LIMIT), "bob is still there"
            d.wait("('CN=bob' at 127.0.0.1:")
            within("its certificate was revoked", d.log())
        finally:
            go.set()
            for thread in loads:
                thread.join(LIMIT)
        equal(trouble, [])
        assert len(calls) >= 8
        equal(d.log().count("its certificate was revoked"), 1)
        equal(desk.numOfDomains(), 0)
        within("rror", d.not_over_tls("list", folder=bobs))
        d.wait("the client certificate CN=bob was revoked")
        desk.close()


# Many come at once

HALF_OPEN = """
import socket, sys
hello = bytes.fromhex("16030100c8010000c40303")
half = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(2000)]
for i, peer in enumerate(half):
    try:
        peer.sendall((b"", hello[:3], hello)[i % 3])
    except OSError:
        pass        # one that had to go
print("they are there", flush=True)
sys.stdin.read()
"""


@test
def two_thousand_that_never_finish():
    """with nothing said, half a hello, and a hello without an end: the others are served"""
    with daemon(conf="max_anonymous_clients = 50\ntls_handshake_timeout = 20\n") as d:
        n_fds = d.n_fds()
        with subprocess.Popen([sys.executable, "-c", HALF_OPEN, str(d.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as flood:
            equal(flood.stdout.readline(), b"they are there\n")
            equal(d.virsh("list"), "")
            for _ in range(5):
                equal(d.over_tls("list"), "")
            assert d.n_fds() <= n_fds + 60, f"{d.n_fds()} descriptors"
            assert threads(d) <= 10, f"{threads(d)} threads"
            d.wait("unfinished handshakes, and it was the oldest")
            d.wait("lines such as the next one were left out")
            flood.stdin.close()
        assert d.log().count("was refused") < 1000
        equal(d.over_tls("list"), "")


def threads(d):
    return len(os.listdir(f"/proc/{d.process.pid}/task"))


@test
def one_that_takes_too_long():
    with daemon(conf="tls_handshake_timeout = 1\n") as d, d.connect() as peer, d.connect() as other:
        other.sendall(b"\x16\x03\x01")
        for one in peer, other:
            try:
                equal(one.recv(1), b"")
            except ConnectionResetError:
                pass
        d.wait("it did not end the handshake within 1 second")
        d.wait("it did not end the handshake within 1 second")


@test
def who_is_here_is_served_whatever_the_network_does():
    with daemon(conf="max_clients = 20\n") as d:
        silent = [d.connect() for _ in range(300)]
        inside = [d.shake() for _ in range(16)]
        for peer in inside:
            equal(peer.recv(1), b"\x01")
        within("rror", d.not_over_tls("list"))
        d.wait("there are 16 clients from other hosts already")
        here = [d.open() for _ in range(4)]
        equal([connection.numOfDomains() for connection in here], [0] * 4)
        inside.pop().close()
        while d.tls_call("list").returncode:    # its place is free once the daemon has seen the end
            pass
        for peer in silent + inside:
            peer.close()
        for connection in here:
            connection.close()


@test
def a_storm_of_handshakes():
    """all of them come in, by few threads, and the unix socket is served meanwhile"""
    with daemon() as d:
        here = d.open()
        trouble = []

        def storm():
            try:
                for _ in range(40):
                    with d.shake() as peer:
                        equal(peer.recv(1), b"\x01")
            except Exception as error:  # any will do
                trouble.append(error)

        storms = [threading.Thread(target=storm) for _ in range(4)]
        for thread in storms:
            thread.start()
        while any(thread.is_alive() for thread in storms):
            equal(here.numOfDomains(), 0)
        equal(trouble, [])
        equal(d.log().count(" is 'CN=desk'"), 160)
        assert threads(d) <= 10, f"{threads(d)} threads"
        here.close()


# What was done

@test
def a_book_of_changes():
    with daemon() as d:
        connection = libvirt.open(d.tls_uri())
        connection.defineXML(guest('we&quot; result=ok "b'))
        found = connection.lookupByUUIDString(UUID)
        found.setAutostart(1)
        try:
            found.suspend()
        except libvirt.libvirtError:
            pass
        found.undefine()
        connection.close()
        d.virsh("define", write(d.folder, guest()))
        within("read only", d.refused("undefine", "web", read_only=True))
        lines = [line.partition(" audit: ")[2] for line in d.log().splitlines() if " audit: " in line]
        who = lines[0].partition(" call=")[0]
        within("who=\"'CN=desk' at 127.0.0.1:", who)
        name = '"we\\" result=ok \\"b"'
        equal([line.replace(who, "WHO") for line in lines[:4]],
              [f"WHO call=DomainDefineXML domain={name} result=ok", f"WHO call=DomainSetAutostart domain={name} result=ok",
               f'WHO call=DomainSuspend domain={name} result="domain is not running"', f"WHO call=DomainUndefine domain={name} result=ok"])
        equal(len(lines), 6)
        within(f" of user {os.getuid()}\" call=DomainDefineXML domain=\"web\" result=ok", lines[4])
        within('call=DomainUndefine domain="web" result="read only access prevents virDomainUndefine"', lines[5].replace("UndefineFlags", "Undefine"))
    long = "x" * 5000
    with daemon() as d:
        folder = pki.client(long, "tls_www_client", "signing_key", "encryption_key", key="--rsa --bits=2048")
        d.over_tls("define", write(d.folder, guest()), folder=folder)
        d.wait('..." call=DomainDefineXML domain="web" result=ok')
    with daemon(conf="audit_logging = 0\nlog_level = 4\n") as d:
        d.virsh("define", write(d.folder, guest()))
        equal("audit" in d.log(), False)
    with daemon(conf="log_level = 4\n") as d:
        d.virsh("define", write(d.folder, guest()))
        within("audit: client=", d.log())


def write(folder, text):
    path = os.path.join(folder, "guest.xml")
    with open(path, "w") as file:
        file.write(text)
    return path


run(sys.argv[2:])
