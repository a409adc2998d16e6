# SPDX-License-Identifier: LGPL-2.1-or-later
"""What really goes over the loopback device, as tshark sees it.

    with Capture([2001, 2002]) as capture:     root, or whoever may capture
        ...                                    exchanges over TCP with one of these ports
        capture.settle()                       all that was sent so far has been seen
        for stream in capture.streams(2001):   in order of their beginnings, those with data
            stream.sent, stream.answered       bytes of the end that connected, and of the port's
            stream.hello                       tshark: the first of them is a TLS client hello
            stream.records()                   content types of the TLS records that all of it consists of
"""
import os
import shutil
import socket
import struct
import subprocess
import threading

from livetap import Skip

FIELDS = ["tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tls.handshake.type", "tcp.payload", "udp.dstport",
          "udp.payload"]
LIMIT = 180


class Stream:
    def __init__(self, port):
        self.port = port
        self.parts = {True: {}, False: {}}     # by the end that connected; {sequence number: bytes}
        self.hello = None

    def add(self, to_port, number, data, handshake):
        if self.hello is None:
            self.hello = to_port and handshake.split(",")[0] == "1"
        self.parts[to_port].setdefault(number, data)

    def _whole(self, to_port):
        parts = self.parts[to_port]
        if not parts:
            return b""
        first = next(iter(parts))
        whole = bytearray()
        for offset, data in sorted(((number - first) % 2**32, data) for number, data in parts.items()):
            if offset > len(whole):
                raise AssertionError(f"{offset - len(whole)} bytes of port {self.port} were not captured")
            whole[offset:] = data if offset + len(data) > len(whole) else whole[offset:]
        return bytes(whole)

    @property
    def sent(self):
        return self._whole(True)

    @property
    def answered(self):
        return self._whole(False)

    def records(self):
        """{"sent": [22, 20, 23...], "answered": ...}; AssertionError where anything else than TLS records was sent"""
        return {name: list(self._records(whole)) for name, whole in (("sent", self.sent), ("answered", self.answered))}

    @staticmethod
    def _records(whole):
        at = 0
        while at < len(whole):
            if at + 5 > len(whole):
                raise AssertionError(f"no TLS record: {whole[at:]}")
            kind, major, minor, size = struct.unpack_from(">BBBH", whole, at)
            if not 20 <= kind <= 23 or major != 3 or minor > 4 or size > 2**14 + 2048 or at + 5 + size > len(whole):
                raise AssertionError(f"no TLS record: {whole[at:at + 40]}")
            yield kind
            at += 5 + size


class Capture:
    def __init__(self, ports):
        if os.getuid() != 0:
            raise Skip("needs root to capture packets")
        if shutil.which("tshark") is None:
            raise AssertionError("tshark is not installed")
        self.ports = list(ports)
        self.marks = 0
        self.seen = -1
        self.found = {}
        self.changed = threading.Condition()
        self.is_over = False
        self.marker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.marker.bind(("127.0.0.1", 0))
        number = self.marker.getsockname()[1]
        which = " or ".join([f"udp port {number}", *(f"tcp port {port}" for port in self.ports)])
        decode = [word for port in self.ports for word in ("-d", f"tcp.port=={port},tls")]
        fields = [word for field in FIELDS for word in ("-e", field)]
        self.process = subprocess.Popen(["tshark", "-n", "-l", "-i", "lo", "-f", which, *decode, "-T", "fields", *fields],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self._take(line.rstrip("\n").split("\t"))
                self.changed.notify_all()
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def _take(self, words):
        number, source, target, sequence, handshake, payload, mark, said = words
        if mark:
            self.seen = max(self.seen, int(bytes.fromhex(said)))
        elif payload:
            port = int(source) if int(source) in self.ports else int(target)
            stream = self.found.setdefault(number, Stream(port))
            stream.add(int(target) == port, int(sequence), bytes.fromhex(payload), handshake)

    def _mark(self):
        self.marks += 1
        self.marker.sendto(str(self.marks).encode(), self.marker.getsockname())
        return self.marks

    def settle(self, limit=LIMIT):
        """waits until a packet of now was seen; what was sent before it was seen before it"""
        mark = self._mark()
        with self.changed:
            self.changed.wait_for(lambda: self.is_over or self.seen >= mark, limit)
            if self.seen < mark:
                raise AssertionError("tshark does not see the loopback device")

    def streams(self, port):
        with self.changed:
            return [stream for stream in self.found.values() if stream.port == port]

    def __enter__(self):
        with self.changed:      # it takes a moment until the first is seen, and those before it are lost
            while self.seen < 0 and not self.is_over:
                self._mark()
                self.changed.wait(0.1)
        if self.is_over:
            raise AssertionError("tshark ended at once")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(LIMIT)
        self.reader.join(LIMIT)
        self.marker.close()
