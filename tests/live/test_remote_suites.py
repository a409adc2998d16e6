#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What virtcardd speaks and what it does not: every version, suite, compression and curve that can be asked for, by hellos
made here, by gnutls-cli and by openssl s_client.

    test_remote_suites.py VIRTCARDD [WORD...]
"""
import os
import re
import ssl
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

import clienthello as ch  # noqa: E402
from clienthello import ask, hello, new_hello  # noqa: E402
from daemon import LIMIT  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place  # noqa: E402
from remote import Remote, Remotes  # noqa: E402

program = os.path.abspath(sys.argv[1])
place = Place(os.path.join(os.path.dirname(program), "virtcard"))
pki = Remotes(place)
rsa_pki = pki.copy()
rsa_pki.serve("signing_key", "encryption_key", key="--rsa --bits=2048")

TLS12 = {"ecdsa": {0xc02b, 0xc02c, 0xcca9}, "rsa": {0xc02f, 0xc030, 0xcca8}}     # AES-128-GCM, AES-256-GCM, CHACHA20
TLS13 = {0x1301, 0x1302, 0x1303}
NAMES = {"ecdsa": {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"},
         "rsa": {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"}}
NEW_NAMES = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
# Whatever was given a number: SSL 2's and 3's, export, NULL, anonymous, RC4, DES, Kerberos, PSK, SRP, GOST, CCM, ...
NUMBERS = [*range(0x0000, 0x00ff), *range(0x1300, 0x1308), *range(0xc000, 0xc108), *range(0xcca0, 0xccb0), *range(0xd000, 0xd006),
           *range(0xfefe, 0xff02), *range(0xff80, 0xff88)]
HANDSHAKE_FAILURE, ILLEGAL_PARAMETER, PROTOCOL_VERSION, INSUFFICIENT, FALLBACK = 40, 47, 70, 71, 86
ALL = sorted(TLS12["ecdsa"] | TLS12["rsa"])


def daemon(sort="ecdsa", conf=""):
    # what is asked here is never finished
    return Remote(program, place.new_folder(), {"ecdsa": pki, "rsa": rsa_pki}[sort], "max_anonymous_clients = 2000\n" + conf)


def s_client(d, *words, text=b""):
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{d.port}", "-CAfile", pki.path("cacert.pem"), "-cert", pki.path("clientcert.pem"),
                           "-key", pki.path("clientkey.pem"), *words], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False).stdout.decode(errors="replace")


def gnutls_cli(d, priority, *words):
    return subprocess.run(["gnutls-cli", "--x509cafile", pki.path("cacert.pem"), "--x509certfile", pki.path("clientcert.pem"), "--x509keyfile",
                           pki.path("clientkey.pem"), "--priority", priority, "--port", str(d.port), *words, "localhost"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False).stdout.decode(errors="replace")


def refused(answer, *alerts):
    if answer.alert not in alerts:
        raise AssertionError(f"not refused as it should be: {answer}")


@test
def every_suite_that_has_a_number():
    for sort in TLS12:
        with daemon(sort) as d:
            spoken = {number for number in NUMBERS if ask(d.connect(), hello([number])).cipher == number != 0}
            equal(spoken, TLS12[sort])
            spoken = {number for number in NUMBERS if ask(d.connect(), new_hello([number])).cipher == number != 0}
            equal(spoken, TLS13)
            refused(ask(d.connect(), hello([0])), HANDSHAKE_FAILURE, INSUFFICIENT)
            best = ask(d.connect(), hello(NUMBERS))    # of all of them it takes one that is good
            assert best.cipher in TLS12[sort] and best.version == 0x0303, best


@test
def every_suite_of_openssls():
    def names(*words):
        return subprocess.run(["openssl", "ciphers", *words, "ALL:COMPLEMENTOFALL@SECLEVEL=0"], capture_output=True, text=True, check=True).stdout.strip().split(":")

    for sort in NAMES:
        with daemon(sort) as d:
            every = [name for name in names() if not name.startswith("TLS_")]
            assert len(every) > 80, every
            spoken = {name for name in every if "Cipher is (NONE)" not in s_client(d, "-tls1_2", "-cipher", name + ":@SECLEVEL=0")}
            equal(spoken, NAMES[sort])
            every = [*NEW_NAMES, "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"]
            spoken = {name for name in every if f"Cipher is {name}" in s_client(d, "-tls1_3", "-ciphersuites", name)}
            equal(spoken, NEW_NAMES)


@test
def every_suite_of_gnutls():
    listed = subprocess.run(["gnutls-cli", "-l"], capture_output=True, text=True, check=True).stdout
    suites = {int(high + low, 16) for high, low in re.findall(r"0x(..), 0x(..)\t", listed)}
    assert len(suites) > 100 and suites <= set(NUMBERS), suites - set(NUMBERS)     # so each was asked for above

    def words(what):
        return re.search(f"^{what}: (.*)$", listed, re.MULTILINE).group(1).split(", ")

    for sort in TLS12:
        with daemon(sort) as d:
            old = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+SIGN-ALL:"
            spoken = [kx for kx in words("Key exchange algorithms")
                      if "Handshake was completed" in gnutls_cli(d, f"{old}+GROUP-ALL:-KX-ALL:+{kx}")]
            equal(spoken, ["ECDHE-" + sort.upper()])
            spoken = [cipher for cipher in words("Ciphers")
                      if "Handshake was completed" in gnutls_cli(d, f"{old}+MAC-ALL:+SHA1:+MD5:-CIPHER-ALL:+{cipher}")]
            equal(sorted(spoken), ["AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305"])
            spoken = [mac for mac in words("MACs") if "Handshake was completed" in gnutls_cli(d, f"{old}+CIPHER-ALL:-MAC-ALL:+{mac}")]
            equal(spoken, ["AEAD"])


@test
def no_version_before_tls_1_2():
    with daemon() as d:
        for version in (0x0200, 0x0300, 0x0301, 0x0302):
            refused(ask(d.connect(), hello([*ALL, 0x2f, 0x0a, 0x05], version=version)), PROTOCOL_VERSION)
        for versions in ([0x0300], [0x0301], [0x0302], [0x0300, 0x0301, 0x0302]):
            refused(ask(d.connect(), hello(ALL, more={ch.VERSIONS: ch.counted(ch.words(versions), 1)})), PROTOCOL_VERSION)
        ssl2 = b"\x01\x00\x02" + ch.words([9, 0, 16]) + b"\x05\x00\x80\x03\x00\x80\x01\x00\x80" + bytes(16)
        refused(ask(d.connect(), ch.words([0x8000 | len(ssl2)]) + ssl2), "gone")
        d.wait("it does not speak TLS")
        for flag in ("-tls1", "-tls1_1"):
            within("Cipher is (NONE)", s_client(d, flag, "-cipher", "ALL:@SECLEVEL=0"))
        for version in ("VERS-SSL3.0", "VERS-TLS1.0", "VERS-TLS1.1"):
            assert "Handshake was completed" not in gnutls_cli(d, f"NORMAL:-VERS-ALL:+{version}"), version
        # and nobody is talked down
        equal(ask(d.connect(), new_hello([*TLS13, *ALL])).version, 0x0304)
        refused(ask(d.connect(), hello([*ALL, ch.FALLBACK_SCSV])), FALLBACK)
        equal(d.over_tls("list"), "")


@test
def no_weak_curve_or_signature():
    with daemon() as d:
        for group in (*range(1, 23), 0x100, 0x101, 0xff01, 0xff02):    # but P-256 and those that are numbered after it
            refused(ask(d.connect(), hello(ALL, more={ch.GROUPS: ch.counted(ch.words([group]))})), HANDSHAKE_FAILURE, INSUFFICIENT)
        for group in (0x17, 0x18, 0x19, 0x1d):
            assert ask(d.connect(), hello(ALL, more={ch.GROUPS: ch.counted(ch.words([group]))})).cipher in ALL, group
    good = {"ecdsa": [0x0403, 0x0503, 0x0603], "rsa": [0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806]}     # SHA-2, PKCS#1 and PSS
    for sort, wanted in good.items():
        with daemon(sort) as d:
            every = [high << 8 | low for high in range(1, 9) for low in range(12)]
            signed = [number for number in every if ask(d.connect(), hello(ALL, more={ch.SIGNATURES: ch.counted(ch.words([number]))})).alert is None]
            equal(signed, wanted)


@test
def no_compression():
    with daemon() as d:
        for number in range(1, 256):
            refused(ask(d.connect(), hello(ALL, compression=bytes([number]))), HANDSHAKE_FAILURE, ILLEGAL_PARAMETER)
        equal(ask(d.connect(), hello(ALL, compression=bytes(range(255, -1, -1))[1:])).compression, 0)
        within("Compression: NONE", s_client(d, "-tls1_2", "-comp"))


@test
def renegotiation_is_safe_and_not_done():
    with daemon() as d:
        answer = ask(d.connect(), hello(ALL))
        equal(answer.extensions.get(ch.RENEGOTIATION), b"\0")
        refused(ask(d.connect(), hello(ALL, more={ch.RENEGOTIATION: None})), HANDSHAKE_FAILURE)
        equal(ask(d.connect(), hello([*ALL, 0x00ff], more={ch.RENEGOTIATION: None})).extensions.get(ch.RENEGOTIATION), b"\0")
        refused(ask(d.connect(), hello(ALL, more={ch.RENEGOTIATION: b"\x0c" + bytes(12)})), HANDSHAKE_FAILURE, ILLEGAL_PARAMETER)
        within("Secure Renegotiation IS supported", s_client(d, "-tls1_2"))
        with subprocess.Popen(["gnutls-cli", "--rehandshake", "--x509cafile", pki.path("cacert.pem"), "--x509certfile", pki.path("clientcert.pem"),
                               "--x509keyfile", pki.path("clientkey.pem"), "--priority", "NORMAL:-VERS-TLS1.3", "--port", str(d.port), "localhost"],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as client:
            d.wait("it wanted to renegotiate")
            client.communicate(timeout=LIMIT)


@test
def nothing_is_resumed():
    with daemon() as d:
        session = os.urandom(32)
        answer = ask(d.connect(), hello(ALL, session=session, more={ch.TICKET: b""}))
        equal(ch.TICKET in answer.extensions, False)
        assert answer.session != session
        answer = ask(d.connect(), hello(ALL, more={ch.TICKET: os.urandom(200)}))
        equal(ch.TICKET in answer.extensions, False)
        for version in ("-tls1_2", "-tls1_3"):
            path = os.path.join(place.new_folder(), "session")
            said = s_client(d, version, "-sess_out", path)
            within("New, TLSv1", said)
            equal("session ticket" in said.lower().replace("no session ticket", ""), False)
            if os.path.exists(path):
                said = s_client(d, version, "-sess_in", path)
                within("New, TLSv1", said)
                equal("Reused" in said, False)
            said = s_client(d, version, "-reconnect")
            equal("Reused" in said, False)
        said = gnutls_cli(d, "NORMAL", "--resume")
        within("Resume Handshake was completed", said)
        equal("is a resumed session" in said, False)
        context = pki.context()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        with context.wrap_socket(d.connect(), server_hostname="localhost") as peer:
            equal(peer.recv(1), b"\x01")
            equal(peer.session.has_ticket if peer.session else False, False)


@test
def it_tells_no_more_than_it_is_asked():
    """no protocol of its own to who names another or none, no heartbeat, nothing early"""
    with daemon() as d:
        def protocols(*names):
            return ch.counted(b"".join(ch.counted(name, 1) for name in names))

        equal(ch.ALPN in ask(d.connect(), hello(ALL)).extensions, False)
        for other in ([b"h2", b"http/1.1"], [b"virtcard"], [b"virtcard/2"], [b"\0" * 255]):
            answer = ask(d.connect(), hello(ALL, more={ch.ALPN: protocols(*other)}))
            equal(answer.extensions.get(ch.ALPN), None)
        equal(ask(d.connect(), hello(ALL, more={ch.ALPN: protocols(b"h2", b"virtcard/1")})).extensions.get(ch.ALPN), protocols(b"virtcard/1"))
        answer = ask(d.connect(), hello(ALL, more={ch.HEARTBEAT: b"\1", ch.SERVER_NAME: ch.counted(b"\0" + ch.counted(b"localhost"))}))
        equal(ch.HEARTBEAT in answer.extensions, False)
        asked = {*ch.USUAL, ch.SERVER_NAME, ch.HEARTBEAT}
        assert set(answer.extensions) <= asked, answer
        answer = ask(d.connect(), new_hello(sorted(TLS13), more={ch.EARLY_DATA: b""}))
        equal(sorted(answer.extensions), [ch.VERSIONS, ch.KEY_SHARE])
        within("No ALPN negotiated", s_client(d, "-tls1_3", "-alpn", "h2"))
        within("Early data was not sent", s_client(d, "-tls1_3"))


run(sys.argv[2:])
