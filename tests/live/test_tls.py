#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TLS of character devices under `virtcard run`: encrypted keys, and what is wrong before anything is started.

    test_tls.py VIRTCARD [WORD...]
"""
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True

from echo import ECHO, answers, tcp  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import USER, Place, domain  # noqa: E402
from pki import UUID, Pki  # noqa: E402

place = Place(os.path.abspath(sys.argv[1]))
pki = Pki(place)
other_pki = Pki(place, "Other CA")
PASSPHRASE = "Ope\u00f1 sesame, 'thrice' = 3%"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def conf_line(root, number):
    return f"{root}/etc/virtcard/qemu.conf:{number + (2 if os.getuid() == 0 else 0)}"


def refused(root, xml):
    """the one error of a run; the check of the host says the same"""
    lines = place.fails(xml, root=root)
    path = os.path.join(os.path.dirname(root), "guest.xml")
    done = subprocess.run([place.virtcard, "--root", root, "validate", "--host", path], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    errors = [line for line in done.stderr.replace(path, "guest.xml").splitlines() if ": warning: " not in line]
    equal((done.returncode, errors), (1, [line for line in lines if ": warning: " not in line]))
    equal(os.listdir(os.path.join(root, "run", "virtcard")) if os.path.isdir(os.path.join(root, "run", "virtcard"))
          else [], [])
    return errors


def contents(folder):
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                with open(path, "rb") as file:
                    yield path, file.read()


def nothing_tells(process, words):
    """what anybody but root and QEMU's user could see of a running guest, and all that is written down of it"""
    with open(f"/proc/{process.qemu}/cmdline", "rb") as file:
        argv = file.read()
    with open(f"/proc/{process.qemu}/environ", "rb") as file:
        environ = file.read()
    for number in process.process.pid, process.qemu:
        with open(f"/proc/{number}/cmdline", "rb") as file:
            equal(words in file.read(), False)
    equal(words in argv + environ, False)
    for path, data in contents(os.path.join(process.root, "run")):
        equal((path, words in data), (path, False))
    equal(words in "\n".join(process.lines).encode(), False)
    return argv


# Secrets

@test
def encrypted_keys_open():
    """of both ends; and nobody sees the passphrase"""
    locked = pki.copy()
    for end in "server", "client":
        locked.lock(f"{end}-key.pem", PASSPHRASE)
    root = locked.root(f'chardev_tls_x509_secret_uuid = "{UUID}"', "chardev_tls = 1")
    locked.secret(root, PASSPHRASE)
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        xml = domain("\n".join([place.boot_disk(ECHO), tcp("bind", port, ""),
                                tcp("connect", listener.getsockname()[1], "")]))
        with place.run(xml, root=root) as process:
            sock, _ = listener.accept()
            sock.settimeout(60)
            with pki.server().wrap_socket(sock, server_side=True) as called:
                equal(dict(x[0] for x in called.getpeercert()["subject"])["commonName"], "desk")
                process.wait("started")
                with socket.create_connection(("127.0.0.1", port)) as plain, \
                        pki.client().wrap_socket(plain, server_hostname="localhost") as came:
                    answers(came, b"through an encrypted key")
            argv = nothing_tells(process, PASSPHRASE.encode())
            folder = os.path.join(root, "run", "virtcard", process.uuid)
            within(f'{{"qom-type":"secret","id":"masterKey0","format":"raw","file":"{folder}/master-key.aes"}}'.encode(),
                   argv)
            within(b'"keyid":"masterKey0"', argv)
            within(b'"passwordid":"charserial0-secret0"', argv)
            within(b'"passwordid":"charserial1-secret0"', argv)
            key = os.stat(os.path.join(folder, "master-key.aes"))
            equal((stat.S_IMODE(key.st_mode), key.st_size), (0o600, 32))
            if os.getuid() == 0:
                equal(key.st_uid, pwd.getpwnam(USER).pw_uid)
            process.signal(signal.SIGTERM)
            process.wait("asked guest")
            process.signal(signal.SIGTERM)
            process.ended()
            equal(os.path.exists(folder), False)
    for how in "--live", "--inactive", "--migratable", "--status":
        done = subprocess.run([place.virtcard, "--root", root, "normalize", how, "-"], input=xml.encode(),
                              stdout=subprocess.PIPE, check=True)
        equal(PASSPHRASE.encode() in done.stdout or UUID.encode() in done.stdout, False)


@test
def the_default_secret_opens_too():
    locked = pki.copy()
    locked.lock("server-key.pem", PASSPHRASE)
    root = locked.root(f'default_tls_x509_cert_dir = "{locked.folder}"', f'default_tls_x509_secret_uuid = "{UUID}"',
                       folder=False)
    locked.secret(root, PASSPHRASE)
    if os.path.isdir("/etc/pki/libvirt-chardev"):
        return                                  # this host has a folder that comes before the default
    with place.run(domain(tcp("bind", free_port())), "--paused", root=root) as process:
        within(b'"passwordid":"charserial0-secret0"', nothing_tells(process, PASSPHRASE.encode()))


def locked_root(value=None, more=()):
    locked = pki.copy()
    locked.lock("server-key.pem", PASSPHRASE)
    root = locked.root(f'chardev_tls_x509_secret_uuid = "{UUID}"', *more)
    if value is not None:
        locked.secret(root, value)
    return locked, root


@test
def a_wrong_passphrase():
    locked, root = locked_root("not this one")
    lines = refused(root, domain(tcp("bind", free_port())))
    equal(lines, [f"guest.xml:11: <serial>: {locked.folder}/server-key.pem: the key does not open with its passphrase"])


@test
def no_passphrase():
    locked = pki.copy()
    locked.lock("server-key.pem", PASSPHRASE)
    equal(refused(locked.root(), domain(tcp("bind", free_port()))),
          [f"guest.xml:11: <serial>: {locked.folder}/server-key.pem: the key is encrypted, and there is no passphrase "
           "for it"])


@test
def a_secret_that_is_not_there():
    _, root = locked_root()
    where = f"{conf_line(root, 2)}: chardev_tls_x509_secret_uuid"
    xml = domain(tcp("bind", free_port()))
    equal(refused(root, xml),
          [f"guest.xml:11: <serial>: {where}: Secret not found: no secret with matching uuid '{UUID}'"])
    text = f"<secret><uuid>{UUID}</uuid><usage type='tls'><name>keys</name></usage></secret>"
    subprocess.run([place.virtcard, "--root", root, "secret-define", "-"], input=text.encode(), check=True,
                   stdout=subprocess.DEVNULL)
    equal(refused(root, xml),
          [f"guest.xml:11: <serial>: {where}: secret {UUID} has no value: virtcard secret-set-value {UUID}"])


@test
def a_uuid_that_is_none():
    root = pki.root("chardev_tls_x509_secret_uuid = 'x'")
    equal(refused(root, domain(tcp("bind", free_port()))),
          [f"{conf_line(root, 2)}: chardev_tls_x509_secret_uuid: malformed TLS secret uuid 'x' provided"])


@test
def a_folder_of_its_own_has_no_secret():
    locked, root = locked_root(PASSPHRASE)
    folder = f"xmlns:virtcard='urn:virtcard:domain:1.0' tls='yes' virtcard:tls-folder='{locked.folder}'"
    own = domain(tcp("bind", free_port(), folder))
    equal(refused(root, own),
          [f"guest.xml:11: <serial>: {locked.folder}/server-key.pem: the key is encrypted, and there is no passphrase "
           "for it"])


@test
def a_folder_that_is_named_and_missing():
    for key in "chardev", "default":
        root = pki.root(f'{key}_tls_x509_cert_dir = "/no/such"', folder=False)
        equal(refused(root, domain(tcp("bind", free_port()))),
              [f"{conf_line(root, 1)}: {key}_tls_x509_cert_dir: folder '/no/such' does not exist"])


# What is wrong with the files, before anything is started

DATE = "20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC"


def check_refused(bad, *patterns, mode="bind", root=None):
    """a guest is refused because of a folder: its errors, below the folder"""
    lines = refused(root or bad.root(), domain(tcp(mode, free_port())))
    want = [f"guest\\.xml:11: <serial>: {re.escape(bad.folder)}/{pattern}" for pattern in patterns]
    equal([bool(re.fullmatch(w, line)) for w, line in zip(want, lines)] if len(want) == len(lines) else lines,
          [True] * len(want))


@test
def no_set_up_at_all():
    """the folders that were looked at are named, and the file that would have to be there"""
    own, other = "/etc/pki/libvirt-chardev", "/etc/pki/qemu"
    if os.path.exists(f"{own}/ca-cert.pem") or os.path.exists(f"{other}/ca-cert.pem"):
        raise Skip("this host has TLS set up")
    if os.path.isdir(own):
        words = f"{own}/ca-cert.pem: does not exist; TLS is not set up: looked in '{own}'"
    else:
        either = "" if os.path.isdir(other) else ", which does not exist either"
        words = (f"{other}/ca-cert.pem: does not exist; TLS is not set up: looked in '{own}', which does not exist, "
                 f"and '{other}'{either}")
    for mode in "bind", "connect":
        equal(refused(place.new_root(), domain(tcp(mode, free_port()))), [f"guest.xml:11: <serial>: {words}"])


@test
def no_certificates():
    for mode in "bind", "connect":
        check_refused(pki.copy(*os.listdir(pki.folder)), r"ca-cert\.pem: does not exist", mode=mode)
    check_refused(pki.copy("server-key.pem"), r"server-key\.pem: does not exist")
    check_refused(pki.copy("client-key.pem"), r"client-key\.pem: does not exist", mode="connect")
    bad = pki.copy()
    bad.put("server-cert.pem", b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    check_refused(bad, r"server-cert\.pem: holds a damaged certificate")


@test
def a_key_that_cannot_be_read():
    bad = pki.copy()
    os.chmod(bad.path("server-key.pem"), 0)
    if os.getuid() == 0:        # the user QEMU runs as is asked, not root
        os.chmod(bad.path("server-key.pem"), 0o600)
        shutil.chown(bad.path("server-key.pem"), "root", "root")
    who = f" by user {USER}" if os.getuid() == 0 else ""
    check_refused(bad, rf"server-key\.pem: cannot be read{who}: permission denied")


@test
def a_key_of_another_certificate():
    for end, mode in ("server", "bind"), ("client", "connect"):
        bad = pki.copy()
        bad.put(f"{end}-key.pem", other_pki.get(f"{end}-key.pem"))
        check_refused(bad, rf"{end}-key\.pem: is not the key of the certificate in {bad.folder}/{end}-cert\.pem",
                      mode=mode)


@test
def out_of_their_dates():
    for end, mode in ("server", "bind"), ("client", "connect"):
        bad = pki.copy()
        bad.odd(end, 'activation_date = "2020-01-01 00:00:00"', 'expiration_date = "2021-01-01 00:00:00"')
        check_refused(bad, rf"{end}-cert\.pem: expired on 2021-01-01 00:00:00 UTC", mode=mode)
        bad.odd(end, 'activation_date = "2097-01-01 00:00:00"', 'expiration_date = "2098-01-01 00:00:00"')
        check_refused(bad, rf"{end}-cert\.pem: is not valid before 2097-01-01 00:00:00 UTC", mode=mode)


@test
def a_warning_before_the_end():
    soon = pki.copy()
    soon.odd("server", "expiration_days = 20")
    with place.run(domain(tcp("bind", free_port())), "--paused", root=soon.root()) as process:
        line = process.wait("expires on")
    if not re.fullmatch(rf"guest\.xml:11: warning: <serial>: {soon.folder}/server-cert\.pem: expires on {DATE}, "
                        "in (19|20) days", line):
        raise AssertionError(line)


@test
def of_another_ca():
    bad = pki.copy()
    bad.put("ca-cert.pem", other_pki.get("ca-cert.pem"))
    for end, mode in ("server", "bind"), ("client", "connect"):
        check_refused(bad, rf"{end}-cert\.pem: was signed by CA 'CN=Test CA', which is not in {bad.folder}/ca-cert\.pem; "
                           "there is 'CN=Other CA'", mode=mode)


@test
def of_the_other_end():
    bad = pki.copy()
    bad.odd("server", "cn = desk", "tls_www_client")
    check_refused(bad, r"server-cert\.pem: is not for a TLS server: its purposes are TLS client")
    bad.odd("client", "cn = localhost", "tls_www_server")
    check_refused(bad, r"client-cert\.pem: is not for a TLS client: its purposes are TLS server", mode="connect")


@test
def an_old_crl():
    bad = pki.copy()
    bad.revoke(None, 'crl_this_update_date = "2020-01-01 00:00:00"', 'crl_next_update_date = "2020-02-01 00:00:00"')
    check_refused(bad, r"ca-crl\.pem: the CRL of 'CN=Test CA' is out of date since 2020-02-01 00:00:00 UTC, and so every "
                       "client is refused")


@test
def a_revoked_certificate_of_our_own():
    bad = pki.copy()
    bad.revoke("server-cert.pem")
    check_refused(bad, rf"server-cert\.pem: was revoked by CA 'CN=Test CA': it is in {bad.folder}/ca-crl\.pem")


@test
def every_device_is_named():
    """one error each, in order"""
    bad = pki.copy("client-key.pem", "server-key.pem")
    root = bad.root("chardev_tls = 1")
    xml = domain("\n".join([tcp("bind", free_port(), ""), tcp("connect", free_port(), ""),
                            tcp("connect", free_port(), "tls='no'")]))
    equal(refused(root, xml), [f"guest.xml:11: <serial>: {bad.folder}/server-key.pem: does not exist",
                               f"guest.xml:12: <serial>: {bad.folder}/client-key.pem: does not exist"])


try:
    run(sys.argv[2:])
finally:
    place.close()
