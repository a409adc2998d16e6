#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtcardd over TLS: real virsh and python3-libvirt, GnuTLS' and OpenSSL's tools, and whoever must not come in.

    test_remote.py VIRTCARDD [WORD...]
"""
import os
import signal
import socket
import ssl
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

import libvirt  # noqa: E402
from daemon import LIMIT  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from remote import Remote, Remotes  # noqa: E402

program = os.path.abspath(sys.argv[1])
place = Place(os.path.join(os.path.dirname(program), "virtcard"))
pki = Remotes(place)
UUID = "01234567-89ab-cdef-fedc-ba9876543210"


def daemon(mine=pki, conf="", **more):
    return Remote(program, place.new_folder(), mine, conf, **more)


def write(folder, text):
    path = os.path.join(folder, "guest.xml")
    with open(path, "w") as file:
        file.write(text)
    return path


def guest(devices=""):
    return domain(devices, uuid=UUID).replace("<name>guest<", "<name>web<").replace("256", "32")


# Those who are let in

@test
def virsh_and_python_as_they_are():
    with daemon() as d:
        equal(d.over_tls("define", write(d.folder, guest())), "")
        equal(d.over_tls("list", "--all", "--name", host="127.0.0.1"), "web")
        equal(d.virsh("list", "--all", "--name"), "web")
        within("<smartcard supported='yes'>", d.over_tls("domcapabilities"))
        within("Using API: QEMU 9.0.0", d.over_tls("version"))
        connection = libvirt.open(d.tls_uri())
        equal((connection.isAlive(), connection.isSecure(), connection.isEncrypted()), (1, 1, 1))
        equal(connection.lookupByName("web").UUIDString(), UUID)
        for _ in range(200):
            within("<name>web</name>", connection.lookupByName("web").XMLDesc())
        connection.close()
        looks = libvirt.openReadOnly(d.tls_uri())
        try:
            looks.lookupByName("web").undefine()
        except libvirt.libvirtError as error:
            within("read only access prevents", str(error))
        else:
            raise AssertionError("undefined over a read-only connection")
        looks.close()
        said = d.log()
        within("TLS is served with the certificate of 'CN=localhost'", said)
        within(" is 'CN=desk', SHA-256 ", said)
        within("(TLS1.3)", said)


@test
def answers_larger_than_a_socket_takes():
    """domains' XML of megabytes, many asked for at once, none read until all were asked for"""
    with daemon() as d:
        d.over_tls("define", write(d.folder, guest("".join(f"<serial type='file'><source path='/x{'y' * 3000}{i}'/></serial>" for i in range(4)))))
        want = d.virsh("dumpxml", "web")
        peer = d.shake()
        equal(peer.recv(1), b"\x01")
        head = lambda procedure, body: (28 + len(body)).to_bytes(4, "big") + b"".join(  # noqa: E731
            n.to_bytes(4, "big") for n in (0x20008086, 1, procedure, 0, 1, 0)) + body
        peer.sendall(head(1, bytes(8)))
        ask = head(14, b"\0\0\0\3web\0" + bytes.fromhex(UUID.replace("-", "")) + b"\xff\xff\xff\xff" + bytes(4))
        peer.sendall(ask * 400)
        stream = peer.makefile("rb")

        def hear():
            return stream.read(int.from_bytes(stream.read(4), "big") - 4)

        equal(len(hear()), 24)
        for _ in range(400):
            within(want.strip().encode(), hear()[28:])
        peer.close()


@test
def questions_larger_than_a_record():
    with daemon() as d:
        text = "".join(f"line {i} of what this guest is for\n" for i in range(8000))
        connection = libvirt.open(d.tls_uri())
        connection.defineXML(guest().replace("<memory", f"<description>{text}</description><memory", 1))
        within(text.strip(), connection.lookupByName("web").XMLDesc())
        connection.close()


@test
def every_sort_of_key():
    """EC without keyEncipherment too, which libvirt 9.0.0 refuses at both ends"""
    for key, usage in (("--ecc", ["signing_key"]), ("--key-type=ed25519", ["signing_key"]), ("--rsa --bits=2048", ["signing_key"]),
                       ("--rsa --bits=2048", ["signing_key", "encryption_key"])):
        mine = pki.copy()
        mine.serve(*usage, key=key)
        folder = mine.client("desk", "tls_www_client", *usage, key=key)
        with daemon(mine) as d:
            with d.shake(folder) as peer:
                equal(peer.recv(1), b"\x01")
            d.wait(" is 'CN=desk'")
            if len(usage) == 2:     # virsh refuses its own where it is not so
                equal(d.over_tls("list", folder=folder), "")


@test
def a_name_that_is_not_the_servers():
    with daemon(addr="0.0.0.0") as d:
        within("does not match the hostname 127.0.0.2", d.not_over_tls("uri", host="127.0.0.2"))
        equal(d.tls_call("list", host="127.0.0.2", more="&no_verify=1").returncode, 0)
    with daemon(addr="localhost") as d:     # looked up
        d.wait(f"TLS is served at 127.0.0.1:{d.port}")
        equal(d.over_tls("list"), "")
    with daemon(addr="no.such.host.invalid") as d:
        d.wait(f"TLS is not served: listen_addr 'no.such.host.invalid', tls_port '{d.port}': ")
        equal(d.virsh("list"), "")
    with daemon(addr="::1") as d:
        equal(d.tls_call("list", host="[::1]", more="&no_verify=1").returncode, 0)
        d.wait("TLS: [::1]:")


@test
def nobody_listens_where_nobody_asked():
    with daemon(before=lambda command: command) as d:
        try:
            d.connect().close()
        except ConnectionRefusedError:
            pass
        else:
            raise AssertionError("it listens")
        d.virsh("list")
        d.process.send_signal(signal.SIGHUP)
        d.wait("TLS is not served: there is nothing to read again")
    with daemon(conf="listen_tls = 0\n") as d:
        d.wait("TLS is not served: listen_tls is 0")


@test
def a_socket_of_systemds():
    folder = place.new_folder()
    unix, net = socket.socket(socket.AF_UNIX), socket.create_server(("127.0.0.1", 0))
    unix.bind(os.path.join(folder, "rw"))
    unix.listen()

    def before(command):
        return ["sh", "-c", f'exec 3<&{unix.fileno()} 4<&{net.fileno()}; LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"', "sh", *command]

    d = daemon(before=before, pass_fds=[unix.fileno(), net.fileno()])
    with d:
        d.socket = lambda read_only=False: os.path.join(folder, "rw")
        d.port = net.getsockname()[1]
        equal(d.over_tls("list"), "")
        equal(d.virsh("list"), "")
    net = socket.create_server(("127.0.0.1", 0))    # alone: then our own are made
    d = daemon(before=lambda command: ["sh", "-c", f'exec 3<&{net.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh", *command],
               pass_fds=[net.fileno()])
    with d:
        d.port = net.getsockname()[1]
        equal(d.over_tls("list"), "")
        equal(d.virsh("list"), "")


# Those who are not

OLD = ['activation_date = "2001-01-01 00:00:00 UTC"', 'expiration_date = "2002-01-01 00:00:00 UTC"']
EARLY = ['activation_date = "2090-01-01 00:00:00 UTC"', 'expiration_date = "2091-01-01 00:00:00 UTC"']
USE = ["tls_www_client", "signing_key", "encryption_key"]
REFUSED = [
    # what it is, its folder, settings, what the log and a client of ours are told
    ("no certificate", lambda m: m.client(), "", "no client certificate was sent and this server requires one"),
    ("another CA", lambda m: strangers(m), "", "the client certificate CN=desk was signed by 'CN=Their CA', which is not trusted here"),
    ("expired", lambda m: m.client("old", *USE, *OLD), "", "the client certificate CN=old expired "),
    ("not yet valid", lambda m: m.client("new", *USE, *EARLY), "", "the client certificate CN=new is not valid before 2090-01-01"),
    ("for a server", lambda m: m.client("odd", "tls_www_server", "signing_key"), "", "the client certificate CN=odd is not for a TLS client"),
    ("a weak key", lambda m: m.client("weak", *USE, key="--rsa --bits=1024"), "", "the client certificate CN=weak is weak: its key is RSA 1024 bits"),
    ("not listed", lambda m: m.client("bob"), 'tls_allowed_dn_list = [ "CN=d*", "O=us,CN=bob" ]\n',
     "the client certificate CN=bob is not on tls_allowed_dn_list"),
    ("nobody is listed", lambda m: m.folder, "tls_allowed_dn_list = []\n", "the client certificate CN=desk is not on tls_allowed_dn_list"),
    ("revoked", lambda m: revoked(m), "", "the client certificate CN=bob was revoked"),
]


def strangers(mine):
    other = Remotes(place, "Their CA")
    with open(mine.path("cacert.pem")) as ours, open(other.path("cacert.pem"), "w") as file:
        file.write(ours.read())
    return other.folder


def revoked(mine):
    folder = mine.client("bob")
    mine.revoke(folder)
    return folder


def add_refusal(name, folder_of, conf, words):
    def function():
        mine = pki.copy()
        folder = folder_of(mine)
        with daemon(mine, conf) as d:
            within("rror", d.not_over_tls("uri", folder=folder, more="&no_sanity=1"))
            line = d.wait(words)
            within("127.0.0.1:", line)
            if name != "no certificate":
                within("SHA-256 ", line)
            with d.shake(folder, alpn="virtcard/1") as peer:
                equal(peer.selected_alpn_protocol(), "virtcard/1")
                said = peer.recv(1000).decode()
                within(words, said)
                within(said, d.wait(words))
                equal(peer.recv(1000), b"")
            with d.shake(folder) as peer:
                try:
                    said = peer.recv(1000)
                except ssl.SSLError as error:
                    within("alert", str(error))
                else:
                    raise AssertionError(f"no alert, but {said}")
            equal(d.virsh("list"), "")
            if "listed" not in name or name == "not listed":
                equal(d.over_tls("list"), "")

    function.__name__ = "refused_" + name.replace(" ", "_")
    test(function)


for row in REFUSED:
    add_refusal(*row)


@test
def listed_by_a_pattern():
    with daemon(conf='tls_allowed_dn_list = [ "CN=x", "CN=de?k" ]\n') as d:
        equal(d.over_tls("list"), "")


@test
def a_name_that_would_write_a_line_of_the_log():
    folder = pki.client("a\nTLS: b\x1b[2J", "tls_www_client", *USE[1:], key="--rsa --bits=1024")
    shown = "the client certificate CN=a\\x0aTLS: b\\x1b[2J is weak"
    with daemon() as d:
        with d.shake(folder, alpn="virtcard/1") as peer:
            within(shown, peer.recv(1000).decode())
        within("subject 'CN=a\\x0aTLS: b\\x1b[2J'", d.wait(shown))
        equal(d.over_tls("list"), "")


@test
def our_clients_get_the_same_byte():
    with daemon() as d, d.shake(alpn="virtcard/1") as peer:
        equal(peer.recv(10), b"\x01")


@test
def settings_that_let_anybody_in():
    folder = place.new_folder()
    for line, words in (("tls_no_verify_certificate = 1", "tls_no_verify_certificate is 1, and auth_tls is \"none\": anybody could connect"),
                        ('auth_tls = "polkit"', "'auth_tls' can only be \"none\" or \"sasl\"")):
        with open(os.path.join(folder, "conf"), "w") as file:
            file.write(line + "\n")
        done = subprocess.run([program, "--root", folder, "--config", os.path.join(folder, "conf"), "--listen"], capture_output=True, text=True,
                              timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
        equal(done.returncode, 1)
        within(words, done.stderr)


# What is spoken

@test
def plain_where_it_is_tls_and_tls_where_it_is_plain():
    with daemon() as d:
        with d.connect() as peer:
            peer.sendall(b"\0\0\0\x1c\x20\0\x80\x86")
            try:
                equal(peer.recv(100), b"")
            except ConnectionResetError:
                pass
        d.wait("was refused: it does not speak TLS")
        within("rror", d.not_over_tls("uri", uri=f"qemu+tcp://127.0.0.1:{d.port}/system"))
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(LIMIT)
            peer.connect(d.socket())
            try:
                pki.context().wrap_socket(peer, server_hostname="localhost")
            except (ssl.SSLError, OSError):
                pass
            else:
                raise AssertionError("TLS over the unix socket")
        d.wait("it speaks TLS, and this is a unix socket")


def s_client(d, *words, text=b""):
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{d.port}", "-CAfile", pki.path("cacert.pem"), "-cert", pki.path("clientcert.pem"),
                           "-key", pki.path("clientkey.pem"), *words], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False).stdout.decode(errors="replace")


def gnutls_cli(d, priority):
    return subprocess.run(["gnutls-cli", "--x509cafile", pki.path("cacert.pem"), "--x509certfile", pki.path("clientcert.pem"), "--x509keyfile",
                           pki.path("clientkey.pem"), "--priority", priority, "--port", str(d.port), "localhost"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False).stdout.decode(errors="replace")


@test
def no_old_version_and_no_weak_suite():
    weak = "@SECLEVEL=0"
    with daemon() as d:
        for words in (["-tls1_2"], ["-tls1_3"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], ["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]):
            said = s_client(d, *words)
            within("Verify return code: 0 (ok)", said)
            within("Compression: NONE", said)
            d.wait(" is 'CN=desk'")
        for words in (["-tls1"], ["-tls1_1"]):
            within("Cipher is (NONE)", s_client(d, *words, "-cipher", "ALL" + weak))
            d.wait("it speaks neither TLS 1.2 nor TLS 1.3")
        for cipher in "AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "NULL", "aNULL", "DHE-RSA-AES128-GCM-SHA256":
            within("Cipher is (NONE)", s_client(d, "-tls1_2", "-cipher", cipher + weak))
            d.wait("the handshake failed: ")
        within("Handshake was completed", gnutls_cli(d, "NORMAL"))
        d.wait(" is 'CN=desk'")
        for priority in ("NORMAL:-VERS-ALL:+VERS-TLS1.1", "NORMAL:-VERS-ALL:+VERS-TLS1.0", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA",
                         "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC:+3DES-CBC", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ANON-ECDH"):
            if "Handshake was completed" in gnutls_cli(d, priority):
                raise AssertionError(f"{priority} was spoken")
        equal(d.over_tls("list"), "")


@test
def an_administrators_priority_goes_no_lower():
    with daemon(conf='tls_priority = "NORMAL:+VERS-TLS1.1:+VERS-TLS1.0"\n') as d:
        within("Cipher is (NONE)", s_client(d, "-tls1_1", "-cipher", "ALL@SECLEVEL=0"))
        equal(d.over_tls("list"), "")
    with daemon(conf='tls_priority = "NORMAL:-VERS-TLS1.3"\n') as d:
        equal(d.over_tls("list"), "")
        d.wait("(TLS1.2)")


@test
def nobody_renegotiates():
    with daemon() as d:
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{d.port}", "-tls1_2", "-CAfile", pki.path("cacert.pem"), "-cert",
                   pki.path("clientcert.pem"), "-key", pki.path("clientkey.pem")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
            d.wait(" is 'CN=desk'")
            client.stdin.write(b"R\n")
            client.stdin.flush()
            d.wait("it wanted to renegotiate")
            client.communicate(timeout=LIMIT)


run(sys.argv[2:])
