# SPDX-License-Identifier: LGPL-2.1-or-later
"""Certificates for tests, as `virtcard pki` makes them, and the settings of a root that uses them.

    pki = Pki(place)              a folder with a CA, a server 'localhost, 127.0.0.1' and a client 'desk'
    root = pki.root()             a root whose qemu.conf names the folder
    pki.server(), pki.client()    ssl contexts of the other end
    pki.odd(...)                  a certificate that virtcard would not make, by certtool
"""
import os
import shutil
import ssl
import subprocess

from machine import GROUP, USER

UUID = "6fd3f62d-9fe7-4a4e-a869-7acd6376d8ea"


def tool(*words, **more):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **more)
    if done.returncode:
        raise AssertionError(f"{words} exits {done.returncode}: {done.stdout}")
    return done.stdout


class Pki:
    def __init__(self, place, name="Test CA"):
        self.place = place
        self.folder = place.new_folder()
        self._call(place.new_root(), "pki", "init", "--dir", self.folder, "--name", name)
        self._call(place.new_root(), "pki", "server", "localhost", "127.0.0.1", "--dir", self.folder)
        self._call(place.new_root(), "pki", "client", "desk", "--dir", self.folder)

    def _call(self, root, *words, text=None):
        return tool(self.place.virtcard, "--root", root, *words, input=text)

    def path(self, name):
        return os.path.join(self.folder, name)

    def copy(self, *without):
        """another folder with the same files"""
        other = object.__new__(Pki)
        other.place, other.folder = self.place, self.place.new_folder()
        for name in os.listdir(self.folder):
            if name not in without:
                shutil.copy(self.path(name), other.path(name))
                self.give(other.path(name))
        return other

    @staticmethod
    def give(path):
        """to QEMU's user"""
        if os.getuid() == 0:
            shutil.chown(path, USER, GROUP)

    def put(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        self.give(self.path(name))

    def get(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def root(self, *lines, folder=True):
        """a root that uses the folder; lines: more of its qemu.conf"""
        root = self.place.new_root()
        with open(os.path.join(root, "etc", "virtcard", "qemu.conf"), "a") as file:
            if folder:
                file.write(f'chardev_tls_x509_cert_dir = "{self.folder}"\n')
            file.write("".join(line + "\n" for line in lines))
        return root

    def secret(self, root, value):
        """the secret UUID of a root gets a value"""
        text = f"<secret><uuid>{UUID}</uuid><usage type='tls'><name>keys</name></usage></secret>"
        self._call(root, "secret-define", "-", text=text.encode())
        self._call(root, "secret-set-value", UUID, text=value.encode())

    def lock(self, name, passphrase):
        """encrypts a key"""
        data = tool("openssl", "pkcs8", "-topk8", "-in", self.path(name), "-passout", "env:VC_PASS",
                    env={**os.environ, "VC_PASS": passphrase})
        self.put(name, data)

    def server(self, ask=True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("server-cert.pem"), self.path("server-key.pem"))
        context.load_verify_locations(self.path("ca-cert.pem"))
        context.verify_mode = ssl.CERT_REQUIRED if ask else ssl.CERT_NONE
        return context

    def client(self, shows=True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if shows:
            context.load_cert_chain(self.path("client-cert.pem"), self.path("client-key.pem"))
        context.load_verify_locations(self.path("ca-cert.pem"))
        return context

    def odd(self, end, *template, ca=None):
        """a new certificate for the end's key, signed by ca's CA; template: certtool's words"""
        ca = ca or self
        words = {"server": ["cn = localhost", "dns_name = localhost", "ip_address = 127.0.0.1", "tls_www_server"],
                 "client": ["cn = desk", "tls_www_client"]}
        lines = list(template) if template and template[0].startswith("cn") else words[end] + list(template)
        if not any(line.startswith("expiration") for line in lines):
            lines.append("expiration_days = 365")
        where = self.place.new_folder()
        with open(os.path.join(where, "template"), "w") as file:
            file.write("\n".join(["signing_key", *lines]) + "\n")
        out = os.path.join(where, "cert.pem")
        tool("certtool", "--generate-certificate", "--load-privkey", self.path(f"{end}-key.pem"),
             "--load-ca-certificate", ca.path("ca-cert.pem"), "--load-ca-privkey", ca.path("ca-key.pem"),
             "--template", os.path.join(where, "template"), "--outfile", out)
        with open(out, "rb") as file:
            self.put(f"{end}-cert.pem", file.read())

    def revoke(self, name=None, *template):
        """a CRL, with the certificate of that name on it"""
        where = self.place.new_folder()
        with open(os.path.join(where, "template"), "w") as file:
            file.write("\n".join(template or ["crl_next_update = 365"]) + "\n")
        out = os.path.join(where, "crl.pem")
        revoked = ["--load-certificate", self.path(name)] if name else []
        tool("certtool", "--generate-crl", "--load-ca-certificate", self.path("ca-cert.pem"), "--load-ca-privkey",
             self.path("ca-key.pem"), "--template", os.path.join(where, "template"), "--outfile", out, *revoked)
        with open(out, "rb") as file:
            self.put("ca-crl.pem", file.read())
