# SPDX-License-Identifier: LGPL-2.1-or-later
"""Spots of a description where a text may stand: their line, what must be there before, and what QEMU says it got.

    leaves(Spot)        all kinds of them
"""
import os
import pty
import re

import oddtext
from hostside import write_kernel
from livetap import equal, within
from oddtext import xml


class Spot:
    no = ""           # characters that have another meaning here: a '/' in a file's name
    longest = 40      # bytes
    refused = r"(?!)" # texts that need not arrive

    def __init__(self, rng, folder):
        self.folder = os.path.join(folder, type(self).__name__)
        os.mkdir(self.folder)
        self.text = oddtext.text(rng, self.no, self.longest)
        self.path = os.path.join(self.folder, self.text.replace("/", ""))
        self.files = []

    def may_refuse(self):
        return re.search(self.refused, self.text, re.S) is not None

    def prepare(self):
        pass

    def close(self):
        for each in self.files:
            os.close(each)


class InHead(Spot):
    pass


class Name(InHead):
    refused = r"[/\n]"

    def line(self):
        return f"<name>{xml(self.text)}</name>"

    def check(self, guest):
        equal(guest.qmp.call("query-name")["name"], self.text)


class InOs(Spot):
    pass


class Kernel(InOs):
    no = "/"

    def prepare(self):
        write_kernel(self.path)

    def line(self):
        return f"<kernel>{xml(self.path)}</kernel>"

    def check(self, guest):
        equal(guest.get("/machine", "kernel"), self.path)


class Initrd(InOs):
    no, refused = "/", ","

    def prepare(self):
        with open(self.path, "wb") as file:
            file.write(b"x" * 512)

    def line(self):
        return f"<initrd>{xml(self.path)}</initrd>"

    def check(self, guest):
        equal(guest.get("/machine", "initrd"), self.path)


class Cmdline(InOs):
    longest = 200

    def line(self):
        return f"<cmdline>{xml(self.text)}</cmdline>"

    def check(self, guest):
        equal(guest.get("/machine", "append"), self.text)


class Device(Spot):
    pass


class Disk(Device):
    no, longest = "/", 200

    def prepare(self):
        with open(self.path, "wb") as file:
            file.truncate(1 << 20)

    def line(self):
        return f"<disk type='file'><source file='{xml(self.path)}'/><target dev='vda' bus='virtio'/></disk>"

    def check(self, guest):
        within(self.path, guest.opened())


class Serial(Device):
    longest = 20

    def line(self):
        path = os.path.join(self.folder, "disk")
        with open(path, "wb") as file:
            file.truncate(1 << 20)
        return (f"<disk type='file'><source file='{path}'/><target dev='vdb' bus='virtio'/>"
                f"<serial>{xml(self.text)}</serial></disk>")

    def check(self, guest):
        equal(guest.get("/machine/peripheral/virtio-disk1", "serial"), self.text)


class Rng(Device):
    no, longest = "/", 200

    def prepare(self):
        with open(self.path, "wb"):
            pass

    def line(self):
        return f"<rng model='virtio'><backend model='random'>{xml(self.path)}</backend></rng>"

    def check(self, guest):
        equal(guest.get("/objects/objrng0", "filename"), self.path)


class Channel(Device):
    kind = "null"

    def inner(self):
        return ""

    def name(self):
        return "org.virtcard." + type(self).__name__

    def line(self):
        name = self.name()
        return (f"<channel type='{self.kind}'>{self.inner()}<target type='virtio'"
                + (f" name='{xml(name)}'" if name is not None else "") + "/></channel>")

    def check(self, guest):
        equal(guest.get(f"/machine/peripheral/{self.alias}", "name"), self.name())
        self.check_host_side(guest)

    def check_host_side(self, guest):
        pass


class ChannelName(Channel):
    longest = 200

    def name(self):
        return self.text


class InFolder(Channel):
    """the host side is one file, and QEMU makes it or finds no other"""
    no, source, more = "/", "path", ""

    def inner(self):
        return f"<source {self.source}='{xml(self.path)}'{self.more}/>"

    def check_host_side(self, guest):
        equal(os.listdir(self.folder), [self.text])


class File(InFolder):
    kind, longest = "file", 200


class Log(InFolder):
    longest = 200

    def inner(self):
        return f"<log file='{xml(self.path)}' append='off'/>"


class Dev(InFolder):
    kind, longest = "dev", 200

    def prepare(self):
        self.files = list(pty.openpty())
        self.terminal = os.ttyname(self.files[1])
        os.symlink(self.terminal, self.path)

    def check_host_side(self, guest):
        within(self.terminal, guest.opened())


class Pipe(InFolder):
    kind, longest = "pipe", 200

    def prepare(self):
        for end in ".in", ".out":
            os.mkfifo(self.path + end)

    def check_host_side(self, guest):
        for end in ".in", ".out":
            within(self.path + end, guest.opened())


class UnixBind(InFolder):
    kind, more = "unix", " mode='bind'"

    def check_host_side(self, guest):
        super().check_host_side(guest)
        equal(guest.chardev(self.alias), f"disconnected:unix:{self.path},server=on")


class UnixConnect(Channel):
    kind, no = "unix", "/"

    def inner(self):
        return f"<source mode='connect' path='{xml(self.path)}'><reconnect enabled='yes' timeout='600'/></source>"

    def check_host_side(self, guest):
        equal(guest.chardev(self.alias), f"disconnected:unix:{self.path}")


class UnixAuto(Channel):
    kind, refused = "unix", "/"

    def name(self):
        return self.text

    def check_host_side(self, guest):
        equal(guest.chardev(self.alias), f"disconnected:unix:{guest.folder}/channel/{self.text},server=on")
        equal(os.listdir(os.path.join(guest.folder, "channel")), [self.text])


class TcpHost(Channel):
    kind = "tcp"

    def prepare(self):
        self.text = oddtext.no_name(oddtext.generator(self.text), 200)

    def inner(self):
        return (f"<source mode='connect' host='{xml(self.text)}' service='1'>"
                "<reconnect enabled='yes' timeout='600'/></source>")

    def check_host_side(self, guest):
        equal(guest.chardev(self.alias), f"disconnected:tcp:{self.text}:1")


class TcpService(Channel):
    kind, longest, refused = "tcp", 200, r"^[\s+-]*\d+$"

    def inner(self):
        return (f"<source mode='connect' host='127.0.0.1' service='{xml(self.text)}'>"
                "<reconnect enabled='yes' timeout='600'/></source>")

    def check_host_side(self, guest):
        equal(guest.chardev(self.alias), f"disconnected:tcp:127.0.0.1:{self.text}")


class Tls(Channel):
    kind, no = "tcp", "/"
    certificates = None  # a folder that is good

    def prepare(self):
        os.symlink(self.certificates, self.path)

    def inner(self):
        return (f"<source mode='bind' host='127.0.0.1' service='0' tls='yes' virtcard:tls-folder='{xml(self.path)}'>"
                f"<virtcard:client name='CN={xml(self.text)}'/><virtcard:client name='O=x'/></source>")

    def check_host_side(self, guest):
        equal(guest.get(f"/objects/objchar{self.alias}_tls0", "dir"), self.path)
        rules = guest.get(f"/objects/objchar{self.alias}_authz0", "rules")
        equal([rule["match"] for rule in rules], ["CN=" + self.text, "O=x"])


def leaves(of):
    below = of.__subclasses__()
    return [leaf for each in below for leaf in leaves(each)] if below else [of]
