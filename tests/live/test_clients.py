#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtcardd under programs that people use on top of libvirt.

    test_clients.py VIRTCARDD [WORD...]
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(os.path.dirname(HERE), "fakes")]
sys.dont_write_bytecode = True

from daemon import LIMIT, Daemon  # noqa: E402
from hostcard import HostCard  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import GROUP, USER, Place, domain  # noqa: E402

program = os.path.abspath(sys.argv[1])
place = Place(os.path.join(os.path.dirname(program), "virtcard"))


def daemon(**more):
    return Daemon(program, place.new_folder(), **more)


def ask(d, *words):
    """what a program of virt-install's says to virtcardd"""
    return subprocess.run([words[0], "--connect", d.uri(), *words[1:]], capture_output=True, text=True, check=False, timeout=LIMIT,
                          stdin=subprocess.DEVNULL, env=dict(os.environ, HOME=d.folder, XDG_CACHE_HOME=d.folder))


def install(d, name, *words):
    made = ask(d, "virt-install", "--name", name, "--memory", "64", "--import", "--network", "user", "--osinfo", "debian11",
               "--virt-type", "qemu", "--graphics", "none", "--noautoconsole", *words)
    if "Domain creation completed." not in made.stdout:
        raise AssertionError(f"{made.stdout}{made.stderr}\n{d.log()}")
    equal(d.virsh("domstate", name), "running")


@test
def virt_install_makes_a_guest():
    with daemon() as d:
        socket = os.path.join(d.folder, "card")
        install(d, "new", "--disk", "none", "--smartcard", f"passthrough,type=unix,source.mode=bind,source.path={socket}")
        within("<smartcard mode='passthrough' type='unix'>", d.virsh("dumpxml", "new", "--inactive"))


@test
def virt_install_gives_smartcards():
    with daemon() as d:
        install(d, "tcp", "--disk", "none",
                "--smartcard", "passthrough,type=tcp,source.mode=bind,source.host=127.0.0.1,source.service=0")
        within("<smartcard mode='passthrough' type='tcp'>", d.virsh("dumpxml", "tcp"))


@test
def virt_install_gives_the_hosts_card():
    if os.getuid() != 0:
        raise Skip("needs root for a mount namespace")
    card = HostCard(os.path.join(place.new_folder(), "card"), ["host1", "host2", "host3"])
    subprocess.run(["chown", "-R", f"{USER}:{GROUP}", card.folder], check=True)
    os.environ.update(card.environment())   # the module's, which finds its token so
    with daemon(before=card.inside) as d:
        install(d, "host", "--disk", "none", "--smartcard", "host")
        within("<smartcard mode='host'>", d.virsh("dumpxml", "host"))


@test
def virt_install_makes_disks():
    with daemon() as d:
        folder, pool = os.path.join(d.folder, "disks"), os.path.join(d.folder, "pool")
        os.mkdir(folder)
        install(d, "path", "--disk", f"path={folder}/a.qcow2,size=1")
        within(f"<source file='{folder}/a.qcow2'", d.virsh("dumpxml", "path"))
        equal(d.virsh("pool-list", "--name").split(), ["disks"])      # virt-install's own doing
        d.virsh("pool-create-as", "mine", "dir", "--target", pool, "--build")
        install(d, "pool", "--disk", "size=1,pool=mine", "--transient")
        equal(os.listdir(pool), ["pool.qcow2"])
        equal(d.virsh("list", "--transient", "--name").split(), ["pool"])
        within("1.00 GiB", d.virsh("vol-info", "pool.qcow2", "mine"))
        equal(d.virsh("list", "--persistent", "--name").split(), ["path"])
        edited = ask(d, "virt-xml", "path", "--edit", "--memory", "96")
        within("Domain 'path' defined successfully.", edited.stdout)
        within("<memory unit='KiB'>98304</memory>", d.virsh("dumpxml", "path", "--inactive"))
        within("<memory unit='KiB'>65536</memory>", d.virsh("dumpxml", "path"))


CARD = "<controller type='ccid' index='0'/><smartcard mode='passthrough' type='spicevmc'/><graphics type='spice'/>"


def define(d):
    path = os.path.join(d.folder, "guest.xml")
    with open(path, "w") as file:
        file.write(domain(CARD))
    d.virsh("define", path)


def virt_manager(d, *steps, words=()):
    """it as a person sees it, who does the steps"""
    shown = subprocess.run(["timeout", "--kill-after=5", "110", "xvfb-run", "-a", "dbus-run-session", "--",
                            os.path.join(HERE, "lib", "look.py"), *steps, "--", "virt-manager", "--no-fork", "--connect", d.uri(),
                            *words],
                           capture_output=True, text=True, check=False, timeout=LIMIT, stdin=subprocess.DEVNULL,
                           env=dict(os.environ, HOME=d.folder, XDG_CACHE_HOME=d.folder, XDG_CONFIG_HOME=d.folder,
                                    XDG_RUNTIME_DIR=d.folder, GSETTINGS_BACKEND="memory"))
    if shown.returncode:
        raise AssertionError(f"{shown.stdout}\n{shown.stderr}\n{d.log()}")


@test
def virt_manager_lists_guests():
    with daemon() as d:
        define(d)
        virt_manager(d, "table cell:guest\nShutoff")


@test
def virt_manager_shows_a_smartcard():
    with daemon() as d:
        define(d)
        virt_manager(d, "+table cell:Smartcard", "combo box:smartcard-mode=Passthrough", words=["--show-domain-editor", "guest"])


LOCAL = "qemu:///system" if os.getuid() == 0 else "qemu:///session"


class AtLibvirtsPlace(Daemon):
    """one that programs find who open qemu:///system or qemu:///session"""

    def __init__(self):
        folder = place.new_folder()
        super().__init__(program, folder, conf=f'libvirt_sock_dir = "{folder}/libvirt"\n')
        self.environment = dict(os.environ, HOME=folder, XDG_RUNTIME_DIR=folder, XDG_CONFIG_HOME=folder, XDG_CACHE_HOME=folder)

    def says(self, *words):
        """root's programs look below /run, so that is another one for them"""
        script = f'mount -t tmpfs none /run && mkdir /run/libvirt && mount --bind {self.folder}/libvirt /run/libvirt && exec "$@"'
        inside = ["unshare", "--mount", "sh", "-c", script, "sh"] if os.getuid() == 0 else []
        return subprocess.run([*inside, *words], capture_output=True, text=True, check=False, timeout=LIMIT, stdin=subprocess.DEVNULL,
                              env=self.environment)


@test
def libvirts_own_place():
    with AtLibvirtsPlace() as d:
        define(d)
        folder = os.path.join(d.folder, "libvirt")
        equal(d.says("virsh", "-q", "-c", LOCAL, "list", "--all", "--name").stdout.split(), ["guest"])
        equal(sorted(os.listdir(folder)), ["libvirt-sock", "libvirt-sock-ro"])
        uri = f"qemu+unix:///session?socket={folder}/libvirt-sock-ro"
        within("operation forbidden", d.says("virsh", "-c", uri, "undefine", "guest").stderr)
        other = d.says(program, "--root", os.path.join(d.folder, "other"), "--config", os.path.join(d.root, "etc/virtcard/virtcardd.conf"))
        equal(other.returncode, 1)
        within(f"somebody serves '{folder}/libvirt-sock' already", other.stderr)
        equal(d.says("virsh", "-q", "-c", LOCAL, "list", "--all", "--name").stdout.split(), ["guest"])
        d.process.kill()        # its sockets stay, and the next one takes them
        d.process.wait()
        d.start()
        equal(d.says("virsh", "-q", "-c", LOCAL, "list", "--all", "--name").stdout.split(), ["guest"])
    equal(os.listdir(folder), [])


@test
def cockpit_sees_all_by_libvirt_dbus():
    with AtLibvirtsPlace() as d:
        define(d)
        folder = os.path.join(d.folder, "pool")
        d.virsh("pool-create-as", "pool", "dir", "--target", folder, "--build")
        d.virsh("vol-create-as", "pool", "disk", "1M")
        d.virsh("start", "guest")
        done = d.says("dbus-run-session", "--", os.path.join(HERE, "lib", "cockpit.py"))
        if done.returncode:
            raise AssertionError(f"{done.stdout}{done.stderr}\n{d.log()}")
        seen = json.loads(done.stdout)
        within("<host>", seen["capabilities"])
        equal(seen["connection"]["LibVersion"], 9000000)
        guest, = seen["domains"]
        equal([guest["properties"][name] for name in ("Name", "Active", "Persistent", "Autostart", "Id", "OSType")],
              ["guest", True, True, False, 1, "hvm"])
        equal(guest["state"], [1, 1])
        within("<smartcard mode='passthrough' type='spicevmc'>", guest["xml"])
        for name in "state.state", "cpu.time", "balloon.current", "vcpu.current":
            within(name, guest["stats"])
        equal(guest["snapshots"], [])
        pool, = seen["pools"]
        equal([pool["properties"][name] for name in ("Name", "Active", "Persistent", "Autostart")], ["pool", True, False, False])
        within(f"<path>{folder}</path>", pool["xml"])
        equal([[volume[name] for name in ("Name", "Path", "Key")] for volume in pool["volumes"]], [["disk"] + [folder + "/disk"] * 2])
        equal([[net["properties"]["Name"], "<bridge name='virbr0'/>" in net["xml"]] for net in seen["networks"]],
              [["default", True]] if os.getuid() == 0 else [])
        equal([each["properties"]["Name"] for each in seen["devices"]], ["computer"])
        equal(seen["interfaces"], [])


run(sys.argv[2:])
