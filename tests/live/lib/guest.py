"""Talks to the agent in the test guest (tests/guest/agent.c).

    guest = Guest("/tmp/x/agent.sock")         a unix socket that QEMU listens on
    guest = Guest(("127.0.0.1", 4000))         the same over TCP
    guest = Guest("/dev/pts/7")                a pty
    guest = Guest(connected_socket)            anything with fileno()
    guest.wait_ready(60)
    status, output = guest.run("readers", 20)

All waiting is in select(); every wait has a limit and raises TimeoutError past it.
"""
import base64
import collections
import os
import select
import socket
import stat
import time
import tty

Reader = collections.namedtuple("Reader", "index state atr name")
Certificate = collections.namedtuple("Certificate", "reader id label subject")


class GuestError(Exception):
    """a command in the guest failed, or the guest is gone"""


class Guest:
    def __init__(self, address):
        self.buffer = b""
        self.results = {}
        self.jobs = 0
        self.ready = False
        self.other = collections.deque(maxlen=200)  # lines that were no answer: the console's
        self.file = self._open(address)
        self.fd = self.file if isinstance(self.file, int) else self.file.fileno()
        os.set_blocking(self.fd, False)

    @staticmethod
    def _open(address):
        if not isinstance(address, (str, os.PathLike, tuple)):
            return address
        if isinstance(address, tuple):
            return socket.create_connection(address, timeout=120)
        if stat.S_ISCHR(os.stat(address).st_mode):
            fd = os.open(address, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(fd)
            return fd
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(os.fspath(address))
        return sock

    def close(self):
        if isinstance(self.file, int):
            os.close(self.file)
        else:
            self.file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- the wire

    def _send(self, line, deadline):
        data = line.encode() + b"\n"
        while data:
            _, writable, _ = select.select([], [self.fd], [], max(0, deadline - time.monotonic()))
            if not writable:
                raise TimeoutError("the guest's port takes no more bytes")
            data = data[os.write(self.fd, data):]

    def _receive(self, deadline):
        """one look at the port; False when the time is up"""
        readable, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
        if not readable:
            return False
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return True
        except OSError as error:  # a reset, or a pty whose other end is closed
            raise GuestError(f"the guest's port is closed: {error}") from None
        if not data:
            raise GuestError("the guest's port is closed")
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", "replace").strip("\r"))
        return True

    def _take(self, line):
        words = line.split(" ")
        if words[0] == "@ready":
            self.ready = True
        elif words[0] == "@out" and len(words) == 4:
            self.results[words[1]] = int(words[2]), base64.b64decode(words[3])
        elif line:
            self.other.append(line)

    # ---- what tests use

    def wait_ready(self, timeout=120):
        """waits until the agent answers; what it said before the connection does not count"""
        deadline = time.monotonic() + timeout
        self.ready = False
        self._send("hello", deadline)
        while not self.ready:
            if not self._receive(deadline):
                raise TimeoutError(f"no word from the guest in {timeout} s; last lines: {list(self.other)[-5:]}")

    def start(self, command, timeout=120):
        """starts a shell command and returns its id for finish(); several may run side by side"""
        self.jobs += 1
        job = f"{os.getpid()}.{self.jobs}"
        text = base64.b64encode(command.encode()).decode()
        self._send(f"run {job} {text}", time.monotonic() + timeout)
        return job

    def finish(self, job, timeout=120):
        """(exit status, output) of a started command; kills it when the time is up"""
        deadline = time.monotonic() + timeout
        while job not in self.results:
            if not self._receive(deadline):
                self._send(f"kill {job}", time.monotonic() + 5)
                raise TimeoutError(f"command not done in {timeout} s")
        return self.results.pop(job)

    def run(self, command, timeout=120):
        """(exit status, output) of a shell command; the output is bytes, stderr included"""
        return self.finish(self.start(command), timeout)

    def check(self, command, timeout=120):
        """the output, as text, of a shell command that must succeed"""
        status, output = self.run(command, timeout)
        if status:
            raise GuestError(f"'{command}' in the guest gave {status}: {output.decode(errors='replace').strip()}")
        return output.decode()

    def send(self, command):
        """starts a command that never answers: poweroff -f, reboot -f, crash"""
        self.start(command)

    def wait_closed(self, timeout=120):
        """reads until QEMU closes the port; a serial port that nobody reads slows the guest down to a stop"""
        deadline = time.monotonic() + timeout
        try:
            while self._receive(deadline):
                pass
        except GuestError:
            return
        raise TimeoutError(f"the guest's port is still open after {timeout} s")

    def readers(self, timeout=120):
        lines = self.check("readers", timeout).splitlines()
        rows = [line.split(" ", 3) for line in lines]
        return [Reader(int(i), state, bytes.fromhex(atr) if atr != "-" else b"", name) for i, state, atr, name in rows]

    def certs(self, timeout=120):
        return [Certificate(int(reader), *rest) for reader, *rest in
                (line.split("\t") for line in self.check("certs", timeout).splitlines())]

    def cert(self, reader, cert_id, timeout=120):
        """one certificate as PEM text"""
        return self.check(f"cert {reader} {cert_id}", timeout)

    def sign(self, data, pin="1234", reader=0, key=0, mechanism="SHA256-RSA-PKCS", timeout=120):
        """the signature of data by key number key; GuestError when the card refuses"""
        text = base64.b64encode(data).decode()
        return base64.b64decode(self.check(f"sign {reader} {key} '{pin}' {text} {mechanism}", timeout))

    def apdu(self, reader, *commands, timeout=120):
        """the answers, as bytes, to commands given as bytes or hex"""
        texts = [c if isinstance(c, str) else c.hex() for c in commands]
        quoted = " ".join(f"'{t}'" for t in texts)
        return [bytes.fromhex(line) for line in self.check(f"apdu {reader} {quoted}", timeout).splitlines()]

    def apdubench(self, reader, count=100, command="00a4040007a0000000790100", timeout=120):
        """{'median_us': ..., 'min_us': ..., 'max_us': ..., 'mean_us': ...} of one exchange"""
        words = self.check(f"apdubench {reader} {count} {command}", timeout).split()
        return dict(zip(words[::2], map(int, words[1::2])))

    def wait_card(self, reader, state="present", timeout=120):
        """waits for present, empty, mute or gone"""
        self._wait(f"wait-card {reader} {state} {timeout}", timeout)

    def wait_readers(self, count, timeout=120):
        self._wait(f"wait-readers {count} {timeout}", timeout)

    def _wait(self, command, timeout):
        status, output = self.run(command, timeout + 15)
        if status:
            raise TimeoutError(f"{command}: {output.decode(errors='replace').strip()}")
