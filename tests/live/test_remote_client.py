#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command and libvirtcard over TLS: to virtcardd, to libvirt's own daemon, and to servers that are none.

    test_remote_client.py VIRTCARDD VIRTCARD REMOTE [WORD...]

REMOTE is tests/live/remote.c.
"""
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, os.pardir, "bench")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from oddserver import Server, send, until_closed  # noqa: E402
from private_libvirt import PrivateLibvirt  # noqa: E402
from remote import Remote, Remotes  # noqa: E402
from rooted import UUID  # noqa: E402

LIMIT = 180
virtcardd, virtcard, remote = (os.path.abspath(path) for path in sys.argv[1:4])
place = Place(virtcard)
pki = Remotes(place)
os.environ["XDG_CONFIG_HOME"] = place.new_folder()      # nobody's list of known servers but the tests' own

# Says "hi" on the first serial port, and then what it is told.
ECHO = bytes.fromhex("baf803" "b068ee" "b069ee" "b2fd" "ec" "a801" "74fb" "b2f8" "ec" "ee" "b2fd" "ebf3")
NAMES = "DNS:localhost, IP:127.0.0.1"


def daemon(mine=pki, conf="", **more):
    return Remote(virtcardd, place.new_folder(), mine, conf, **more)


def started(words, uri, **more):
    return subprocess.Popen([virtcard, "-c", uri, *words], env=dict(os.environ, LC_ALL="C.UTF-8"), **more)


def call(uri, *words, text=None):
    """exit status, standard output, standard error"""
    with started(words, uri, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        out, err = process.communicate(text, timeout=LIMIT)
    return process.returncode, out, err


def says(uri, *words, **more):
    status, out, err = call(uri, *words, **more)
    equal((status, err), (0, ""))
    return out


def refused(uri):
    """its one reason; of one that nobody vouches for it says too what to do"""
    status, out, err = call(uri, "list")
    equal((status, out), (1, ""))
    line, *rest = err.splitlines()
    if rest and (len(rest) > 1 or not rest[0].startswith("nobody is at a terminal to be asked whether it is the right one. Its fingerprint is SHA256:")):
        raise AssertionError(err)
    return line


def no_ca(d, words):
    return (f"localhost:{d.port} (127.0.0.1): its certificate was signed by CA 'CN=Test CA', "
            f"and there is no certificate of a CA to check it with: {words}")


def api(what, uri, folder, status=0):
    done = subprocess.run([remote, what, uri, folder], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
    equal((done.returncode, done.stderr), (status, ""))
    return done.stdout.splitlines()


def read_until(stream, words):
    got = b""
    while words not in got:
        if not select.select([stream], [], [], LIMIT)[0]:
            raise AssertionError(f"no {words!r} in {got!r}")
        more = os.read(stream.fileno(), 65536)
        if not more:
            raise AssertionError(f"it ended after {got!r}")
        got += more
    return got


def guest(devices="", **more):
    return domain(devices, uuid=UUID, **more)


# What works

def a_life(uri, folder):
    path = os.path.join(folder, "guest.xml")
    with open(path, "w") as file:
        file.write(guest("<serial type='pty'/>" + place.boot_disk(ECHO)))
    with started(("event", "--loop", "--event", "lifecycle"), uri, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as listener:
        read_until(listener.stdout, b"waiting for events\n")
        equal(says(uri, "define", path), f"Domain 'guest' defined from {path}\n")
        read_until(listener.stdout, b"event 'lifecycle' for domain 'guest': Defined Added\n")
        equal(says(uri, "list", "--all", "--name").split(), ["guest"])
        within("<name>guest</name>", says(uri, "dumpxml", "guest"))
        equal(says(uri, "start", "guest", "--paused"), "Domain 'guest' started\n")
        with started(("console", "guest"), uri, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as console:
            says(uri, "resume", "guest")
            within(b"hi", read_until(console.stdout, b"hi"))
            console.stdin.write(b"0123456789")
            console.stdin.flush()
            read_until(console.stdout, b"0123456789")
            console.kill()
        equal(says(uri, "domstate", "guest"), "running\n")
        equal(says(uri, "destroy", "guest"), "Domain 'guest' destroyed\n")
        read_until(listener.stdout, b"Stopped Destroyed\n")
        equal(says(uri, "undefine", "guest"), "Domain 'guest' has been undefined\n")
        listener.send_signal(signal.SIGINT)
        equal(listener.wait(LIMIT), 0)


@test
def all_verbs_to_virtcardd():
    with daemon() as d:
        a_life(d.tls_uri(), d.folder)
        equal(says(d.tls_uri("127.0.0.1"), "list", "--all", "--name"), "")
        within("(TLS1.3)", d.log())


@test
def all_verbs_to_libvirtd():
    if not shutil.which("libvirtd"):
        raise Skip("no libvirtd")
    port = 31514
    conf = (f'listen_tls = 1\nlisten_tcp = 0\nlisten_addr = "127.0.0.1"\ntls_port = "{port}"\nauth_tls = "none"\n'
            f'ca_file = "{pki.path("cacert.pem")}"\ncert_file = "{pki.path("servercert.pem")}"\nkey_file = "{pki.path("private/serverkey.pem")}"\n'
            'tls_allowed_dn_list = [ "CN=desk" ]\n')
    with PrivateLibvirt(tls=conf) as libvirt:
        uri = f"qemu+tls://localhost:{port}/system?pkipath="
        folder = place.new_folder()
        os.chmod(folder, 0o777)
        a_life(uri + pki.folder, folder)
        equal(api("memory", f"qemu+tls://localhost:{port}/system", pki.folder), ["open"])
        bob = pki.client("bob")
        equal(refused(uri + bob),
              f"localhost:{port} (127.0.0.1): it closed the connection when it had seen our certificate CN=bob ({bob}/clientcert.pem): another CA, "
              "a revoked or expired certificate, or a name that is not on its list; only its log says which")
        equal(refused(uri + pki.client()), f"localhost:{port} (127.0.0.1): it closed the connection: we have no certificate to show to it")
        if libvirt.process.poll() is not None:
            raise AssertionError("it has ended")


@test
def large_descriptions():
    with daemon() as d:
        text = "".join(f"line {i} {'of what this guest is for ' * 140}.\n" for i in range(1000)).strip()    # 3.6 MB
        path = os.path.join(d.folder, "guest.xml")
        with open(path, "w") as file:
            file.write(guest().replace("<memory", f"<description>{text}</description><memory", 1))
        says(d.tls_uri(), "define", path)
        within(text, says(d.tls_uri(), "dumpxml", "guest"))
        says(d.tls_uri(), "undefine", "guest")


@test
def every_sort_of_key():
    for key in "--ecc", "--key-type=ed25519", "--rsa --bits=2048":
        mine = pki.copy()
        mine.serve("signing_key", key=key)
        with daemon(mine) as d:
            equal(says(d.tls_uri(folder=mine.client("desk", "tls_www_client", "signing_key", key=key)), "list", "--name"), "")


@test
def an_older_tls():
    with daemon() as d:
        equal(says(d.tls_uri(more="&tls_priority=NORMAL:-VERS-TLS1.3"), "list", "--name"), "")
        d.wait("(TLS1.2)")
        within("'NONSENSE' is not a priority of GnuTLS", refused(d.tls_uri(more="&tls_priority=NONSENSE")))
        within("'NORMAL:-VERS-ALL:+VERS-TLS1.1' leaves nothing of TLS 1.2 and 1.3",
               refused(d.tls_uri(more="&tls_priority=NORMAL:-VERS-ALL:%2BVERS-TLS1.1")))


@test
def libvirts_places():
    """one of the tests' own is mounted over /etc, a user's is below HOME"""
    with daemon() as d:
        uri = f"qemu+tls://localhost:{d.port}/system"
        equal(refused(uri), no_ca(d, "/etc/pki/CA/cacert.pem is not there"))
        script = """mount -t tmpfs none /etc/pki 2>/dev/null || { mkdir -p "$1/etc/pki"; cp -a /etc/. "$1/etc"; mount --bind "$1/etc" /etc; }
            mkdir -p /etc/pki/CA /etc/pki/libvirt/private
            cp "$2/cacert.pem" /etc/pki/CA; cp "$2/clientcert.pem" /etc/pki/libvirt; cp "$2/clientkey.pem" /etc/pki/libvirt/private
            exec "$3" -c "$4" list --name"""
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", d.folder, pki.folder, virtcard, uri],
                              capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
        equal((done.returncode, done.stdout, done.stderr), (0, "", ""))


@test
def a_users_places():
    if os.getuid() != 0 or os.stat("/proc/self/ns/user").st_ino != os.stat(f"/proc/{os.getppid()}/ns/user").st_ino:
        raise Skip("only root can be somebody else")
    home = place.new_folder(0o777)
    own = os.path.join(home, ".pki", "libvirt")
    program = shutil.copy(virtcard, home)

    def said(uri):
        done = subprocess.run([program, "-c", uri, "list", "--name"], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
                              check=False, user="nobody", env={"HOME": home, "LC_ALL": "C.UTF-8"})
        return done.stdout + done.stderr

    with daemon() as d:
        uri = f"qemu+tls://localhost:{d.port}/system"
        equal(said(uri).splitlines()[0], no_ca(d, f"neither {own}/cacert.pem nor /etc/pki/CA/cacert.pem is there"))
        os.makedirs(own)
        shutil.copy(pki.path("cacert.pem"), own)
        equal(said(uri), f"localhost:{d.port} (127.0.0.1): it refuses us: no client certificate was sent and this server requires one\n")
        shutil.copy(pki.path("clientcert.pem"), own)
        equal(said(uri), f"{own}/clientkey.pem: does not exist\n")
        shutil.copy(pki.path("clientkey.pem"), own)
        equal(said(uri), f"{own}/clientkey.pem: cannot be read: permission denied\n")
        os.chown(os.path.join(own, "clientkey.pem"), 65534, 65534)
        equal(said(uri), "")
        os.chmod(os.path.join(own, "clientkey.pem"), 0o644)
        equal(said(uri), f"{own}/clientkey.pem: warning: everybody may read the key: its mode is 0644\n")


# A program's own certificates

@test
def certificates_from_memory():
    with daemon() as d:
        path = os.path.join(d.folder, "guest.xml")
        with open(path, "w") as file:
            file.write(guest())
        says(d.tls_uri(), "define", path)
        uri = f"qemu+tls://localhost:{d.port}/system"
        equal(api("memory", uri, pki.folder), ["open", "domain guest"])
        equal(api("files", uri, pki.folder), ["open", "domain guest"])
        within("parameter 'pkipath' and certificates that the program gives exclude each other", api("memory", d.tls_uri(), pki.folder, 1)[0])
        within("certificates are for transport tls", api("memory", d.uri(), pki.folder, 1)[0])
        within("none was given", api("memory", uri, only(pki, "clientcert.pem"), 1)[0])
        equal(api("memory", uri, only(pki, "cacert.pem", "clientcert.pem"), 1), ["error 3: (client key): does not exist"])
        mixed = pki.client("bob")
        shutil.copy(pki.path("clientkey.pem"), mixed)
        equal(api("memory", uri, mixed, 1), ["error 1: (client key): is not the key of the certificate in (client certificate)"])
        says(d.tls_uri(), "undefine", "guest")


def only(mine, *names):
    folder = place.new_folder()
    for name in names:
        shutil.copy(mine.path(name), folder)
    return folder


@test
def the_programs_own_say():
    other = Remotes(place, "Their CA")
    foreign = pki.copy()
    shutil.copy(other.path("cacert.pem"), foreign.folder)       # whom the client trusts; it shows pki's
    with daemon(addr="0.0.0.0") as d:
        uri = f"qemu+tls://127.0.0.2:{d.port}/system?no_sanity=1"
        lines = api("accept", uri, foreign.folder)
        equal(lines[:4], ["subject CN=localhost", "issuer CN=Test CA", "name DNS:localhost", "name IP:127.0.0.1"])
        if not re.fullmatch(r"fingerprint SHA256:[A-Za-z0-9+/]{43}", lines[5]):
            raise AssertionError(lines[5])
        first = "its certificate was signed by CA 'CN=Test CA', which is not trusted here"
        equal(lines[6:], ["faults 1041", f"problem {first}", f"problem its certificate is not for '127.0.0.2', but for 'CN=localhost', {NAMES}",
                          f"problem it was not trusted before: {os.environ['XDG_CONFIG_HOME']}/virtcard/known_servers has no key of it", "open"])
        lines = api("reject", uri, foreign.folder, 1)
        equal(lines[-1], f"error 7: 127.0.0.2:{d.port}: {first}")
        lines = api("reject", f"qemu+tls://localhost:{d.port}/system", pki.folder, 1)
        equal(lines[-2:], ["faults 0", f"error 7: localhost:{d.port} (127.0.0.1): its certificate was rejected"])
        equal(api("accept", f"qemu+tls://localhost:{d.port}/system", pki.folder)[-2:], ["faults 0", "open"])


# What does not

USE = ["tls_www_client", "signing_key"]
OLD = ['activation_date = "2001-01-01 00:00:00 UTC"', 'expiration_date = "2002-01-01 00:00:00 UTC"']
REFUSALS = [
    # what it is, the client's folder, settings of the server, more of the URI, what is said after the place
    ("no CA", lambda m: place.new_folder(), "", "", None),
    ("another CA", lambda m: Remotes(place, "Their CA").folder, "", "", "its certificate was signed by CA 'CN=Test CA', which is not trusted here"),
    ("no certificate", lambda m: m.client(), "", "", "it refuses us: no client certificate was sent and this server requires one"),
    ("revoked", lambda m: revoked(m), "", "", "it refuses us: the client certificate CN=bob was revoked"),
    ("not listed", lambda m: m.client("bob"), 'tls_allowed_dn_list = [ "CN=d*" ]\n', "", "it refuses us: the client certificate CN=bob is not on tls_allowed_dn_list"),
    ("not for a client", lambda m: m.client("odd", "tls_www_server", "signing_key"), "", "&no_sanity=1",
     "it refuses us: the client certificate CN=odd is not for a TLS client"),
    ("of a stranger", lambda m: strangers(m), "", "&no_sanity=1",
     "it refuses us: the client certificate CN=desk was signed by 'CN=Their CA', which is not trusted here"),
]


def strangers(mine):
    other = Remotes(place, "Their CA")
    shutil.copy(mine.path("cacert.pem"), other.folder)
    return other.folder


def revoked(mine):
    folder = mine.client("bob")
    mine.revoke(folder)
    return folder


def add_refusal(name, folder_of, conf, more, words):
    def function():
        mine = pki.copy()
        folder = folder_of(mine)
        with daemon(mine, conf) as d:
            said = refused(d.tls_uri(folder=folder, more=more))
            if words:
                equal(said, f"localhost:{d.port} (127.0.0.1): {words}")
            else:
                equal(said, no_ca(d, f"{folder}/cacert.pem is not there"))
            equal(says(d.tls_uri(), "list", "--name"), "")

    function.__name__ = "refused_" + name.replace(" ", "_")
    test(function)


for row in REFUSALS:
    add_refusal(*row)


@test
def refused_by_what_is_here():
    """before anybody is spoken to"""
    old = pki.client("old", *USE, *OLD)
    uri = "qemu+tls://localhost:1/system?pkipath="
    equal(refused(uri + old), f"{old}/clientcert.pem: expired on 2002-01-01 00:00:00 UTC")
    alone_ = only(pki, "cacert.pem", "clientcert.pem")
    equal(refused(uri + alone_), f"{alone_}/clientkey.pem: does not exist")
    equal(refused(uri + alone_ + "&no_sanity=1"), f"{alone_}/clientkey.pem: No such file or directory")
    within("127.0.0.1: nobody listens there", refused(uri + pki.folder))
    within("cannot connect to localhost:1: ", refused(uri + pki.folder))
    within("nowhere.invalid:16514: its address cannot be found: ", refused("qemu+tls://nowhere.invalid/system?pkipath=" + pki.folder))


@test
def a_name_that_is_not_the_servers():
    with daemon(addr="0.0.0.0") as d:
        equal(refused(d.tls_uri("127.0.0.2")), f"127.0.0.2:{d.port}: its certificate is not for '127.0.0.2', but for 'CN=localhost', {NAMES}")
        equal(says(d.tls_uri("127.0.0.2", more="&no_verify=1"), "list", "--name"), "")
    with daemon(addr="::1") as d:
        equal(refused(d.tls_uri("[::1]")), f"[::1]:{d.port}: its certificate is not for '::1', but for 'CN=localhost', {NAMES}")
        equal(says(d.tls_uri("[::1]", more="&no_verify=1"), "list", "--name"), "")


@test
def a_server_that_was_revoked():
    mine, server = pki.copy(), place.new_folder()
    shutil.copy(pki.path("servercert.pem"), os.path.join(server, "clientcert.pem"))
    mine.revoke(server)
    with daemon() as d:
        equal(refused(d.tls_uri(folder=mine.folder)), f"localhost:{d.port} (127.0.0.1): its certificate was revoked by CA 'CN=Test CA'")
        lines = api("accept", f"qemu+tls://localhost:{d.port}/system", mine.folder, 1)
        within("problem its certificate was revoked by CA 'CN=Test CA'", lines)
        equal(lines[-1], f"error 7: localhost:{d.port} (127.0.0.1): its certificate was revoked by CA 'CN=Test CA'")


def uri_of(server):
    return f"qemu+tls://localhost:{server.port}/system?pkipath={pki.folder}"


def another_certificate(*template):
    mine = pki.copy()
    mine.certify(mine.path("servercert.pem"), mine.path("private/serverkey.pem"), ["cn = localhost", "dns_name = localhost", "signing_key", *template])
    return mine


@test
def a_server_that_wants_what_nobody_has():
    """is left at once, without a call that it might not answer"""
    rest = []

    def polkit_only(peer):
        peer.sendall(b"\1")
        length, *head = struct.unpack(">7I", peer.recv(28))
        equal(length, 28)
        peer.sendall(struct.pack(">9I", 36, head[0], head[1], head[2], 1, head[4], 0, 1, 2))
        rest.append(peer.recv(4096))

    with Server(polkit_only, pki) as server:
        equal(refused(uri_of(server)), "the daemon wants authentication by polkit, which is not supported")
    equal(rest, [b""])


@test
def servers_that_are_none():
    for function, mine, alpn, words in (
            (send(b"220 welcome, speak\r\n" * 100), None, None, "it does not speak TLS: what it sends is plain text"),
            (lambda peer: None, None, None, "it closed the connection instead of a TLS handshake: it may not speak TLS, or no version or encryption that we have"),
            (until_closed, another_certificate("tls_www_server", *OLD), None, "its certificate expired on 2002-01-01 00:00:00 UTC"),
            (until_closed, another_certificate("tls_www_server", *[line.replace("200", "209") for line in OLD]), None,
             "its certificate is not valid before 2091-01-01 00:00:00 UTC"),
            (until_closed, another_certificate("tls_www_client"), None, "its certificate is not for a TLS server"),
            (send(b"\x02"), pki, None, "it sent byte 0x02 instead of libvirt's confirmation"),
            (send("no\x1b[2J\n\u202eway".encode()), pki, "virtcard/1", "it refuses us: no\\x1b[2J\\x0a\\u202eway"),
            (send(b"x" * 100000), pki, "virtcard/1", "it refuses us: " + "x" * 1024)):
        with Server(function, mine, alpn) as server:
            equal(refused(uri_of(server)), f"localhost:{server.port} (127.0.0.1): {words}")


@test
def servers_that_are_silent():
    for mine, words in ((None, "it did not answer to TLS within 1 second"), (pki, "it did not confirm the connection within 1 second")):
        with Server(until_closed, mine) as server:
            equal(api("impatient", f"qemu+tls://localhost:{server.port}/system", pki.folder, 1),
                  [f"error 10: localhost:{server.port} (127.0.0.1): {words}"])


@test
def a_daemon_that_is_gone_without_a_word():
    with daemon() as d:
        uri = f"qemu+tls://localhost:{d.port}/system"
        for what, words in (("wait", "closed 10: "), ("call", "call 10: ")):
            with subprocess.Popen([remote, what, uri, pki.folder], stdout=subprocess.PIPE) as process:
                read_until(process.stdout, b"open\n")
                os.kill(d.process.pid, signal.SIGSTOP)
                try:
                    equal(read_until(process.stdout, b"\n").decode(), f"{words}the other side did not answer for 3 seconds\n")
                finally:
                    os.kill(d.process.pid, signal.SIGCONT)
        equal(says(d.tls_uri(), "list", "--name"), "")


run(sys.argv[4:])
