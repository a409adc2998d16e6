#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client's own key: encrypted, or in a token; and the CAs of the host.

    test_trust_keys.py VIRTCARDD VIRTCARD TRUST [WORD...]

TRUST is tests/live/trust.c.
"""
import os
import shutil
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

from livetap import equal, run, test, within  # noqa: E402
from machine import Place  # noqa: E402
from pki import tool  # noqa: E402
from remote import Remote, Remotes  # noqa: E402
from terminal import Terminal  # noqa: E402

LIMIT = 180
PIN = "1234"
virtcardd, virtcard, trust = (os.path.abspath(path) for path in sys.argv[1:4])
place = Place(virtcard)
pki = Remotes(place)
os.environ["XDG_CONFIG_HOME"] = place.new_folder()


def daemon(mine=pki, **more):
    return Remote(virtcardd, place.new_folder(), mine, **more)


def program(d, *words, status=0, env=None):
    done = subprocess.run([trust, f"qemu+tls://localhost:{d.port}/system", *words], capture_output=True, text=True, timeout=LIMIT,
                          stdin=subprocess.DEVNULL, check=False, env=env)
    equal((done.returncode, done.stderr), (status, ""))
    return done.stdout.splitlines()


def command(uri, *words, status=0, env=None):
    done = subprocess.run([virtcard, *words, "-c", uri, "list", "--name"], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
                          check=False, env=env, start_new_session=True)
    equal((done.returncode, done.stdout), (status, ""))
    return done.stderr


def parts(folder=None, key=None):
    folder = folder or pki.folder
    return f"ca={folder}/cacert.pem", f"cert={folder}/clientcert.pem", f"key={key or folder + '/clientkey.pem'}"


def secret_file(text):
    path = os.path.join(place.new_folder(), "secret")
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o600)
    return path


# An encrypted key

def encrypted(passphrase="open sesame"):
    folder = pki.client("eve")
    key = os.path.join(folder, "clientkey.pem")
    tool("openssl", "pkcs8", "-topk8", "-in", key, "-out", key + ".new", "-passout", "pass:" + passphrase)
    os.rename(key + ".new", key)
    return folder


@test
def a_program_and_an_encrypted_key():
    folder = encrypted()
    key = f"{folder}/clientkey.pem"
    asked = f"asked for passphrase of {key} flags "
    with daemon() as d:
        equal(program(d, *parts(folder), "secret=open sesame"), [asked + "0", "open"])
        equal(program(d, *parts(folder), "secret=wrong,open sesame"), [asked + "0", asked + "1", "open"])
        wrong = f"error 7: {key}: the key does not open with its passphrase"
        equal(program(d, *parts(folder), "secret=a,b,c,d", status=1), [asked + "0", asked + "1", asked + "1", wrong])
        equal(program(d, *parts(folder), "secret=a", status=1), [asked + "0", asked + "1", wrong])
        none = f"error 7: {key}: the key is encrypted, and there is no passphrase for it"
        equal(program(d, *parts(folder), status=1), [none])
        equal(program(d, *parts(folder), "secret-file=" + secret_file("open sesame\n")), ["open"])
        equal(program(d, *parts(folder), "secret-file=" + secret_file("wrong"), status=1), [wrong])
        within("secret: No such file or directory", program(d, "secret-file=/nowhere/secret", status=1)[0])


@test
def the_command_and_an_encrypted_key():
    folder = encrypted()
    with daemon() as d:
        uri = d.tls_uri(folder=folder)
        equal(command(uri, "--passphrase-file", secret_file("open sesame\n")), "")
        equal(command(uri, "--passphrase-file", secret_file("wrong\n"), status=1),
              f"{folder}/clientkey.pem: the key does not open with its passphrase\n")
        equal(command(uri, status=1), f"{folder}/clientkey.pem: the key is encrypted, and there is no passphrase for it\n")
        person = Terminal([virtcard, "-c", uri, "list", "--name"])
        person.wait(f"Passphrase of key '{folder}/clientkey.pem': ")
        person.type("wrong")
        person.wait(f"That was wrong. Passphrase of key '{folder}/clientkey.pem': ")
        person.type("open sesame")
        equal(person.end(), (0, "\n"))      # and what was typed is not shown
        person = Terminal([virtcard, "-c", uri, "list", "--name"])
        person.wait(f"Passphrase of key '{folder}/clientkey.pem': ")
        os.write(person.master, b"\x04")    # the end of the input is no answer
        status, text = person.end()
        equal((status, "That was wrong" in text), (1, False))


# A token

class Token:
    """of SoftHSM: a key and its certificate under one name"""

    def __init__(self, name="desk", label="the card", with_certificate=True):
        self.folder, self.name, self.label = place.new_folder(), name, label
        os.mkdir(os.path.join(self.folder, "tokens"))
        conf = os.path.join(self.folder, "softhsm2.conf")
        with open(conf, "w") as file:
            file.write(f"directories.tokendir = {self.folder}/tokens\nobjectstore.backend = file\n")
        self.env = dict(os.environ, SOFTHSM2_CONF=conf, LC_ALL="C.UTF-8")
        self._tool("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "12345678")
        self.client = pki.client(name)
        key = os.path.join(self.client, "key.pem")
        self._tool("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", os.path.join(self.client, "clientkey.pem"), "-out", key)
        self._tool("softhsm2-util", "--import", key, "--token", label, "--label", name, "--id", "01", "--pin", PIN)
        os.remove(key)
        os.remove(os.path.join(self.client, "clientkey.pem"))
        if with_certificate:
            self._tool("p11tool", "--login", f"--set-pin={PIN}", "--write", "--load-certificate", os.path.join(self.client, "clientcert.pem"),
                       "--label", name, "--id", "01", "--batch", f"pkcs11:token={urllib.parse.quote(label)}")

    def _tool(self, *words):
        done = subprocess.run(words, capture_output=True, text=True, env=self.env, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise AssertionError(f"{words}: {done.stdout}{done.stderr}")

    def uri(self, more=""):
        return f"pkcs11:token={urllib.parse.quote(self.label)};object={self.name};type=private{more}"

    def url(self, d, more=""):
        """the command's, without a certificate or a key of a file"""
        folder = place.new_folder()
        shutil.copy(pki.path("cacert.pem"), folder)
        return d.tls_uri(folder=folder, more="&client_key=" + urllib.parse.quote(self.uri(more), safe=""))


@test
def a_program_and_a_token():
    token = Token()
    asked = "asked for PIN of the card flags 0"
    ca = f"ca={pki.path('cacert.pem')}"
    with daemon() as d:
        d.wait("TLS is served with the certificate")
        said = program(d, ca, "key=" + token.uri(), "secret=" + ",".join([PIN] * 9), env=token.env)
        equal((said[0], said[-1], set(said[:-1])), (asked, "open", {asked}))
        within("'CN=desk'", d.wait("'CN=desk'"))
        # with a certificate from a file
        equal(program(d, ca, f"cert={token.client}/clientcert.pem", "key=" + token.uri(), "secret-file=" + secret_file(PIN + "\n"), env=token.env), ["open"])
        for before in "", "file:":
            equal(program(d, ca, "key=" + token.uri(f"?pin-source={before}{secret_file(PIN)}"), env=token.env), ["open"])
        said = program(d, ca, "key=" + token.uri(), "secret=9,9,9,9,9", status=1, env=token.env)
        within("the token does not open: there is no PIN for it, or a wrong one", said[-1])
        equal(said[:-1], [asked, asked.replace("flags 0", "flags 1"), asked.replace("flags 0", "flags 1")])
        within("there is no PIN for it", program(d, ca, "key=" + token.uri(), status=1, env=token.env)[-1])
        within("no token that is there has it", program(d, ca, "key=pkcs11:token=nowhere;object=x", "secret=1", status=1, env=token.env)[-1])
        within("a PIN does not belong into a PKCS#11 URI", program(d, ca, "key=" + token.uri("?pin-value=1234"), status=1, env=token.env)[-1])
        other = pki.client("bob")
        within(": is not the key of the client's certificate",
               program(d, ca, f"cert={other}/clientcert.pem", "key=" + token.uri(), "secret=" + ",".join([PIN] * 9), status=1, env=token.env)[-1])


@test
def a_token_without_a_certificate():
    token = Token(with_certificate=False)
    ca = f"ca={pki.path('cacert.pem')}"
    with daemon() as d:
        within("type=cert: no token that is there has it", program(d, ca, "key=" + token.uri(), "secret=" + ",".join([PIN] * 9), status=1, env=token.env)[-1])
        equal(program(d, ca, f"cert={token.client}/clientcert.pem", "key=" + token.uri(), "secret-file=" + secret_file(PIN), env=token.env), ["open"])


@test
def the_command_and_a_token():
    token = Token("eve", "another card")
    with daemon() as d:
        d.wait("TLS is served with the certificate")
        equal(command(token.url(d), "--passphrase-file", secret_file(PIN + "\n"), env=token.env), "")
        within("'CN=eve'", d.wait("'CN=eve'"))
        within("the token does not open", command(token.url(d), status=1, env=token.env))
        person = Terminal([virtcard, "-c", token.url(d), "list", "--name"], env=token.env)
        person.wait("PIN of token 'another card': ")
        person.type("4321")
        person.wait("That was wrong. PIN of token 'another card'")
        person.wait(": ")
        person.type(PIN)
        status, text = person.end()
        equal((status, PIN in text, "4321" in text), (0, False, False))


# The host's CAs

@test
def the_cas_of_the_host():
    """one of the tests' own is mounted over the host's"""
    with daemon() as d:
        bare = pki.client("eve")
        os.remove(os.path.join(bare, "cacert.pem"))

        def inside(*words):
            script = 'mount --bind "$1" /etc/ssl/certs/ca-certificates.crt && shift && exec "$@"'
            done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", pki.path("cacert.pem"), *words],
                                  capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
            return done.returncode, done.stdout, done.stderr

        uri = d.tls_uri(folder=bare)
        equal(inside(virtcard, "-c", uri + "&system_ca=1", "list", "--name"), (0, "", ""))
        equal(inside(virtcard, "-c", uri, "list", "--name")[0], 1)
        plain = f"qemu+tls://localhost:{d.port}/system"
        own = parts(bare)[1:]
        equal(inside(trust, plain, *own, "system-ca"), (0, "open\n", ""))
        equal(inside(trust, plain, *own)[0], 1)
        # a name counts as ever
        status, out, _ = inside(trust, plain.replace("localhost", "127.0.0.2"), *own, "system-ca")
        equal((status, "open" in out), (1, False))
        # and those of the real host do not vouch for it
        status, _, err = (lambda done: (done.returncode, done.stdout, done.stderr))(
            subprocess.run([virtcard, "-c", uri + "&system_ca=1", "list"], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False))
        equal(status, 1)
        within("its certificate was signed by CA 'CN=Test CA', which is not trusted here", err)


# What was given

@test
def given_back():
    with daemon() as d:
        lines = program(d, *parts(), "given")
        text = "\n".join(lines)
        for name in "cacert.pem", "clientcert.pem", "clientkey.pem":
            with open(pki.path(name)) as file:
                within(file.read(), text)
        within("part 1 error 3: (CA CRL): none was given", lines)
        within("part 3 error 7: (client key): is given by virtcard_tls_get_key only", lines)
        token = Token("carol", "third card")
        lines = program(d, f"ca={pki.path('cacert.pem')}", "key=" + token.uri(), "given", "secret-file=" + secret_file(PIN), env=token.env)
        within(f"part 4 error 2: (client key): is in a token: {token.uri()}", lines)
        equal(lines[-1], "open")
        # encrypted it stays
        folder = encrypted()
        within("-----BEGIN ENCRYPTED PRIVATE KEY-----", program(d, *parts(folder), "given", "secret=open sesame"))


run(sys.argv[4:])
