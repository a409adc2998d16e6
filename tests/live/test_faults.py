#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The faults of docs/reliability.md that libvirtd 9.0.0 was tried with, by their numbers there, against virtcardd.

    test_faults.py VIRTCARDD [WORD...]
"""
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import uuid as uuids

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

import libvirt  # noqa: E402
from daemon import LIMIT, Daemon, children  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402

place = Place(os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "virtcard"))
program = os.path.abspath(sys.argv[1])
DEFINE, GET_STATE, GET_VERSION = 11, 212, 157
CALL, REPLY, STREAM = 0, 1, 3


def daemon(**more):
    return Daemon(program, place.new_folder(), **more)


def guest(name, uuid=None):
    return domain(uuid=uuid or uuids.uuid4()).replace("<name>guest<", f"<name>{name}<").replace(">256<", ">32<")


def write(d, name):
    path = os.path.join(d.folder, name + ".xml")
    with open(path, "w") as file:
        file.write(guest(name))
    return path


def qemu_of(d, uuid):
    """the process of a guest"""
    with open(os.path.join(d.run, uuid + ".pid")) as file:
        return int(file.read().split("\n")[1].split()[0])


def wait_for_end(pid):
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = select.select([watch], [], [], LIMIT)[0]
    os.close(watch)
    assert ended, f"process {pid} stays"


def resident(d):
    with open(f"/proc/{d.process.pid}/status") as file:
        return int(file.read().split("VmRSS:")[1].split()[0])


def mount_small(path, size="256k"):
    if os.getuid() != 0:
        raise Skip("needs root")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", path], capture_output=True, check=False)
    if done.returncode:
        raise Skip("needs mount")


def unmount(path):
    subprocess.run(["umount", "--lazy", path], check=True)


def fill(folder):
    with open(os.path.join(folder, "filler"), "ab", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass


def until(is_so):
    """a deadline, and no pause: what is asked keeps the daemon going"""
    late = time.monotonic() + LIMIT
    while not is_so():
        assert time.monotonic() < late, "it does not come to that"


def run_in_thread(action):
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread


# Killed

@test
def l1_ten_guests_outlive_a_kill():
    with daemon() as d:
        connection = d.open()
        for n in range(10):
            connection.createXML(guest(f"g{n}"), libvirt.VIR_DOMAIN_START_PAUSED)
        connection.close()
        equal(d.stop(signal.SIGKILL), -signal.SIGKILL)
        d.start()
        connection = d.open()
        equal(sorted(dom.name() for dom in connection.listAllDomains()), sorted(f"g{n}" for n in range(10)))
        for dom in connection.listAllDomains():
            equal(dom.state()[0], libvirt.VIR_DOMAIN_PAUSED)
            dom.resume()
            dom.destroy()
        connection.close()


@test
def l4_a_probing_qemu_dies_with_the_daemon():
    with daemon() as d:
        before = set(os.listdir(d.run))
        asking = subprocess.Popen(["virsh", "-c", d.uri(), "-q", "domcapabilities"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        probing = {}
        while not probing and asking.poll() is None:
            probing = {pid: words for pid, words in children(d.process.pid).items() if b"qemu-system" in words[0]}
        assert probing, "nobody was seen probing"
        equal(d.stop(signal.SIGKILL), -signal.SIGKILL)
        for pid in probing:
            wait_for_end(pid)
        asking.wait(LIMIT)
        d.start()
        within("<domainCapabilities>", d.virsh("domcapabilities"))
        equal(children(d.process.pid), {})
        equal(set(os.listdir(d.run)) - before, set())


# Hostile clients

@test
def l8_what_no_client_says_ends_its_connection():
    with daemon() as d:
        for kind in (REPLY, 2, 4, 9, 2**32 - 1):
            raw = d.raw()
            raw.open()
            raw.say(GET_STATE, kind=kind)
            equal(raw.hear(), None)
            raw.close()
        within("a message of type 9 and status 0", d.log())
        # What comes for a stream that is no more may have been on its way: it is dropped, and no more.
        raw = d.raw()
        raw.open()
        raw.say(GET_STATE, bytes(1000), kind=STREAM, serial=7)
        raw.say(GET_VERSION, serial=8)
        equal(struct.unpack(">I", raw.hear()[16:20])[0], 8)
        raw.close()
        equal(d.virsh("list"), "")


@test
def l9_nothing_large_is_gathered_before_a_connection_is_open():
    with daemon() as d:
        d.virsh("list")
        before = resident(d)
        many = [d.raw() for _ in range(20)]
        for raw in many:
            raw.peer.sendall(struct.pack(">7I", 32 * 1024 * 1024, 0x20008086, 1, DEFINE, CALL, 1, 0))
            equal(raw.hear(), None)
            raw.close()
        assert resident(d) - before < 4096, (before, resident(d))
        # Of a small call no more is gathered either, open or not.
        raw = d.raw()
        raw.open()
        raw.say(GET_STATE, length=1024 * 1024)
        equal(raw.hear(), None)
        raw.close()
        within("a message of 33554432 bytes is too long for procedure 11", d.log())


@test
def l10_who_sends_half_is_sent_away():
    with daemon() as d:
        silent, half, open_half = d.raw(), d.raw(), d.raw()
        half.peer.sendall(b"\0\0\0")
        open_half.open()
        open_half.peer.sendall(b"\0\0\0\x20")
        equal(d.virsh("list"), "")
        for raw in silent, half, open_half:
            equal(raw.peer.recv(1), b"")
            raw.close()
        log = d.log()
        within("it did not open a connection", log)
        within("the rest of a message did not come", log)


# Guests that hang or die

@test
def l15_twenty_guests_that_hang_delay_nobody():
    with daemon() as d:
        connection = d.open()
        doms = [connection.createXML(guest(f"g{n}"), libvirt.VIR_DOMAIN_START_PAUSED) for n in range(21)]
        works = doms.pop()
        pids = [qemu_of(d, dom.UUIDString()) for dom in doms]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        others = [d.open() for _ in doms]
        waiting = [run_in_thread(other.lookupByName(dom.name()).resume) for other, dom in zip(others, doms)]
        works.resume()
        equal(works.state()[0], libvirt.VIR_DOMAIN_RUNNING)
        for dom in doms:
            within(dom.name(), dom.XMLDesc())
            equal(dom.state()[0], libvirt.VIR_DOMAIN_PAUSED)
        new = connection.createXML(guest("new"), libvirt.VIR_DOMAIN_START_PAUSED)
        new.destroy()
        equal([thread.is_alive() for thread in waiting], [True] * 20)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        for thread in waiting:
            thread.join(LIMIT)
        equal([dom.state()[0] for dom in doms], [libvirt.VIR_DOMAIN_RUNNING] * 20)
        for one in [*others, connection]:
            one.close()


@test
def l16_a_guest_that_hangs_is_destroyed():
    with daemon() as d:
        connection, other = d.open(), d.open()
        dom = connection.createXML(guest("hangs"), 0)
        pid = qemu_of(d, dom.UUIDString())
        os.kill(pid, signal.SIGSTOP)
        ending = run_in_thread(dom.destroy)
        equal([one.name() for one in other.listAllDomains()], ["hangs"])
        wait_for_end(pid)
        ending.join(LIMIT)
        equal(other.numOfDomains(), 0)
        connection.close()
        other.close()


@test
def l17_l18_the_signal_that_qemu_died_of_is_named():
    with daemon() as d:
        connection, other = d.open(), d.open()
        # While it starts, as soon as it is seen.
        said = []

        def start():
            try:
                connection.createXML(guest("starts"), 0)
            except libvirt.libvirtError as error:
                said.append(error.get_error_message())

        starting = run_in_thread(start)
        killed = []
        while starting.is_alive() and not killed:
            killed = [pid for pid, words in children(d.process.pid).items() if b"-uuid" in words]
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        starting.join(LIMIT)
        if said:    # else it was faster
            within("was killed by signal 9 (Killed)", said[0])
        until(lambda: other.numOfDomains() == 0)
        # While it runs.
        dom = connection.createXML(guest("runs"), 0)
        pid = qemu_of(d, dom.UUIDString())
        os.kill(pid, signal.SIGSEGV)
        wait_for_end(pid)
        until(lambda: other.numOfDomains() == 0)
        words = f"guest 'runs' ({dom.UUIDString()}) has ended: QEMU was killed by signal 11 (Segmentation fault)"
        until(lambda: other.numOfDomains() == 0 and words in d.log())
        connection.close()
        other.close()


# Full disks

@test
def l19_l20_on_a_full_disk_memory_and_disk_agree():
    with daemon() as d:
        folder = os.path.join(d.root, "etc", "virtcard", "qemu")
        mount_small(folder)
        try:
            os.mkdir(os.path.join(folder, "autostart"))
            d.virsh("define", write(d, "old"))
            before = d.virsh("dumpxml", "old")
            fill(folder)
            for words in (["define", write(d, "new")], ["desc", "old", "--config", "--title", "--new-desc", "x"]):
                within("No space left on device", d.refused(*words))
            with open(os.path.join(d.folder, "again.xml"), "w") as file:
                file.write(before.replace("<vcpu", "<description>again</description><vcpu"))
            within("No space left on device", d.refused("define", file.name))
            equal((d.virsh("dumpxml", "old"), d.virsh("list", "--all", "--name")), (before, "old"))
            d.stop(signal.SIGKILL)
            d.start()
            equal((d.virsh("dumpxml", "old"), d.virsh("list", "--all", "--name")), (before, "old"))
            equal(sorted(os.listdir(folder)), ["autostart", "filler", "old.xml"])
            d.virsh("undefine", "old")
            equal(d.virsh("list", "--all", "--name"), "")
        finally:
            unmount(folder)


@test
def l21_with_a_full_run_folder_the_reason_is_named():
    with daemon() as d:
        d.stop()
        mount_small(d.run, "1m")
        try:
            d.start()
            d.virsh("define", write(d, "runs"))
            d.virsh("define", write(d, "more"))
            d.virsh("start", "runs")
            fill(d.run)
            within("No space left on device", d.refused("start", "more"))
            within("No space left on device", d.refused("desc", "runs", "--live", "--title", "--new-desc", "x"))
            d.virsh("suspend", "runs")
            # What could not be kept is found out: QEMU knows.
            d.stop(signal.SIGKILL)
            d.start()
            until(lambda: d.virsh("domstate", "runs") == "paused")
            equal((d.virsh("domstate", "more"), d.virsh("desc", "runs", "--live", "--title")),
                  ("shut off", ""))
            d.virsh("destroy", "runs")
            os.unlink(os.path.join(d.run, "filler"))
            d.virsh("start", "more")
            d.virsh("destroy", "more")
            d.stop()
        finally:
            unmount(d.run)


# Settings

@test
def l22_l23_what_is_wrong_with_its_own_settings_is_named():
    folder = place.new_folder()
    conf, long = os.path.join(folder, "x.conf"), os.path.join(folder, "x" * 100)
    os.mkdir(long)
    for text, words in (("max_clients = = 1\n", f"{conf}:1: "), ('log_level = 2\nlog_outputs "x"\n', f"{conf}:2: "),
                        ('unix_sock_dir = "/no/such/folder"\n', "unix_sock_dir: cannot open '/no/such/folder/virtcard-sock.lock': No such file"),
                        (f'unix_sock_dir = "{long}"\n', f"the path of a socket is too long: '{long}/virtcard-sock'"),
                        ('unix_sock_group = "no-such-group"\n', "unix_sock_group: ")):
        with open(conf, "w") as file:
            file.write(text)
        done = subprocess.run([program, "--root", os.path.join(folder, "r"), "--config", conf], capture_output=True, text=True,
                              check=False, timeout=LIMIT)
        equal(done.returncode, 1)
        within(words, done.stderr)


run(sys.argv[2:])
