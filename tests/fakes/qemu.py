#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A QEMU without a machine: its monitor says what the name of the guest asks for.

    plain          does as QEMU does
    deaf           never greets              dies      ends before it greets, with words on stderr
    refuses        refuses cont              stays     does not end when it is told to quit
    ioerror        stops after cont, as when a disk is full
    panics         its system crashes after cont
    full           cannot write its state
    falls          is killed by a signal after cont
    keeps          its guest refuses to release a device
    locks          its guest has locked a drive, and opens it when it is asked to
    jams           … and does not
    forgets        has forgotten its smartcard's name, and lets go of the chardev a while after
"""
import json
import os
import re
import signal
import socket
import sys

ARGV = sys.argv[1:]
DEVICES = [json.loads(value)["id"] for word, value in zip(ARGV, ARGV[1:]) if word == "-device"]
CHARDEVS = [re.search(r"id=(\w+)", value).group(1) for word, value in zip(ARGV, ARGV[1:]) if word == "-chardev"]
KIND = re.search(r"guest=(\w+)", " ".join(ARGV)).group(1).rstrip("0123456789")

if KIND == "forgets":
    DEVICES.remove("smartcard0")


def monitor_fd():
    for word, value in zip(ARGV, ARGV[1:]):
        if word == "-chardev" and "charmonitor" in value:
            return int(re.search(r"fd=(\d+)", value).group(1))
    sys.exit("no monitor")


class Machine:
    status = "prelaunch"
    is_open = False
    refusals = 3

    def __init__(self, listener):
        self.listener = listener

    def serve(self):
        while True:
            self.peer, _ = self.listener.accept()
            self.send({"QMP": {"version": {"qemu": {"major": 7, "minor": 2, "micro": 0}}, "capabilities": []}})
            for line in self.peer.makefile():
                command = json.loads(line)
                answer = self.obey(command["execute"], command.get("arguments", {}))
                answer["id"] = command["id"]
                self.send(answer)
                self.afterwards(command["execute"], command.get("arguments", {}))

    def send(self, what):
        self.peer.sendall(json.dumps(what).encode() + b"\n")

    def event(self, name, **data):
        self.send({"event": name, "data": data, "timestamp": {"seconds": 1, "microseconds": 2}})

    def obey(self, name, arguments):
        if name == "cont" and KIND == "refuses":
            return {"error": {"class": "GenericError", "desc": "not today"}}
        if name == "cont":
            self.status = "running"
            self.event("RESUME")
        elif name == "stop":
            self.status = "paused"
            self.event("STOP")
        elif name == "query-status":
            return {"return": {"status": self.status, "running": self.status == "running", "singlestep": False}}
        elif name == "migrate":
            self.event("MIGRATION", status="failed" if KIND == "full" else "completed")
        elif name == "query-migrate":
            return {"return": {"status": "failed", "error-desc": "no room"}}
        elif name == "blockdev-remove-medium" and KIND in ("locks", "jams") and not self.is_open:
            return {"error": {"class": "GenericError", "desc": f"Tray of device '{arguments['id']}' is not open"}}
        elif name == "device_del" and arguments["id"] not in DEVICES:
            return {"error": {"class": "DeviceNotFound", "desc": f"Device '{arguments['id']}' not found"}}
        elif name == "chardev-remove" and KIND == "forgets" and self.refusals > 0:
            self.refusals -= 1
            return {"error": {"class": "GenericError", "desc": f"Chardev '{arguments['id']}' is busy"}}
        elif name == "query-chardev":
            return {"return": [{"label": id, "filename": "null"} for id in CHARDEVS]}
        elif name == "chardev-add" and arguments["id"] in CHARDEVS:
            return {"error": {"class": "GenericError", "desc": f"Chardev with id '{arguments['id']}' already exists"}}
        elif name == "chardev-add":
            CHARDEVS.append(arguments["id"])
        elif name == "device_add":
            DEVICES.append(arguments["id"])
        elif name == "chardev-remove":
            CHARDEVS.remove(arguments["id"])
        elif name == "qom-list":
            return {"return": [{"name": id, "type": "child<device>"} for id in DEVICES]}
        return {"return": {}}

    def afterwards(self, name, arguments):
        if name == "quit" and KIND != "stays":
            os._exit(0)
        if name == "device_del" and KIND == "keeps":
            self.event("DEVICE_UNPLUG_GUEST_ERROR", device=arguments["id"], path="/machine/peripheral/" + arguments["id"])
        if name == "blockdev-remove-medium" and KIND == "locks" and not self.is_open:
            self.is_open = True
            self.event("DEVICE_TRAY_MOVED", device="", id=arguments["id"], **{"tray-open": True})
        if name != "cont":
            return
        if KIND == "ioerror":
            self.status = "io-error"
            self.event("BLOCK_IO_ERROR", device="", operation="write", action="stop", nospace=True)
            self.event("STOP")
        if KIND == "panics":
            self.event("GUEST_PANICKED", action="pause")
        if KIND == "falls":
            os.kill(os.getpid(), signal.SIGSEGV)


if KIND == "dies":
    sys.exit("the fake has nothing to say")
if KIND == "deaf":
    signal.pause()
Machine(socket.socket(fileno=monitor_fd())).serve()
