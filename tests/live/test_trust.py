#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whom clients trust: the list of known servers, a program's say, and the person at a terminal.

    test_trust.py VIRTCARDD VIRTCARD TRUST [WORD...]

TRUST is tests/live/trust.c.
"""
import os
import re
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
from terminal import Terminal  # noqa: E402

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
        why = (f"localhost:{d.port} (127.0.0.1): its certificate was signed by CA 'CN=Their CA', "
               "and there is no certificate of a CA to check it with: none was given")
        equal(program.says(d, "policy=remembered", status=1), [f"error 7: {why}"])
        equal(program.says(d, "policy=ask", "say=reject", status=1),
              [asked, f"error 7: {why}"])
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


# A person's say

class Person(Terminal):
    """whose home is empty"""

    def __init__(self, uri, home=None, stdin=None):
        self.home = home or place.new_folder()
        self.list = os.path.join(self.home, "virtcard", "known_servers")
        super().__init__([virtcard, "-c", uri, "list", "--name"], dict(os.environ, XDG_CONFIG_HOME=self.home, LC_ALL="C.UTF-8"), stdin)

    def answer(self, text):
        self.wait("fingerprint) ")
        self.type(text)

    def known(self):
        return Program.known(self)


def bare(mine, d, host="localhost"):
    """a URI with a client's certificate and no CA's"""
    folder = mine.client("eve")
    os.remove(os.path.join(folder, "cacert.pem"))
    return d.tls_uri(host, folder=folder)


@test
def a_person_trusts_on_first_use():
    mine = unknown_ca()
    key = fingerprint(mine.path("servercert.pem"))
    with daemon(mine) as d:
        uri = bare(mine, d)
        first = Person(uri)
        shown = first.wait("Trust it?")
        for words in (f"The server localhost:{d.port} shows this certificate:\n  subject      CN=localhost\n  issuer       CN=Their CA\n"
                      "  names        DNS:localhost, IP:127.0.0.1\n  valid        from 20", f"  fingerprint  {key}\n",
                      "  problem      its certificate was signed by CA 'CN=Their CA', and there is no certificate of a CA",
                      f"  problem      it was not trusted before: {first.list} has no key of it\n", "virtcard pki show"):
            within(words, shown)
        first.answer("yes")
        equal(first.end(), (0, "yes\n"))
        equal(first.known(), [["localhost", str(d.port), key]])
        equal(stat.S_IMODE(os.stat(first.list).st_mode), 0o600)
        again = Person(uri, home=first.home)
        equal(again.end(), (0, ""))
        done = subprocess.run([virtcard, "-c", uri, "list", "--name"], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, XDG_CONFIG_HOME=first.home), check=False)
        equal((done.returncode, done.stdout, done.stderr), (0, "", ""))


@test
def what_was_typed_before_the_question():
    mine = unknown_ca()
    with daemon(mine) as d:
        person = Person(bare(mine, d))
        person.type("yes")
        person.wait("Trust it?")
        person.answer("no")
        equal((person.end()[0], person.known()), (1, []))


@test
def what_a_person_answers():
    mine = unknown_ca()
    key, other = fingerprint(mine.path("servercert.pem")), fingerprint(pki.path("servercert.pem"))
    why = "its certificate was signed by CA 'CN=Their CA', and there is no certificate of a CA to check it with"
    with daemon(mine) as d:
        uri = bare(mine, d)
        for answers, status, said, known in ((["once"], 0, "", 0), (["no"], 1, why, 0), ([f" {key}="], 0, "", 1),
                                             ([other], 1, "That is another fingerprint: this is not the server you mean.\n", 0),
                                             (["what", "y", "YES"], 0, "", 1), (["", "", ""], 1, why, 0), (["\x04"], 1, why, 0)):
            person = Person(uri)
            for answer in answers:
                person.answer(answer)
            got, text = person.end()
            equal((got, len(person.known())), (status, known))
            within(said, text)
            if "once" in answers:
                again = Person(uri, home=person.home)
                again.answer("no")
                equal(again.end()[0], 1)


@test
def a_person_and_a_changed_key():
    mine = unknown_ca()
    before = fingerprint(mine.path("servercert.pem"))
    with daemon(mine) as d:
        uri = bare(mine, d)
        first = Person(uri)
        first.answer("yes")
        equal(first.end()[0], 0)
        d.wait("TLS is served with the certificate")
        after = new_key(mine)
        d.wait("TLS is served with the certificate")
        status, text = Person(uri, home=first.home).end()
        equal((status, "Trust it?" in text), (1, False))
        within(f"ITS KEY HAS CHANGED: it is {after} now, and was {before} when it was first trusted on 20", text)
        within(f"({first.list}:2); somebody may be pretending to be it.", text)
        equal(first.known(), [["localhost", str(d.port), before]])
        # as it says
        removed = subprocess.run([virtcard, "trust", "remove", f"localhost:{d.port}"], capture_output=True, text=True, timeout=LIMIT,
                                 env=dict(os.environ, XDG_CONFIG_HOME=first.home), check=False)
        equal((removed.returncode, removed.stdout, removed.stderr), (0, f"Server 'localhost:{d.port}' is forgotten\n", ""))
        again = Person(uri, home=first.home)
        again.answer(after)
        equal(again.end()[0], 0)
        equal(first.known(), [["localhost", str(d.port), after]])


@test
def nobody_is_asked_on_a_pipe():
    mine = unknown_ca()
    key, other = fingerprint(mine.path("servercert.pem")), fingerprint(pki.path("servercert.pem"))
    with daemon(mine) as d:
        uri = bare(mine, d)
        piped, feed = os.pipe()
        os.write(feed, b"yes\n")
        os.close(feed)
        with os.fdopen(piped) as stdin:
            person = Person(uri, stdin=stdin)
            status, text = person.end()
        equal((status, "Trust it?" in text, person.known()), (1, False, []))
        within(f"nobody is at a terminal to be asked whether it is the right one. Its fingerprint is {key}", text)

        def script(*words):
            done = subprocess.run([virtcard, *words], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
                                  env=dict(os.environ, XDG_CONFIG_HOME=person.home, LC_ALL="C.UTF-8"), check=False)
            return done.returncode, done.stdout, done.stderr

        connect = "-c", uri, "list", "--name"
        equal(script(*connect)[0], 1)
        equal(script(*connect, "--fingerprint", key), (0, "", ""))
        equal(script(*connect, "--fingerprint", other),
              (1, "", f"localhost:{d.port} (127.0.0.1): the fingerprint of its key is {key}, and not {other}, which is wanted\n"))
        equal(person.known(), [])
        equal(script("trust", "add", f"localhost:{d.port}", key), (0, f"Server 'localhost:{d.port}' is trusted by its key\n", ""))
        equal(script(*connect), (0, "", ""))


@test
def what_a_stranger_writes():
    """a certificate that would move the cursor"""
    mine = unknown_ca('organization = "\x1b[2J\x07web"')
    with daemon(mine) as d:
        person = Person(bare(mine, d))
        shown = person.wait("Trust it?")
        equal("\x1b" in shown or "\x07" in shown, False)
        within("x1b[2J", shown)
        person.answer("no")
        equal(person.end()[0], 1)


run(sys.argv[4:])
