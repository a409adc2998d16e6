#!/usr/bin/env python3
"""NSS databases with certificates for tests, made with certutil.

    db = NssDb(folder)                        a new, empty database without a password
    db.self_signed("cert1")                   key and certificate
    db.ca("ca"); db.signed("cert2", by="ca")
    db.expired("old")                         a certificate that ended a year ago
    db.without_key("lonely")                  a certificate whose private key is not here
    db.public(0o644)                          files that another user may read
    db.pem("cert1")
    db.verify("cert1", data, signature)       checks an SHA256-RSA-PKCS signature with openssl

As a program: nssdb.py FOLDER NICKNAME...     a database with self-signed certificates
"""
import os
import subprocess
import sys
import tempfile

FILES = ["cert9.db", "key4.db", "pkcs11.txt"]


class NssDb:
    def __init__(self, folder, bits=2048):
        self.folder = os.path.abspath(folder)
        self.bits = bits
        self.serial = 1000
        os.makedirs(self.folder, exist_ok=True)
        self._certutil("-N", "--empty-password")

    def _certutil(self, *args, data=None):
        done = subprocess.run(["certutil", "-d", "sql:" + self.folder, *args], input=data, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"certutil {' '.join(args)}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def _create(self, nickname, trust, *args, subject=None, data=None):
        self.serial += 1
        with tempfile.NamedTemporaryFile() as noise:
            noise.write(os.urandom(64))
            noise.flush()
            self._certutil("-S", "-n", nickname, "-s", subject or f"CN={nickname}", "-t", trust, "-m", str(self.serial),
                           "-k", "rsa", "-g", str(self.bits), "-z", noise.name, *args, data=data)

    def self_signed(self, nickname, subject=None):
        self._create(nickname, "CT,C,C", "-x", "-v", "120", subject=subject)

    def ca(self, nickname, subject=None):
        # certutil asks three questions for -2: a CA? how long a path? critical?
        self._create(nickname, "CT,C,C", "-x", "-v", "120", "-2", subject=subject, data=b"y\n\ny\n")

    def signed(self, nickname, by, subject=None):
        self._create(nickname, "u,u,u", "-c", by, "-v", "120", subject=subject)

    def expired(self, nickname, by=None, subject=None):
        """valid for a year, from two years ago"""
        signer = ["-c", by] if by else ["-x"]
        self._create(nickname, "u,u,u", *signer, "-w", "-24", "-v", "12", subject=subject)

    def without_key(self, nickname, subject=None):
        with tempfile.TemporaryDirectory() as elsewhere:
            other = NssDb(elsewhere, self.bits)
            other.self_signed(nickname, subject)
            self._certutil("-A", "-n", nickname, "-t", "CT,C,C", "-a", data=other.pem(nickname).encode())

    def public(self, mode=0o644):
        """gives the files this mode, and makes the folder one that others can enter"""
        for name in FILES:
            os.chmod(os.path.join(self.folder, name), mode)
        os.chmod(self.folder, 0o755)

    def pem(self, nickname):
        return self._certutil("-L", "-n", nickname, "-a").decode()

    def verify(self, nickname, data, signature):
        return verify(self.pem(nickname), data, signature)


def verify(pem, data, signature):
    """whether signature (SHA256-RSA-PKCS) of data was made with the certificate's key"""
    with tempfile.TemporaryDirectory() as folder:
        def put(name, content):
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(content)
            return path

        key = subprocess.run(["openssl", "x509", "-pubkey", "-noout"], input=pem.encode(), capture_output=True,
                             check=True).stdout
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", put("key", key), "-signature",
                               put("signature", signature), put("data", data)], capture_output=True)
        return done.returncode == 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    made = NssDb(sys.argv[1])
    for name in sys.argv[2:]:
        made.self_signed(name)
