#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Does the real QEMU take what the cases say it gets?

    test_props.py VIRTCARD CASES [WORD...]

Every case that has a command line is started, held before its first instruction, and ended again; every
property of every -device and -object is one that QEMU knows.  Paths and ports are the test's own; certificates and
cards of the host are left out, and so is KVM.
"""
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True

from hostside import Host  # noqa: E402
from livetap import Skip, equal, run, test  # noqa: E402
from qmp import SECONDS, Qmp  # noqa: E402

virtcard, cases = (os.path.abspath(path) for path in sys.argv[1:3])
OF_THE_HOST = {"ccid-card-emulated", "scsi-block"}
KEPT = {"file", "vvfat"}
ALIASES = {"ahci": "ich9-ahci", "lsi": "lsi53c895a"}  # names QEMU takes for -device only
ports, lock = iter(range(6200, 6900)), threading.Lock()


def free_port():
    """One that nobody listens on and no other case gets."""
    with lock:
        for port in ports:
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    pass
    raise Skip("no port is free")


def without_tls(word):
    return re.sub(r",(tls-creds|tls-authz|tls-port|x509-dir|tls-channel|sasl)=[^,]*", "", word)


def fit_node(node, replaced):
    """Block devices and other machines are not here: an empty disk is, in their place, of the format raw."""
    if node["driver"] == "host_device" or (node["driver"] not in KEPT and "file" not in node):
        replaced.add(node["node-name"])
        return {"driver": "null-co", "node-name": node["node-name"], "size": 1 << 20, "read-zeroes": True}
    return node | {"driver": "raw"} if node.get("file") in replaced else node


def fit_netdev(netdev):
    """Tap devices and multicast need rights and a network."""
    if netdev["type"] == "tap" or "mcast" in netdev or "connect" in netdev:
        return {"type": "user", "id": netdev["id"]}
    if "listen" in netdev:
        return netdev | {"listen": f"127.0.0.1:{free_port()}"}
    return netdev


def fit(argv):
    """The command line for a host with no certificates, no card and perhaps no KVM."""
    out, given, replaced = [argv[0]], iter(argv[1:]), set()
    for option in given:
        if option in ("-S", "-no-user-config", "-nodefaults", "-no-shutdown", "-no-acpi", "-no-hpet", "-enable-fips"):
            out.append(option)
            continue
        word = next(given)
        fields = json.loads(word) if option in ("-device", "-object") and word.startswith("{") else {}
        if fields.get("driver") in OF_THE_HOST or fields.get("qom-type") == "tls-creds-x509":
            continue
        if option == "-accel":
            word = "tcg" + word.removeprefix("kvm").removeprefix("tcg")
        elif option == "-cpu":
            word = re.sub("^host,", "max,", word)
        elif option == "-object" and "host-nodes" in fields and not os.path.exists("/sys/devices/system/node/node1"):
            word = json.dumps({k: v for k, v in fields.items() if k not in ("host-nodes", "policy")})
        elif option == "-blockdev":
            word = json.dumps(fit_node(json.loads(word), replaced))
        elif option == "-audiodev" and json.loads(word)["driver"] not in ("none", "spice"):
            word = json.dumps({"driver": "none", "id": json.loads(word)["id"]})  # no sound system is here
        elif option == "-netdev":
            word = json.dumps(fit_netdev(json.loads(word)))
        elif option == "-device" and fields.get("romfile"):
            word = json.dumps(fields | {"romfile": ""})
        elif option == "-spice":
            word = re.sub(r"\b(port)=[1-9]\d*", lambda m: f"port={free_port()}", without_tls(word))
            word = re.sub(r"\baddr=[^,]*", "addr=127.0.0.1", word)
        elif option == "-vnc":
            word = re.sub(r"^.*?:\d+(?=,|$)", lambda m: f"127.0.0.1:{free_port() - 5900}", word)
        elif option == "-chardev":
            word = re.sub("^parallel,(id=[^,]*).*", r"null,\1", without_tls(word))
        out += [option, word]
    return out


def check_properties(qmp, argv):
    """What a -device or -object is given are properties of its type, whether it was started or left out."""
    for option, word in zip(argv, argv[1:]):
        if option not in ("-device", "-object") or not word.startswith("{"):
            continue
        fields = json.loads(word)
        kind = fields.pop("driver", None) or fields.pop("qom-type")
        ask = "device-list-properties" if option == "-device" else "qom-list-properties"
        known = {x["name"] for x in qmp.call(ask, typename=ALIASES.get(kind, kind))} | {"id", "bus"}
        equal((kind, sorted(set(fields) - known)), (kind, []))


def start(folder):
    with tempfile.TemporaryDirectory(prefix="vc") as here:
        host = Host(here)
        try:
            _start(folder, here, host)
        finally:
            host.close()


def _start(folder, here, host):
    with open(os.path.join(folder, "in.xml"), encoding="utf-8") as file:
        description = os.path.join(here, "in.xml")
        moved = host.move(file.read())
    with open(description, "w", encoding="utf-8") as file:
        file.write(moved)
    done = subprocess.run([virtcard, "--root", os.path.join(here, "r"), "domxml-to-native", "qemu-argv", description],
                          capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr if done.returncode else ""), (0, ""))
    argv = shlex.split(done.stdout.replace("\\\n", " "))
    if not os.path.exists(argv[0]):
        argv[0] = "/usr/bin/qemu-system-x86_64"
    monitor = next(re.search(r"path=([^,]*)", w).group(1) for w in argv if w.startswith("socket,id=charmonitor,"))
    os.makedirs(os.path.join(os.path.dirname(monitor), "channel"))
    process = subprocess.Popen(fit(argv), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=here)
    try:
        qmp = Qmp(monitor, process)
        equal(qmp.call("query-status")["running"], False)
        check_properties(qmp, argv)
        qmp.call("quit")
        equal(process.wait(SECONDS), 0)
        qmp.close()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def add(kind, case):
    def function():
        start(os.path.join(cases, kind, case))

    function.__name__ = f"{kind}/{case}"
    test(function)


for kind_ in sorted(os.listdir(cases)):
    for case_ in sorted(os.listdir(os.path.join(cases, kind_))):
        if os.path.exists(os.path.join(cases, kind_, case_, "argv")):
            add(kind_, case_)
run(sys.argv[3:])
