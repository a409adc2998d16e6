#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Users who log in (SASL): real virsh, python3-libvirt, the command and libvirtcard at virtcardd; and these at libvirt's own daemon.

    test_remote_sasl.py VIRTCARDD VIRTCARD AUTH [WORD...]

AUTH is tests/live/auth.c.
"""
import os
import pty
import shutil
import socket
import struct
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, os.pardir, "bench")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

import libvirt  # noqa: E402
from daemon import LIMIT, Daemon  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place  # noqa: E402
from private_libvirt import PrivateLibvirt  # noqa: E402
from rawclient import AUTH_LIST as LIST, OPEN, REMOTE, SASL_INIT as INIT, SASL_START as START, SASL_STEP as STEP, Wire, chars, error_of, said, string  # noqa: E402
from remote import Remote, Remotes  # noqa: E402
from sasl import add_user, auth_file, libvirtds_sasl, set_mechanisms, user  # noqa: E402

virtcardd, virtcard, auth = (os.path.abspath(path) for path in sys.argv[1:4])
place = Place(virtcard)
pki = Remotes(place)

FAILED = "error: authentication failed: authentication failed"
OURS = "the server does not let user '%s' in: no such user, another password, or a user who may not"
FRED = ("fred", "correct horse")


def served(kind, conf, mechanisms=(), **more):
    """a daemon with fred, and with jörg, whose password is no ASCII; a mechanism's settings come before it starts"""
    d = kind(virtcardd, place.new_folder(), *([pki, conf] if kind is Remote else [conf]), **more)
    if mechanisms:
        set_mechanisms(d.root, *mechanisms)
    add_user(virtcard, d.root, *FRED)
    add_user(virtcard, d.root, "jörg", "schön, =")
    return d


def over_tls(conf="", **more):
    return served(Remote, 'auth_tls = "sasl"\n' + conf, **more)


def as_user(d, name=FRED[0], password=FRED[1]):
    return f"&authfile={auth_file(d.folder, name, password)}"


def command(uri, *words, name=None, password=None):
    more = (["--user", name] if name else []) + ([f"--password-file={password}"] if password else [])
    return subprocess.run([virtcard, "-c", uri, *more, *words], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False,
                          start_new_session=True, env=dict(os.environ, LC_ALL="C.UTF-8"))


def password_file(d, text):
    path = os.path.join(d.folder, "password")
    with open(path, "w") as file:
        file.write(text)
    return path


def api(what, uri, name, secret, status=0, **more):
    done = subprocess.run([auth, what, uri, name, secret], capture_output=True, text=True, timeout=LIMIT, check=False, **more)
    equal((done.returncode, done.stderr), (status, ""))
    return done.stdout.splitlines()


def python(uri, name, password):
    def answer(credentials, _):
        for credential in credentials:
            credential[4] = {libvirt.VIR_CRED_AUTHNAME: name, libvirt.VIR_CRED_PASSPHRASE: password}[credential[0]]
        return 0

    return libvirt.openAuth(uri, [[libvirt.VIR_CRED_AUTHNAME, libvirt.VIR_CRED_PASSPHRASE], answer, None], 0)


# Who comes in

@test
def over_tls_with_a_certificate_and_a_password():
    with over_tls() as d:
        equal(d.over_tls("list", "--all", "--name", more=as_user(d)), "")
        within("'CN=desk' at 127.0.0.1:", d.wait("has logged in as user 'fred' by SCRAM-SHA-256"))
        connection = python(d.tls_uri(), *FRED)
        equal((connection.isAlive(), connection.isSecure(), connection.isEncrypted()), (1, 1, 1))
        for _ in range(100):
            equal(connection.listAllDomains(), [])
        connection.close()
        connection = python(d.tls_uri(), "jörg", "schön, =")
        connection.close()
        d.wait("has logged in as user 'jörg'")
        equal(d.virsh("list", "--all", "--name"), "")    # who is here need not


@test
def over_tls_without_a_certificate():
    with over_tls("tls_no_verify_certificate = 1\n") as d:
        bare = pki.client()
        equal(d.over_tls("list", "--all", "--name", folder=bare, more=as_user(d)), "")
        line = d.wait("has logged in as user 'fred'")
        within(": 127.0.0.1:", line)
        if "CN=" in line:
            raise AssertionError(line)
        connection = python(d.tls_uri(folder=bare), *FRED)
        equal(connection.listAllDomains(), [])
        connection.close()
        d.wait("has logged in as user 'fred'")
        within(FAILED, d.not_over_tls("list", folder=bare, more=as_user(d, password="wrong")))
        # A certificate that is no good names nobody, and one that is good still does.
        other = Remotes(place, "Other CA", clients=("root",))
        shutil.copy(pki.path("cacert.pem"), other.path("cacert.pem"))
        context = other.context(other.folder)
        with context.wrap_socket(d.connect(), server_hostname="localhost") as peer:
            equal(peer.recv(1), b"\x01")
            within("has no good certificate", d.wait("has no good certificate"))
        d.over_tls("list", more=as_user(d))
        within("'CN=desk' at ", d.wait("has logged in as user 'fred'"))
    with over_tls() as d:    # one is wanted, and a password does not stand in for it
        bare = pki.client()
        within("no client certificate was sent", (d.not_over_tls("list", folder=bare, more=as_user(d)), d.wait("no client certificate"))[1])


@test
def over_a_unix_socket():
    with served(Daemon, 'auth_unix_rw = "sasl"\n') as d:
        done = subprocess.run(["virsh", "-q", "-c", d.uri() + as_user(d), "list", "--all", "--name"], capture_output=True, text=True, timeout=LIMIT,
                              stdin=subprocess.DEVNULL, check=False)
        equal((done.returncode, done.stdout.strip(), done.stderr), (0, "", ""))
        within("client 1: process ", d.log())
        equal(d.virsh("list", "--all", read_only=True), "")    # only the other socket wants it
        python(d.uri(), *FRED).close()
        try:
            python(d.uri(), "fred", "wrong")
        except libvirt.libvirtError as error:
            equal((error.get_error_code(), error.get_error_message()), (45, "authentication failed: authentication failed"))
        else:
            raise AssertionError("a wrong password is good enough")


@test
def other_mechanisms():
    for mechanism in "PLAIN", "DIGEST-MD5", "SCRAM-SHA-1":
        with over_tls(mechanisms=(mechanism,)) as d:
            d.over_tls("list", more=as_user(d))
            within(f"by {mechanism}\n", d.wait("has logged in as user 'fred'") + "\n")
            within(FAILED, d.not_over_tls("list", more=as_user(d, password="wrong")))
            within(FAILED, d.not_over_tls("list", more=as_user(d, name="nobody")))
            equal(command(d.tls_uri(), "list", "--name", name="fred", password=password_file(d, FRED[1])).stdout, "")
            d.wait("has logged in as user 'fred'")


# Who does not

@test
def one_answer_for_whatever_is_wrong():
    """the words, and every message before them, but for what is random; the log knows more"""
    with over_tls('sasl_allowed_username_list = [ "f*" ]\n') as d:
        for name, password in (("fred", "wrong"), ("nobody", FRED[1]), ("jörg", "schön, ="), ("fred@elsewhere", FRED[1])):
            within(FAILED, d.not_over_tls("list", more=as_user(d, name, password)))
            done = command(d.tls_uri(), "list", name=name, password=password_file(d, password))
            equal((done.returncode, done.stdout, done.stderr), (1, "", OURS % name + "\n"))
        for line in ("user 'fred': authentication failure", "there is no user 'nobody'", "there is no user 'fred@elsewhere'",
                     "user 'jörg': it is not on sasl_allowed_username_list"):
            within("did not log in by SCRAM-SHA-256: " + line, d.log())
        d.over_tls("list", more=as_user(d))
    with over_tls("sasl_allowed_username_list = []\n") as d:
        within(FAILED, d.not_over_tls("list", more=as_user(d)))


@test
def no_mechanism_in_common():
    with over_tls() as d:
        within("SASL mechanism PLAIN not supported by server", d.not_over_tls("list", more="&auth=sasl.PLAIN" + as_user(d)))
    with over_tls(mechanisms=("GSSAPI-NONE",)) as d:
        within("nobody can log in: libsasl2 has none of the mechanisms 'GSSAPI-NONE'", d.log())
        within(FAILED, d.not_over_tls("list", more=as_user(d)))
        within("the server wants a user to log in, and has no way to: ", command(d.tls_uri(), "list", name="fred", password="/etc/hostname").stderr)
        equal(d.virsh("list", "--all", "--name"), "")


@test
def settings_that_protect_nobody():
    folder = place.new_folder()
    etc = os.path.join(folder, "etc", "virtcard")
    os.makedirs(os.path.join(etc, "sasl2"))
    for line, words in (("tls_no_verify_certificate = 1", "anybody could connect"),
                        ('auth_tls = "sasl"\ntls_no_verify_certificate = 1\ntls_allowed_dn_list = [ "CN=x" ]', "tls_allowed_dn_list would keep nobody out"),
                        ('sasl_allowed_username_list = [ "x" ]', "would keep nobody out"), ('auth_tls = "polkit"', 'can only be "none" or "sasl"')):
        with open(os.path.join(etc, "virtcardd.conf"), "w") as file:
            file.write(line + "\n")
        done = subprocess.run([virtcardd, "--root", folder, "--check"], capture_output=True, text=True, timeout=LIMIT, check=False)
        equal(done.returncode, 1)
        within(words, done.stderr)
    with open(os.path.join(etc, "virtcardd.conf"), "w") as file:
        file.write('auth_unix_rw = "sasl"\n')
    with open(os.path.join(etc, "sasl2", "libvirt.conf"), "w") as file:
        file.write("# mine\nmech_list = PLAIN\n")
    for more in [], ["--check"]:
        done = subprocess.run([virtcardd, "--root", folder, *more], capture_output=True, text=True, timeout=LIMIT, check=False)
        equal(done.returncode, 1)
        within("sasl2/libvirt.conf:2: expected 'key: value'", done.stderr)


@test
def no_database_is_no_users():
    d = Daemon(virtcardd, place.new_folder(), 'auth_unix_rw = "sasl"\n')
    with d:
        done = subprocess.run(["virsh", "-q", "-c", d.uri() + as_user(d), "list"], capture_output=True, text=True, timeout=LIMIT,
                              stdin=subprocess.DEVNULL, check=False)
        within(FAILED, done.stderr)
        within("did not log in by SCRAM-SHA-256: there is no user 'fred'", d.log())
        wire = wire_to(d)
        wire.call(INIT)
        equal(scram(wire, b"fred")[0], 0)


@test
def the_way_that_the_uri_names():
    with over_tls(mechanisms=("SCRAM-SHA-256", "PLAIN")) as d:
        good = password_file(d, FRED[1])
        for mechanism in "PLAIN", "SCRAM-SHA-256":
            equal(command(d.tls_uri(more=f"&auth=sasl.{mechanism}"), "list", name="fred", password=good).stderr, "")
            within(f"by {mechanism}\n", d.wait("has logged in") + "\n")
        equal(command(d.tls_uri(more="&auth=sasl.GSSAPI"), "list", name="fred", password=good).stderr,
              "parameter 'auth': the server has 'SCRAM-SHA-256,PLAIN' and not 'GSSAPI'\n")
        within("neither sasl nor sasl.MECHANISM", command(d.tls_uri(more="&auth=polkit"), "list").stderr)
    with Remote(virtcardd, place.new_folder(), pki) as d:
        equal(command(d.tls_uri(more="&auth=sasl"), "list", name="fred").stderr,
              "the server lets nobody log in, and parameter 'auth' asks for it\n")


# The wire

def wire_to(d):
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(d.socket())
    peer.settimeout(LIMIT)
    return Wire(peer)


def scram(wire, user_name):
    """the first message of both"""
    status, body = wire.call(START, string(b"SCRAM-SHA-256") + chars(b"n,,n=" + user_name + b",r=0123456789abcdef"))
    equal(status, 0)
    return said(body)


@test
def the_same_way_for_whoever():
    """a user who is there and one who is not get as many answers, of the same form, and fail at the same one"""
    with served(Daemon, 'auth_unix_rw = "sasl"\n') as d:
        ways = []
        for user_name in b"fred", b"nobody":
            wire = wire_to(d)
            equal(wire.call(LIST), (0, struct.pack(">II", 1, 1)))
            equal(wire.call(INIT), (0, string(b"SCRAM-SHA-256")))
            complete, nil, text = scram(wire, user_name)
            equal((complete, nil), (0, 0))
            nonce, salt, count = text.split(b",")
            within(b"r=0123456789abcdef", nonce)
            status, body = wire.call(STEP, chars(b"c=biws," + nonce + b",p=" + b"A" * 43 + b"="))
            ways.append((len(nonce), len(salt), count, status, body))
            equal((status, error_of(body)), (1, (45, "authentication failed: authentication failed")))
            equal(wire.hear(), None)    # one try
        equal(ways[0], ways[1])


@test
def nothing_before_the_login():
    with served(Daemon, 'auth_unix_rw = "sasl"\n') as d:
        wire = wire_to(d)
        for procedure, body in ((OPEN, bytes(8)), (60, struct.pack(">i", 10)), (3, b""), (273, bytes(8)), (9999, b"")):
            status, text = wire.call(procedure, body)
            equal((status, error_of(text)), (1, (39, "authentication required")))
        equal(wire.call(LIST), (0, struct.pack(">II", 1, 1)))
        for calls in ([(START, string(b"PLAIN") + chars(b""))], [(STEP, chars(b"x"))], [(INIT, b""), (INIT, b"")], [(INIT, b""), (STEP, chars(b"x"))],
                      [(INIT, b""), (START, string(b"ANONYMOUS") + chars(b"x"))], [(INIT, b""), (START, string(b"SCRAM-SHA-256") + chars(b"\0\xff,"))],
                      [(INIT, b""), (START, string(b"SCRAM-SHA-256") + chars(b"n,,n=fred,r=abcdefgh")), (START, string(b"SCRAM-SHA-256") + chars(b"x"))]):
            wire = wire_to(d)
            for call in calls:
                answer = wire.call(*call)
            equal((answer[0], error_of(answer[1])), (1, (45, "authentication failed: authentication failed")))
            equal(wire.hear(), None)
        wire = wire_to(d)    # two at once
        wire.peer.sendall(b"".join(struct.pack(">7I", 28, REMOTE, 1, INIT, 0, serial, 0) for serial in (1, 2)))
        while wire.hear():
            pass
        equal(d.virsh("list", "--all", read_only=True), "")


@test
def who_does_not_log_in_has_to_go():
    with served(Daemon, 'auth_unix_rw = "sasl"\nmax_anonymous_clients = 20\n') as d:
        wires = [wire_to(d) for _ in range(40)]
        for wire in wires[:20]:
            equal(wire.hear(), None)
        for wire in wires[20:]:
            equal(wire.call(LIST), (0, struct.pack(">II", 1, 1)))
        within("there are 20 clients that did not log in, and it was the oldest", d.log())


@test
def many_at_once():
    with over_tls() as d:
        wrong = []

        def come(i):
            good = i % 2 == 0
            done = command(d.tls_uri(), "list", "--name", name="fred", password=files[good])
            if (done.returncode == 0) != good:
                wrong.append(done)

        files = []
        for text in "wrong", FRED[1]:
            files.append(os.path.join(d.folder, f"password-{len(files)}"))
            with open(files[-1], "w") as file:
                file.write(text)
        threads = [threading.Thread(target=come, args=(i,)) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(wrong, [])


# What is written down

@test
def the_book_has_both_names():
    with over_tls() as d:
        connection = python(d.tls_uri(), *FRED)
        try:
            connection.defineXML("<domain/>")
        except libvirt.libvirtError:
            pass
        connection.close()
        line = d.wait("call=DomainDefineXML")
        within("who=\"'CN=desk' at 127.0.0.1:", line)
        within(" as 'fred'\" call=DomainDefineXML", line)


# The command, and programs

@test
def the_commands_own_ways():
    with over_tls() as d:
        uri = d.tls_uri().replace("tls://", "tls://fred@")
        good = password_file(d, FRED[1] + "\n")
        equal(command(uri, "list", "--name", password=good).stderr, "")
        equal(command(d.tls_uri(), "list", "--name", name="fred", password=good).stderr, "")
        equal(command(uri, "list").stderr, "the server wants user 'fred' to log in, and no password was given\n")
        equal(command(d.tls_uri(), "list").stderr, "the server wants a user to log in, and no name was given\n")
        within("No such file", command(uri, "list", password="/no/such/file").stderr)
        done = subprocess.run([virtcard, "-c", uri, "--password-file=/dev/fd/0", "list", "--name"], input=FRED[1], capture_output=True, text=True,
                              timeout=LIMIT, check=False)
        equal((done.returncode, done.stderr), (0, ""))
        typed = at_terminal([virtcard, "-c", uri, "list", "--all"], [(b"password of 'fred' at localhost: ", FRED[1])])
        within(b"Id ", typed)
        if FRED[1].encode() in typed:
            raise AssertionError(f"it shows the password: {typed}")
        typed = at_terminal([virtcard, "-c", d.tls_uri(), "list", "--all"], [(b"user at localhost: ", "fred"), (b"password of 'fred' at localhost: ", "bad")], 1)
        within((OURS % "fred").encode(), typed)


def at_terminal(argv, talk, status=0):
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(argv[0], argv)
    out = b""
    for question, answer in talk:
        while question not in out:
            out += os.read(fd, 4096)
        os.write(fd, answer.encode() + b"\n")
    try:
        while True:
            out += os.read(fd, 4096)
    except OSError:
        pass
    os.close(fd)
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), status)
    return out


@test
def libvirtcards_ways():
    with over_tls() as d:
        good = password_file(d, FRED[1] + "\r\n")
        equal(api("callback", d.tls_uri(), *FRED), ["asked for name of nobody at localhost", "asked for password of fred at localhost", "in"])
        equal(api("callback", d.tls_uri().replace("tls://", "tls://fred@"), *FRED), ["asked for password of fred at localhost", "in"])
        equal(api("bytes", d.tls_uri(), *FRED), ["in"])
        equal(api("file", d.tls_uri(), "fred", good), ["in"])
        with open(good) as file:
            equal(api("fd", d.tls_uri(), "fred", "", stdin=file), ["in"])
        equal(api("bytes", d.tls_uri(), "fred", "no", 1), ["error 7: " + OURS % "fred"])
        equal(api("none", d.tls_uri(), "fred", "", 1), ["error 7: the server wants user 'fred' to log in, and no password was given"])
        equal(api("file", d.tls_uri(), "fred", "/dev/null", 1), ["error 1: /dev/null: a password is 1 to 1024 bytes, none of them zero"])


@test
def the_password_itself_is_for_verified_servers():
    with over_tls(mechanisms=("PLAIN",)) as d:
        good = password_file(d, FRED[1])
        equal(command(d.tls_uri(), "list", name="fred", password=good).returncode, 0)
        within("those that show the password need a verified server", command(d.tls_uri(more="&no_verify=1"), "list", name="fred", password=good).stderr)
    with over_tls() as d:
        equal(command(d.tls_uri(more="&no_verify=1"), "list", name="fred", password=password_file(d, FRED[1])).returncode, 0)


@test
def users_come_and_go():
    with over_tls() as d:
        equal(user(virtcard, d.root, "list").stdout.split(), ["fred", "jörg"])
        equal(user(virtcard, d.root, "add", "ann", text="one\n").stdout, "User added\n")
        d.over_tls("list", more=as_user(d, "ann", "one"))
        equal(user(virtcard, d.root, "add", "ann", text="two\n").stderr, "there is a user 'ann' already\n")
        add_user(virtcard, d.root, "ann", "two", "--replace")
        within(FAILED, d.not_over_tls("list", more=as_user(d, "ann", "one")))
        d.over_tls("list", more=as_user(d, "ann", "two"))
        equal(user(virtcard, d.root, "remove", "ann").stdout, "User removed\n")
        within(FAILED, d.not_over_tls("list", more=as_user(d, "ann", "two")))
        equal(user(virtcard, d.root, "remove", "ann").stderr, "there is no user 'ann'\n")
        within("cannot be a user's name", user(virtcard, d.root, "add", "a@b", text="x").stderr)
        etc = os.path.join(d.root, "etc", "virtcard")
        equal(os.stat(os.path.join(etc, "passwd.db")).st_mode & 0o7777, 0o600)
        typed = at_terminal([virtcard, "--root", d.root, "user", "add", "eve"], [(b"password of 'eve': ", "three"), (b"once more: ", "three")])
        within(b"User added", typed)
        if b"three" in typed:
            raise AssertionError(f"it shows the password: {typed}")
        d.over_tls("list", more=as_user(d, "eve", "three"))
        within(b"they are not the same", at_terminal([virtcard, "--root", d.root, "user", "add", "kim"],
                                                     [(b"password of 'kim': ", "three"), (b"once more: ", "tree")], 1))
        equal(user(virtcard, d.root, "list").stdout.split(), ["eve", "fred", "jörg"])


# libvirt's own daemon

@test
def at_libvirtd():
    if not shutil.which("libvirtd"):
        raise Skip("no libvirtd")
    folder, port = place.new_folder(), 31515
    for mechanism in "SCRAM-SHA-256", "PLAIN":
        conf = (f'listen_tls = 1\nlisten_tcp = 0\nlisten_addr = "127.0.0.1"\ntls_port = "{port}"\nauth_tls = "sasl"\n'
                f'ca_file = "{pki.path("cacert.pem")}"\ncert_file = "{pki.path("servercert.pem")}"\nkey_file = "{pki.path("private/serverkey.pem")}"\n')
        with PrivateLibvirt(tls=conf, env={"SASL_CONF_PATH": libvirtds_sasl(place.new_folder(), mechanism, *FRED)}):
            uri = f"qemu+tls://fred@localhost:{port}/system?pkipath={pki.folder}"
            path = os.path.join(folder, "password")
            for text, status in ((FRED[1], 0), ("wrong", 1)):
                with open(path, "w") as file:
                    file.write(text)
                done = command(uri, "list", "--all", "--name", password=path)
                equal((done.returncode, done.stdout, done.stderr), (status, "", OURS % "fred" + "\n" if status else ""))
            equal(api("callback", uri.replace("fred@", ""), *FRED)[-1], "in")


run(sys.argv[4:])
