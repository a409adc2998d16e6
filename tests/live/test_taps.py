#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Network cards on tap devices, by virsh: bridges, names, plugging, and that nothing is left behind.

    test_taps.py VIRTCARD VIRTCARDD GUEST_FOLDER [WORD...]

All in a network of its own, which has a bridge br0.
"""
import contextlib
import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time

if os.getuid() == 0 and "VIRTCARD_TEST_NET" not in os.environ:
    os.environ["VIRTCARD_TEST_NET"] = "own"
    os.execvp("unshare", ["unshare", "--net", "--mount", "sh", "-c",
                          'mount -t sysfs none /sys && ip link add br0 type bridge && ip link set br0 up && exec "$@"', "sh",
                          sys.executable, *sys.argv])

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from daemon import Daemon  # noqa: E402
from guest import Guest  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402

if os.getuid() != 0:
    print("1..0 # SKIP only root may make tap devices")
    sys.exit(0)

virtcard, virtcardd, guest_folder = (os.path.abspath(path) for path in sys.argv[1:4])
place = Place(virtcard, guest_folder)
LIMIT = 150         # for what a guest does by itself
MAC = "52:54:00:aa:00:{:02x}".format
PXE = "<boot dev='network'/>"


def card(number, model="virtio", kind="bridge", source="<source bridge='br0'/>", more=""):
    return f"<interface type='{kind}'><mac address='{MAC(number)}'/>{source}<model type='{model}'/>{more}</interface>"


@contextlib.contextmanager
def started(d, xml):
    """a guest that was told to start"""
    path = os.path.join(d.folder, "guest.xml")
    with open(path, "w") as file:
        file.write(xml)
    d.virsh("define", path)
    d.virsh("start", "guest")
    try:
        yield
    finally:
        d.call("destroy", "guest")


def daemon(**more):
    return Daemon(virtcardd, place.new_folder(), **more)


def refused(d, xml):
    path = os.path.join(d.folder, "guest.xml")
    with open(path, "w") as file:
        file.write(xml)
    d.virsh("define", path)
    return d.refused("start", "guest")


def xml_of(d, number, *how):
    """<interface> of the guest, by its address"""
    for text in re.findall(r"<interface .*?</interface>", d.virsh("dumpxml", *how, "guest"), re.S):
        if MAC(number) in text:
            return text
    raise AssertionError(f"no card {MAC(number)}")


def name_of(d, number):
    return re.search(r"<target dev='([^']+)'/>", xml_of(d, number)).group(1)


def taps():
    """names that begin as those do that a start makes up, or that tests choose"""
    return {name for name in os.listdir("/sys/class/net") if re.match("vnet|mytap", name)}


def fact(name, what):
    with open(f"/sys/class/net/{name}/{what}") as file:
        return file.read().strip()


def bridge_of(name):
    return os.path.basename(os.path.realpath(f"/sys/class/net/{name}/master")) if os.path.exists(f"/sys/class/net/{name}/master") else None


class News:
    """what the kernel tells of interfaces that come and go"""

    def __init__(self):
        self.peer = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.peer.bind((0, 1))      # RTMGRP_LINK
        self.peer.setblocking(False)

    def wait_gone(self, name):
        end = time.monotonic() + LIMIT
        while os.path.exists(f"/sys/class/net/{name}"):
            if not select.select([self.peer], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"{name} is still there")
            self.peer.recv(65536)


class Wire:
    """all that goes over br0"""

    def __init__(self):
        self.peer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.peer.bind(("br0", 0))

    def wait_from(self, number):
        """a packet that was sent by a card"""
        want, end = bytes.fromhex(MAC(number).replace(":", "")), time.monotonic() + LIMIT
        while select.select([self.peer], [], [], max(0, end - time.monotonic()))[0]:
            if self.peer.recv(65536)[6:12] == want:
                return
        raise AssertionError(f"nothing from {MAC(number)}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.close()


def qemu_of(d):
    (name,) = [name for name in os.listdir(d.run) if name.endswith(".pid")]
    with open(os.path.join(d.run, name)) as file:
        return int(file.read().split("\n")[1].split()[0])


def on_the_bridge(number, model):
    """a guest whose firmware looks for a server in the network"""
    news = News()
    with daemon() as d, Wire() as wire:
        with started(d, domain(card(number, model), boot=PXE)):
            name = name_of(d, number)
            within("vnet", name)
            equal([bridge_of(name), fact(name, "address"), fact(name, "mtu")], ["br0", "fe" + MAC(number)[2:], "1500"])
            equal(int(fact(name, "flags"), 16) & 1, 1)     # up
            equal(int(fact(name, "tun_flags"), 16) & 0x4000 != 0, model == "virtio")   # IFF_VNET_HDR
            equal(d.virsh("domiflist", "guest").split(), [name, "bridge", "br0", model, MAC(number)])
            wire.wait_from(number)
            stats = dict(line.split()[1:] for line in d.virsh("domifstat", "guest", name).splitlines())
            equal(int(stats["rx_packets"]) > 0 and int(stats["rx_bytes"]) >= 60, True)
            lines = dict(line.strip().split("=") for line in d.virsh("domstats", "--interface", "guest").splitlines()[1:])
            equal([lines["net.count"], lines["net.0.name"]], ["1", name])
            equal([int(lines["net.0.rx.pkts"]) >= int(stats["rx_packets"]), int(lines["net.0.rx.bytes"]) >= int(stats["rx_bytes"])],
                  [True, True])
            equal(sorted(key[6:] for key in lines if key.startswith("net.0.")),
                  sorted(["name"] + [f"{way}.{what}" for way in ("rx", "tx") for what in ("bytes", "pkts", "errs", "drop")]))
            equal(name in xml_of(d, number, "--inactive"), False)
        news.wait_gone(name)


@test
def a_virtio_card_is_on_its_bridge():
    on_the_bridge(1, "virtio")


@test
def an_e1000_is_on_its_bridge():
    on_the_bridge(2, "e1000")


@test
def an_e1000e_is_on_its_bridge():
    on_the_bridge(3, "e1000e")


@test
def an_rtl8139_is_on_its_bridge():
    on_the_bridge(4, "rtl8139")


@test
def an_ethernet_card_has_the_name_and_the_size_it_was_given():
    news = News()
    with daemon() as d:
        xml = domain(card(10, kind="ethernet", source="", more="<target dev='mytap1'/><mtu size='1400'/>")
                     + card(11, kind="ethernet", source="", more="<target dev='vnet999'/>"))
        with started(d, xml):
            equal([name_of(d, 10), bridge_of("mytap1"), fact("mytap1", "mtu")], ["mytap1", None, "1400"])
            equal(name_of(d, 11) != "vnet999", True)
            within("mytap1", xml_of(d, 10, "--inactive"))
            other = name_of(d, 11)
            for name in "mytap1", other:
                d.virsh("domif-setlink", "guest", name, "down")
                within(f"{name} down", d.virsh("domif-getlink", "guest", name))
                d.virsh("domif-setlink", "guest", name, "up")
            image = os.path.join(d.folder, "image")
            d.virsh("save", "guest", image)
            news.wait_gone(other)
            d.virsh("restore", image)
            equal([name_of(d, 10), fact("mytap1", "mtu"), bridge_of(name_of(d, 11))], ["mytap1", "1400", None])
            path = os.path.join(d.folder, "second.xml")
            with open(path, "w") as file:
                file.write(xml.replace("<name>guest", "<name>second").replace(xml.split("uuid>")[1][:8], "12345678"))
            d.virsh("define", path)
            within("<interface>: this host has an interface 'mytap1' already", d.refused("start", "second"))
        news.wait_gone("mytap1")


@test
def a_card_in_a_network_is_on_the_bridge_of_it():
    news = News()
    with daemon() as d, Wire() as wire:
        path = os.path.join(d.folder, "lan.xml")
        with open(path, "w") as file:
            file.write("<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>")
        d.virsh("net-define", path)
        inside = card(12, "e1000", "network", "<source network='lan' bridge='nobr'/>")
        with started(d, domain(inside, boot=PXE)):
            name = name_of(d, 12)
            within("<source network='lan' bridge='br0'/>", xml_of(d, 12))
            within("<source network='lan'/>", xml_of(d, 12, "--inactive"))
            equal([bridge_of(name), d.virsh("domiflist", "guest").split()[:3]], ["br0", [name, "network", "lan"]])
            wire.wait_from(12)
            d.virsh("net-undefine", "lan")      # what runs, runs on
            d.stop(signal.SIGKILL)
            d.start()
            within(f"<target dev='{name}'/>", xml_of(d, 12))
            within("<source network='lan' bridge='br0'/>", xml_of(d, 12))
            with open(path, "w") as file:
                file.write(card(13, kind="network", source="<source network='lan'/>"))
            within("no network 'lan' is known here", d.refused("attach-device", "guest", path, "--live"))
        news.wait_gone(name)


@test
def what_cannot_be_is_said_before_the_start():
    with daemon() as d:
        for devices, want in (
                (card(20, source="<source bridge='nobr'/>"), "<interface>: this host has no bridge 'nobr'"),
                (card(20, source="<source bridge='lo'/>"), "<interface>: 'lo' is an interface of this host, and no bridge"),
                (card(20, source="<source bridge='a/b'/>"), "'a/b' cannot be the name of an interface"),
                (card(20, more="<target dev='br0'/>"), "this host has an interface 'br0' already"),
                (card(20, more="<target dev='mytap%d'/>"), "'mytap%d' cannot be the name of an interface"),
                (card(20, more="<target dev='mytap5678901234567'/>"), "cannot be the name of an interface"),
                (card(20, more="<driver queues='2'/>"), "driver/@queues"),
                (card(20, more="<coalesce><rx><frames max='4'/></rx></coalesce>"), "<coalesce>"),
                (card(20, kind="ethernet", source="<script path='/bin/true'/>"), "<script>"),
                (card(20, kind="network", source="<source network='none'/>"), "<interface>: no network 'none' is known here"),
                (card(20, kind="network", source="<source network='default'/>"), "<interface>: this host has no bridge 'virbr0'")):
            within(want, refused(d, domain(devices, uuid="99999999-9999-4999-8999-999999999999")))
        equal([name for name in taps() if name.startswith("mytap")], [])
        if not os.path.exists("/dev/vhost-net"):
            within("cannot open '/dev/vhost-net'",
                   refused(d, domain(card(20, more="<driver name='vhost'/>"), uuid="99999999-9999-4999-8999-999999999999")))


@test
def without_the_right_the_reason_is_said():
    def without(command):
        return ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", *command]

    with daemon(before=without) as d:
        within("only root (CAP_NET_ADMIN) may make the tap device", refused(d, domain(card(30))))


@test
def nothing_is_left_of_a_qemu_that_was_killed():
    news = News()
    with daemon() as d:
        with started(d, domain(card(40, "e1000"))):
            name = name_of(d, 40)
            os.kill(qemu_of(d), signal.SIGKILL)
            news.wait_gone(name)


@contextlib.contextmanager
def booted(d, devices):
    """a Linux guest that runs, and its agent"""
    os.chmod(d.folder, 0o777)
    agent = (f"<channel type='unix'><source mode='bind' path='{d.folder}/agent'/>"
             "<target type='virtio' name='org.virtcard.test.0'/></channel>")
    with started(d, domain(agent + devices, boot=place.boot)), Guest(f"{d.folder}/agent") as guest:
        guest.wait_ready(LIMIT)
        yield guest


SEND = "for n in /sys/class/net/*; do read a < $n/address; [ $a = %s ] && busybox ip link set ${n##*/} up; done; true"
WAIT = "until grep -q %s /sys/class/net/*/address; do busybox sleep 0.1; done"


@test
def a_card_comes_to_a_running_guest_and_goes():
    news = News()
    with daemon() as d, Wire() as wire, booted(d, "") as guest:
        for number, model in (50, "virtio"), (51, "e1000"):
            path = os.path.join(d.folder, "card.xml")
            with open(path, "w") as file:
                file.write(card(number, model))
            d.virsh("attach-device", "guest", path, "--live")
            name = name_of(d, number)
            equal(bridge_of(name), "br0")
            guest.check(WAIT % MAC(number), LIMIT)
            guest.check(SEND % MAC(number), LIMIT)
            wire.wait_from(number)      # what IPv6 asks a new network
            if model == "virtio":
                d.stop(signal.SIGKILL)
                d.start()
                equal([name_of(d, number), bridge_of(name)], [name, "br0"])
                within(f"{name} rx_packets", d.virsh("domifstat", "guest", name))
            d.virsh("detach-interface", "guest", "bridge", "--mac", MAC(number), "--live")
            news.wait_gone(name)
            equal("<interface" in d.virsh("dumpxml", "guest"), False)
        before = taps()
        for source, want in ("<source bridge='nobr'/>", "no bridge 'nobr'"), ("<source bridge='br0'/><address type='pci' slot='0x01'/>", "PCI address 0000:00:01.0 is taken"):
            with open(path, "w") as file:
                file.write(card(52, source=source))
            within(want, d.refused("attach-device", "guest", path, "--live"))
        equal(before, taps() & before)


run(sys.argv[4:])
