# SPDX-License-Identifier: LGPL-2.1-or-later
"""Gives a description a host of its own: every path, socket and disk it names stands in one folder."""
import os
import pty
import socket
import struct
import xml.etree.ElementTree as ElementTree

CLUSTER = 1 << 16


def write_qcow2(path):
    """An empty image of 1 MiB: header, refcount table, refcounts and L1 table, a cluster each."""
    header = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", 2, 0, 0, 16, 1 << 20, 0, 1, 3 * CLUSTER, CLUSTER, 1, 0, 0)
    with open(path, "wb") as file:
        for part in (header, struct.pack(">Q", 2 * CLUSTER), struct.pack(">4H", 1, 1, 1, 1), b""):
            file.write(part.ljust(CLUSTER, b"\0"))


def write_kernel(path):
    """What QEMU takes for a Linux kernel that can have an initial RAM disk."""
    image = bytearray(1 << 14)
    image[0x1f1] = 1
    image[0x202:0x208] = b"HdrS\x08\x02"
    image[0x22c:0x230] = b"\xff\xff\xff\x37"
    with open(path, "wb") as file:
        file.write(image)


class Host:
    def __init__(self, folder):
        self.folder = folder
        self.paths, self.open = {}, []

    def path(self, old):
        """One new path for each old one."""
        return self.paths.setdefault(old, os.path.join(self.folder, f"f{len(self.paths)}"))

    def close(self):
        for each in self.open:
            os.close(each) if isinstance(each, int) else each.close()

    def listen(self, family, address):
        server = socket.socket(family)
        server.bind(address)
        server.listen()
        self.open.append(server)
        return server

    def move(self, text):
        """The description with this host's names; makes what must be there."""
        root = ElementTree.fromstring(text)
        for tag in ("kernel", "initrd"):
            for element in root.iter(tag):
                element.text = self.path(element.text)
                write_kernel(element.text)
        for tag in ("loader", "nvram"):
            for element in root.iter(tag):
                element.text = self.path(element.text)
                with open(element.text, "wb") as file:
                    file.truncate(1 << 18)
        for holder in root.iter():
            for source in holder.findall("source"):
                self._move_source(holder, source)
            for log in holder.findall("log"):
                if log.get("file"):
                    log.set("file", self.path(log.get("file")))
        return ElementTree.tostring(root, encoding="unicode")

    def _move_source(self, holder, source):
        kind, server = holder.get("type"), source.get("mode") == "bind"
        if source.get("file") and holder.tag == "disk":
            source.set("file", self.path(source.get("file")))
            driver = holder.find("driver")
            if driver is not None and driver.get("type") == "qcow2":
                write_qcow2(source.get("file"))
            else:
                with open(source.get("file"), "wb") as file:
                    file.truncate(1 << 20)
        elif source.get("dir") and holder.tag == "disk":
            source.set("dir", self.path(source.get("dir")))
            os.makedirs(source.get("dir"), exist_ok=True)
        elif source.get("path"):
            known = source.get("path") in self.paths
            source.set("path", self.path(source.get("path")))
            if not known:
                self._make(kind, server, source)
        elif source.get("service"):
            source.set("host", "127.0.0.1")
            port = 0 if server else self.listen(socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1]
            source.set("service", str(port))

    def _make(self, kind, server, source):
        path = source.get("path")
        if kind == "unix" and not server:
            self.listen(socket.AF_UNIX, path)
        elif kind == "pipe":
            for end in (".in", ".out"):
                os.mkfifo(path + end)
        elif kind == "dev":
            main, other = pty.openpty()
            self.open += [main, other]
            source.set("path", os.ttyname(other))
