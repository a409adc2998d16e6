#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client made from the wire's facts alone, as those that use no library of libvirt's are: at virtcardd, and at libvirt's own daemon.

    test_raw_client.py VIRTCARDD VIRTCARD [WORD...]
"""
import contextlib
import functools
import itertools
import os
import shutil
import socket
import sys
import uuid

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, os.pardir, os.pardir, "bench")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

import rawclient  # noqa: E402
from daemon import LIMIT  # noqa: E402
from livetap import Skip, equal, run, test  # noqa: E402
from machine import Place, domain  # noqa: E402
from private_libvirt import PrivateLibvirt  # noqa: E402
from rawclient import Client, Refused, Taken  # noqa: E402
from remote import Remote, Remotes  # noqa: E402
from sasl import add_user, libvirtds_sasl, set_mechanisms  # noqa: E402

virtcardd, virtcard = (os.path.abspath(path) for path in sys.argv[1:3])
place = Place(virtcard)
pki = Remotes(place)
USER, PASSWORD = "fred", "correct horse, = 1"
ASK_OFTEN = "keepalive_interval = 1\nkeepalive_count = 60\n"
DEFINED, UNDEFINED = 0, 1
_ports = itertools.count(31517)
UUID = uuid.UUID("8f1c8e0e-3a52-4a7e-9d6b-5f3a1f0e7c11")


# Both daemons: each gives its port.

@contextlib.contextmanager
def of_virtcard(conf, mechanisms):
    d = Remote(virtcardd, place.new_folder(), pki, conf)
    if mechanisms:
        set_mechanisms(d.root, mechanisms)
        add_user(virtcard, d.root, USER, PASSWORD)
    with d:
        yield d.port


@contextlib.contextmanager
def of_libvirt(conf, mechanisms):
    if not shutil.which("libvirtd"):
        raise Skip("no libvirtd")
    port = next(_ports)
    env = {"SASL_CONF_PATH": libvirtds_sasl(place.new_folder(), mechanisms, USER, PASSWORD)} if mechanisms else None
    with PrivateLibvirt(env=env, tls=f'listen_tls = 1\nlisten_tcp = 0\nlisten_addr = "127.0.0.1"\ntls_port = "{port}"\n'
                        f'ca_file = "{pki.path("cacert.pem")}"\ncert_file = "{pki.path("servercert.pem")}"\nkey_file = "{pki.path("private/serverkey.pem")}"\n{conf}'):
        yield port


def connect(port, shows=True):
    peer = socket.create_connection(("127.0.0.1", port), LIMIT)
    peer.settimeout(LIMIT)
    return Client(pki.context(shows=shows).wrap_socket(peer, server_hostname="localhost"))


# What it does there

def use(client):
    client.open()
    equal(client.domains(), [])
    callback = client.listen(0)
    made = client.define(domain(uuid=UUID))
    equal((made.name, made.uuid, made.id), ("guest", UUID.bytes, -1))
    equal(lifecycle(client, callback), (made, DEFINED, 0))
    equal(client.domains(), [made])
    client.undefine(made)
    equal(lifecycle(client, callback), (made, UNDEFINED, 0))
    client.unlisten(callback)
    client.undefine(client.define(domain(uuid=UUID)))
    client.ping()
    equal((client.events, client.domains()), ([], []))
    refusal(functools.partial(client.lookup, "nobody"), 42)
    equal(client.feature(rawclient.KEEPALIVE_FEATURE), 1)
    client.wait_ping()
    client.wait_ping()
    equal(client.domains(), [])
    client.close()


def lifecycle(client, callback):
    procedure, body = client.event()
    taken = Taken(body)
    equal((procedure, taken.int()), (rawclient.LIFECYCLE, callback))
    told = taken.domain(), taken.int(), taken.int()
    taken.end()
    return told


def refusal(action, code):
    try:
        action()
    except Refused as error:
        equal(error.args[0], code)
    else:
        raise AssertionError("it was not refused")


def with_a_certificate(port):
    with connect(port) as client:
        client.confirm()
        equal(client.ways(), [rawclient.NO_LOGIN])
        use(client)
    with connect(port, shows=False) as client:
        with contextlib.suppress(OSError):      # an alert, or the end without one
            equal(client.read(1), b"")


def with_a_password(port, shows, mechanism):
    with connect(port, shows) as client:
        client.confirm()
        equal(client.ways(), [rawclient.SASL])
        equal(client.log_in(USER, PASSWORD), (mechanism, mechanism != "PLAIN"))
        use(client)
    for wrong in (USER, "wrong"), ("nobody", PASSWORD):
        with connect(port, shows) as client:
            client.confirm()
            refusal(functools.partial(client.log_in, *wrong), 45)
    with connect(port, shows) as client:
        client.confirm()
        refusal(client.open, 39)


def add(kind, name):
    def certificate():
        with kind(ASK_OFTEN, "") as port:
            with_a_certificate(port)

    def password(mechanism):
        def function():
            with kind(ASK_OFTEN + 'auth_tls = "sasl"\ntls_no_verify_certificate = 1\n', mechanism) as port:
                with_a_password(port, False, mechanism)
        return function

    def both():
        with kind(ASK_OFTEN + 'auth_tls = "sasl"\n', "SCRAM-SHA-256") as port:
            with_a_password(port, True, "SCRAM-SHA-256")

    for function, what in ((certificate, "with_a_certificate"), (password("SCRAM-SHA-256"), "by_scram"), (password("PLAIN"), "by_plain"), (both, "with_both")):
        function.__name__ = f"{what}_at_{name}"
        test(function)


@test
def scram_as_the_rfc_has_it():
    """the example of RFC 7677"""
    way = rawclient.scram_sha_256(b"user", b"pencil", b"rOprNGfwEbeRWgbNEkqO")
    equal(next(way), b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
    nonce = b"rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    equal(way.send(b"r=" + nonce + b",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
          b"c=biws,r=" + nonce + b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    try:
        way.send(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    except StopIteration as end:
        equal(end.value, True)
    else:
        raise AssertionError("it goes on")


add(of_virtcard, "virtcardd")
add(of_libvirt, "libvirtd")

run(sys.argv[3:])
