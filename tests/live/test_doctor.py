#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`virtcard connect-doctor` on this host: sockets and roots; by way of ssh; over TLS see test_failures.py.

    test_doctor.py VIRTCARDD VIRTCARD [WORD...]
"""
import os
import re
import shutil
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

from daemon import LIMIT, Daemon  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place  # noqa: E402
from remote import Remote, Remotes  # noqa: E402
from sshd import Sshd  # noqa: E402

virtcardd, virtcard = (os.path.abspath(path) for path in sys.argv[1:3])
place = Place(virtcard)


def doctor(*words, status, before=(), program=virtcard, hint=""):
    done = subprocess.run([*before, program, "connect-doctor", *words], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
                          check=False, env=dict(os.environ, LC_ALL="C.UTF-8"))
    equal((done.returncode, done.stderr[:len(hint) or None]), (status, hint))
    return done.stdout.splitlines()


def uri_of(path):
    return f"qemu+unix:///system?socket={path}"


@test
def all_is_well_over_a_socket():
    with Daemon(virtcardd, place.new_folder()) as d:
        path = d.socket()
        lines = doctor(uri_of(path), status=0)
        within(f"ok socket: somebody listens at {path} (user ", lines[1])
        equal([lines[0], *lines[2:]], [f"ok address: {uri_of(path)}", "ok authentication: no more is asked for than who has the connection",
                                       "ok authorisation: guests can be seen: 0 of them"])
        equal(doctor("--read-only", uri_of(path), status=0)[2:], lines[2:])
        equal(doctor(f"qemu:///system?root={d.root}", status=0)[2:], lines[2:])
        # While the daemon holds them nobody else does.
        lines = doctor(f"qemu:///embed?root={d.root}", status=1)
        within("failed root: ", lines[1])
        within("  what to do: end the process that holds it", lines[2])


@test
def all_is_well_in_this_process():
    root = place.new_root()
    uri = f"qemu:///embed?root={root}"
    equal(doctor(uri, status=0), [f"ok address: {uri}", "ok root: this process holds its guests",
                                  "ok authentication: no more is asked for than who has the connection",
                                  "ok authorisation: guests can be seen: 0 of them"])
    equal(doctor("--root", root, status=0)[0], f"ok address: {uri}")


@test
def all_is_well_over_tls():
    pki = Remotes(place)
    with Remote(virtcardd, place.new_folder(), pki) as d:
        lines = doctor(d.tls_uri(), status=0)
        equal([line.split(": ")[0] for line in lines],
              ["ok " + step for step in ("address", "certificates", "name", "port", "handshake", "chain", "dates", "server name", "client certificate",
                                         "authentication", "authorisation")])
        within(f"CA {pki.folder}/cacert.pem, ours {pki.folder}/clientcert.pem: 'CN=desk', until ", lines[1])
        within("(TLS1.3)", lines[4])
        within("it asked for one, has seen 'CN=desk'", lines[8])
        # What is for the server of --connect is for that of the command too.
        shown = subprocess.run([virtcard, "pki", "show", pki.path("servercert.pem")], capture_output=True, text=True, timeout=LIMIT, check=True)
        key = re.search(r"^fingerprint  (SHA256:\S{43})$", shown.stdout, re.M)[1]
        equal(doctor("--fingerprint", key, d.tls_uri(), status=0)[5:8], lines[5:8])
        lines = doctor("--fingerprint", "SHA256:" + 43 * "A", d.tls_uri(), status=1)
        within(f"failed chain: localhost:{d.port} (127.0.0.1): the fingerprint of its key is {key}, and not SHA256:AAA", lines[5])
        within("compare with what 'virtcard pki show' tells on the server", lines[6])


@test
def a_fault_that_does_not_count():
    pki = Remotes(place)
    with Remote(virtcardd, place.new_folder(), pki, addr="0.0.0.0") as d:
        lines = doctor(d.tls_uri("127.0.0.2", more="&no_verify=1"), status=0)
        equal(lines[7], "skipped server name: accepted all the same (no_verify=1): its certificate is not for '127.0.0.2', but for 'CN=localhost', "
                        "DNS:localhost, IP:127.0.0.1")


@test
def more_than_one_fault():
    """every one is said; the first is what other commands say"""
    with Remote(virtcardd, place.new_folder(), Remotes(place, "Their CA"), addr="0.0.0.0") as d:
        lines = doctor(d.tls_uri("127.0.0.2", folder=Remotes(place).folder), status=1, hint="nobody is at a terminal to be asked")
        failed = [line.split(": ")[0] for line in lines if line.startswith("failed")]
        equal(failed, ["failed chain", "failed server name"])


@test
def by_way_of_ssh():
    with Daemon(virtcardd, place.new_folder()) as d, Sshd(place.new_folder()) as sshd:
        uri = f"qemu+ssh://root@localhost:{sshd.port}/system?socket={{}}&command={sshd.ssh}&keyfile={{}}&no_tty=1"
        lines = doctor(uri.format(d.socket(), sshd.key), status=0)
        equal([line.split(":")[0] for line in lines], ["ok " + step for step in ("address", "ssh", "authentication", "authorisation")])
        equal(lines[3], "ok authorisation: guests can be seen: 0 of them")
        for path, key, words in ((d.socket(), sshd.host_key, "Permission denied (publickey)"), ("/no/such/socket", sshd.key, "/no/such/socket")):
            lines = doctor(uri.format(path, key), status=1)
            equal([line.split(":")[0] for line in lines],
                  ["ok address", "failed ssh", "  what to do", "skipped authentication", "skipped authorisation"])
            within(words, lines[1])


@test
def sockets_that_are_none():
    folder = place.new_folder()
    path = os.path.join(folder, "sock")

    def said():
        lines = doctor(uri_of(path), status=1)
        equal(lines[3:], ["skipped authentication", "skipped authorisation"])
        return lines[1], lines[2]

    within("start the daemon: virtcardd", said()[1])
    with open(path, "w"):
        pass
    within(f"{path} is no socket", said()[1])
    os.unlink(path)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
    equal(said(), (f"failed socket: cannot connect to '{path}': nobody listens there",
                   "  what to do: the daemon that made this socket has gone: start it again"))


@test
def sockets_for_others():
    if os.getuid() != 0 or os.stat("/proc/self/ns/user").st_ino != os.stat(f"/proc/{os.getppid()}/ns/user").st_ino:
        raise Skip("only root can be somebody else")
    program = shutil.copy(virtcard, place.new_folder())
    before = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    folder = place.new_folder()
    path = os.path.join(folder, "sock")

    def said():
        lines = doctor(uri_of(path), status=1, before=before, program=program)
        equal(lines[1], f"failed socket: cannot connect to '{path}': Permission denied")
        return lines[2].removeprefix("  what to do: ")

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        os.chown(path, 0, 6)
        os.chmod(path, 0o770)
        equal(said(), f"socket {path} is for members of group 'disk', and this process (user 'nobody') is none: 'usermod -aG disk nobody' as root, and "
                      "log in anew")
        os.chmod(path, 0o700)
        equal(said(), f"socket {path} is for user 'root' only, and this process is of user 'nobody': become that user, or set unix_sock_group and "
                      "unix_sock_rw_perms in virtcardd.conf")
        os.chmod(path, 0o777)
        os.chmod(folder, 0o750)
        within(f"folder {folder} is for members of group 'root'", said())


@test
def what_is_no_uri():
    equal(doctor("qemu+tls:///system", status=1)[0], "failed address: URI 'qemu+tls:///system': transport tls needs a host")


run(sys.argv[3:])
