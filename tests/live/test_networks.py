#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtcardd's networks and host devices, by virsh and python3-libvirt.

    test_networks.py VIRTCARDD [WORD...]
"""
import os
import queue
import signal
import sys

import libvirt

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from daemon import LIMIT, Daemon  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place  # noqa: E402

program = os.path.abspath(sys.argv[1])
place = Place(os.path.join(os.path.dirname(program), "virtcard"))
BRIDGED = "<network><name>{}</name><forward mode='bridge'/><bridge name='{}'/></network>".format


def daemon(**more):
    return Daemon(program, place.new_folder(), **more)


def with_bridge(command):
    """a network of its own, in which there is a bridge br0"""
    return ["unshare", "--net", "--mount", "sh", "-c",
            'mount -t sysfs none /sys && ip link add br0 type bridge && exec "$@"', "sh", *command]


def said(function, *words):
    try:
        function(*words)
    except libvirt.libvirtError as error:
        return str(error)
    raise AssertionError(f"{function.__name__}{words} was not refused")


@test
def there_is_a_default_network():
    if os.getuid() != 0:
        raise Skip("only root has one")
    with daemon() as d:
        equal(d.virsh("net-list", "--all").split(), ["default", "inactive", "no", "yes"])
        equal(d.virsh("net-list"), "")
        xml = d.virsh("net-dumpxml", "default")
        within("<forward mode='bridge'/>", xml)
        within("<bridge name='virbr0'/>", xml)
        within("Bridge:         virbr0", d.virsh("net-info", "default"))
        within("virtcard makes none", d.refused("net-start", "default"))
        within("network 'default' is not active", d.refused("net-destroy", "default"))
        d.virsh("net-autostart", "default")
        uuid = d.virsh("net-uuid", "default")
        d.stop(signal.SIGKILL)
        d.start()
        equal(d.virsh("net-uuid", "default"), uuid)
        equal(d.virsh("net-list", "--all", "--autostart", "--name").split(), ["default"])
        d.virsh("net-undefine", "default")
        d.stop(signal.SIGKILL)
        d.start()
        equal(d.virsh("net-list", "--all"), "")    # and it stays away
        within("Network not found: no network with matching name 'default'", d.refused("net-info", "default"))


@test
def a_network_is_active_while_its_bridge_is_there():
    if os.getuid() != 0:
        raise Skip("needs root for a bridge")
    with daemon(before=with_bridge) as d:
        connection = d.open()
        heard = queue.Queue()
        connection.networkEventRegisterAny(None, libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE,
                                           lambda _c, net, event, _d, _o: heard.put((net.name(), event)), None)
        net = connection.networkDefineXML(BRIDGED("lan", "br0"))
        equal([net.isActive(), net.isPersistent(), net.bridgeName(), net.autostart()], [1, 1, "br0", 0])
        equal(connection.networkLookupByUUIDString(net.UUIDString()).name(), "lan")
        equal([connection.numOfNetworks(), connection.listNetworks(), connection.listDefinedNetworks()], [1, ["lan"], ["default"]])
        within("network is already active", said(net.create))
        within("the bridge 'br0' is the host's", said(net.destroy))
        net.undefine()
        equal([heard.get(timeout=LIMIT) for _ in range(2)], [("lan", 0), ("lan", 1)])
        equal(connection.listNetworks(), [])
        connection.close()


@test
def what_cannot_be_a_network_is_refused():
    with daemon() as d:
        connection = d.open()
        before = [net.name() for net in connection.listAllNetworks()]
        for xml, want in (("<network><name>x</name><forward mode='nat'/><bridge name='b'/></network>", "virtcard makes no networks"),
                          ("<network><name>x</name><bridge name='b'/></network>", "virtcard makes no networks"),
                          ("<network><name>x</name><forward mode='bridge'/></network>", "needs <bridge"),
                          (BRIDGED("x", "../b"), "cannot be the name of a bridge"), (BRIDGED("x", "b" * 16), "cannot be the name of a bridge"),
                          (BRIDGED("a/b", "b"), "cannot be a name"), ("<pool/>", "this is not a network"),
                          (BRIDGED("x", "b").replace("<bridge", "<ip address='1.2.3.4'/><bridge"), "1: <ip>: unknown element")):
            within(want, said(connection.networkDefineXML, xml))
        connection.networkDefineXML(BRIDGED("x", "b"))
        within("network 'x' already exists with uuid", said(connection.networkDefineXML, BRIDGED("x", "c")))
        equal([net.name() for net in connection.listAllNetworks()], before + ["x"])
        reading = d.open(read_only=True)
        within("operation forbidden", said(reading.networkLookupByName("x").undefine))
        reading.close()
        connection.close()


@test
def the_host_is_a_device():
    with daemon() as d:
        equal(d.virsh("nodedev-list"), "computer")
        equal(d.virsh("nodedev-list", "--cap", "system"), "computer")
        equal(d.virsh("nodedev-list", "--cap", "usb_device"), "")
        within("<capability type='system'/>", d.virsh("nodedev-dumpxml", "computer"))
        within("Node device not found: no node device with matching name 'x'", d.refused("nodedev-dumpxml", "x"))
        connection = d.open()
        device = connection.nodeDeviceLookupByName("computer")
        equal([device.parent(), device.listCaps(), device.isActive()], [None, ["system"], 1])
        equal([connection.numOfDevices(None, 0), connection.listDevices("pci", 0)], [1, []])
        connection.close()


run(sys.argv[2:])
