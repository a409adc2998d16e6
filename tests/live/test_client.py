#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command's verbs and libvirtcard, with a daemon and without, on real QEMU.

    test_client.py VIRTCARD VIRTCARDD API LIBRARY [WORD...]

API is tests/live/api.c, LIBRARY libvirtcard.so.0.
"""
import functools
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True

from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import NOTHING, POWER_OFF, Place, domain  # noqa: E402
from rooted import LIMIT, UUID, both_ways  # noqa: E402
from rooted import Root as AnyRoot  # noqa: E402

virtcard, virtcardd, api, library = (os.path.abspath(path) for path in sys.argv[1:5])
place = Place(virtcard)
Root = functools.partial(AnyRoot, place, virtcardd)
of_both = both_ways(Root)

# Says "hi" on the first serial port, and then what it is told.
ECHO = bytes.fromhex("baf803" "b068ee" "b069ee" "b2fd" "ec" "a801" "74fb" "b2f8" "ec" "ee" "b2fd" "ebf3")


def runs(pid):
    """does it, other than as what its parent has still to look at?"""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def guest(devices="", **more):
    return domain(devices, uuid=UUID, **more)


@of_both
def a_life(root):
    file = root.file(guest())
    equal(root("list", "--all"), " Id   Name   State\n--------------------\n\n")
    equal(root("define", file), f"Domain 'guest' defined from {file}\n")
    equal(root("list"), " Id   Name   State\n--------------------\n\n")
    equal(root("list", "--all"), " Id   Name    State\n------------------------\n -    guest   shut off\n\n")
    equal(root("domstate", "guest"), "shut off\n")
    equal(root("start", "guest", "--paused"), "Domain 'guest' started\n")
    equal(root("list"), " Id   Name    State\n----------------------\n 1    guest   paused\n\n")
    equal(root("domstate", "--reason", "1"), "paused (user)\n")
    equal(root("resume", UUID), "Domain 'guest' resumed\n")
    equal(root("domstate", "--reason", "guest"), "running (unpaused)\n")
    equal(root("reset", "guest"), "Domain 'guest' was reset\n")
    equal(root("suspend", "guest"), "Domain 'guest' suspended\n")
    equal(root.fails("start", "guest"),
          ["domain 'guest': Requested operation is not valid: domain is already running"])
    within("<name>guest</name>", root("dumpxml", "guest"))
    within("id='1'", root("dumpxml", "guest").splitlines()[0])
    equal(root("dumpxml", "guest", "--inactive").splitlines()[0], "<domain type='qemu'>")
    within('{"return":{"name":"guest"}', root("qemu-monitor-command", "guest", '{"execute":"query-name"}'))
    within("VM status: paused", root("qemu-monitor-command", "guest", "--hmp", "info", "status"))
    equal(root("destroy", "guest"), "Domain 'guest' destroyed\n")
    equal(root("undefine", "guest"), "Domain 'guest' has been undefined\n")
    equal(root.fails("domstate", "guest"), ["Domain not found: no domain with matching name 'guest'"])


@of_both
def what_it_is(root):
    root("define", root.file(guest()))
    facts = dict(line.split(":", 1) for line in root("dominfo", "guest").splitlines())
    facts = {name: value.strip() for name, value in facts.items()}
    equal(facts, {"Id": "-", "Name": "guest", "UUID": UUID, "OS Type": "hvm", "State": "shut off", "CPU(s)": "1",
                  "Max memory": "262144 KiB", "Used memory": "262144 KiB", "Persistent": "yes", "Autostart": "disable"})
    equal(root("autostart", "guest"), "Domain 'guest' marked as autostarted\n")
    within("Autostart:      enable\n", root("dominfo", "guest"))
    equal(root("list", "--all", "--autostart", "--name"), "guest\n")
    equal(root("list", "--all", "--no-autostart", "--name"), "")
    equal(root("autostart", "--disable", "guest"), "Domain 'guest' unmarked as autostarted\n")
    equal(root("list", "--inactive", "--uuid"), UUID + "\n")
    equal(root("list", "--state-shutoff", "--id"), "-\n")
    root("start", "guest", "--paused")
    equal(root("list", "--id"), "1\n")
    within("Id:             1\n", root("dominfo", "guest"))
    within("State:          paused\n", root("dominfo", "guest"))
    equal(root("domstats", "--state", "guest"), "Domain: 'guest'\n  state.state=3\n  state.reason=1\n\n")
    within("  balloon.maximum=262144\n", root("domstats"))
    equal(root.fails("domstats", "nobody"), ["Domain not found: no domain with matching name 'nobody'"])


@of_both
def what_is_wrong_changes_nothing(root):
    file = root.file(guest("<smartcard mode='magic'/>"))
    for verb in "define", "create":
        (line,) = root.fails(verb, file)
        within(f"{file}: XML error: (domain_definition):11: <smartcard>: @mode: 'magic' is none of", line)
    within("(standard input): XML error: (domain_definition):1: ", root.fails("define", "-", text="<domain")[0])
    equal(root("list", "--all", "--name"), "")
    root("define", root.file(guest()))
    (line,) = root.fails("attach-device", "guest", root.file("<smartcard mode='magic'/>", "bad.xml"), "--config")
    within("domain 'guest': XML error: (device_definition):1: <smartcard>: @mode: 'magic' is none of", line)
    equal("smartcard" in root("dumpxml", "guest"), False)


@of_both
def devices_come_and_go(root):
    root("define", root.file(guest()))
    root("start", "guest", "--paused")
    path = os.path.join(root.folder, "card")
    os.chmod(root.folder, 0o777)
    file = root.file(f"<smartcard mode='passthrough' type='unix'><source mode='bind' path='{path}'/></smartcard>",
                     "card.xml")
    equal(root("attach-device", "guest", file, "--live"), "Device attached successfully\n")
    within("<smartcard mode='passthrough' type='unix'>", root("dumpxml", "guest"))
    equal("smartcard" in root("dumpxml", "guest", "--inactive"), False)
    within("smartcard0", root("qemu-monitor-command", "guest", "--hmp", "info", "qtree"))
    equal(root("attach-device", "guest", file, "--config"), "Device attached successfully\n")
    within("<smartcard ", root("dumpxml", "guest", "--inactive"))
    equal(root("detach-device", "guest", file, "--config"), "Device detached successfully\n")
    equal("smartcard" in root("dumpxml", "guest", "--inactive"), False)
    equal(root("detach-device", "guest", file), "Device detached successfully\n")
    equal("smartcard" in root("dumpxml", "guest"), False)
    equal(len(root.fails("detach-device", "guest", file)), 1)


@test
def a_guest_goes_from_hand_to_hand():
    with Root() as root:
        root("define", root.file(guest()))
        root("start", "guest", "--paused")
        pid = root.pid()
        root.start()
        equal((root("domstate", "guest"), root.pid()), ("paused\n", pid))
        root("resume", "guest")
        root.stop(signal.SIGKILL)
        equal((root("domstate", "guest"), root.pid()), ("running\n", pid))
        root("suspend", "guest")
        root.start()
        equal((root("domstate", "guest"), root.pid()), ("paused\n", pid))
        root.stop()
        root("destroy", "guest")
        equal(root("list"), " Id   Name   State\n--------------------\n\n")
        equal(runs(pid), False)


@test
def a_transient_guest_goes_from_hand_to_hand():
    with Root() as root:
        file = root.file(guest())
        equal(root("create", file, "--paused"), f"Domain 'guest' created from {file}\n")
        equal(root("list", "--transient", "--name"), "guest\n")
        root.start()
        equal(root("list", "--transient", "--name"), "guest\n")
        root.stop()
        root("destroy", "guest")
        equal(root("list", "--all", "--name"), "")


@test
def one_holder_of_a_root():
    with Root().start() as root:
        root.where = ("-c", f"qemu:///embed?root={root.root}")
        equal(root.fails("list"), [f"'{root.run}' is being managed by process {root.daemon.pid}, a daemon: use "
                                   f"qemu+unix:///system?socket={root.socket}"])
        for uri in f"qemu+unix:///system?socket={root.socket}", f"qemu:///system?root={root.root}", \
                f"qemu:///session?root={root.root}":
            root.where = ("-c", uri)
            equal(root("list", "--name"), "")
        root.stop(signal.SIGKILL)
        equal(root.fails("list"), [f"cannot connect to '{root.socket}': nobody listens there"])
        root.where = ("--root", root.root)


@test
def commands_wait_for_each_other():
    with Root() as root:
        root("define", root.file(guest()))
        commands = [root.popen("list", "--all", "--name", stdout=subprocess.PIPE, text=True) for _ in range(6)]
        equal([(each.communicate(timeout=LIMIT)[0], each.returncode) for each in commands], 6 * [("guest\n", 0)])


@test
def what_cannot_be_read_is_said():
    with Root() as root:
        root("define", root.file(guest()))
        path = os.path.join(root.root, "etc", "virtcard", "qemu", "broken.xml")
        with open(path, "w") as file:
            file.write("<domain")
        status, out, err = root.call("list", "--all", "--name")
        equal((status, out), (0, "guest\n"))
        within("broken.xml", err)
        os.unlink(path)


# Events

def read_line(process):
    if not select.select([process.stdout], [], [], LIMIT)[0]:
        raise AssertionError("nothing comes")
    return process.stdout.readline().decode().rstrip("\n")  # unbuffered: the next line stays for select


def events(root, *words):
    process = root.popen("event", *words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
    equal(read_line(process), "waiting for events")
    return process


@test
def events_are_lines():
    with Root().start() as root:
        everything = events(root, "--loop")
        file = root.file(guest())
        root("define", file)
        mine = events(root, "--domain", "guest", "--event", "lifecycle")
        qemus = events(root, "--event", "monitor", "--timestamp")
        root("start", "guest", "--paused")
        equal(read_line(everything), "event 'lifecycle' for domain 'guest': Defined Added")
        line = read_line(everything)
        within("event 'lifecycle' for domain 'guest': ", line)
        equal(read_line(mine), line)
        equal((read_line(mine), mine.wait(LIMIT)), ("events received: 1", 0))
        root("resume", "guest")
        if not re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}: event 'monitor' for domain 'guest': \w+", read_line(qemus)):
            raise AssertionError("no event of QEMU's")
        qemus.wait(LIMIT)
        root("destroy", "guest")
        got = []
        while not got or "Stopped" not in got[-1]:
            got.append(read_line(everything))
        within("event 'lifecycle' for domain 'guest': Resumed Unpaused", got)
        equal(got[-1], "event 'lifecycle' for domain 'guest': Stopped Destroyed")
        everything.send_signal(signal.SIGINT)
        within("events received: ", read_line(everything))
        equal(everything.wait(LIMIT), 0)


@test
def a_reboot():
    with Root().start() as root:
        root("define", root.file(guest(place.boot_disk(POWER_OFF))))
        equal(root.fails("reboot", "guest"), ["domain 'guest': Requested operation is not valid: domain is not running"])
        root("start", "guest", "--paused")
        equal(root("reboot", "guest"), "Domain 'guest' is being rebooted\n")
        process = events(root, "--loop")
        root("resume", "guest")
        said = [read_line(process)]
        while "Stopped" not in said[-1]:
            said.append(read_line(process))
        process.send_signal(signal.SIGINT)
        process.wait(LIMIT)
        order = [word for line in said for word in ("'reboot'", "Stopped", ": Shutdown") if word in line]
        order = [word for word, before in zip(order, [None, *order]) if word != before]  # the firmware resets once more
        equal(order, [": Shutdown", "'reboot'", ": Shutdown", "Stopped"])  # off, again from the start, and off for good
        equal(root("domstate", "guest"), "shut off\n")


@test
def no_events():
    with Root().start() as root:
        process = events(root, "--timeout", "1")
        equal((read_line(process), process.wait(LIMIT)), ("events received: 0", 1))
        process = events(root, "--loop")
        root.stop()
        equal(read_line(process), "the other side closed the connection")
        equal((read_line(process), process.wait(LIMIT)), ("events received: 0", 1))


@test
def events_of_a_guest_held_here():
    with Root() as root:
        with open(root.file(guest(place.boot_disk(POWER_OFF)))) as file:
            root("define", file.name)
        root("start", "guest", "--paused")
        # The one that listens holds the guest, and sees to what follows.
        process = events(root, "--loop", "--event", "lifecycle")
        os.kill(root.pid(), signal.SIGKILL)
        within("event 'lifecycle' for domain 'guest': Stopped ", read_line(process))
        process.send_signal(signal.SIGTERM)
        equal((read_line(process), process.wait(LIMIT)), ("events received: 1", 0))
        equal(root("domstate", "guest"), "shut off\n")


@test
def a_guest_that_nobody_watched():
    with Root() as root:
        root("define", root.file(guest(place.boot_disk(POWER_OFF))))
        root("start", "guest", "--paused")
        pid = root.pid()
        # Off it goes, with nobody there: QEMU waits to be told what follows.
        root("resume", "guest")
        until = time.monotonic() + LIMIT
        while root("domstate", "guest") != "shut off\n":
            if time.monotonic() > until:
                raise AssertionError("it is never off")
        equal(runs(pid), False)


@test
def a_guest_that_hangs_keeps_nobody():
    with Root() as root:
        root("define", root.file(guest()))
        root("define", root.file(guest().replace("<name>guest<", "<name>other<").replace(UUID[:8], "11111111")))
        root("start", "guest", "--paused")
        pid = root.pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            equal(root("list", "--name"), "guest\n")
            equal(root("start", "other", "--paused"), "Domain 'other' started\n")
        finally:
            os.kill(pid, signal.SIGCONT)


# Terminals

class Terminal:
    """A command on a pseudo-terminal."""

    def __init__(self, root, *words, **env):
        self.fd, theirs = pty.openpty()
        self.process = subprocess.Popen([virtcard, *root.where, *words], stdin=theirs, stdout=theirs, stderr=theirs,
                                        cwd=root.folder, env=root.environment(**env), start_new_session=True)
        os.close(theirs)
        self.text = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.fd)

    def until(self, words):
        while words not in self.text:
            if not select.select([self.fd], [], [], LIMIT)[0]:
                raise AssertionError(f"no {words!r} in {self.text!r}")
            try:
                self.text += os.read(self.fd, 4096)
            except OSError:
                raise AssertionError(f"no {words!r} in {self.text!r}") from None
        before, self.text = self.text.split(words, 1)
        return before

    def type(self, words):
        os.write(self.fd, words)


@of_both
def a_console(root):
    root("define", root.file(guest(place.boot_disk(ECHO) + "<console type='pty'/>")))
    with Terminal(root, "start", "--console", "guest") as terminal:
        terminal.until(b"Domain 'guest' started\r\n")
        terminal.until(b"console of guest 'guest'; Ctrl-] leaves it\r\n")
        terminal.until(b"hi")
        terminal.type(b"what")
        terminal.until(b"what")
        terminal.type(b"\x1d")
        equal(terminal.process.wait(LIMIT), 0)
    equal(root("domstate", "guest"), "running\n")
    with Terminal(root, "console", "1", "serial0") as terminal:
        terminal.until(b"Ctrl-] leaves it\r\n")
        terminal.type(b"again\x1d")
        equal(terminal.process.wait(LIMIT), 0)
    equal(len(root.fails("console", "guest", "--devname", "nothing0")), 1)
    root("destroy", "guest")
    equal(root.fails("console", "guest"), ["domain 'guest': Requested operation is not valid: domain is not running"])


@test
def a_console_ends_with_the_guest():
    with Root().start() as root:
        root("define", root.file(guest(place.boot_disk(NOTHING) + "<console type='pty'/>")))
        root("start", "guest")
        with Terminal(root, "console", "guest") as terminal:
            terminal.until(b"Ctrl-] leaves it\r\n")
            root("destroy", "guest")
            equal(terminal.process.wait(LIMIT), 0)
        root("start", "guest")
        with Terminal(root, "console", "guest") as terminal:
            terminal.until(b"Ctrl-] leaves it\r\n")
            root.stop(signal.SIGKILL)
            equal(terminal.process.wait(LIMIT), 1)


# Editing

def editor(root, *scripts):
    """An editor that does the one, then the other."""
    path = os.path.join(root.folder, "editor")
    with open(path, "w") as file:
        file.write(f"#!/bin/sh\ncd '{root.folder}'\n")
        for n, script in enumerate(scripts):
            file.write(f"if [ ! -e edited{n} ]; then touch edited{n}; {script}; exit; fi\n")
    os.chmod(path, 0o755)
    return path


@of_both
def an_edit(root):
    root("define", root.file(guest()))
    equal(root("edit", "guest", env={"EDITOR": "true"}), "Domain 'guest' XML configuration not changed.\n")
    equal(root("edit", "guest", env={"VISUAL": "sed -i s/262144/131072/", "EDITOR": "false"}),
          "Domain 'guest' XML configuration edited.\n")
    within("Max memory:     131072 KiB", root("dominfo", "guest"))
    equal(root.fails("edit", "guest", env={"EDITOR": "false"})[0],
          "domain 'guest': the editor failed: nothing was changed")
    equal(len([name for name in os.listdir(root.folder) if name.startswith("virtcard-")]), 1)


@test
def an_edit_that_is_refused_is_kept():
    with Root() as root:
        root("define", root.file(guest()))
        before = root("dumpxml", "guest")
        first, second = root.fails("edit", "guest", env={"EDITOR": "sed -i s/vcpu/vpcu/"})
        within("domain 'guest': XML error: ", first)
        path = re.fullmatch("the edited text is kept in '(.*)'", second).group(1)
        with open(path) as file:
            within("<vpcu", file.read())
        equal(os.stat(path).st_mode & 0o777, 0o600)
        equal(root("dumpxml", "guest"), before)
        with Terminal(root, "edit", "guest", EDITOR=editor(root, "sed -i s/vcpu/vpcu/ $1",
                                                           "sed -i s/vpcu/vcpu/;s/262144/131072/ $1")) as terminal:
            terminal.until(b"edit it again? [y/n]\r\n")
            terminal.type(b"n\n")
            terminal.until(b"the edited text is kept in ")
            equal(terminal.process.wait(LIMIT), 1)
        os.unlink(os.path.join(root.folder, "edited0"))
        with Terminal(root, "edit", "guest", EDITOR=editor(root, "sed -i s/vcpu/vpcu/ $1",
                                                           "sed -i -e s/vpcu/vcpu/ -e s/262144/131072/ $1")) as terminal:
            terminal.until(b"edit it again? [y/n]\r\n")
            terminal.type(b"y\n")
            terminal.until(b"Domain 'guest' XML configuration edited.\r\n")
            equal(terminal.process.wait(LIMIT), 0)
        within("Max memory:     131072 KiB", root("dominfo", "guest"))


@test
def an_edit_beside_another():
    with Root().start() as root:
        root("define", root.file(guest()))
        other = root.file(guest().replace("<vcpu>1<", "<vcpu>2<"), "other.xml")
        script = editor(root, f"'{virtcard}' --root '{root.root}' define '{other}' > out && sed -i s/262144/131072/ $1")
        equal(root.fails("edit", "guest", env={"EDITOR": script})[0],
              "domain 'guest': it was changed by somebody else meanwhile")
        within("CPU(s):         2", root("dominfo", "guest"))


# Saving

@of_both
def a_saved_guest(root):
    os.chmod(root.folder, 0o777)
    root("define", root.file(guest()))
    root("start", "guest", "--paused")
    equal(root("save", "guest", "state"), "Domain 'guest' saved to state\n")
    equal(root("domstate", "guest"), "shut off\n")
    equal(root("restore", "state", "--running"), "Domain restored from state\n")
    equal(root("domstate", "guest"), "running\n")
    equal(len(root.fails("save", "guest", "state")), 1)
    equal(root("domstate", "guest"), "running\n")
    within("nowhere", root.fails("restore", "nowhere")[0])


# The library

@test
def programs():
    root = Root()
    file = root.file(guest(place.boot_disk(ECHO) + "<console type='pty'/>"))
    done = subprocess.run([api, root.root, file], capture_output=True, text=True, timeout=4 * LIMIT)
    if done.returncode != 0 or len(re.findall("^ok ", done.stdout, re.M)) != 7:
        raise AssertionError(done.stdout + done.stderr)
    equal(root("list", "--all", "--name"), "")


@test
def the_header_says_what_the_library_has():
    top = os.path.dirname(os.path.dirname(HERE))
    said = set()
    for name in os.listdir(os.path.join(top, "include", "virtcard")):
        with open(os.path.join(top, "include", "virtcard", name)) as file:
            said |= set(re.findall(r"^[\w *]+?(virtcard_\w+) \(", file.read(), re.M))
    done = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True)
    has = {line.split()[2].split("@")[0] for line in done.stdout.splitlines() if " T " in line}
    equal(sorted(has), sorted(said))


@test
def the_example_is_built_and_runs():
    top = os.path.dirname(os.path.dirname(HERE))
    build = os.path.dirname(virtcard)
    with Root() as root:
        if not shutil.which("pkg-config") or not shutil.which("cc"):
            raise Skip("no cc or no pkg-config")
        env = dict(os.environ, PKG_CONFIG_PATH=os.path.join(build, "meson-uninstalled"))
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libvirtcard"], env=env, check=True, text=True,
                               capture_output=True).stdout.split()
        with open(library, "rb") as file:
            flags += ["-fsanitize=address"] if b"libasan.so" in file.read() else []
        binary = os.path.join(root.folder, "example")
        subprocess.run(["cc", "-Wall", "-Werror", os.path.join(top, "examples", "guest.c"), "-o", binary, *flags],
                       check=True)
        done = subprocess.run([binary, f"qemu:///embed?root={root.root}", root.file(guest())], text=True, timeout=LIMIT,
                              env=dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(library)), capture_output=True)
        equal(done.stderr, "")
        lines = done.stdout.splitlines()
        within("guest is paused (user)", lines)
        equal((lines[-1], done.returncode), ("guest: Stopped Destroyed", 0))


try:
    run(sys.argv[5:])
finally:
    place.close()
