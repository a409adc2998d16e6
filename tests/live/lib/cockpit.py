#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asks libvirt-dbus on the session's bus what cockpit-machines asks it, and prints it as JSON.

The bus starts libvirt-dbus when it is asked first.
"""
import json

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

CONNECTION = "/org/libvirt/QEMU"
bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)


def call(path, interface, method, signature="()", *args):
    return bus.call_sync("org.libvirt", path, interface, method, GLib.Variant(signature, args), None, Gio.DBusCallFlags.NONE, 60000,
                         None).unpack()


def ask(method, *args):
    return call(CONNECTION, "org.libvirt.Connect", method, *args)


def properties(path, interface):
    return call(path, "org.freedesktop.DBus.Properties", "GetAll", "(s)", interface)[0]


def domain(path):
    interface = "org.libvirt.Domain"
    return {"properties": properties(path, interface), "xml": call(path, interface, "GetXMLDesc", "(u)", 0)[0],
            "state": call(path, interface, "GetState", "(u)", 0)[0],
            "stats": sorted(call(path, interface, "GetStats", "(uu)", 0, 0)[0]),
            "snapshots": call(path, interface, "ListDomainSnapshots", "(u)", 0)[0]}


def pool(path):
    interface = "org.libvirt.StoragePool"
    volumes = call(path, interface, "ListStorageVolumes", "(u)", 0)[0]
    return {"properties": properties(path, interface), "xml": call(path, interface, "GetXMLDesc", "(u)", 0)[0],
            "volumes": [properties(volume, "org.libvirt.StorageVol") for volume in volumes]}


def network(path):
    interface = "org.libvirt.Network"
    return {"properties": properties(path, interface), "xml": call(path, interface, "GetXMLDesc", "(u)", 0)[0]}


def device(path):
    return {"properties": properties(path, "org.libvirt.NodeDevice"),
            "xml": call(path, "org.libvirt.NodeDevice", "GetXMLDesc", "(u)", 0)[0]}


print(json.dumps({
    "connection": properties(CONNECTION, "org.libvirt.Connect"),
    "capabilities": ask("GetCapabilities")[0],
    "memory": ask("NodeGetMemoryStats", "(iu)", -1, 0)[0],
    "domains": [domain(path) for path in ask("ListDomains", "(u)", 0)[0]],
    "pools": [pool(path) for path in ask("ListStoragePools", "(u)", 0)[0]],
    "networks": [network(path) for path in ask("ListNetworks", "(u)", 0)[0]],
    "devices": [device(path) for path in ask("ListNodeDevices", "(u)", 0)[0]],
    "interfaces": ask("ListInterfaces", "(u)", 0)[0],
}))
