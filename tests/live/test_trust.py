#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whom clients trust: the list of known servers, a program's say, and the person at a terminal.

    test_trust.py VIRTCARDD VIRTCARD TRUST [WORD...]

TRUST is tests/live/trust.c.
"""
import os
import re
import shutil
import stat
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

from livetap import equal, run, test, within  # noqa: E402
from machine import Place  # noqa: E402
from remote import Remote, Remotes  # noqa: E402

LIMIT = 180
virtcardd, virtcard, trust = (os.path.abspath(path) for path in sys.argv[1:4])
place = Place(virtcard)
pki = Remotes(place)
ISSUER, SELF, EXPIRED, NAME, UNTRUSTED, CHANGED = 1, 2, 4, 16, 1024, 2048
DATE = "20[0-9]{2}-[0-9]{2}-[0-9]{2}"


def fingerprint(cert):
    done = subprocess.run([virtcard, "pki", "show", cert], capture_output=True, text=True, timeout=LIMIT, check=True)
    return re.search(r"^fingerprint  (SHA256:\S{43})$", done.stdout, re.M)[1]


def unknown_ca(*template, key="--ecc"):
    """a server whose CA the client has not; its own clients are let in. With a template: another certificate"""
    mine = Remotes(place, "Their CA")
    if template:
        mine.serve("signing_key", *template, key=key)
    return mine


def daemon(mine, **more):
    return Remote(virtcardd, place.new_folder(), mine, **more)


def new_key(mine):
    mine.serve("signing_key")
    return fingerprint(mine.path("servercert.pem"))


class Program:
    """with certificates of its own, and a list of its own"""

    def __init__(self, mine):
        self.own = [f"cert={mine.path('clientcert.pem')}", f"key={mine.path('clientkey.pem')}"]
        self.list = os.path.join(place.new_folder(), "a", "known")

    def says(self, d, *words, host="localhost", status=0):
        done = subprocess.run([trust, f"qemu+tls://{host}:{d.port}/system", *self.own, f"list={self.list}", *words], capture_output=True, text=True,
                              timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
        equal((done.returncode, done.stderr), (status, ""))
        return done.stdout.splitlines()

    def known(self):
        if not os.path.exists(self.list):
            return []
        with open(self.list) as file:
            return [line.split()[:3] for line in file if not line.startswith("#")]


# A program's say

@test
def a_program_trusts_on_first_use():
    mine = unknown_ca()
    program, key = Program(mine), fingerprint(mine.path("servercert.pem"))
    with daemon(mine) as d:
        asked = f"asked localhost:{d.port} {key} faults {ISSUER + UNTRUSTED}"
        why = f"localhost:{d.port} (127.0.0.1): its certificate was signed by CA 'CN=Their CA', which is not trusted here"
        equal(program.says(d, "policy=remembered", status=1), [f"error 7: {why}"])
        equal(program.says(d, "policy=ask", "say=reject", status=1),
              [asked, f"error 7: {why.replace('its certificate was signed', 'its certificate was rejected: its certificate was signed')}"])
        equal(program.says(d, "policy=ask", "say=once"), [asked, "open"])
        equal(program.known(), [])
        equal(program.says(d, "policy=ask", "say=remember"), [asked, "open"])
        equal(program.known(), [["localhost", str(d.port), key]])
        equal(stat.S_IMODE(os.stat(program.list).st_mode), 0o600)
        equal(stat.S_IMODE(os.stat(os.path.dirname(program.list)).st_mode), 0o700)
        equal(program.says(d, "policy=ask", "say=reject"), ["open"])
        equal(program.says(d, "policy=remembered"), ["open"])
        equal(program.says(d, "policy=always", "say=once"), [f"asked localhost:{d.port} {key} faults {ISSUER}", "open"])
        equal(program.says(d, "policy=ca", status=1), ["error 3: there is no certificate of a CA to check the server's with: none was given"])
        # by another name it is another server
        within(f"asked 127.0.0.1:{d.port} {key}", "\n".join(program.says(d, "policy=ask", "say=reject", host="127.0.0.1", status=1)))


@test
def a_changed_key_is_refused():
    mine = unknown_ca()
    program, before = Program(mine), fingerprint(mine.path("servercert.pem"))
    with daemon(mine) as d:
        equal(program.says(d, "policy=ask", "say=remember")[-1], "open")
    after = new_key(mine)
    with daemon(mine) as e:
        with open(program.list) as file:
            text = file.read().replace(f" {d.port} ", f" {e.port} ")
        with open(program.list, "w") as file:
            file.write(text)
        for policy in "remembered", "ask":
            (line,) = program.says(e, f"policy={policy}", "say=remember", status=1)
            if not re.fullmatch(rf"error 7: localhost:{e.port} \(127.0.0.1\): ITS KEY HAS CHANGED: it is {re.escape(after)} now, and was "
                                rf"{re.escape(before)} when it was first trusted on {DATE} \S* UTC \({program.list}:2\); .*virtcard trust remove.*", line):
                raise AssertionError(line)
        # a CA that vouches for the new one changes nothing
        within("although a CA vouches for the new one", program.says(e, "policy=ask", f"ca={mine.path('cacert.pem')}", status=1)[0])
        equal(program.known(), [["localhost", str(e.port), before]])
        # the program that decides by itself is told, and may replace it
        equal(program.says(e, "policy=always", "say=remember"), [f"asked localhost:{e.port} {after} faults {ISSUER + CHANGED}", "open"])
        equal(program.known(), [["localhost", str(e.port), after]])
        equal(program.says(e, "policy=remembered"), ["open"])


@test
def renewed_with_the_same_key():
    mine = unknown_ca("expiration_days = 100")
    program = Program(mine)
    with daemon(mine) as d:
        d.wait("TLS is served with the certificate")
        equal(program.says(d, "policy=ask", "say=remember")[-1], "open")
        mine.serve("signing_key", "expiration_days = 200", key=None)
        d.wait("TLS is served with the certificate")
        equal(program.says(d, "policy=remembered"), ["open"])


@test
def what_a_key_does_not_stand_in_for():
    mine = unknown_ca("expiration_days = 100")
    program = Program(mine)
    key = fingerprint(mine.path("servercert.pem"))
    with daemon(mine, addr="0.0.0.0") as d:
        equal(program.says(d, "policy=ask", "say=remember", host="127.0.0.3"), [f"asked 127.0.0.3:{d.port} {key} faults {ISSUER + NAME + UNTRUSTED}", "open"])
        equal(program.says(d, "policy=remembered", host="127.0.0.3"), ["open"])
    mine.serve("signing_key", "activation_date = 2001-01-01 00:00:00 UTC", "expiration_date = 2002-01-01 00:00:00 UTC", key=None)
    # such a daemon is not ours, which would refuse it
    with subprocess.Popen(["gnutls-serv", "--quiet", "-p", str(d.port), "--x509certfile", mine.path("servercert.pem"),
                           "--x509keyfile", mine.path("private/serverkey.pem"), "--disable-client-cert"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL) as server:
        try:
            server.stdout.readline()
            said = program.says(d, "policy=remembered", host="127.0.0.3", status=1)
            within("its certificate expired on 2002-01-01 00:00:00 UTC", said[0])
            said = program.says(d, "policy=ask", "say=reject", host="127.0.0.3", status=1)
            equal(said[0], f"asked 127.0.0.3:{d.port} {key} faults {ISSUER + NAME + EXPIRED}")
        finally:
            server.kill()


@test
def a_fingerprint_instead_of_a_list():
    mine = unknown_ca()
    program, key = Program(mine), fingerprint(mine.path("servercert.pem"))
    other = fingerprint(pki.path("servercert.pem"))
    with daemon(mine) as d:
        equal(program.says(d, f"fingerprint={key}"), ["open"])
        equal(program.says(d, f"fingerprint={other}", f"ca={mine.path('cacert.pem')}", status=1),
              [f"error 7: localhost:{d.port} (127.0.0.1): the fingerprint of its key is {key}, and not {other}, which is wanted"])
        equal(program.says(d, "fingerprint=ab:cd", status=1),
              ["error 1: 'ab:cd' is no fingerprint: it is 'SHA256:' and 43 characters of base64"])
        equal(program.known(), [])


@test
def a_damaged_list_lets_nobody_in():
    program = Program(pki)
    os.mkdir(os.path.dirname(program.list))
    with open(program.list, "w") as file:
        file.write("# mine\nlocalhost 16514\n")
    with daemon(pki) as d:
        for policy in "remembered", "ask", "always":
            equal(program.says(d, f"policy={policy}", "say=remember", f"ca={pki.path('cacert.pem')}", status=1),
                  [f"error 1: localhost:{d.port} (127.0.0.1): the list of trusted servers cannot be used: {program.list}:2: "
                   "not 'HOST PORT FINGERPRINT TIME', with one space between them"])
        equal(program.says(d, "policy=ca", f"ca={pki.path('cacert.pem')}"), ["open"])


@test
def what_a_server_has_shown():
    mine = pki.copy()
    with open(mine.path("servercert.pem"), "a") as cert, open(mine.path("cacert.pem")) as ca:
        cert.write(ca.read())
    with daemon(mine) as d:
        lines = Program(pki).says(d, f"ca={pki.path('cacert.pem')}", "shown")
        equal([line for line in lines if "-" not in line and " " in line], ["shown CN=localhost faults 0", "shown CN=Test CA faults 0"])
        shown = os.path.join(place.new_folder(), "shown.pem")
        with open(shown, "w") as file:
            file.write("\n".join(lines) + "\n")
        equal(fingerprint(shown), fingerprint(pki.path("servercert.pem")))


run(sys.argv[4:])
