#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtcardd's storage pools and volumes, by virsh and python3-libvirt.

    test_storage.py VIRTCARDD [WORD...]
"""
import os
import pwd
import queue
import signal
import stat
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET

import libvirt

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from daemon import LIMIT, Daemon, children  # noqa: E402
from livetap import equal, run, test, within  # noqa: E402
from machine import USER, Place, domain  # noqa: E402

program = os.path.abspath(sys.argv[1])
place = Place(os.path.join(os.path.dirname(program), "virtcard"))


def daemon(**more):
    return Daemon(program, place.new_folder(), **more)


def pool(d, name="p", *words):
    """a pool that is active; its folder"""
    folder = os.path.join(d.folder, name)
    d.virsh("pool-create-as", name, "dir", "--target", folder, "--build", *words)
    return folder


def volume(d, name, pool_name="p"):
    return ET.fromstring(d.virsh("vol-dumpxml", name, "--pool", pool_name))


def until(is_so):
    """what nothing tells of"""
    end = time.monotonic() + LIMIT
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError("it does not come")
        threading.Event().wait(0.05)


def said(function, *words):
    """the number and words of the error"""
    try:
        function(*words)
    except libvirt.libvirtError as error:
        return error.get_error_code(), str(error)
    raise AssertionError(f"{function.__name__}{words} was not refused")


@test
def life_of_a_pool():
    with daemon() as d:
        folder = os.path.join(d.folder, "deep", "p")
        d.virsh("pool-define-as", "p", "dir", "--target", folder + "/")
        uuid = d.virsh("pool-uuid", "p")
        equal(d.virsh("pool-name", uuid), "p")
        within("inactive", d.virsh("pool-info", "p"))
        within("Failed to start pool p", d.refused("pool-start", "p"))         # there is no folder yet
        equal(d.virsh("pool-list", "--all", "--name").split(), ["p"])
        d.virsh("pool-build", "p")
        equal(stat.S_IMODE(os.stat(folder).st_mode), 0o711)
        d.virsh("pool-start", "p")
        within("storage pool 'p' is already active", d.refused("pool-start", "p"))
        within("storage pool 'p' is already active", d.refused("pool-build", "p"))
        within("running", d.virsh("pool-info", "p"))
        tree = ET.fromstring(d.virsh("pool-dumpxml", "p"))
        equal([tree.get("type"), tree.findtext("name"), tree.findtext("uuid"), tree.findtext("target/path")], ["dir", "p", uuid, folder])
        space = os.statvfs(folder)
        equal(int(tree.findtext("capacity")), space.f_blocks * space.f_frsize)
        equal(int(tree.findtext("allocation")) + int(tree.findtext("available")), int(tree.findtext("capacity")))
        equal(tree.findtext("target/permissions/mode"), "0711")
        d.virsh("pool-refresh", "p")
        d.virsh("pool-autostart", "p")
        within("Autostart:      yes", d.virsh("pool-info", "p"))
        within("is still active", d.refused("pool-undefine", "p"))
        within("is still active", d.refused("pool-delete", "p"))
        d.virsh("pool-destroy", "p")
        within("storage pool 'p' is not active", d.refused("pool-destroy", "p"))
        within("storage pool 'p' is not active", d.refused("vol-list", "p"))
        d.virsh("pool-delete", "p")
        equal(os.path.exists(folder), False)
        d.virsh("pool-undefine", "p")
        within("Storage pool not found: no storage pool with matching name 'p'", d.refused("pool-info", "p"))
        equal([name for _, _, names in os.walk(os.path.join(d.root, "etc", "virtcard", "storage")) for name in names], [])


@test
def pools_outlive_the_daemon():
    with daemon() as d:
        pool(d, "gone")
        for name in "kept", "off", "starts":
            os.mkdir(os.path.join(d.folder, name))
            d.virsh("pool-define-as", name, "dir", "--target", os.path.join(d.folder, name))
        d.virsh("pool-start", "kept")
        d.virsh("pool-autostart", "starts")
        uuids = {name: d.virsh("pool-uuid", name) for name in ("gone", "kept", "off", "starts")}
        d.stop(signal.SIGKILL)
        half = os.path.join(d.folder, "kept", ".virtcard-abcdef")      # a volume that was being made
        with open(half, "w"):
            pass
        d.start()
        until(lambda: not os.path.exists(half))
        equal({name: d.virsh("pool-uuid", name) for name in uuids}, uuids)
        connection = d.open()
        until(lambda: connection.storagePoolLookupByName("starts").isActive())
        equal(sorted(p.name() for p in connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)),
              ["gone", "kept", "starts"])
        equal([p.name() for p in connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT)], ["gone"])
        equal(sorted(connection.listDefinedStoragePools()), ["off"])
        equal(connection.numOfStoragePools(), 3)
        d.virsh("pool-destroy", "gone")
        within("not found", d.refused("pool-info", "gone"))
        connection.close()


@test
def a_link_left_behind_starts_nothing():
    with daemon() as d:
        links = os.path.join(d.root, "etc", "virtcard", "storage", "autostart")
        os.mkdir(links)
        os.symlink("../p.xml", os.path.join(links, "p.xml"))       # its definition was removed by hand
        os.mkdir(os.path.join(d.folder, "p"))
        d.virsh("pool-define-as", "p", "dir", "--target", os.path.join(d.folder, "p"))
        for _ in range(2):
            within("Autostart:      no", d.virsh("pool-info", "p"))
            d.stop(signal.SIGKILL)
            d.start()
        d.virsh("pool-autostart", "p")
        connection = d.open()
        connection.storagePoolDefineXML(connection.storagePoolLookupByName("p").XMLDesc().replace("/p<", "/q<"))
        equal(connection.storagePoolLookupByName("p").autostart(), 1)       # of a new definition of the same pool it is
        connection.close()


@test
def what_cannot_be_a_pool_is_refused():
    with daemon() as d:
        connection = d.open()
        xml = "<pool type='{}'><name>{}</name><target><path>{}</path></target>{}</pool>".format
        connection.storagePoolDefineXML(xml("dir", "p", "/a", ""))
        for words, want in (((xml("netfs", "x", "/b", "<source><host name='h'/></source>")), "pools of type 'netfs' are not supported"),
                            ((xml("dir", "../x", "/b", "")), "cannot be a name"),
                            ((xml("dir", "x", "b", "")), "'b' is not an absolute path"),
                            ((xml("dir", "x", "/b", "<odd/>")), "1: <odd>: unknown element"),
                            ((xml("dir", "x", "/b", "<source><device path='/dev/sda'/></source>")), "<device>"),
                            ((xml("dir", "p", "/b", "")), "operation failed: pool 'p' already exists with uuid"),
                            ((xml("dir", "x", "/c/../a/", "")), "operation failed: Storage source conflict with pool: 'p'"),
                            ("<pool type='dir'><name>x</name></pool>", "path"), ("<domain/>", "this is not a storage pool"), ("<", "XML")):
            within(want, said(connection.storagePoolDefineXML, words)[1])
        equal(connection.listDefinedStoragePools(), ["p"])
        equal(said(connection.storagePoolLookupByName, "x")[0], libvirt.VIR_ERR_NO_STORAGE_POOL)
        reading = d.open(read_only=True)
        equal(reading.listDefinedStoragePools(), ["p"])
        equal(said(reading.storagePoolLookupByName("p").undefine)[0], libvirt.VIR_ERR_OPERATION_DENIED)
        reading.close()
        connection.close()


@test
def damaged_definitions_are_left_alone():
    with daemon() as d:
        d.virsh("pool-define-as", "good", "dir", "--target", "/a")
        d.stop(signal.SIGKILL)
        folder = os.path.join(d.root, "etc", "virtcard", "storage")
        os.mkfifo(os.path.join(folder, "fifo.xml"))
        os.mkdir(os.path.join(folder, "folder.xml"))
        for name, text in (("cut.xml", "<pool type='dir'><name>c"), (".virtcard-abcdef", "<pool"),
                           ("other.xml", "<pool type='dir'><name>x</name><target><path>/b</path></target></pool>")):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        d.start()
        equal(d.virsh("pool-list", "--all", "--name").split(), ["good"])
        for words in ("fifo.xml: is not a file", "folder.xml: is a folder", "cut.xml:1:", "other.xml: 'x' is not the name of this file"):
            within(words, d.log())
        equal(sorted(os.listdir(folder)), ["cut.xml", "fifo.xml", "folder.xml", "good.xml", "other.xml"])


@test
def life_of_a_volume():
    with daemon() as d:
        folder = pool(d)
        path = os.path.join(folder, "a.img")
        d.virsh("vol-create-as", "p", "a.img", "1M")
        equal([os.stat(path).st_size, stat.S_IMODE(os.stat(path).st_mode)], [1 << 20, 0o600])
        within("storage volume 'a.img' exists already", d.refused("vol-create-as", "p", "a.img", "1M"))
        d.virsh("vol-create-as", "p", "thin", "1G", "--allocation", "0")
        equal(os.stat(os.path.join(folder, "thin")).st_blocks, 0)
        equal(d.virsh("vol-list", "p").split(), ["a.img", path, "thin", os.path.join(folder, "thin")])
        equal(d.virsh("vol-path", "a.img", "--pool", "p"), path)
        equal(d.virsh("vol-key", "a.img", "--pool", "p"), path)
        equal(d.virsh("vol-pool", path), "p")
        equal(d.virsh("vol-name", path), "a.img")
        equal(d.virsh("vol-info", "a.img", "p").split()[-6:], ["Capacity:", "1.00", "MiB", "Allocation:", "1.00", "MiB"])
        tree = volume(d, "a.img")
        equal([tree.findtext("key"), tree.findtext("capacity"), tree.find("target/format").get("type"),
               tree.findtext("target/permissions/mode"), tree.findtext("target/permissions/owner")],
              [path, str(1 << 20), "raw", "0600", str(pwd.getpwnam(USER).pw_uid if os.getuid() == 0 else os.getuid())])
        d.virsh("vol-resize", "a.img", "2M", "p")
        within("Can't shrink capacity below current capacity", d.refused("vol-resize", "a.img", "1M", "p"))
        d.virsh("vol-resize", "a.img", "1M", "p", "--shrink")
        d.virsh("vol-resize", "a.img", "1M", "p", "--delta")
        equal(os.stat(path).st_size, 2 << 20)
        d.virsh("vol-delete", "a.img", "p")
        within("no storage vol with matching", d.refused("vol-info", "a.img", "p"))
        within("no storage vol with matching path '/no/such'", d.refused("vol-info", "/no/such"))
        equal(os.listdir(folder), ["thin"])


@test
def volumes_of_qcow2():
    with daemon() as d:
        folder = pool(d)
        d.virsh("vol-create-as", "p", "base", "1G", "--format", "qcow2")
        d.virsh("vol-create-as", "p", "top", "2G", "--format", "qcow2", "--backing-vol", "base", "--backing-vol-format", "qcow2")
        seen = subprocess.run(["qemu-img", "info", os.path.join(folder, "top")], capture_output=True, text=True, check=True).stdout
        for words in ("file format: qcow2", "virtual size: 2 GiB", "backing file format: qcow2", f"backing file: {folder}/base"):
            within(words, seen)
        tree = volume(d, "top")
        equal([tree.findtext("capacity"), tree.find("target/format").get("type"), tree.findtext("target/compat"),
               tree.findtext("backingStore/path"), tree.find("backingStore/format").get("type")],
              [str(2 << 30), "qcow2", "1.1", os.path.join(folder, "base"), "qcow2"])
        d.virsh("vol-resize", "base", "3G", "p")
        equal(volume(d, "base").findtext("capacity"), str(3 << 30))
        within("leads to another file", d.refused("vol-resize", "top", "3G", "p"))
        if os.getuid() == 0:        # qemu-img is who owns the image, and may no more than that one
            os.chmod(os.path.join(folder, "base"), 0o400)
            within("Permission denied", d.refused("vol-resize", "base", "4G", "p"))
            equal(volume(d, "base").findtext("capacity"), str(3 << 30))
        path = os.path.join(d.folder, "v.xml")
        with open(path, "w") as file:
            file.write("<volume><name>old</name><capacity unit='MiB'>8</capacity><target><format type='qcow2'/><compat>0.10</compat>"
                       "<permissions><mode>0640</mode></permissions></target></volume>")
        d.virsh("vol-create", "p", path)
        equal([volume(d, "old").findtext("target/compat"), volume(d, "old").findtext("target/permissions/mode")], ["0.10", "0640"])
        equal(sorted(os.listdir(folder)), ["base", "old", "top"])


@test
def what_cannot_be_a_volume_is_refused():
    with daemon() as d:
        folder = pool(d)
        p = d.open().storagePoolLookupByName("p")
        xml = "<volume><name>{}</name><capacity>{}</capacity>{}</volume>".format
        for words, want in ((xml("../x", 1, ""), "volume name '../x' cannot contain '/'"), (xml("..", 1, ""), "cannot be the name"),
                            (xml("x", 1, "<target><format type='vmdk'/></target>"), "'vmdk' cannot be made"),
                            (xml("x", 1, "<target><encryption format='luks'/></target>"), "<encryption>"),
                            (xml("x", "many", ""), "'many' is not a number"), (xml("x", 1 << 63, ""), "more than a file can have"),
                            (xml("x", 1, "<backingStore><path>/b</path></backingStore>"), "a raw volume has no backing store"),
                            (xml("x", 1, "<target><format type='qcow2'/></target><backingStore><path>/b</path></backingStore>"),
                             "it is never guessed"),
                            (xml("x", 1, "<target><format type='qcow2'/></target><backingStore><path>/b/c</path><format type='qcow2'/>"
                             "</backingStore>"), "<backingStore>: volume 'c'"),
                            (xml("x", 1, "<target><permissions><mode>04755</mode></permissions></target>"), "'4755' is more than 0777"),
                            (xml("x" * 256, 1, ""), "cannot be the name")):
            within(want, said(p.createXML, words)[1])
        equal(os.listdir(folder), [])
        os.symlink("/etc/passwd", os.path.join(folder, "link"))
        os.mkfifo(os.path.join(folder, "fifo"))
        os.mkdir(os.path.join(folder, "inner"))
        equal(p.listVolumes(), [])
        for name in "link", "fifo", "inner":
            within("plain file" if name != "link" else "symbolic link", said(p.storageVolLookupByName, name)[1])
        equal(said(p.storageVolLookupByName, "none")[0], libvirt.VIR_ERR_NO_STORAGE_VOL)
        equal(said(p.createXML, xml("link", 1, ""))[0], libvirt.VIR_ERR_STORAGE_VOL_EXIST)


QCOW2 = "<volume><name>{}</name><capacity unit='GiB'>{}</capacity><target><format type='qcow2'/></target></volume>".format


@test
def one_of_many_makes_a_volume():
    with daemon() as d:
        folder, answers = pool(d), queue.Queue()

        def make():
            connection = d.open()
            try:
                connection.storagePoolLookupByName("p").createXML(QCOW2("same", 1))
                answers.put(0)
            except libvirt.libvirtError as error:
                answers.put(error.get_error_code())
            connection.close()

        makers = [threading.Thread(target=make) for _ in range(8)]
        for maker in makers:
            maker.start()
        connection = d.open()
        p = connection.storagePoolLookupByName("p")
        for _ in range(20):
            p.refresh()
            equal([v.name() for v in p.listAllVolumes() if v.name() != "same"], [])
        for maker in makers:
            maker.join()
        equal(sorted(answers.get() for _ in makers), [0] + [libvirt.VIR_ERR_STORAGE_VOL_EXIST] * 7)
        equal(os.listdir(folder), ["same"])
        connection.close()


def begin_a_long_one(d, folder):
    """a volume is being made; (thread that waits for it, queue of what it hears)"""
    connection, heard = d.open(), queue.Queue()

    def make():
        try:
            connection.storagePoolLookupByName("p").createXML(QCOW2("long", 8192), libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA)
            heard.put("made")
        except libvirt.libvirtError as error:
            heard.put(str(error))
        connection.close()

    maker = threading.Thread(target=make)
    maker.start()
    until(lambda: any(os.stat(os.path.join(folder, name)).st_blocks > 100 for name in os.listdir(folder)))
    return maker, heard


@test
def a_kill_leaves_no_volume_half():
    with daemon() as d:
        folder = pool(d)
        for how in signal.SIGKILL, signal.SIGTERM:
            maker, heard = begin_a_long_one(d, folder)
            makers = children(d.process.pid)
            equal(len(makers), 1)
            d.stop(how)
            maker.join()
            within("End of file", heard.get())
            until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in makers))    # qemu-img ends with its daemon
            d.start()
            until(lambda: not os.listdir(folder))


@test
def a_pool_may_go_while_a_volume_is_made():
    with daemon() as d:
        folder = pool(d)
        maker, heard = begin_a_long_one(d, folder)
        d.virsh("pool-destroy", "p")
        d.virsh("pool-create-as", "p", "dir", "--target", folder)
        equal(len(os.listdir(folder)), 1)       # it is still being made
        for pid in children(d.process.pid):
            os.kill(pid, signal.SIGKILL)
        maker.join()
        within("qemu-img was killed by signal 9 (Killed)", heard.get())
        equal(os.listdir(folder), [])


@test
def what_a_guest_uses_keeps_its_size():
    with daemon() as d:
        path = os.path.join(pool(d), "disk")
        d.virsh("vol-create-as", "p", "disk", "64M", "--format", "qcow2")
        connection = d.open()
        guest = connection.createXML(domain(f"<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{path}'/>"
                                            "<target dev='vda' bus='virtio'/></disk>"))
        within("Is another process using the image", d.refused("vol-resize", "disk", "128M", "p"))
        equal(volume(d, "disk").findtext("capacity"), str(64 << 20))
        guest.destroy()
        d.virsh("vol-resize", "disk", "128M", "p")
        connection.close()


@test
def a_full_disk_leaves_nothing_half():
    with daemon() as d:
        folder = pool(d)
        within("Failed to create vol big", d.refused("vol-create-as", "p", "big", str(1 << 62)))
        equal(os.listdir(folder), [])


@test
def pools_tell_what_happens():
    heard = queue.Queue()
    with daemon() as d:
        connection = d.open()
        connection.storagePoolEventRegisterAny(None, libvirt.VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE,
                                               lambda _c, p, event, _d, _o: heard.put((p.name(), event)), None)
        connection.storagePoolEventRegisterAny(None, libvirt.VIR_STORAGE_POOL_EVENT_ID_REFRESH,
                                               lambda _c, p, _o: heard.put((p.name(), "refresh")), None)
        d.virsh("pool-define-as", "p", "dir", "--target", os.path.join(d.folder, "p"))
        for verb in ("build", "start", "refresh", "destroy", "delete", "undefine"):
            d.virsh("pool-" + verb, "p")
        equal([heard.get(timeout=LIMIT) for _ in range(7)], [("p", 0), ("p", 4), ("p", 2), ("p", "refresh"), ("p", 3), ("p", 5), ("p", 1)])
        connection.close()


run(sys.argv[2:])
