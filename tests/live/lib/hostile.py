# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients that mean harm. Each is told where the socket is, does its worst, and hangs up or is hung up on.

    corpus()                    [(name, [message])]: the fuzzers' own, a file for each call, without the open
    random_bytes(path, n)       so many connections that say anything
    lying_frames(path)          every length a frame can claim that is not its own
    lying_words(path)           every word of every message is made too large, after a proper open
    strange_calls(path)         programs, versions, procedures, types and statuses that are not there
    early_calls(path)           every call before open; returns the answers
    Silent(path, n)             so many connections that stay; half of them open
    Unending(path, length, *before)   begins a message of that length, and says as much of it as is taken
    Greedy(path)                asks and asks, and never reads
"""
import glob
import os
import random
import select
import socket
import struct

from daemon import REMOTE, Raw

CORPUS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "..", "fuzz", "corpus", "rpc")
HEAD = 28
FRAME_MAX = 32 * 1024 * 1024 + 4
AUTH_LIST = 66              # comes before an open


def corpus():
    files = []
    for path in sorted(glob.glob(os.path.join(CORPUS, "*"))):
        with open(path, "rb") as file:
            text = file.read()[1:]      # the first byte is for the fuzzer
        messages = []
        while len(text) >= HEAD:
            length = struct.unpack(">I", text[:4])[0]
            messages.append(text[:length])
            text = text[length:]
        files.append((os.path.basename(path), [message for message in messages if procedure(message) != 1]))
    return files


def procedure(message):
    return struct.unpack(">I", message[12:16])[0]


def say(path, *messages):
    """say it all, no more, and hear what comes until the other side hangs up"""
    raw = Raw(path)
    answers = []
    try:
        raw.peer.sendall(b"".join(messages))
        raw.peer.shutdown(socket.SHUT_WR)
        while (answer := raw.hear()) is not None:
            answers.append(answer)
    except OSError:             # hung up on in the middle of a word
        pass
    raw.close()
    return answers


def random_bytes(path, n, seed=1):
    chance = random.Random(seed)
    for _ in range(n):
        say(path, chance.randbytes(chance.randrange(2000)))


def lying_frames(path):
    lengths = [*range(HEAD), HEAD + 1, HEAD + 3, 65536, 65537, FRAME_MAX, FRAME_MAX + 1, 2**31 - 1, 2**31, 2**32 - 1]
    for length in lengths:
        for before in ([], [OPENING]):
            say(path, *before, frame(66, length=length), frame(66))


def lying_words(path):
    for _, messages in corpus():
        for message in messages:
            for at in range(HEAD, len(message) - 3, 4):
                for lie in (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\x40\0\1"):
                    say(path, OPENING, message[:at] + lie + message[at + 4:])


def strange_calls(path):
    for program in (0, REMOTE - 1, REMOTE, REMOTE + 1, REMOTE + 2, 0x6b656570, 2**32 - 1):
        for number in (0, 1, 2, 3, 107, 318, 9999, 2**31, 2**32 - 1):
            for version, kind, status in ((0, 0, 0), (1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 2, 0), (1, 3, 0), (1, 3, 1), (1, 3, 2), (1, 4, 0),
                                          (1, 5, 0), (1, 2**32 - 1, 0), (1, 0, 1), (1, 0, 2), (1, 0, 2**32 - 1)):
                say(path, OPENING, struct.pack(">7I", HEAD + 4, program, version, number, kind, 7, status) + b"\0\0\0\0")


def early_calls(path):
    """[(name, answer or None)] of everything that needs an open connection, without one"""
    return [(name, (say(path, message) or [None])[0]) for name, messages in corpus() for message in messages
            if procedure(message) != AUTH_LIST and struct.unpack(">I", message[4:8])[0] == REMOTE]


def frame(number, body=b"", length=None, serial=1):
    return struct.pack(">7I", HEAD + len(body) if length is None else length, REMOTE, 1, number, 0, serial, 0) + body


OPENING = frame(1, struct.pack(">II", 0, 0))


class Silent:
    def __init__(self, path, n):
        self.raws = [Raw(path) for _ in range(n)]
        for raw in self.raws[::2]:
            raw.peer.sendall(OPENING)
        self.answers = [raw.hear() for raw in self.raws[::2]]

    def close(self):
        for raw in self.raws:
            raw.close()


class Unending:
    def __init__(self, path, length, *before):
        self.raw = Raw(path)
        self.said = 0
        try:
            self.raw.peer.sendall(b"".join(before) + frame(11, length=length))
            while self.said < length - HEAD - 1:
                self.said += self.raw.peer.send(bytes(min(65536, length - HEAD - 1 - self.said)))
        except ConnectionError:
            pass

    def close(self):
        self.raw.close()


class Greedy:
    """what: the call it repeats, as a whole message, until no more is taken for a second"""
    MAX = 4 * 1024 * 1024       # of short calls with short answers it may take half of that

    def __init__(self, path, what):
        self.raw = Raw(path)
        self.said = 0
        self.raw.open()
        self.raw.peer.setblocking(False)
        taken = select.poll()
        taken.register(self.raw.peer, select.POLLOUT)
        try:
            while self.said < self.MAX and taken.poll(1000):
                self.said += self.raw.peer.send(what * 100)
        except (BlockingIOError, ConnectionError):      # nobody listens any more: that is the point
            pass

    def close(self):
        self.raw.close()
