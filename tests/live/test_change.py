#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What changes of a device that stays, with a daemon and without, on real QEMU: media, cables, cards in their readers.

    test_change.py VIRTCARD VIRTCARDD [WORD...]
"""
import functools
import json
import os
import re
import signal
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True

from livetap import equal, run, test, within  # noqa: E402
from machine import NOTHING, Place, domain  # noqa: E402
from rooted import LIMIT, UUID, both_ways  # noqa: E402
from rooted import Root as AnyRoot  # noqa: E402

place = Place(os.path.abspath(sys.argv[1]))
Root = functools.partial(AnyRoot, place, os.path.abspath(sys.argv[2]))
of_both = both_ways(Root)


def guest(devices="", **more):
    return domain(devices, uuid=UUID, **more)


def image(root, name):
    path = os.path.join(root.folder, name)
    with open(path, "wb") as file:
        file.write(bytes(1024 * 1024))
    os.chmod(path, 0o644)
    return path


def blocks(root):
    """what is in the drives: {device: file}, and how many block nodes there are"""
    drives = json.loads(root("qemu-monitor-command", "guest", '{"execute":"query-block"}'))["return"]
    nodes = json.loads(root("qemu-monitor-command", "guest", '{"execute":"query-named-block-nodes"}'))["return"]
    return {drive["qdev"]: drive["inserted"]["image"]["filename"] if "inserted" in drive else None
            for drive in drives}, len(nodes)


@of_both
def a_medium_changes(root):
    os.chmod(root.folder, 0o755)
    first, second = image(root, "first.iso"), image(root, "second.iso")
    drive = "<disk type='file' device='cdrom'>{}<target dev='{}' bus='{}'/></disk>"
    source = "<source file='{}'/>"
    root("define", root.file(guest("<controller type='scsi' model='virtio-scsi'/>"
                                   + drive.format(source.format(first), "hda", "ide") + drive.format("", "sda", "scsi"))))
    root("start", "guest", "--paused")
    before = root("dumpxml", "guest")
    equal(blocks(root), ({"ide0-0-0": first, "scsi0-0-0-0": None}, 2))
    update = ("update-device", "guest", os.path.join(root.folder, "device.xml"))
    for target, bus, alias in ("hda", "ide", "ide0-0-0"), ("sda", "scsi", "scsi0-0-0-0"):
        other = blocks(root)[0]
        root.file(drive.format(source.format(second), target, bus), "device.xml")
        equal(root(*update), "Device updated successfully\n")
        equal(blocks(root)[0], {**other, alias: second})
        within(f"<source file='{second}'", root("dumpxml", "guest"))
        equal(second in root("dumpxml", "guest", "--inactive"), False)
        root.file(drive.format("", target, bus), "device.xml")
        root(*update)
        equal(blocks(root)[0], {**other, alias: None})
    equal(blocks(root), ({"ide0-0-0": None, "scsi0-0-0-0": None}, 0))
    root.file(drive.format(source.format(first), "hda", "ide"), "device.xml")
    root(*update, "--live", "--config")
    equal(re.sub(r" index='\d+'", "", root("dumpxml", "guest")), re.sub(r" index='\d+'", "", before))
    now = root("dumpxml", "guest"), blocks(root)
    root(*update)       # nothing to do
    for wrong, why in ((drive.format(source.format(first + "x"), "hda", "ide"), "first.isox"),
                       (drive.format(source.format(root.folder), "hda", "ide"), root.folder),
                       (drive.format("<serial>x</serial>", "hda", "ide"), "cannot be changed like this while the domain runs"),
                       (drive.format("", "hdb", "ide"), "the domain has no such device")):
        root.file(wrong, "device.xml")
        within(why, root.fails(*update)[0])
        equal((root("dumpxml", "guest"), blocks(root)), now)
    root.file(drive.format(source.format(second), "hda", "ide"), "device.xml")
    root(*update, "--config")
    within(second, root("dumpxml", "guest", "--inactive"))
    equal((root("dumpxml", "guest"), blocks(root)), now)


def cables(root):
    """alias -> is it in, as the cards' own registers (e1000: STATUS.LU) say"""
    found = {}
    for text in root("qemu-monitor-command", "guest", "--hmp", "info pci").split("Bus ")[1:]:
        alias, at = re.search(r'id "(net\d+)"', text), re.search(r"BAR0: 32 bit memory at 0x(?!ffff)([0-9a-f]+) ", text)
        if alias and at:
            line = root("qemu-monitor-command", "guest", "--hmp", f"xp /1wx 0x{int(at.group(1), 16) + 8:x}")
            found[alias.group(1)] = bool(int(line.split(":")[1], 16) & 2)
    return found


def wait_cables(root, want):
    until = time.monotonic() + LIMIT
    while cables(root) != want:
        if time.monotonic() > until:
            raise AssertionError(f"not {want}: {cables(root)}")


@of_both
def a_cable_in_and_out(root):
    card = "<interface type='user'><mac address='52:54:00:00:00:0{}'/><model type='e1000'/>{}</interface>"
    down = "<link state='down'/>"

    root("define", root.file(guest(place.boot_disk(NOTHING) + card.format(1, "") + card.format(2, down))))
    root("start", "guest")
    wait_cables(root, {"net0": True, "net1": False})    # when the firmware has set the cards up
    update = ("update-device", "guest", os.path.join(root.folder, "device.xml"))
    root.file(card.format(1, down), "device.xml")
    equal(root(*update, "--live", "--config"), "Device updated successfully\n")
    wait_cables(root, {"net0": False, "net1": False})
    for flags in (), ("--inactive",):
        equal(root("dumpxml", "guest", *flags).count(down), 2)
    root.file(card.format(1, "<link state='up'/>"), "device.xml")
    root(*update)
    equal(root("dumpxml", "guest").count(down), 1)
    equal(root("dumpxml", "guest", "--inactive").count(down), 2)
    wait_cables(root, {"net0": True, "net1": False})    # half a second: they agree on a speed first
    root.file(card.format(1, "<mtu size='1400'/>"), "device.xml")
    within("cannot be changed like this while the domain runs", root.fails(*update)[0])
    root.file(card.format(3, down), "device.xml")
    root("attach-device", "guest", "device.xml")
    within(down, root("dumpxml", "guest").split("52:54:00:00:00:03")[1])


@of_both
def cards_in_and_out(root):
    os.chmod(root.folder, 0o777)
    path = os.path.join(root.folder, "card")
    card = "<smartcard mode='passthrough' type='unix'><source mode='bind' path='{}'/></smartcard>"
    head = (" Alias            Mode                Reader   State\n"
            "---------------------------------------------------------\n")
    root("define", root.file(guest(card.format(path))))
    for verb in "list", "eject", "insert":
        equal(root.fails("card", verb, "guest"), ["domain 'guest': Requested operation is not valid: domain is not running"])
    root("start", "guest", "--paused")
    before = root("dumpxml", "guest")
    equal(root("card", "list", "guest"), head + " smartcard0       passthrough         ccid0    inserted\n\n")
    equal(root.fails("card", "insert", "guest"),
          ["domain 'guest': Requested operation is not valid: the card 'smartcard0' is in its reader already"])
    equal(root("card", "eject", "guest", "smartcard0"), "Card ejected successfully\n")
    equal(root("card", "list", "guest"), head + " smartcard0       passthrough         ccid0    ejected\n\n")
    equal(os.path.exists(path), False)
    within("virtcard:ejected='yes'", root("dumpxml", "guest"))
    equal("ejected" in root("dumpxml", "guest", "--inactive"), False)
    equal(root.fails("card", "eject", "guest"),
          ["domain 'guest': Requested operation is not valid: the card 'smartcard0' is ejected already"])
    equal(root.fails("save", "guest", "state"),
          ["domain 'guest': Requested operation is not valid: the card 'smartcard0' is ejected: insert it before the domain "
           "is saved"])
    qtree = root("qemu-monitor-command", "guest", "--hmp", "info", "qtree")
    equal(("smartcard0" in qtree, "ccid0" in qtree), (False, True))
    os.mkdir(path)      # what keeps the card from coming back leaves it out
    equal(len(root.fails("card", "insert", "guest")), 1)
    os.rmdir(path)
    within(" ejected\n", root("card", "list", "guest"))
    equal(root("card", "insert", "guest"), "Card inserted successfully\n")
    equal(os.path.exists(path), True)
    equal(root("dumpxml", "guest"), before)
    root("card", "eject", "guest")
    file = root.file(card.format(path), "card.xml")
    equal(root("detach-device", "guest", file), "Device detached successfully\n")
    equal(root("card", "list", "guest"), head + "\n")
    equal(root.fails("card", "eject", "guest"), ["domain 'guest': device not found: the guest has no smartcard"])
    for n in range(2):
        root("attach-device", "guest", root.file(card.format(f"{path}{n}"), "card.xml"))
    within("the guest has several smartcards: say which one, of smartcard0, smartcard1", root.fails("card", "eject", "guest")[0])
    within("no device with the alias 'smartcard7'", root.fails("card", "eject", "guest", "smartcard7")[0])
    within("'usb' is a <controller>, no smartcard", root.fails("card", "eject", "guest", "usb")[0])


@test
def a_card_is_out_whoever_holds_the_guest():
    with Root() as root:
        os.chmod(root.folder, 0o777)
        path = os.path.join(root.folder, "card")
        root("create", root.file(guest("<smartcard mode='passthrough' type='unix'>"
                                       f"<source mode='bind' path='{path}'/></smartcard>")), "--paused")
        root("card", "eject", "guest")
        root.start()
        within(" ejected\n", root("card", "list", "guest"))
        equal(root("card", "insert", "guest"), "Card inserted successfully\n")
        root.stop(signal.SIGKILL)
        within(" inserted\n", root("card", "list", "guest"))
        # One who died before QEMU was told: the mark is there, and the card goes, and only then comes back.
        made = os.stat(path).st_ctime_ns
        status = os.path.join(root.run, UUID + ".xml")
        with open(status) as file:
            text = file.read()
        marked = text.replace("<smartcard ", "<smartcard xmlns:virtcard='urn:virtcard:domain:1.0' virtcard:ejected='yes' ")
        for copy in status, status + "~":
            with open(copy, "w") as file:
                file.write(marked)
        within(" ejected\n", root("card", "list", "guest"))
        equal(root("card", "insert", "guest"), "Card inserted successfully\n")
        equal(os.stat(path).st_ctime_ns > made, True)


try:
    run(sys.argv[3:])
finally:
    place.close()
