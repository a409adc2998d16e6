#!/usr/bin/env python3
"""A host smartcard without hardware, for <smartcard mode='host'>: a SoftHSM token behind NSS.

    card = HostCard(folder, ["host1", "host2", "host3"])
    subprocess.Popen(card.inside(["qemu-system-x86_64", ...]), env=card.environment())
    card.pem("host1"); card.verify("host1", data, signature); card.pin
    card.eject(); card.insert()     QEMU follows, seconds later

QEMU's nss-emulated backend reads /etc/pki/nssdb and nothing else: inside() gives the command a mount
namespace of its own in which that is this card's database. As a program, it runs one there:

    hostcard.py FOLDER NICKNAME... -- COMMAND...
"""
import os
import subprocess
import sys

from nssdb import NssDb, verify

HERE = os.path.dirname(os.path.realpath(__file__))
SYSTEM_DB = "/etc/pki/nssdb"

MOUNT = """set -e
if [ ! -d {system} ]; then
  mkdir -p {folder}/etc/pki/nssdb {folder}/work
  mount -t overlay -o lowerdir=/etc,upperdir={folder}/etc,workdir={folder}/work overlay /etc
fi
mount --bind {database} {system}
exec "$@"
"""


class HostCard:
    def __init__(self, folder, nicknames, pin="1234", label="card"):
        self.folder = os.path.abspath(folder)
        self.pin, self.label = pin, label
        self.conf = os.path.join(self.folder, "softhsm2.conf")
        self.ejected = os.path.join(self.folder, "ejected")
        self.pin_file = os.path.join(self.folder, "pin")
        tokens, module = os.path.join(self.folder, "tokens"), os.path.join(self.folder, "module.so")
        os.makedirs(tokens)
        with open(self.conf, "w") as file:
            file.write(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
        with open(self.pin_file, "w") as file:
            file.write(pin + "\n")
        flags = self._run("pkg-config", "--cflags", "nss").split()
        self._run("cc", "-shared", "-fPIC", "-o", module, os.path.join(HERE, "softhsm_removable.c"), *flags, "-ldl")
        self._run("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", pin)
        self.database = NssDb(os.path.join(self.folder, "nssdb")).folder
        self._run("modutil", "-dbdir", "sql:" + self.database, "-add", "SoftHSM", "-libfile", module, "-force")
        for serial, nickname in enumerate(nicknames, 1):
            self._certutil("-S", "-x", "-n", nickname, "-s", f"CN={nickname}", "-t", "u,u,u", "-m", str(serial),
                           "-k", "rsa", "-g", "2048", "-v", "120", "-z", self._noise())

    def _noise(self):
        path = os.path.join(self.folder, "noise")
        with open(path, "wb") as file:
            file.write(os.urandom(64))
        return path

    def _run(self, *argv):
        done = subprocess.run(argv, capture_output=True, text=True, env=self.environment())
        if done.returncode:
            raise RuntimeError(f"{' '.join(argv)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _certutil(self, *args):
        return self._run("certutil", "-d", "sql:" + self.database, "-h", self.label, "-f", self.pin_file, *args)

    def environment(self):
        return dict(os.environ, SOFTHSM2_CONF=self.conf, VC_SOFTHSM_EJECTED=self.ejected)

    def eject(self):
        with open(self.ejected, "w"):
            pass

    def insert(self):
        os.unlink(self.ejected)

    def inside(self, command):
        script = MOUNT.format(system=SYSTEM_DB, folder=self.folder, database=self.database)
        user = [] if os.getuid() == 0 else ["--map-current-user", "--keep-caps"]
        return ["unshare", "--mount", *user, "sh", "-c", script, "sh", *command]

    def pem(self, nickname):
        return self._certutil("-L", "-n", f"{self.label}:{nickname}", "-a")

    def verify(self, nickname, data, signature):
        return verify(self.pem(nickname), data, signature)


if __name__ == "__main__":
    if "--" not in sys.argv[3:]:
        sys.exit(__doc__)
    split = sys.argv.index("--")
    made = HostCard(sys.argv[1], sys.argv[2:split])
    command = made.inside(sys.argv[split + 1:])
    os.execvpe(command[0], command, made.environment())
