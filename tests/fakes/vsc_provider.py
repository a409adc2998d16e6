#!/usr/bin/env python3
"""A card provider for QEMU's ccid-card-passthru: speaks the VSC protocol for a fake card.

    card = ScriptedCard(rules)                         answers commands, see below
    with Provider("unix:/tmp/x/card.sock", card) as provider:        connects to QEMU (server=on)
    with Provider("tcp:127.0.0.1:0", card, listen=True) as provider: QEMU connects (server=off)
        provider.address          where it listens, with the port the system chose
        provider.wait_attached(5) QEMU answered the greeting
        provider.eject(); provider.insert(); provider.insert(other_atr)
        provider.wait_apdus(3, 10)
        provider.log              [(command, answer), ...] as bytes; answer is None while held
        provider.hold()           answer no more commands ... provider.release() answers those held
        provider.disconnect()     drops the connection; a listening provider takes the next one

An ssl.SSLContext as tls= makes it TLS. As a program: vsc_provider.py [--listen] [--atr HEX] ADDRESS;
it takes eject, insert [HEX], hold, release, disconnect, apdus and quit on stdin, a line each, and
prints what happened.

QEMU forgets nothing and tells the guest nothing when a provider goes away, so every connection but
the first ends what the guest may still be doing, takes the old card out and puts the new one in,
with the pauses that QEMU 7.2 and pcscd need to notice.
"""
import argparse
import os
import selectors
import socket
import ssl
import struct
import sys
import threading
import time

INIT, ERROR, READER_ADD, READER_REMOVE, ATR, CARD_REMOVE, APDU, FLUSH, FLUSH_COMPLETE = range(1, 10)
HEADER = struct.Struct(">III")
GREETING = b"VSCD" + struct.pack(">II", 2, 0)
DEFAULT_ATR = bytes.fromhex("3b08") + b"virtcard"  # T=0 only: the one protocol QEMU's reader offers
GENERAL_ERROR = 1
ERROR_PAUSE = 0.2   # between failing a command and taking the card out
GONE_PAUSE = 1.0    # a shorter absence goes unseen: pcscd looks every 0.4 s


class ScriptedCard:
    """Answers by the longest command prefix that matches.

    rules: {prefix: answer}; both hex or bytes, the answer with its status word, or a function of the
    command. 61xx and GET RESPONSE are made for answers longer than chunk bytes.
    """

    DEFAULT = {
        "00a4": "9000",                                # SELECT
        "00ca": lambda c: b"virtcard " + c[2:4].hex().encode() + b"\x90\x00",  # GET DATA: what was asked for
        "80ec": lambda c: c[5:5 + c[4]] + b"\x90\x00",  # echo
        "80fa": lambda c: bytes(i & 255 for i in range(c[2] << 8 | c[3])) + b"\x90\x00",  # P1P2 bytes
    }

    def __init__(self, rules=None, chunk=256):
        rules = self.DEFAULT if rules is None else rules
        self.rules = {self._bytes(prefix): answer for prefix, answer in rules.items()}
        self.chunk = chunk
        self.rest = b""

    @staticmethod
    def _bytes(value):
        return bytes.fromhex(value) if isinstance(value, str) else bytes(value)

    def reset(self):
        self.rest = b""

    def answer(self, command):
        if len(command) >= 5 and command[1] == 0xC0:   # GET RESPONSE
            return self._part(command[4] or 256) if self.rest else b"\x69\x85"
        self.rest = b""
        for prefix in sorted(self.rules, key=len, reverse=True):
            if command.startswith(prefix):
                rule = self.rules[prefix]
                answer = rule(command) if callable(rule) else self._bytes(rule)
                if len(answer) - 2 <= self.chunk:
                    return answer
                self.rest = answer[:-2]
                return self._more()
        return b"\x6d\x00"

    def _more(self):
        return bytes([0x61, min(len(self.rest), 256) & 255])

    def _part(self, length):
        part, self.rest = self.rest[:length], self.rest[length:]
        return part + (self._more() if self.rest else b"\x90\x00")


class Provider:
    def __init__(self, address, card=None, atr=DEFAULT_ATR, listen=False, tls=None, server_name=None,
                 inserted=True, resync=False):
        self.card = card or ScriptedCard()
        self.atr = ScriptedCard._bytes(atr)
        self.inserted = inserted
        self.resync = resync           # treat the first connection like a later one
        self.tls, self.server_name = tls, server_name
        self.log = []
        self.connections = 0
        self.attached = False
        self.error = None
        self.changed = threading.Condition()
        self._held = None              # None: answering; a list: commands waiting
        self._sock = None
        self._timers = []              # [(when, order, action)]
        self._calls = []
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._closing = False
        self._listener = self._listen(address) if listen else None
        self.address = self._name() if listen else address
        if not listen:
            self._adopt(self._connect(address))
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    # ---- sockets

    @staticmethod
    def _split(address):
        kind, _, rest = address.partition(":")
        if kind == "unix":
            return socket.AF_UNIX, rest
        host, _, port = rest.rpartition(":")
        if kind != "tcp" or not port.isdigit():
            raise ValueError(f"an address is unix:PATH or tcp:HOST:PORT, not '{address}'")
        return (socket.AF_INET6 if ":" in host else socket.AF_INET), (host.strip("[]"), int(port))

    def _connect(self, address):
        family, where = self._split(address)
        sock = socket.socket(family)
        sock.settimeout(10)
        sock.connect(where)
        return self.tls.wrap_socket(sock, server_hostname=self.server_name) if self.tls else sock

    def _listen(self, address):
        family, where = self._split(address)
        sock = socket.socket(family)
        if family != socket.AF_UNIX:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(where)
        sock.listen(4)
        sock.setblocking(False)
        return sock

    def _name(self):
        name = self._listener.getsockname()
        if isinstance(name, str):
            return "unix:" + name
        return f"tcp:[{name[0]}]:{name[1]}" if ":" in name[0] else f"tcp:{name[0]}:{name[1]}"

    def _adopt(self, sock):
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        self._sock, self._input, self._output = sock, b"", b""
        self._timers.clear()
        self.card.reset()
        self._put(INIT, GREETING)

    def _drop(self, why=None):
        if self._sock:
            self._sock.close()
        self._sock = None
        self._timers.clear()
        with self.changed:
            self.attached = False
            self.error = why
            if self._held is not None:
                self._held.clear()
            self.changed.notify_all()

    # ---- one thread does all the talking

    def _loop(self):
        while not self._closing:
            with selectors.DefaultSelector() as wait:
                wait.register(self._wake_read, selectors.EVENT_READ)
                if self._sock:
                    wait.register(self._sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if self._output else 0))
                elif self._listener:
                    wait.register(self._listener, selectors.EVENT_READ)
                timeout = max(0, self._timers[0][0] - time.monotonic()) if self._timers else None
                ready = {key.fileobj for key, _ in wait.select(timeout)}
            if self._wake_read in ready:
                os.read(self._wake_read, 4096)
                with self.changed:
                    calls, self._calls = self._calls, []
                for call, done in calls:
                    call()
                    done.set()
            while self._timers and self._timers[0][0] <= time.monotonic():
                self._timers.pop(0)[2]()
            if self._listener in ready and not self._sock:
                self._accept()
            elif self._sock in ready and self._sock:
                self._talk()
        self._drop()

    def _accept(self):
        sock, _ = self._listener.accept()
        try:
            if self.tls:
                sock.settimeout(10)
                sock = self.tls.wrap_socket(sock, server_side=True)
            self._adopt(sock)
        except OSError as error:
            sock.close()
            self._drop(f"greeting failed: {error}")

    def _talk(self):
        try:
            self._flush()
            while True:
                data = self._sock.recv(65536)
                if self._sock.family != socket.AF_UNIX:  # else each command waits 40 ms for Nagle
                    self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                if not data:
                    return self._drop("closed by QEMU")
                self._input += data
                self._take()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except OSError as error:
            return self._drop(str(error))

    def _flush(self):
        while self._output:
            self._output = self._output[self._sock.send(self._output):]

    def _put(self, kind, payload=b""):
        """queues a whole message and sends it in one piece: QEMU keeps half messages for ever"""
        if not self._sock:
            return
        self._output += HEADER.pack(kind, 0, len(payload)) + payload
        try:
            self._flush()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError as error:
            self._drop(str(error))

    def _take(self):
        while self._sock and len(self._input) >= HEADER.size:
            kind, _, length = HEADER.unpack_from(self._input)
            if len(self._input) < HEADER.size + length:
                return
            payload = self._input[HEADER.size:HEADER.size + length]
            self._input = self._input[HEADER.size + length:]
            if kind == INIT and not self.attached:
                self._attach()
            elif kind == APDU:
                self._command(payload)
            elif kind == FLUSH:
                self._put(FLUSH_COMPLETE)

    def _attach(self):
        with self.changed:
            self.connections += 1
            self.attached = True
            self.changed.notify_all()
        if self.connections > 1 or self.resync:
            self._take_out(then=self._put_in if self.inserted else None)
        elif self.inserted:
            self._put_in()

    def _command(self, command):
        with self.changed:
            held = self._held is not None
            if held:
                self._held.append(len(self.log))
            self.log.append((command, None))
        if not held:
            self._answer(len(self.log) - 1)
        with self.changed:
            self.changed.notify_all()

    def _answer(self, index):
        command = self.log[index][0]
        answer = self.card.answer(command)
        self.log[index] = command, answer
        self._put(APDU, answer)

    def _later(self, seconds, action):
        self._timers.append((time.monotonic() + seconds, len(self._timers), action))
        self._timers.sort(key=lambda timer: timer[:2])

    def _put_in(self):
        self.card.reset()
        self._put(ATR, self.atr)

    def _take_out(self, then=None):
        """Error first, or a guest that waits for an answer would hang; then the removal; then a gap."""
        def remove():
            self._put(CARD_REMOVE)
            self._later(GONE_PAUSE, then or self._gap_over)

        self._timers.clear()
        self._put(ERROR, struct.pack(">I", GENERAL_ERROR))
        self._later(ERROR_PAUSE, remove)

    def _gap_over(self):
        if self.inserted:
            self._put_in()

    # ---- what tests call, from their own thread

    def _call(self, action):
        done = threading.Event()
        with self.changed:
            self._calls.append((action, done))
        os.write(self._wake_write, b"x")
        if not done.wait(10):
            raise TimeoutError("the provider's thread does not answer")

    def eject(self):
        def action():
            self.inserted = False
            if self._held is not None:
                self._held.clear()
            if self.attached:
                self._take_out()
        self._call(action)

    def insert(self, atr=None):
        """puts the card in, as soon as an earlier removal has been long enough ago to be seen"""
        def action():
            self.atr = ScriptedCard._bytes(atr) if atr else self.atr
            self.inserted = True
            if self.attached and not self._timers:
                self._put_in()
        self._call(action)

    def hold(self):
        def action():
            self._held = self._held or []
        self._call(action)

    def release(self):
        def action():
            held, self._held = self._held or [], None
            for index in held:
                self._answer(index)
        self._call(action)

    def disconnect(self):
        self._call(self._drop)

    def reconnect(self):
        """a connecting provider's next connection, to the same address"""
        sock = self._connect(self.address)
        self._call(lambda: self._adopt(sock))

    def wait_attached(self, timeout=10, connections=1):
        """waits until QEMU answered the greeting of that many connections"""
        self._wait(lambda: self.attached and self.connections >= connections, timeout, "QEMU does not answer")

    def wait_apdus(self, count, timeout=10):
        self._wait(lambda: len(self.log) >= count, timeout, f"fewer than {count} commands")

    def wait_detached(self, timeout=10):
        self._wait(lambda: not self.attached, timeout, "QEMU is still there")

    def _wait(self, condition, timeout, words):
        with self.changed:
            if not self.changed.wait_for(condition, timeout):
                raise TimeoutError(f"{words} (after {timeout} s; {self.error or 'no error'})")

    @property
    def apdu_count(self):
        return len(self.log)

    def close(self):
        self._closing = True
        os.write(self._wake_write, b"x")
        self._thread.join(10)
        if self._listener:
            name = self._listener.getsockname()
            self._listener.close()
            if isinstance(name, str) and os.path.exists(name):
                os.unlink(name)
        os.close(self._wake_read)
        os.close(self._wake_write)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main():
    parser = argparse.ArgumentParser(description="fake card provider", epilog="see the top of the file")
    parser.add_argument("address", help="unix:PATH or tcp:HOST:PORT")
    parser.add_argument("--listen", action="store_true", help="wait for QEMU instead of connecting to it")
    parser.add_argument("--atr", default=DEFAULT_ATR.hex())
    parser.add_argument("--empty", action="store_true", help="start without a card in the reader")
    parser.add_argument("--resync", action="store_true", help="someone else was connected before")
    args = parser.parse_args()
    with Provider(args.address, atr=args.atr, listen=args.listen, inserted=not args.empty,
                  resync=args.resync) as provider:
        print("address", provider.address, flush=True)
        for line in sys.stdin:
            verb, *rest = line.split() or [""]
            if verb == "quit":
                break
            if verb == "apdus":
                for command, answer in provider.log:
                    print("apdu", command.hex(), answer.hex() if answer is not None else "-")
            elif verb == "insert":
                provider.insert(*rest[:1])
            elif verb in ("eject", "hold", "release", "disconnect", "reconnect"):
                getattr(provider, verb)()
            else:
                print("unknown", line.strip(), flush=True)
                continue
            print("done", verb, provider.apdu_count, flush=True)


if __name__ == "__main__":
    main()
