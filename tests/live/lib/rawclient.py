# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client made of nothing but what is on the wire: frames, XDR, SASL (PLAIN, and SCRAM-SHA-256 after RFC 5802 and 7677).

    wire = Wire(peer)                     a socket, of TLS or not
    wire.call(procedure, body)            status and body, or None: it has hung up

    with Client(peer) as client:          the same, for what goes well: an error of the server is raised as Refused
        client.confirm()                  over TLS: the byte that says that we are let in
        client.ways()                     what it wants of who connects: NO_LOGIN or SASL, and so on
        client.log_in("fred", "secret")   by the strongest that both have
        client.open(); client.domains()
        client.listen(0); client.event()  a callback's number; the next event: procedure and body
        client.wait_ping()                a ping of the server, which was answered
        client.close()                    says so, and waits for the other's end
"""
import base64
import collections
import hashlib
import hmac
import os
import struct

REMOTE, KEEPALIVE = 0x20008086, 0x6b656570
CALL, REPLY, EVENT = 0, 1, 2
PING, PONG = 1, 2
OPEN, CLOSE, DEFINE, LOOKUP, FEATURE, AUTH_LIST, SASL_INIT, SASL_START, SASL_STEP, UNDEFINE, LIST, LISTEN, UNLISTEN = 1, 2, 11, 23, 60, 66, 67, 68, 69, 231, 273, 316, 317
LIFECYCLE = 318
NO_LOGIN, SASL = 0, 1
KEEPALIVE_FEATURE = 10

Domain = collections.namedtuple("Domain", "name uuid id")


class Refused(Exception):
    """by the server: code, text"""


# XDR

def string(text):
    return struct.pack(">I", len(text)) + text + bytes(-len(text) % 4)


def chars(text):
    """a byte a word, as SASL's messages are; None: there is none, which is not an empty one"""
    values = [byte - 256 if byte > 127 else byte for byte in text or b""]
    return struct.pack(f">II{len(values)}i", text is None, len(values), *values)


def said(body):
    """of a login's answer: is it over, is there no message, the message"""
    complete, nil, n = struct.unpack(">III", body[:12])
    return complete, nil, bytes(value & 255 for value in struct.unpack(f">{n}i", body[12:]))


def error_of(body):
    """code and text"""
    code, _, there, length = struct.unpack(">IIII", body[:16])
    return code, body[16:16 + length].decode() if there else None


class Taken:
    """what is left of a body"""

    def __init__(self, body):
        self.body, self.at = body, 0

    def bytes(self, n):
        got = self.body[self.at:self.at + n]
        self.at += n
        if len(got) != n:
            raise AssertionError(f"the message ends too early: {self.body}")
        return got

    def int(self):
        return struct.unpack(">i", self.bytes(4))[0]

    def string(self):
        n = self.int()
        text = self.bytes(n)
        if self.bytes(-n % 4).strip(b"\0"):
            raise AssertionError(f"it is filled with other than zero: {self.body}")
        return text

    def domain(self):
        return Domain(self.string().decode(), self.bytes(16), self.int())

    def end(self):
        if self.at != len(self.body):
            raise AssertionError(f"more than there should be: {self.body[self.at:]}")


# Frames

Frame = collections.namedtuple("Frame", "program procedure kind serial status body")


class Wire:
    def __init__(self, peer):
        self.peer, self.serial = peer, 0

    def call(self, procedure, body=b""):
        self.serial += 1
        self.send(REMOTE, procedure, CALL, self.serial, body)
        return self.hear()

    def send(self, program, procedure, kind, serial, body=b""):
        self.peer.sendall(struct.pack(">7I", 28 + len(body), program, 1, procedure, kind, serial, 0) + body)

    def hear(self):
        frame = self.frame()
        return frame and (frame.status, frame.body)

    def frame(self):
        head = self.read(28)
        if len(head) < 28:
            return None
        length, program, version, *rest = struct.unpack(">7I", head)
        if version != 1 or length < 28 or length % 4:
            raise AssertionError(f"no frame: {head}")
        return Frame(program, *rest, self.read(length - 28))

    def read(self, n):
        text = b""
        while len(text) < n and (more := self.peer.recv(n - len(text))):
            text += more
        return text


class Client(Wire):
    def __init__(self, peer):
        super().__init__(peer)
        self.events, self.pings, self.pongs = [], 0, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.close()

    def confirm(self):
        byte = self.read(1)
        if byte != b"\1":
            raise AssertionError(f"{byte} is no confirmation")

    def call(self, procedure, body=b""):
        self.serial += 1
        self.send(REMOTE, procedure, CALL, self.serial, body)
        while (frame := self._next()).kind != REPLY:
            pass
        if (frame.program, frame.procedure, frame.serial) != (REMOTE, procedure, self.serial):
            raise AssertionError(f"another call's reply: {frame}")
        if frame.status:
            raise Refused(*error_of(frame.body))
        return frame.body

    def _next(self):
        """what comes, and is not only a reply, is taken note of"""
        frame = self.frame()
        if frame is None:
            raise ConnectionError("it has hung up")
        if frame.program == KEEPALIVE:
            if frame.procedure == PING:
                self.pings += 1
                self.send(KEEPALIVE, PONG, EVENT, 0)
            self.pongs += frame.procedure == PONG
        elif frame.kind == EVENT:
            self.events.append((frame.procedure, frame.body))
        return frame

    # Logging in

    def ways(self):
        body = Taken(self.call(AUTH_LIST))
        found = [body.int() for _ in range(body.int())]
        body.end()
        return found

    def log_in(self, user, password):
        offered = Taken(self.call(SASL_INIT)).string().decode().split(",")
        for name, way in WAYS:
            if name in offered:
                return name, self._talk(name, way(user.encode(), password.encode()))
        raise AssertionError(f"none of {offered} is known here")

    def _talk(self, name, way):
        """way: gives a message, takes the answer, until it has no more to give; what it was proven"""
        complete, nil, answer = said(self.call(SASL_START, string(name.encode()) + chars(next(way))))
        while True:
            try:
                message = way.send(None if nil else answer)
            except StopIteration as end:
                message, proven = None, end.value
                if complete:
                    return proven
            if complete:
                raise AssertionError("it is over for the server, which has proven nothing")
            complete, nil, answer = said(self.call(SASL_STEP, chars(message)))
            if message is None and complete:
                return proven

    # What is done then

    def open(self, name=b"qemu:///system", flags=0):
        self.call(OPEN, struct.pack(">I", 1) + string(name) + struct.pack(">I", flags))

    def domains(self, flags=0):
        body = Taken(self.call(LIST, struct.pack(">iI", 1, flags)))
        found = [body.domain() for _ in range(body.int())]
        if body.int() != len(found):
            raise AssertionError("as many as it says are not there")
        body.end()
        return found

    def define(self, xml):
        return Taken(self.call(DEFINE, string(xml.encode()))).domain()

    def lookup(self, name):
        return Taken(self.call(LOOKUP, string(name.encode()))).domain()

    def undefine(self, domain):
        self.call(UNDEFINE, string(domain.name.encode()) + domain.uuid + struct.pack(">iI", domain.id, 0))

    def listen(self, event):
        return Taken(self.call(LISTEN, struct.pack(">iI", event, 0))).int()

    def unlisten(self, callback):
        self.call(UNLISTEN, struct.pack(">i", callback))

    def event(self):
        while not self.events:
            self._next()
        return self.events.pop(0)

    def feature(self, number):
        return Taken(self.call(FEATURE, struct.pack(">i", number))).int()

    def ping(self):
        """ours, until it was answered"""
        self.send(KEEPALIVE, PING, EVENT, 0)
        before = self.pongs
        while self.pongs == before:
            self._next()

    def wait_ping(self):
        before = self.pings
        while self.pings == before:
            self._next()

    def close(self):
        self.call(CLOSE)


# Ways to log in: each is told an answer for each message, and returns whether the server has proven that it knows the password.

def plain(user, password):
    yield b"\0" + user + b"\0" + password
    return False


def scram_sha_256(user, password, nonce=None):
    def digest(key, text):
        return hmac.digest(key, text, "sha256")

    nonce = nonce or base64.b64encode(os.urandom(18))
    first = b"n=" + user.replace(b"=", b"=3D").replace(b",", b"=2C") + b",r=" + nonce
    challenge = yield b"n,," + first
    of = dict(part.split(b"=", 1) for part in challenge.split(b","))
    if not of[b"r"].startswith(nonce) or of[b"r"] == nonce or int(of[b"i"]) < 4096:
        raise AssertionError(f"no challenge for us: {challenge}")
    salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(of[b"s"]), int(of[b"i"]))
    key = digest(salted, b"Client Key")
    final = b"c=biws,r=" + of[b"r"]
    signed = b",".join((first, challenge, final))
    proof = bytes(a ^ b for a, b in zip(key, digest(hashlib.sha256(key).digest(), signed)))
    answer = yield final + b",p=" + base64.b64encode(proof)
    if answer != b"v=" + base64.b64encode(digest(digest(salted, b"Server Key"), signed)):
        raise AssertionError(f"the server does not know the password: {answer}")
    return True


WAYS = (("SCRAM-SHA-256", scram_sha_256), ("PLAIN", plain))
