# SPDX-License-Identifier: LGPL-2.1-or-later
"""The first message of TLS, as no library would send it, and what is answered.

    answer = ask(socket, hello([0xc02b]))       a suite's number; version=, compression=, and extensions to add, change or (None) leave out
    answer.alert                                its number, or None; "gone" where there was no answer but an end
    answer.version, .cipher, .compression, .extensions, .session        of the server's hello
"""
import os
import struct
from dataclasses import dataclass, field

SERVER_NAME, GROUPS, POINTS, SIGNATURES, HEARTBEAT, ALPN, MASTER_SECRET, TICKET = 0, 10, 11, 13, 15, 16, 23, 35
EARLY_DATA, VERSIONS, KEY_SHARE, RENEGOTIATION = 42, 43, 51, 0xff01
X25519 = 0x001d
FALLBACK_SCSV = 0x5600


def words(numbers):
    return b"".join(struct.pack(">H", number) for number in numbers)


def counted(text, size=2):
    return len(text).to_bytes(size, "big") + text


USUAL = {
    GROUPS: counted(words([X25519, 0x0017, 0x0018, 0x0019, 0x0100, 0x0101])),
    POINTS: counted(b"\0", 1),
    # of ECDSA, RSA-PSS, RSA and EdDSA with SHA-2
    SIGNATURES: counted(words([0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0807, 0x0809])),
    MASTER_SECRET: b"",
    RENEGOTIATION: b"\0",
}
NEW = {VERSIONS: counted(words([0x0304]), 1), KEY_SHARE: counted(words([X25519]) + counted(os.urandom(32)))}


def hello(ciphers, version=0x0303, compression=b"\0", session=b"", **changes):
    extensions = {**USUAL, **(changes.pop("more", {}))}
    body = words([version]) + os.urandom(32) + counted(session, 1) + counted(words(ciphers)) + counted(compression, 1)
    text = b"".join(words([number]) + counted(value) for number, value in extensions.items() if value is not None)
    body += counted(text) if text else b""
    return record(b"\1" + counted(body, 3))


def new_hello(ciphers, more=None, **how):
    """of TLS 1.3"""
    return hello(ciphers, session=os.urandom(32), more={**NEW, **(more or {})}, **how)


def record(text, kind=22, version=0x0301):
    return bytes([kind]) + words([version]) + counted(text)


@dataclass
class Answer:
    alert: object = None
    version: int = 0
    cipher: int = 0
    compression: int = 0
    session: bytes = b""
    extensions: dict = field(default_factory=dict)


def ask(peer, message):
    """takes the socket"""
    with peer:
        stream = peer.makefile("rb")
        try:
            peer.sendall(message)
            head = stream.read(5)
            text = stream.read(struct.unpack(">H", head[3:])[0]) if len(head) == 5 else b""
        except ConnectionError:
            head = b""
        if len(head) < 5:
            return Answer("gone")
        if head[0] == 21:
            return Answer(text[1])
        if head[0] != 22 or text[0] != 2:
            raise AssertionError(f"neither an alert nor a hello: {head + text!r}")
        return read_hello(text[4:])


def read_hello(text):
    answer = Answer(version=struct.unpack(">H", text[:2])[0])
    length = text[34]
    answer.session, text = text[35:35 + length], text[35 + length:]
    answer.cipher, answer.compression, text = struct.unpack(">H", text[:2])[0], text[2], text[5:]
    while text:
        number, length = struct.unpack(">HH", text[:4])
        answer.extensions[number], text = text[4:4 + length], text[4 + length:]
    if VERSIONS in answer.extensions:
        answer.version = struct.unpack(">H", answer.extensions[VERSIONS])[0]
    return answer
