#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What `virtcard run` does without a system in the guest: refusals, ends, signals, sockets, files.

    test_run.py VIRTCARD [WORD...]

With words only the tests run that have one in their name.
"""
import os
import pty
import signal
import socket
import stat
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(os.path.dirname(HERE), "fakes")]
sys.dont_write_bytecode = True

from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import PANIC, POWER_OFF, RESET, Place, domain, elapsed  # noqa: E402
from nssdb import NssDb  # noqa: E402

place = Place(os.path.abspath(sys.argv[1]))
is_root = os.getuid() == 0
USER = "nobody" if is_root else __import__("pwd").getpwuid(os.getuid()).pw_name
QEMU = "/usr/bin/qemu-system-x86_64"


def disk(path, options=""):
    return (f"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{path}'/>"
            f"<target dev='vda' bus='virtio'/>{options}</disk>")


def serial(path):
    return f"<serial type='file'><source path='{path}'/></serial>"


def passthrough(kind, source):
    return f"<smartcard mode='passthrough' type='{kind}'><source {source}/></smartcard>"


def certificates(database, *names):
    inside = "".join(f"<certificate>{name}</certificate>" for name in names)
    return f"<smartcard mode='host-certificates'>{inside}<database>{database}</database></smartcard>"


# What the host lacks

@test
def everything_that_is_missing_is_named():
    boot = "<kernel>/no/kernel</kernel><initrd>/no/initrd</initrd>"
    lines = place.fails(domain("\n".join([disk("/no/disk.img"), serial("/no/serial.log"),
                                          passthrough("unix", "mode='connect' path='/no/card'"),
                                          passthrough("unix", "mode='bind' path='/no/other'")]), boot=boot))
    equal(lines, ["guest.xml:6: <os>: folder '/no' on the way to '/no/kernel' does not exist",
                  "guest.xml:6: <os>: folder '/no' on the way to '/no/initrd' does not exist",
                  "guest.xml:11: <disk>: folder '/no' on the way to '/no/disk.img' does not exist",
                  "guest.xml:12: <serial>: folder '/no' for '/no/serial.log' does not exist",
                  "guest.xml:13: <smartcard>: folder '/no' on the way to '/no/card' does not exist",
                  "guest.xml:14: <smartcard>: folder '/no' for '/no/other' does not exist"])


@test
def stdio_is_warned_of():
    with place.run(domain("<serial type='stdio'/>\n" + place.boot_disk(POWER_OFF))) as run_:
        equal(run_.wait("warning: <serial>"), "guest.xml:11: warning: <serial>: type='stdio' reads nothing and writes to "
                                              "QEMU's log: type='pty' can be talked to")
        equal(run_.ended(), 0)


@test
def emulator_is_missing():
    lines = place.fails(domain(emulator="/no/qemu"))
    within("'/no/qemu'", lines[-1])
    within("guest.xml:10: <emulator>: ", lines[-1])


@test
def file_is_unreadable():
    if not is_root:
        raise Skip("needs root")
    folder = place.new_folder()
    image = os.path.join(folder, "disk.img")
    with open(image, "wb") as file:
        file.write(bytes(65536))
    os.chmod(image, 0o600)
    equal(place.fails(domain(disk(image))),
          [f"guest.xml:11: <disk>: user nobody cannot read and write '{image}'"])
    os.chmod(image, 0o644)
    equal(place.fails(domain(disk(image))),
          [f"guest.xml:11: <disk>: user nobody cannot read and write '{image}'"])
    with place.run(domain(disk(image, "<readonly/>")), "--paused") as guest:
        guest.wait("held")
    os.chmod(folder, 0o700)
    equal(place.fails(domain(disk(image, "<readonly/>"))),
          [f"guest.xml:11: <disk>: user nobody cannot enter folder '{folder}' on the way to '{image}'"])


@test
def port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        source = passthrough("tcp", f"mode='bind' host='127.0.0.1' service='{port}'")
        equal(place.fails(domain(source)), [f"guest.xml:11: <smartcard>: port {port} of 127.0.0.1 is taken"])
    with socket.create_server(("127.0.0.1", 5987)):
        equal(place.fails(domain("<graphics type='vnc' port='5987'/>")),
              ["guest.xml:11: <graphics>: port 5987 of 127.0.0.1 is taken"])


@test
def nobody_listens():
    path = os.path.join(place.new_folder(), "card.sock")
    source = passthrough("unix", f"mode='connect' path='{path}'")
    equal(place.fails(domain(source)), [f"guest.xml:11: <smartcard>: socket '{path}' does not exist"])
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(path)
        os.chmod(path, 0o666)
    lines = place.fails(domain(source))
    within("guest 'guest' did not start: QEMU exited with status 1: ", lines[-1])
    within("Connection refused", lines[-1])


@test
def certificates_are_wrong():
    folder = place.new_folder()
    db = NssDb(os.path.join(folder, "db"), bits=1024)
    for name in "cert1", "cert2":
        db.self_signed(name)
    db.without_key("lonely")
    db.expired("old")
    db.public()

    def why(*names, database=db.folder):
        lines = place.fails(domain(certificates(database, *names)))
        within("guest.xml:11: <smartcard>: ", lines[-1])
        return lines[-1].partition("<smartcard>: ")[2]

    missing = why("cert1", "cert2", "cert3")
    within("cert3", missing)
    within(db.folder, missing)
    lonely = why("cert1", "cert2", "lonely")
    within("'lonely'", lonely)
    within("private key", lonely)
    within(f"{folder}/none", why("cert1", "cert2", "cert2", database=f"{folder}/none"))
    path = why("cert1", "cert2", "/etc/cert3.pem")
    within("/etc/cert3.pem", path)
    with place.run(domain(certificates(db.folder, "cert1", "cert2", "old")), "--paused") as guest:
        guest.wait("held")
        within("'old'", guest.wait("guest.xml:11: warning: <smartcard>: "))
    if is_root:
        db.public(0o600)
        unreadable = why("cert1", "cert2", "cert1")
        within("nobody", unreadable)
        within(db.folder, unreadable)


@test
def no_host_card():
    if os.path.exists("/etc/pki/nssdb"):
        raise Skip("this host has an /etc/pki/nssdb")
    lines = place.fails(domain("<smartcard mode='host'/>"))
    within("guest.xml:11: <smartcard>: ", lines[-1])
    within("/etc/pki/nssdb", lines[-1])


@test
def nothing_of_a_failed_start_stays():
    folder = place.new_folder()
    log, made = os.path.join(folder, "log"), os.path.join(folder, "socket")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(os.path.join(folder, "dead"))
        os.chmod(os.path.join(folder, "dead"), 0o666)
    place.fails(domain("\n".join([serial(log), passthrough("unix", f"mode='bind' path='{made}'"),
                                  passthrough("unix", f"mode='connect' path='{folder}/dead'")])))
    equal(os.listdir(folder), ["dead"])


@test
def the_host_can_be_checked_alone():
    good, bad = domain(disk("/dev/null", "<readonly/>")), domain(disk("/no/disk.img"))
    root = place.new_root()

    def validate(xml, *options):
        done = subprocess.run([place.virtcard, "--root", root, "validate", *options, "-"], input=xml, text=True,
                              capture_output=True)
        return done.returncode, done.stderr

    equal(validate(bad), (0, ""))
    equal(validate(good, "--host"), (0, ""))
    status, words = validate(bad, "--host")
    equal(status, 1)
    within("(standard input):11: <disk>: folder '/no' on the way to '/no/disk.img' does not exist", words)
    equal(os.path.exists(os.path.join(root, "run")), False)


# Files and sockets

@test
def sockets_are_for_qemus_group():
    path = os.path.join(place.new_folder(), "card.sock")
    xml = domain(passthrough("unix", f"mode='bind' path='{path}'"))
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen()
        equal(place.fails(xml), [f"guest.xml:11: <smartcard>: somebody listens on socket '{path}' already"])
    with place.run(xml, "--paused") as guest:  # in the place of the stale one
        guest.wait("held")
        info = os.stat(path)
        equal(stat.S_IMODE(info.st_mode), 0o775)
        if is_root:
            equal(info.st_uid, 65534)
        with socket.socket(socket.AF_UNIX) as provider:
            provider.connect(path)
    equal(os.path.exists(path), False)


@test
def a_files_text_is_cut_or_kept():
    folder = place.new_folder()
    for append, want in ("off", b""), ("on", b"before\n"):
        path = os.path.join(folder, append)
        with open(path, "wb") as file:
            file.write(b"before\n")
        source = f"<serial type='file'><source path='{path}' append='{append}'/></serial>"
        with place.run(domain(source), "--paused") as guest:
            guest.wait("held")
        with open(path, "rb") as file:
            equal(file.read(), want)
    path = os.path.join(folder, "new")
    with place.run(domain(serial(path)), "--paused") as guest:
        guest.wait("held")
        equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
    equal(os.path.exists(path), True)


@test
def another_users_link_is_not_followed():
    if not is_root:
        raise Skip("needs root")
    folder = place.new_folder()
    victim = os.path.join(folder, "victim")
    with open(victim, "w") as file:
        file.write("precious")
    os.symlink(victim, os.path.join(folder, "mine"))
    os.symlink(victim, os.path.join(folder, "theirs"))
    os.lchown(os.path.join(folder, "theirs"), 65534, 65534)
    lines = place.fails(domain(serial(os.path.join(folder, "theirs"))))
    within("guest.xml:11: <serial>: 'theirs' on the way to", lines[-1])
    within("is a symbolic link of user 65534", lines[-1])
    with open(victim) as file:
        equal(file.read(), "precious")
    with place.run(domain(serial(os.path.join(folder, "mine"))), "--paused") as guest:
        guest.wait("held")


@test
def the_record_says_what_runs():
    with place.run(domain(), "--paused") as guest:
        guest.wait("held")
        with open(guest.record()) as file:
            boot, process = file.read().splitlines()
        with open("/proc/sys/kernel/random/boot_id") as file:
            equal(boot, file.read().strip())
        with open(f"/proc/{guest.qemu}/stat") as file:
            started = file.read().rpartition(")")[2].split()[19]
        equal((process.split()[0], process.rpartition(")")[2].split()[19]), (str(guest.qemu), started))
        monitor = os.path.join(os.path.dirname(guest.record()), guest.uuid, "monitor.sock")
        equal(stat.S_ISSOCK(os.stat(monitor).st_mode), True)
        equal(stat.S_IMODE(os.stat(guest.record()).st_mode), 0o600)
        equal(stat.S_IMODE(os.stat(os.path.dirname(monitor)).st_mode), 0o700)
        with open(f"/proc/{guest.qemu}/status") as file:
            status = dict(line.split(":\t", 1) for line in file if ":\t" in line)
        equal(status["Seccomp"].strip(), "2")
        if is_root:
            equal(status["Uid"].split(), ["65534"] * 4)


@test
def displays_get_free_ports():
    spice = "<graphics type='spice' autoport='yes'/><video><model type='qxl'/></video>"
    vnc = "<graphics type='vnc' autoport='yes'/>"
    with place.run(domain(spice), "--paused") as one, place.run(domain(vnc), "--paused") as two:
        first, second = one.wait("spice: 127.0.0.1:"), two.wait("vnc: 127.0.0.1:")
        one.wait("held")
        two.wait("held")
        for line in first, second:
            with socket.create_connection(("127.0.0.1", int(line.rpartition(":")[2]))):
                pass


# One guest, one process

@test
def a_second_start_is_refused():
    xml = domain()
    with place.run(xml, "--paused") as first:
        first.wait("held")
        equal(place.fails(xml, root=first.root),
              [f"domain '{first.uuid}' is being run by process {first.process.pid}"])


@test
def an_orphan_is_found():
    with place.run(domain(), "--paused", may_leave=True) as first:
        first.wait("held")
        pid = first.qemu
        watch = os.pidfd_open(pid)
        first.process.kill()
        first.process.wait()
        with open(first.xml) as file:
            xml = file.read()
        equal(place.fails(xml, root=first.root),
              [f"domain '{first.uuid}' still runs in process {pid}, whose virtcard has gone: end that process first"])
        signal.pidfd_send_signal(watch, signal.SIGKILL)
        __import__("select").select([watch], [], [], 20)
        os.close(watch)
        with place.run(xml, "--paused", root=first.root) as second:
            second.wait("held")


# How it ends

@test
def the_guest_switches_itself_off():
    with place.run(domain(place.boot_disk(POWER_OFF))) as guest:
        equal(guest.ended(), 0)
    equal(guest.lines[-1], "guest 'guest' is off")


@test
def a_reboot_can_be_the_end():
    with place.run(domain(place.boot_disk(RESET), head="<on_reboot>destroy</on_reboot>")) as guest:
        equal(guest.ended(), 0)
    equal(guest.lines[-2:], ["guest 'guest' rebooted", "guest 'guest' is off"])


@test
def a_shutdown_can_be_a_restart():
    with place.run(domain(place.boot_disk(POWER_OFF), head="<on_poweroff>restart</on_poweroff>"), "--timeout", "4",
                   ) as guest:
        equal(guest.ended(), 5)


@test
def a_guest_can_be_kept():
    with place.run(domain(place.boot_disk(POWER_OFF), head="<on_poweroff>preserve</on_poweroff>")) as guest:
        guest.wait("is kept as it is")
        guest.signal(signal.SIGINT)
        equal(guest.ended(), 0)


def with_panic_device():
    """an emulator that has the device by which a guest tells of its crash"""
    path = os.path.join(place.new_folder(), "qemu")
    with open(path, "w") as file:
        file.write(f'#!/bin/sh\ncase "$*" in *-blockdev*) set -- "$@" -device pvpanic;; esac\nexec {QEMU} "$@"\n')
    os.chmod(path, 0o755)
    return path


@test
def the_guest_crashes():
    with place.run(domain(place.boot_disk(PANIC), emulator=with_panic_device())) as guest:
        equal(guest.ended(), 3)
    within("guest 'guest' crashed", guest.lines)


@test
def a_crash_can_be_kept():
    with place.run(domain(place.boot_disk(PANIC), emulator=with_panic_device(),
                          head="<on_crash>preserve</on_crash>")) as guest:
        guest.wait("is kept as it is")
        guest.signal(signal.SIGTERM)
        equal(guest.ended(), 3)


@test
def qemu_is_killed():
    with place.run(domain(), "--paused") as guest:
        guest.wait("held")
        os.kill(guest.qemu, signal.SIGKILL)
        equal(guest.ended(), 4)
    equal(guest.lines[-1], "guest 'guest' ended: QEMU was killed by signal 9 (Killed)")


@test
def qemu_is_terminated():
    with place.run(domain(), "--paused") as guest:
        guest.wait("held")
        os.kill(guest.qemu, signal.SIGTERM)
        equal(guest.ended(), 4)
    within("terminating on signal 15", guest.lines[-1])


FAKE = """#!/usr/bin/python3
import os, re, signal, socket, sys
words = " ".join(sys.argv)
if "-uuid" not in words:
    os.execv("{qemu}", ["{qemu}"] + sys.argv[1:])
connection, _ = socket.socket(fileno=int(re.search("id=charmonitor,fd=([0-9]+)", words).group(1))).accept()
wire = connection.makefile("rw")
wire.write('{{"QMP": {{"version": {{}}, "capabilities": []}}}}\\r\\n')
wire.flush()
for n in range(2):
    wire.readline()
    wire.write('{{"return": {{}}, "id": %d}}\\r\\n' % n)
    wire.flush()
wire.write('{{"event": "RESUME", "timestamp": {{"seconds": 0, "microseconds": 0}}}}\\r\\n')
wire.write('{last}')
wire.flush()
wire.close()
connection.close()
while True:
    signal.pause()
"""


@test
def the_monitor_is_lost():
    for last in "", "nonsense\\r\\n":
        path = os.path.join(place.new_folder(), "qemu")
        with open(path, "w") as file:
            file.write(FAKE.format(qemu=QEMU, last=last))
        os.chmod(path, 0o755)
        with place.run(domain(emulator=path)) as guest:
            equal(guest.ended(), 4)
        within("QEMU's monitor is gone", guest.lines[-2])
        equal(guest.lines[-1], "guest 'guest' ended: QEMU closed its monitor and was killed")


@test
def the_time_is_up():
    with place.run(domain(), "--paused", "--timeout", "1") as guest:
        equal(guest.ended(), 5)
    equal(guest.lines[-1], "guest 'guest' is not off after 1 seconds: ending it")


@test
def a_held_guest_ends_at_once():
    for number, status in (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129):
        with place.run(domain(), "--paused") as guest:
            guest.wait("held")
            guest.signal(number)
            equal(guest.ended(), status)


@test
def a_held_guest_can_be_let_run():
    with place.run(domain(place.boot_disk(POWER_OFF)), "--paused") as guest:
        guest.wait("held")
        guest.signal(signal.SIGUSR1)
        equal(guest.ended(), 0)


@test
def a_guest_without_acpi_is_ended_by_the_second():
    with place.run(domain(features="<apic/>")) as guest:
        guest.wait("started")
        guest.signal(signal.SIGINT)
        guest.wait("guest 'guest' has no ACPI and cannot be asked to shut down; Ctrl-C again ends it")
        guest.signal(signal.SIGINT)
        equal(guest.ended(), 130)


@test
def a_deaf_guest_is_ended_by_the_second():
    with place.run(domain()) as guest:
        guest.wait("started")
        guest.signal(signal.SIGINT)
        guest.wait("asked guest 'guest' to shut down; Ctrl-C again ends it")
        guest.signal(signal.SIGINT)
        equal(guest.ended(), 130)
    equal(guest.lines[-1], "ending guest 'guest'")


@test
def nobody_needs_to_listen():
    """virtcard's standard error is a pipe that was closed"""
    ours, its = os.pipe()
    with place.run(domain(place.boot_disk(POWER_OFF)), "--paused", stderr=its) as guest:
        os.close(its)
        with os.fdopen(ours) as words:
            while "held" not in words.readline():
                pass
        guest.signal(signal.SIGUSR1)
        equal(guest.ended(), 0)


@test
def what_is_slow_is_shown_on_a_terminal():
    path = os.path.join(place.new_folder(), "qemu")
    with open(path, "w") as file:
        file.write(f'#!/bin/sh\ncase "$*" in *-uuid*) sleep 2;; esac\nexec {QEMU} "$@"\n')
    os.chmod(path, 0o755)
    ours, its = pty.openpty()
    text = b""
    with place.run(domain(emulator=path), "--paused", "--timeout", "4", stderr=its) as guest:
        while b"held" not in text:
            text += os.read(ours, 4096)
        equal(guest.ended(), 5)
    within(b"starting QEMU ... 1 s", text)
    within(b"\r\x1b[Kguest 'guest' started", text)
    os.close(ours)
    os.close(its)


@test
def the_end_is_quick():
    with place.run(domain(), "--paused") as guest:
        guest.wait("held")
        guest.signal(signal.SIGINT)
        took = elapsed(guest.ended)
    if took > 2:
        raise AssertionError(f"{took} s")


@test
def console_that_is_none():
    lines = place.fails(domain(serial("/dev/null")), "--console")
    within("guest.xml:11: <serial>: the guest's first console is no pseudo-terminal", lines)
    within("the guest has no console and no serial port", place.fails(domain(), "--console"))


try:
    run(sys.argv[2:])
finally:
    place.close()
