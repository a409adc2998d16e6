#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hostile clients of virtcardd: others are served meanwhile, and what they took comes back.

    test_daemon_hostile.py VIRTCARDD [WORD...]
"""
import os
import resource
import struct
import sys
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

import hostile  # noqa: E402
from daemon import Daemon  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402

place = Place(os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "virtcard"))
program = os.path.abspath(sys.argv[1])
UUID = "01234567-89ab-cdef-fedc-ba9876543210"
MARGIN = 64 * 1024      # KiB that it may need more than before, at any moment
CAPABILITIES, STATE = 7, 212


def wire(text):
    return struct.pack(">I", len(text)) + text.encode() + bytes(-len(text) % 4)


class Served:
    """A daemon with a guest, and somebody who asks for its state all the time.

    Leaving the block checks that he was answered meanwhile, that memory stayed bounded, and that descriptors came back.
    """

    def __enter__(self):
        self.daemon = Daemon(program, place.new_folder()).__enter__()
        self.client = self.daemon.open()
        self.domain = self.client.defineXML(domain("", uuid=UUID).replace("<name>guest<", "<name>web<"))
        self.client.getCapabilities()       # QEMU and KVM are tried out now, and not when descriptors are counted
        self.fds, self.memory = self.daemon.n_fds(), self.status("VmHWM")
        self.answers, self.trouble, self.ended = 0, None, threading.Event()
        self.asked = threading.Condition()
        self.asker = threading.Thread(target=self.ask)
        self.asker.start()
        return self

    def status(self, name):
        with open(f"/proc/{self.daemon.process.pid}/status") as file:
            return int(file.read().split(name + ":")[1].split()[0])

    def ask(self):
        try:
            while not self.ended.is_set():
                equal(self.domain.state(), [5, 0])
                with self.asked:
                    self.answers += 1
                    self.asked.notify_all()
        except Exception as error:  # told by whoever waits
            with self.asked:
                self.trouble = error
                self.asked.notify_all()

    def is_served(self, n=20):
        """he gets so many answers from now on, and somebody new gets in"""
        with self.asked:
            wanted = self.answers + n
            if not self.asked.wait_for(lambda: self.trouble or self.answers >= wanted, 60) or self.trouble:
                raise AssertionError(f"others are not served: {self.trouble}\n{self.daemon.log()[-2000:]}")
        other = self.daemon.open()
        equal([guest.name() for guest in other.listAllDomains()], ["web"])
        other.close()

    def wait_fds(self):
        for _ in range(20000):      # each answer comes after what was closed before it
            if self.daemon.n_fds() <= self.fds:
                return
            self.client.numOfDefinedDomains()
        equal(self.daemon.n_fds(), self.fds)

    def __exit__(self, kind, *rest):
        try:
            if kind is None:
                self.is_served()
                self.wait_fds()
                more = self.status("VmHWM") - self.memory
                with open(f"/proc/{self.daemon.process.pid}/maps") as file:
                    is_checked = "libasan" in file.read()       # which keeps what was freed
                print(f"# {more} KiB more at most, {self.answers} answers to others", flush=True)
                if more > MARGIN and not is_checked:
                    raise AssertionError(f"it needed {more} KiB more than before")
        finally:
            self.ended.set()
            self.asker.join()
            self.domain = None
            self.client.close()
            self.daemon.__exit__(kind, *rest)


@test
def random_bytes():
    with Served() as s:
        hostile.random_bytes(s.daemon.socket(), 300)
        s.is_served()
        hostile.random_bytes(s.daemon.socket(read_only=True), 100, seed=2)


@test
def every_length_of_a_frame_is_a_lie():
    with Served() as s:
        hostile.lying_frames(s.daemon.socket())


@test
def every_word_of_a_call_is_a_lie():
    with Served() as s:
        hostile.lying_words(s.daemon.socket())


@test
def programs_and_procedures_that_are_not_there():
    with Served() as s:
        hostile.strange_calls(s.daemon.socket())


@test
def nothing_is_done_before_open():
    with Served() as s:
        answers = hostile.early_calls(s.daemon.socket())
        assert len(answers) > 100, len(answers)
        done = [name for name, answer in answers if answer is not None and struct.unpack(">I", answer[20:24])[0] == 0]
        equal(done, ["connect-close"])      # who leaves needs not have come
        within(b"hypervisor connection not open", dict(answers)["domain-define-xml"])


@test
def the_read_only_socket_changes_nothing():
    with Served() as s:
        before = s.domain.XMLDesc()
        refused = 0
        for name, messages in hostile.corpus():
            for answer in hostile.say(s.daemon.socket(read_only=True), hostile.OPENING, *messages)[1:]:
                refused += b"read only access prevents" in answer
        assert refused > 30, refused
        text = domain("", uuid=UUID[:-1] + "1").replace("<name>guest<", "<name>other<")
        mine = wire("web") + bytes.fromhex(UUID.replace("-", "")) + struct.pack(">i", -1)
        for number, body in ((9, mine), (11, wire(text)), (10, wire(text) + bytes(4)), (196, mine + bytes(4)), (29, mine + struct.pack(">i", 1)),
                             (231, mine + bytes(4))):
            answers = hostile.say(s.daemon.socket(read_only=True), hostile.OPENING, hostile.frame(number, body, serial=2))
            within(b"read only access prevents", answers[1])
        equal((s.domain.XMLDesc(), s.domain.autostart(), s.domain.isActive()), (before, 0, 0))


@test
def two_thousand_who_say_nothing():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 3000), hard), hard))
    with Served() as s:
        silent = hostile.Silent(s.daemon.socket(), 2000)
        equal([answer is None for answer in silent.answers], [False] * 1000)
        assert s.daemon.n_fds() >= s.fds + 1000     # those who did not open may be gone
        s.is_served(200)
        silent.close()


@test
def messages_that_never_end():
    with Served() as s:
        longest = 4 * 1024 * 1024
        early = [hostile.Unending(s.daemon.socket(), longest) for _ in range(20)]
        assert all(one.said < longest // 2 for one in early), [one.said for one in early]      # nothing large before open
        equal([one.raw.hear() for one in early], [None] * 20)
        late = [hostile.Unending(s.daemon.socket(), longest, hostile.OPENING) for _ in range(8)]
        equal([one.said for one in late], [longest - hostile.HEAD - 1] * 8)
        s.is_served(200)
        for one in [*early, *late]:
            one.close()


@test
def clients_that_never_read():
    with Served() as s:
        state = hostile.frame(STATE, wire("web") + bytes.fromhex(UUID.replace("-", "")) + struct.pack(">iI", -1, 0))
        greedy = [hostile.Greedy(s.daemon.socket(), what) for _ in range(2) for what in (hostile.frame(CAPABILITIES), state)]
        for one in greedy:
            assert one.said < one.MAX, one.said
        s.is_served(200)
        for one in greedy:
            one.close()


run(sys.argv[2:])
