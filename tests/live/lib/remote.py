# SPDX-License-Identifier: LGPL-2.1-or-later
"""A virtcardd of a test's own that serves TLS, and who may or may not come in.

    pki = Remotes(place)             a CA, a server 'localhost, 127.0.0.1' and a client 'desk', as libvirt names the files
    other = pki.client("bob")        a folder for `pkipath=`: of another client
    with pki.daemon(...) as d:       listens at a port of its own; ready when this returns
        d.over_tls("list")           what virsh says, with the client's certificate
        d.wait("words")              a line of its log that says so, from the last one waited for on
"""
import itertools
import os
import select
import shutil
import socket
import ssl
import subprocess
import time

from daemon import LIMIT, Daemon
from pki import tool

_ports = itertools.count(20000)


class Remote(Daemon):
    def __init__(self, program, folder, pki, conf="", addr="127.0.0.1", files=True, **more):
        self.pki, self.port = pki, next(_ports)
        lines = [f'listen_addr = "{addr}"', f'tls_port = "{self.port}"']
        if files:
            lines += [f'ca_file = "{pki.path("cacert.pem")}"', f'cert_file = "{pki.path("servercert.pem")}"',
                      f'key_file = "{pki.path("private/serverkey.pem")}"', f'crl_file = "{pki.path("cacrl.pem")}"' if pki.has_crl() else ""]
        more.setdefault("before", lambda command: [*command, "--listen"])
        super().__init__(program, folder, "\n".join(lines) + "\n" + conf, **more)
        self.tail, self.rest = None, b""

    def tls_uri(self, host="localhost", folder=None, more=""):
        return f"qemu+tls://{host}:{self.port}/system?pkipath={folder or self.pki.folder}{more}"

    def tls_call(self, *words, uri=None, **how):
        return subprocess.run(["virsh", "-q", "-c", uri or self.tls_uri(**how), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT, check=False)

    def over_tls(self, *words, **how):
        done = self.tls_call(*words, **how)
        if done.returncode or done.stderr:
            raise AssertionError(f"virsh {words}: {done.stderr}\n{self.log()}")
        return done.stdout.rstrip("\n")

    def not_over_tls(self, *words, **how):
        done = self.tls_call(*words, **how)
        if done.returncode == 0:
            raise AssertionError(f"virsh {words} was let in: {done.stdout}\n{self.log()}")
        return done.stderr.rstrip("\n")

    def connect(self):
        peer = socket.create_connection(("127.0.0.1", self.port), LIMIT)
        peer.settimeout(LIMIT)
        return peer

    def shake(self, folder=None, **how):
        """Python's TLS, of which OpenSSL is the better part"""
        return self.pki.context(folder, **how).wrap_socket(self.connect(), server_hostname="localhost")

    def wait(self, words):
        if self.tail is None:
            self.tail = subprocess.Popen(["tail", "-n", "+1", "-f", self.log_path], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        while True:
            line, end, rest = self.rest.partition(b"\n")
            if end:
                self.rest = rest
                if words in line.decode():
                    return line.decode()
                continue
            ready = select.poll()
            ready.register(self.tail.stdout, select.POLLIN)
            if not ready.poll(LIMIT * 1000):
                raise AssertionError(f"the log does not say {words!r}: {self.log()}")
            self.rest += os.read(self.tail.stdout.fileno(), 65536)

    def __exit__(self, *how):
        if self.tail is not None:
            self.tail.kill()
            self.tail.wait(LIMIT)
            self.tail.stdout.close()
        return super().__exit__(*how)


class Remotes:
    def __init__(self, place, name="Test CA", clients=("desk",)):
        self.place, self.folder = place, place.new_folder()
        self._pki("init", "--name", name)
        self._pki("server", "localhost", "127.0.0.1")
        for client in clients:
            self._pki("client", client)

    def _pki(self, *words, folder=None):
        tool(self.place.virtcard, "--root", self.place.new_root(), "pki", words[0], *words[1:], "--libvirt", "--dir", folder or self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def has_crl(self):
        return os.path.exists(self.path("cacrl.pem"))

    def copy(self):
        other = object.__new__(Remotes)
        other.place, other.folder = self.place, self.place.new_folder()
        shutil.copytree(self.folder, other.folder, dirs_exist_ok=True)
        return other

    def client(self, name=None, *template, key="--ecc"):
        """a folder for pkipath: without a name no certificate; with a template certtool makes it"""
        folder = self.place.new_folder()
        shutil.copy(self.path("cacert.pem"), folder)
        if name and not template:
            os.mkdir(os.path.join(folder, "private"))
            shutil.copy(self.path("private/cakey.pem"), os.path.join(folder, "private"))
            self._pki("client", name, folder=folder)
        elif name:
            self.certify(os.path.join(folder, "clientcert.pem"), os.path.join(folder, "clientkey.pem"), [f'cn = "{name}"', *template], key)
        return folder

    def certify(self, cert, key_path, template, key="--ecc"):
        """a certificate of another sort than virtcard makes, in one move"""
        if not os.path.exists(key_path) or key:
            tool("certtool", "--generate-privkey", *key.split(), "--outfile", key_path)
        text = cert + ".template"
        with open(text, "w") as file:
            file.write("\n".join(template if any("expiration" in line for line in template) else [*template, "expiration_days = 300"]) + "\n")
        tool("certtool", "--generate-certificate", "--load-privkey", key_path, "--load-ca-certificate", self.path("cacert.pem"),
             "--load-ca-privkey", self.path("private/cakey.pem"), "--template", text, "--outfile", cert + ".new")
        os.rename(cert + ".new", cert)

    def serve(self, *template, key="--ecc"):
        """another certificate for the server"""
        self.certify(self.path("servercert.pem"), self.path("private/serverkey.pem"),
                     ["cn = localhost", "dns_name = localhost", "ip_address = 127.0.0.1", "tls_www_server", *template], key)

    def revoke(self, *folders, template=("crl_next_update = 365",)):
        """a CRL with the clients of these folders on it; returns when it took its place"""
        text, certs = self.path("crl.template"), self.path("revoked.pem")
        with open(text, "w") as file:
            file.write("\n".join(template) + "\n")
        with open(certs, "w") as file:
            for folder in folders:
                with open(os.path.join(folder, "clientcert.pem")) as cert:
                    file.write(cert.read())
        tool("certtool", "--generate-crl", "--load-ca-certificate", self.path("cacert.pem"), "--load-ca-privkey", self.path("private/cakey.pem"),
             "--template", text, "--outfile", self.path("crl.new"), *(["--load-certificate", certs] if folders else []))
        os.rename(self.path("crl.new"), self.path("cacrl.pem"))
        return time.monotonic()

    def context(self, folder=None, alpn=None, shows=True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.path("cacert.pem"))
        context.set_ciphers("DEFAULT@SECLEVEL=0")   # it may show what is weak
        folder = folder or self.folder
        if shows and os.path.exists(os.path.join(folder, "clientcert.pem")):
            context.load_cert_chain(os.path.join(folder, "clientcert.pem"), os.path.join(folder, "clientkey.pem"))
        if alpn:
            context.set_alpn_protocols([alpn])
        return context
