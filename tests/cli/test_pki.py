#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`virtcard pki` and `virtcard secret-…` as people meet them, and what other programs say of their files.

    test_pki.py VIRTCARD
"""
import base64
import hashlib
import os
import pty
import pwd
import re
import socket
import stat
import subprocess
import sys
import tempfile
import threading

from tap import equal, run, test, within

virtcard = os.path.abspath(sys.argv[1])
temporary = tempfile.TemporaryDirectory()
here = temporary.name
os.chmod(here, 0o755)
UUID = "6fd3f62d-9fe7-4a4e-a869-7acd6376d8ea"
DATE = r"20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC"


def call(*words, text=b"", root="root"):
    """Exit status, standard output, standard error."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "VIRTCARD_"))}
    env.update(HOME=here, VIRTCARD_ROOT=os.path.join(here, root))
    done = subprocess.run([virtcard, *words], cwd=here, env=env, input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def tool(*words, text=b""):
    """What another program says, which has to be content."""
    done = subprocess.run(words, cwd=here, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{words} exits {done.returncode}\n{done.stdout.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


def good(*words, **more):
    status, out, err = call(*words, **more)
    equal((status, err), (0, ""))
    return out


def path(*names):
    return os.path.join(here, *names)


def mode(*names):
    return stat.S_IMODE(os.stat(path(*names)).st_mode)


def make(folder, *options):
    good("pki", "init", "--dir", folder, *options)
    good("pki", "server", "localhost", "127.0.0.1", "--dir", folder, *options)
    good("pki", "client", "desk", "--dir", folder, *options)


make("ec")
make("rsa", "--rsa")
make("lv", "--libvirt")


# The command line

@test
def one_word_or_two():
    equal(call("pki"), (2, "", "virtcard: 'pki' is followed by one of: check, client, init, server, show\n"
                               "virtcard: try 'virtcard help'\n"))
    equal(call("pki", "sign")[0], 2)
    equal(call("pki", "server"), (2, "", "virtcard: pki server: NAME is missing\n"
                                         "virtcard: try 'virtcard help pki-server'\n"))
    equal(call("pki-check", "ec"), call("pki", "check", "ec"))
    equal(call("pki", "check", "--help"), call("help", "pki-check"))
    within("    pki check [DIR] ", call("help", "pki-check")[1])


# Making

@test
def init_writes_and_tells():
    out = good("pki", "init", "--dir", "one", "--name", "Our CA")
    folder = path("one")
    if not re.fullmatch(f"{folder}/ca-key.pem: its key: who has it can make certificates\n"
                        f"{folder}/ca-cert.pem: certificate of CA 'Our CA', until {DATE}\n", out):
        raise AssertionError(out)
    equal((mode("one", "ca-key.pem"), mode("one", "ca-cert.pem")), (0o600, 0o644))
    equal(sorted(os.listdir(folder)), ["ca-cert.pem", "ca-key.pem"])


@test
def nothing_is_replaced_unasked():
    make("kept")
    before = {name: open(path("kept", name), "rb").read() for name in os.listdir(path("kept"))}
    equal(call("pki", "init", "--dir", "kept"),
          (1, "", f"{path('kept', 'ca-key.pem')}: exists already; --force replaces it\n"))
    equal(call("pki", "server", "other", "--dir", "kept"),
          (1, "", f"{path('kept', 'server-key.pem')}: exists already; --force replaces it\n"))
    os.rename(path("kept", "client-key.pem"), path("kept", "x"))
    equal(call("pki", "client", "other", "--dir", "kept"),
          (1, "", f"{path('kept', 'client-cert.pem')}: exists already; --force replaces it\n"))
    os.rename(path("kept", "x"), path("kept", "client-key.pem"))
    equal({name: open(path("kept", name), "rb").read() for name in os.listdir(path("kept"))}, before)
    good("pki", "server", "other", "--dir", "kept", "--force")
    within("CN=other", good("pki", "show", "kept/server-cert.pem"))
    good("pki", "check", "kept")


@test
def wrong_wishes():
    equal(call("pki", "server", "web", "--dir", "none"),
          (1, "", f"{path('none', 'ca-cert.pem')}: No such file or directory; 'virtcard pki init' makes a CA\n"))
    equal(os.path.exists(path("none")), False)
    equal(call("pki", "server", "two words", "--dir", "ec", "--force"),
          (1, "", "'two words' is neither the DNS name of a host nor an IP address\n"))
    equal(call("pki", "init", "--dir", "x", "--days", "0")[0], 2)
    equal(call("pki", "init", "--dir", "/dev/null/x")[0], 1)


@test
def qemu_conf_names_the_folder():
    os.makedirs(path("conf", "etc", "virtcard"))
    with open(path("conf", "etc", "virtcard", "qemu.conf"), "w", encoding="utf-8") as file:
        file.write(f"chardev_tls_x509_cert_dir = \"{path('named')}\"\n")
    equal(call("pki", "check", root="conf"),
          (1, "", f"{path('conf')}/etc/virtcard/qemu.conf:1: chardev_tls_x509_cert_dir: folder "
                  f"'{path('named')}' does not exist\n"))
    good("pki", "init", root="conf")
    good("pki", "server", "web", root="conf")
    out = good("pki", "check", root="conf")
    within(f"{path('named')}: fit for a TLS server: 'CN=web', until ", out)
    within(f"{path('named')}: fit for a TLS client, without a certificate of its own\n", out)


# What others say

@test
def certtool_and_openssl_agree():
    for folder in ("ec", "rsa"):
        ca = f"{folder}/ca-cert.pem"
        tool("certtool", "--verify-chain", "--infile", "/dev/stdin",
             text=open(path(folder, "server-cert.pem"), "rb").read() + open(path(ca), "rb").read())
        for name, purpose in (("server", "sslserver"), ("client", "sslclient")):
            cert = f"{folder}/{name}-cert.pem"
            out = tool("certtool", "--verify", "--load-ca-certificate", ca, "--infile", cert)
            within("Verified. The certificate is trusted.", out)
            within("OK", tool("openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", ca, cert))
            tool("openssl", "pkey", "-noout", "-in", f"{folder}/{name}-key.pem")
            tool("openssl", "pkey", "-in", f"{folder}/{name}-key.pem", "-pubout", "-outform", "DER", "-out", f"{folder}/key.der")
            with open(path(folder, "key.der"), "rb") as file:
                print_ = base64.b64encode(hashlib.sha256(file.read()).digest()).decode().rstrip("=")
            within(f"\nfingerprint  SHA256:{print_}\n", good("pki", "show", cert))
        within("3072", tool("openssl", "dhparam", "-noout", "-text", "-in", f"{folder}/dh-params.pem"))


@test
def qemu_takes_them():
    for folder in ("ec", "rsa"):
        for end in ("server", "client"):
            done = subprocess.run(["qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none", "-S",
                                   "-object", f"tls-creds-x509,id=t,dir={path(folder)},endpoint={end},verify-peer=on",
                                   "-qmp", "stdio"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                                  input=b'{"execute":"qmp_capabilities"}{"execute":"quit"}', check=False)
            equal((done.returncode, done.stderr), (0, b""))


@test
def libvirts_layout():
    equal(sorted(os.listdir(path("lv"))), ["cacert.pem", "clientcert.pem", "clientkey.pem", "private", "servercert.pem"])
    equal(sorted(os.listdir(path("lv", "private"))), ["cakey.pem", "serverkey.pem"])
    equal((mode("lv", "private"), mode("lv", "private", "serverkey.pem"), mode("lv", "clientkey.pem")),
          (0o700, 0o600, 0o600))
    within("fit for a TLS server", good("pki", "check", "lv", "--libvirt"))


# check

@test
def check_tells_both_ends():
    out = good("pki", "check", "ec")
    lines = out.splitlines()
    equal(len(lines), 2)
    for line, end, name in zip(lines, ("server", "client"), ("localhost", "desk")):
        if not re.fullmatch(f"{path('ec')}: fit for a TLS {end}: 'CN={name}', until {DATE}", line):
            raise AssertionError(line)


@test
def check_of_nothing():
    os.makedirs(path("empty"))
    status, out, err = call("pki", "check", "empty")
    equal((status, out, err), (1, f"{path('empty')}: no TLS server: there is no server-cert.pem\n",
                               f"{path('empty', 'ca-cert.pem')}: does not exist\n"))
    status, out, err = call("pki", "check", "empty", "--end", "server")
    equal((status, out, len(err.splitlines())), (1, "", 4))


@test
def check_of_faults():
    make("bad")
    os.remove(path("bad", "dh-params.pem"))
    os.replace(path("bad", "client-key.pem"), path("bad", "server-key.pem"))
    status, out, err = call("pki", "check", "bad")
    equal((status, out), (1, ""))
    equal(err.splitlines(),
          [f"{path('bad')}/server-key.pem: is not the key of the certificate in {path('bad')}/server-cert.pem",
           f"{path('bad')}/dh-params.pem: warning: does not exist: QEMU makes its own at every start, which takes up "
           "to 350 ms",
           f"{path('bad')}/client-key.pem: does not exist"])


@test
def check_soon_over():
    good("pki", "init", "--dir", "soon")
    good("pki", "server", "web", "--dir", "soon", "--days", "10")
    status, _, err = call("pki", "check", "soon")
    equal(status, 0)
    if not re.fullmatch(f"{path('soon')}/server-cert.pem: warning: expires on {DATE}, in (9|10) days\n", err):
        raise AssertionError(err)


@test
def check_as_qemus_user():
    if os.geteuid() != 0:
        return
    make("roots")
    os.chown(path("roots", "server-key.pem"), 0, 0)
    status, _, err = call("pki", "check", "roots", "--end", "server")
    if not {"libvirt-qemu", "virtcard-qemu"} & {entry.pw_name for entry in pwd.getpwall()}:
        equal((status, err), (0, ""))       # there is nobody but root to run QEMU here
        return
    if not re.fullmatch(f"{path('roots')}/server-key.pem: cannot be read by user \\S+: permission denied\n", err):
        raise AssertionError(err)


@test
def encrypted_keys():
    make("locked")
    key = path("locked", "server-key.pem")
    for form in (["pkcs8", "-topk8"], ["ec", "-aes256"]):
        good("pki", "server", "localhost", "--dir", "locked", "--force")
        tool("openssl", *form, "-in", key, "-out", key + ".x", "-passout", "pass:open sesame")
        owner = os.stat(key)
        os.replace(key + ".x", key)
        os.chown(key, owner.st_uid, owner.st_gid)
        equal(call("pki", "check", "locked", "--end", "server"),
              (1, "", f"{key}: the key is encrypted, and there is no passphrase for it\n"))
        call("secret-define", "-", text=f"<secret><uuid>{UUID}</uuid><usage type='tls'><name>k</name></usage></secret>"
             .encode())
        good("secret-set-value", UUID, text=b"wrong")
        equal(call("pki", "check", "locked", "--end", "server", "--secret", UUID),
              (1, "", f"{key}: the key does not open with its passphrase\n"))
        good("secret-set-value", UUID, text=b"open sesame\n")
        within("fit for a TLS server", good("pki", "check", "locked", "--end", "server", "--secret", UUID))
    within("private key  encrypted\n", good("pki", "show", key))
    good("secret-undefine", UUID)


# check --peer

def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Served:
    """openssl s_server with the folder's server certificate."""

    def __init__(self, folder, *options):
        self.port = free_port()
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", path(folder, "server-cert.pem"),
             "-key", path(folder, "server-key.pem"), "-CAfile", path(folder, "ca-cert.pem"), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        while b"ACCEPT" not in self.process.stdout.readline():
            if self.process.poll() is not None:
                raise AssertionError("openssl s_server has ended")

    def __enter__(self):
        return f"localhost:{self.port}"

    def __exit__(self, *args):
        self.process.kill()
        self.process.communicate()


@test
def peer_fine():
    with Served("ec", "-Verify", "1", "-verify_return_error") as where:
        status, out, err = call("pki", "check", "ec", "--peer", where)
    equal((status, err), (0, ""))
    within(f"{where}: speaks TLS: (TLS1.3)", out)
    within(f"{where}: has the certificate of 'CN=localhost', until ", out)
    within(f"{where}: asks for a certificate, and was given ours\n", out)


@test
def peer_wants_a_certificate():
    os.makedirs(path("caonly"))
    with open(path("caonly", "ca-cert.pem"), "wb") as file:
        file.write(open(path("ec", "ca-cert.pem"), "rb").read())
    with Served("ec", "-Verify", "1", "-verify_return_error") as where:
        status, _, err = call("pki", "check", "caonly", "--peer", where)
    equal((status, err), (1, f"{where}: it wants a certificate and was given none (TLS alert: Certificate is required)\n"))


@test
def peer_of_another_ca():
    with Served("rsa") as where:
        status, _, err = call("pki", "check", "ec", "--peer", where)
    equal(status, 1)
    within(f"{where}: its certificate was signed by CA 'CN=virtcard CA', which {path('ec', 'ca-cert.pem')} does not hold",
           err)


@test
def peer_is_not_there():
    port = free_port()
    equal(call("pki", "check", "ec", "--peer", f"127.0.0.1:{port}"), (1, "", f"127.0.0.1:{port}: nobody listens there\n"))
    equal(call("pki", "check", "ec", "--peer", "localhost"), (1, "", "'localhost' is not HOST:PORT\n"))
    equal(call("pki", "check", "empty2", "--peer", f"127.0.0.1:{port}")[0], 1)


@test
def peer_in_plain_text():
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer():
            one, _ = server.accept()
            one.sendall(b"220 mail.example says hello, and more\r\n")
            one.recv(1000)
            one.close()

        thread = threading.Thread(target=answer)
        thread.start()
        where = f"127.0.0.1:{server.getsockname()[1]}"
        equal(call("pki", "check", "ec", "--peer", where),
              (1, "", f"{where}: it does not speak TLS: what it sends is plain text\n"))
        thread.join()


@test
def peer_is_silent():
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"127.0.0.1:{server.getsockname()[1]}"
        equal(call("pki", "check", "ec", "--peer", where, "--timeout", "1"),
              (1, "", f"{where}: no answer to TLS within 1 seconds: it may not speak TLS, or be busy with another "
                      "connection\n"))


# show

@test
def show():
    out = good("pki", "show", "ec/server-cert.pem")
    for line in ("subject      CN=localhost", "issuer       CN=virtcard CA", "names        DNS:localhost, IP:127.0.0.1",
                 "key          EC 256 bits", "CA           no", "purposes     TLS server"):
        within(line + "\n", out)
    within("private key  EC 256 bits, not encrypted\n", good("pki", "show", "ec/server-key.pem"))
    equal(good("pki", "show", "-", text=open(path("ec", "server-cert.pem"), "rb").read()), out)
    equal(call("pki", "show", "ec/dh-params.pem"), (1, "", "ec/dh-params.pem: holds no certificate in PEM form\n"))
    equal(call("pki", "show", "none"), (1, "", "none: No such file or directory\n"))


# Secrets

XML = f"""<secret ephemeral='no' private='yes'>
  <description>key of the server</description>
  <uuid>{UUID}</uuid>
  <usage type='tls'>
    <name>TLS_server</name>
  </usage>
</secret>
"""


@test
def secrets():
    head = " UUID                                   Usage\n---------------------------------------------------\n"
    equal(good("secret-list"), head)
    equal(good("secret-define", "-", text=XML.encode()), f"Secret {UUID} created\n")
    equal(good("secret-list"), head + f" {UUID}   tls TLS_server (no value)\n")
    equal(good("secret-set-value", UUID, text=b"open sesame\n"), "Secret value set\n")
    equal(good("secret-list"), head + f" {UUID}   tls TLS_server\n")
    folder = path("root", "etc", "virtcard", "secrets")
    with open(os.path.join(folder, UUID + ".value"), "rb") as file:
        equal(file.read(), b"open sesame")
    equal(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
    equal(stat.S_IMODE(os.stat(os.path.join(folder, UUID + ".value")).st_mode), 0o600)
    with open(path("value"), "wb") as file:
        file.write(base64.b64encode(b"other words") + b"\n")
    equal(good("secret-set-value", "--secret", UUID, "--file", "value", "--base64"), "Secret value set\n")
    with open(os.path.join(folder, UUID + ".value"), "rb") as file:
        equal(file.read(), b"other words")
    equal(good("secret-undefine", UUID), f"Secret {UUID} deleted\n")
    equal(os.listdir(folder), [])
    missing = f"Secret not found: no secret with matching uuid '{UUID}'\n"
    equal(call("secret-undefine", UUID), (1, "", missing))
    equal(call("secret-set-value", UUID, text=b"x"), (1, "", missing))


@test
def secrets_refused():
    status, out, err = call("secret-define", "-", text=XML.replace("ephemeral='no'", "ephemeral='yes'").encode())
    equal((status, out), (1, ""))
    within("(standard input):1: <secret>: ephemeral='yes' is not supported", err)
    equal(call("secret-set-value", "nonsense", text=b"x")[0], 2)
    equal(call("secret-set-value", UUID, "open sesame")[0], 2)
    good("secret-define", "-", text=XML.encode())
    for text, words in ((b"", "is empty"), (b"\n", "is empty"), (b"a\0b", "is no passphrase: it is not UTF-8"),
                        (b"x" * 65537, "has more than 65536 bytes")):
        equal(call("secret-set-value", UUID, text=text), (1, "", f"the value of secret {UUID} {words}\n"))
    equal(call("secret-set-value", UUID, "--base64", text=b"a?b"), (1, "", "the value is not base64\n"))
    good("secret-undefine", UUID)


@test
def a_terminal_does_not_show_it():
    good("secret-define", "-", text=XML.encode())
    ours, theirs = pty.openpty()
    env = dict(os.environ, HOME=here, VIRTCARD_ROOT=path("root"))
    process = subprocess.Popen([virtcard, "secret-set-value", UUID], env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    shown = b""
    while b"value: " not in shown:
        shown += os.read(ours, 1000)
    os.write(ours, b"open sesame\n")
    process.wait(60)
    os.close(theirs)
    try:
        while chunk := os.read(ours, 1000):
            shown += chunk
    except OSError:
        pass
    os.close(ours)
    equal(shown, b"value: \r\nSecret value set\r\n")
    good("secret-undefine", UUID)


run()
