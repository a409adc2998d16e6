#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What `virtcard pki` makes is used unchanged by the real programs, and what `pki check --peer` says of them.

    test_pki.py VIRTCARD [WORD...]
"""
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from qmp import Qmp  # noqa: E402

alone()
virtcard = os.path.abspath(sys.argv[1])
QEMU = "/usr/bin/qemu-system-x86_64"
LIMIT = 60
here = tempfile.mkdtemp(prefix="vc-pki.")
ports, lock = iter(range(20000, 30000)), threading.Lock()
EXPIRED = """cn = localhost
dns_name = localhost
tls_www_server
signing_key
encryption_key
activation_date = "2001-01-01 00:00:00 UTC"
expiration_date = "2002-01-01 00:00:00 UTC"
"""


def path(*names):
    return os.path.join(here, *names)


def new_port():
    with lock:
        return next(ports)


def pki(*words, status=0):
    """its standard output and error"""
    env = dict(os.environ, VIRTCARD_ROOT=path("root"))
    done = subprocess.run([virtcard, "pki", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env, check=False)
    equal((done.returncode, done.stderr if status == 0 else ""), (status, ""))
    return done.stdout + done.stderr


def ask(port, *words, status=0, folder="mine", host="localhost"):
    return pki("check", path(folder), "--peer", f"{host}:{port}", *words, status=status)


def make_all():
    """mine: CA, a server and a client; theirs: of another CA; expired: mine with a server of long ago; for libvirt"""
    for folder, more in (("mine", []), ("theirs", []), ("libvirt", ["--libvirt"])):
        where = ["--dir", path(folder), *more]
        os.mkdir(path(folder))
        pki("init", *where)
        pki("server", "localhost", *where)
        pki("client", "a client", *where)
    shutil.copytree(path("mine"), path("expired"))
    for name in "client-cert.pem", "client-key.pem":
        shutil.copy(path("mine", name), path("without-" + name))
    shutil.copytree(path("mine"), path("no-client"))
    for name in "client-cert.pem", "client-key.pem":
        os.unlink(path("no-client", name))
    shutil.copytree(path("libvirt"), path("libvirt-expired"))
    with open(path("template"), "w", encoding="utf-8") as file:
        file.write(EXPIRED)
    for folder, ca, ca_key, key, out in (("expired", "ca-cert.pem", "ca-key.pem", "server-key.pem", "server-cert.pem"),
                                         ("libvirt-expired", "cacert.pem", "private/cakey.pem", "private/serverkey.pem", "servercert.pem")):
        certtool("--generate-certificate", "--template", path("template"), "--load-ca-certificate", path(folder, ca),
                 "--load-ca-privkey", path(folder, ca_key), "--load-privkey", path(folder, key), "--outfile", path(folder, out))


def certtool(*words):
    done = subprocess.run(["certtool", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"certtool {words}: {done.stdout}{done.stderr}")
    return done.stdout


# --- programs that wait for TLS clients ---

class Peer:
    """A process that is ready once it has said so"""

    name = "mine"

    def __init__(self, folder=None, port=None):
        self.folder, self.port = path(folder or self.name), port or new_port()
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.argv(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = b""
        while self.ready not in said:
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError(f"it has ended: {said.decode()}")
            said += line
        self.reader = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(LIMIT)


class GnutlsServ(Peer):
    ready = b"listening"

    def argv(self):
        file = lambda name: os.path.join(self.folder, name)  # noqa: E731
        return ["stdbuf", "-oL", "gnutls-serv", "--echo", "--port", str(self.port), "--require-client-cert", "--x509cafile", file("ca-cert.pem"),
                "--x509certfile", file("server-cert.pem"), "--x509keyfile", file("server-key.pem"), "--verify-client-cert"]


class OpensslServer(Peer):
    ready = b"ACCEPT"

    def argv(self):
        file = lambda name: os.path.join(self.folder, name)  # noqa: E731
        return ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-CAfile", file("ca-cert.pem"), "-Verify", "2",
                "-verify_return_error", "-cert", file("server-cert.pem"), "-key", file("server-key.pem")]


class Qemu(Peer):
    """its end of a character device; options: of the device"""

    end, options, user = "server", ",server=on,wait=off,tls-creds=tls", ["-device", "isa-serial,chardev=c"]

    def start(self):
        monitor = f"{path('monitor')}{self.port}"
        creds = {"qom-type": "tls-creds-x509", "id": "tls", "dir": self.folder, "endpoint": self.end, "verify-peer": True,
                 "sanity-check": not self.folder.endswith("expired")}
        argv = [QEMU, "-S", "-M", "pc", "-nodefaults", "-display", "none", "-object", json.dumps(creds),
                "-chardev", f"socket,id=c,host=localhost,port={self.port}{self.options}", *self.user,
                "-chardev", f"socket,id=m,path={monitor},server=on,wait=off", "-mon", "chardev=m,mode=control"]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.qmp = Qmp(monitor, self.process)

    def __exit__(self, *_):
        self.qmp.close()
        super().__exit__()
        self.process.stderr.close()


class PlainQemu(Qemu):
    options = ",server=on,wait=off"


class TelnetQemu(Qemu):
    options = ",server=on,wait=off,telnet=on"


class MonitorQemu(Qemu):
    user = ["-mon", "chardev=c,mode=control"]


class ConnectingQemu(MonitorQemu):
    end, options = "client", ",tls-creds=tls"


class Libvirtd(Peer):
    """with no driver but those in it, and what it keeps below a folder of its own"""

    name = "libvirt"
    PLACES = ["/etc/libvirt", "/var/lib/libvirt", "/var/cache/libvirt", "/var/log/libvirt", "/run/libvirt"]
    made = []

    def start(self):
        state = f"{path('state')}{self.port}"
        os.makedirs(state + "/drivers")
        for place in self.PLACES:
            os.makedirs(state + place)
            if not os.path.isdir(place):
                os.makedirs(place)
                self.made.append(place)
            subprocess.run(["mount", "--bind", state + place, place], check=True)
        conf = f"{state}/libvirtd.conf"
        with open(conf, "w", encoding="utf-8") as file:
            file.write(f'listen_tls = 1\nlisten_tcp = 0\nlisten_addr = "127.0.0.1"\ntls_port = "{self.port}"\nauth_tls = "none"\n'
                       f'ca_file = "{self.folder}/cacert.pem"\ncert_file = "{self.folder}/servercert.pem"\n'
                       f'key_file = "{self.folder}/private/serverkey.pem"\nunix_sock_dir = "{state}"\nauth_unix_rw = "none"\n'
                       f'auth_unix_ro = "none"\ntls_no_sanity_certificate = {int(self.folder.endswith("expired"))}\n')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as news:
            news.bind(state + "/news")
            news.settimeout(LIMIT)
            env = dict(os.environ, NOTIFY_SOCKET=state + "/news", LIBVIRT_DRIVER_DIR=state + "/drivers")
            self.log = open(state + "/log", "w+", encoding="utf-8")
            self.process = subprocess.Popen(["libvirtd", "--listen", "--config", conf, "--pid-file", state + "/pid"], env=env,
                                            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
            try:
                while b"READY=1" not in news.recv(4096):
                    pass
            except BaseException:
                self.__exit__()
                raise

    def __exit__(self, *_):
        super().__exit__()
        self.log.close()
        for place in self.PLACES:
            subprocess.run(["umount", place], check=True)
        while self.made:
            os.rmdir(self.made.pop())


def virsh(port, folder, host="localhost"):
    return subprocess.run(["virsh", "-c", f"test+tls://{host}:{port}/default?pkipath={path(folder)}", "uri"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=LIMIT, check=False)


# --- what is made ---

@test
def certtool_verifies_them():
    for folder, ca, names in (("mine", "ca-cert.pem", ["server-cert.pem", "client-cert.pem"]),
                              ("libvirt", "cacert.pem", ["servercert.pem", "clientcert.pem"])):
        for name, purpose, more in zip(names, ("1", "2"), (["--verify-hostname", "localhost"], [])):
            said = certtool("--verify", "--load-ca-certificate", path(folder, ca), "--infile", path(folder, name),
                            "--verify-purpose", "1.3.6.1.5.5.7.3." + purpose, *more)
            within("Verified. The certificate is trusted.", said)


def context(purpose):
    """OpenSSL, as Python has it, with our certificate for that end"""
    made = ssl.create_default_context(purpose, cafile=path("mine", "ca-cert.pem"))
    end = "client" if purpose == ssl.Purpose.SERVER_AUTH else "server"
    made.load_cert_chain(path("mine", end + "-cert.pem"), path("mine", end + "-key.pem"))
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def greets(connection):
    """QEMU's monitor is at the other end; it takes one byte at a time, and leaves the rest of a TLS record lying"""
    with connection, connection.makefile("rb") as file:
        within(b'{"QMP"', file.readline())
        for byte in b'{"execute": "qmp_capabilities"}\n':
            connection.send(bytes([byte]))
        equal(json.loads(file.readline()), {"return": {}})


@test
def qemu_waits_and_connects():
    with MonitorQemu() as peer:
        greets(context(ssl.Purpose.SERVER_AUTH).wrap_socket(socket.create_connection(("127.0.0.1", peer.port), LIMIT), server_hostname="localhost"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        with ConnectingQemu(port=server.getsockname()[1]):
            connection, _ = server.accept()
            connection.settimeout(LIMIT)
            greets(context(ssl.Purpose.CLIENT_AUTH).wrap_socket(connection, server_side=True))


@test
def virsh_reaches_libvirtd():
    if not shutil.which("libvirtd") or not shutil.which("virsh"):
        raise Skip("no libvirtd or no virsh")
    with Libvirtd() as peer:
        done = virsh(peer.port, "libvirt")
        equal((done.returncode, done.stdout.strip(), done.stderr), (0, f"test+tls://localhost:{peer.port}/default?pkipath={path('libvirt')}", ""))
        done = virsh(peer.port, "libvirt", host="127.0.0.1")
        equal(done.returncode, 1)
        within("does not match the hostname 127.0.0.1", done.stderr)
        _try(peer, "libvirt", "--libvirt")
    with Libvirtd("libvirt-expired") as peer:
        within("its certificate expired on 2002-01-01", ask(peer.port, "--libvirt", folder="libvirt", status=1))


# --- what is said of peers ---

def _try(peer, folder, *words):
    where = f"localhost:{peer.port}"
    said = ask(peer.port, *words, folder=folder)
    within(f"{where}: speaks TLS: ", said)
    within(f"{where}: asks for a certificate, and was given ours", said)
    said = ask(peer.port, *words, folder=folder, host="127.0.0.1", status=1)
    within(f"127.0.0.1:{peer.port}: its certificate is not for '127.0.0.1', but for 'CN=localhost', DNS:localhost", said)
    said = ask(peer.port, folder="theirs", status=1)
    within(f"{where}: its certificate was signed by CA 'CN=virtcard CA', which {path('theirs')}/ca-cert.pem does not hold", said)


def add(kind):
    def function():
        with kind() as peer:
            _try(peer, "mine")
            within("it wants a certificate", ask(peer.port, folder="no-client", status=1))
        with kind("expired") as peer:
            within("its certificate expired on 2002-01-01", ask(peer.port, status=1))

    function.__name__ = f"peer_{kind.__name__}"
    test(function)


for each in GnutlsServ, OpensslServer, Qemu:
    add(each)


@test
def peer_that_is_none():
    port = new_port()
    equal(ask(port, status=1), f"localhost:{port}: nobody listens there\n")
    with TelnetQemu() as peer:
        equal(ask(peer.port, status=1), f"localhost:{peer.port}: it does not speak TLS: what it sends is plain text\n")
    with PlainQemu() as peer:
        equal(ask(peer.port, "--timeout", "1", status=1),
              f"localhost:{peer.port}: no answer to TLS within 1 seconds: it may not speak TLS, or be busy with another connection\n")


@test
def peer_that_is_busy():
    with Qemu() as peer, socket.create_connection(("127.0.0.1", peer.port)):
        equal(ask(peer.port, "--timeout", "1", status=1),
              f"localhost:{peer.port}: no answer to TLS within 1 seconds: it may not speak TLS, or be busy with another connection\n")


try:
    make_all()
    run(sys.argv[2:])
finally:
    shutil.rmtree(here)
