"""Makes the test guest's kernel and initrd out of unpacked packages; see build."""
import lzma
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

from packages import Packages, run, unpack

HERE = os.path.dirname(os.path.realpath(__file__))

CMDLINE = "console=ttyS0 quiet panic=0 mitigations=off tsc=reliable no_timer_check apparmor=0 audit=0 " \
    "init_on_alloc=0 cryptomgr.notests nokaslr\n"

PACKAGES = ["busybox-static", "udev", "kmod", "pcscd", "libccid", "opensc", "opensc-pkcs11", "openssl",
            "libgcc-s1"]

# Modules put into the guest, with all they need; only those for hardware that is there get loaded.
MODULES = """virtio_pci virtio_console virtio_rng virtio_blk virtio_net virtio_balloon virtio_input
uhci-hcd ehci-pci ohci-pci xhci-pci usbhid hid-generic evdev button
pvpanic-mmio pvpanic-pci i6300esb e1000 parport_pc lp ppdev ftdi_sio""".split()

# What the packages give to the guest; libraries follow from what these need.
FILES = """bin/busybox sbin/modprobe usr/lib/systemd/systemd-udevd bin/udevadm usr/sbin/pcscd
usr/bin/opensc-tool usr/bin/pkcs11-tool usr/bin/pkcs15-tool usr/bin/openssl
usr/lib/x86_64-linux-gnu/opensc-pkcs11.so usr/lib/x86_64-linux-gnu/libpcsclite.so.1
usr/lib/x86_64-linux-gnu/libgcc_s.so.1
usr/lib/pcsc/drivers/ifd-ccid.bundle usr/lib/udev/rules.d/50-udev-default.rules
usr/lib/udev/rules.d/80-drivers.rules usr/lib/udev/rules.d/92-libccid.rules
etc/libccid_Info.plist etc/opensc/opensc.conf etc/ssl/openssl.cnf""".split()

PCSC_NAMES = ["readers", "apdu", "apdubench", "wait-card", "wait-readers"]


def kernel_image(packed):
    """The kernel as ELF, which QEMU starts through PVH: unpacking it in the guest takes seconds under TCG."""
    start = packed.find(b"\xfd7zXZ\0")
    while start >= 0:
        try:
            image = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(packed[start:])
        except lzma.LZMAError:
            image = b""
        if image.startswith(b"\x7fELF") and b"Xen\0" in image:
            return image
        start = packed.find(b"\xfd7zXZ\0", start + 1)
    return packed


class Tree:
    """The guest's file tree, collected from the unpacked packages."""

    def __init__(self, source, top):
        self.source, self.top = source, top
        for folder in "usr/bin usr/sbin usr/lib/x86_64-linux-gnu usr/lib64 etc dev proc sys run tmp root".split():
            os.makedirs(os.path.join(top, folder))
        for name in "bin", "sbin", "lib", "lib64":
            os.symlink("usr/" + name, os.path.join(top, name))

    def path(self, name):
        return os.path.join(self.top, name)

    def find(self, name):
        """where a package put it, whether it calls it /lib or /usr/lib"""
        for prefix in "", "usr/":
            path = os.path.join(self.source, prefix + name)
            if os.path.lexists(path):
                return path
        if name.startswith("usr/"):
            path = os.path.join(self.source, name[4:])
            if os.path.lexists(path):
                return path
        sys.exit(f"tests/guest/build: no package has {name}")

    def add(self, name, source=None):
        source = source or self.find(name)
        target = self.path(name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.isdir(source):
            for entry in sorted(os.listdir(source)):
                self.add(f"{name}/{entry}", os.path.join(source, entry))
            return
        if os.path.islink(source) and os.path.isabs(os.readlink(source)):
            source = self.find(os.readlink(source)[1:])  # the package's file, not the host's
        if not os.path.exists(source):  # a link to a file that was left out
            return
        shutil.copyfile(source, target)
        os.chmod(target, 0o755 if os.access(source, os.X_OK) else 0o644)
        with open(target, "rb") as file:
            if file.read(4) == b"\x7fELF" and not name.endswith(".ko"):
                self.add_needed(target)

    def add_needed(self, binary):
        text = run("readelf", "-d", "-l", binary)
        for lib in re.findall(r"\(NEEDED\).*\[(.+)\]", text):
            name = "usr/lib/x86_64-linux-gnu/" + lib
            if not os.path.exists(self.path(name)):
                source = subprocess.run(["find", self.source, "-name", lib], capture_output=True, text=True).stdout
                if not source:
                    sys.exit(f"tests/guest/build: {binary} needs {lib}: in no package")
                self.add(name, source.splitlines()[0])
        if "ld-linux-x86-64.so.2" in text and not os.path.exists(self.path("usr/lib64/ld-linux-x86-64.so.2")):
            self.add("usr/lib64/ld-linux-x86-64.so.2", self.find("lib64/ld-linux-x86-64.so.2"))

    def add_modules(self, folder, release):
        base = os.path.join(folder, "lib/modules", release)
        where = {}
        for path, _, names in os.walk(base):
            for name in names:
                if name.endswith(".ko"):
                    where[name[:-3].replace("-", "_")] = os.path.join(path, name)
        todo, seen = [m.replace("-", "_") for m in MODULES], set()
        while todo:
            name = todo.pop()
            if name in seen or name not in where:  # not there: built into the kernel
                continue
            seen.add(name)
            self.add("usr" + where[name][len(folder):], where[name])
            with open(where[name], "rb") as file:
                depends = re.search(rb"\0depends=([^\0]*)\0", file.read()).group(1).decode()
            todo += [d.replace("-", "_") for d in depends.split(",") if d]
        for name in "modules.order", "modules.builtin", "modules.builtin.modinfo":
            self.add(f"usr/lib/modules/{release}/{name}", os.path.join(base, name))
        libraries = f"{self.source}/usr/lib/x86_64-linux-gnu:{self.source}/lib/x86_64-linux-gnu"
        run(self.find("lib64/ld-linux-x86-64.so.2"), "--argv0", "depmod", "--library-path", libraries,
            self.find("bin/kmod"), "-b", self.path("usr"), release)


def cpio(top):
    """the tree as an initramfs archive (newc); /dev/console is made here, so no root is needed"""
    out = bytearray()

    def entry(name, mode, data=b"", rdev=(0, 0)):
        nonlocal out
        fields = (entry.ino, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(os.fsencode(name)) + 1, 0)
        entry.ino += 1
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + os.fsencode(name) + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)

    entry.ino = 1
    entry("dev", stat.S_IFDIR | 0o755)
    entry("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1))
    for path, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(folders + names):
            full = os.path.join(path, name)
            inner = os.path.relpath(full, top)
            info = os.lstat(full)
            if stat.S_ISLNK(info.st_mode):
                entry(inner, stat.S_IFLNK | 0o777, os.fsencode(os.readlink(full)))
            elif stat.S_ISDIR(info.st_mode):
                entry(inner, stat.S_IFDIR | 0o755)
            else:
                with open(full, "rb") as file:
                    entry(inner, stat.S_IFREG | stat.S_IMODE(info.st_mode), file.read())
    entry("TRAILER!!!", 0)
    return bytes(out)


def compile_tools(tree):
    flags = ["-O2", "-Wall", "-Wextra"]
    run("gcc", *flags, "-o", tree.path("usr/sbin/agent"), os.path.join(HERE, "agent.c"))
    run("gcc", *flags, "-I/usr/include/PCSC", "-o", tree.path("usr/bin/pcsctool"), os.path.join(HERE, "pcsctool.c"),
        "-lpcsclite")
    for name in "usr/sbin/agent", "usr/bin/pcsctool":
        tree.add_needed(tree.path(name))
    for name in PCSC_NAMES:
        os.symlink("pcsctool", tree.path("usr/bin/" + name))


def build(cache, folder):
    packages = Packages(cache)
    kernel = packages.kernel()
    debs = packages.fetch([kernel, *packages.closure(PACKAGES)])
    with tempfile.TemporaryDirectory(prefix="work.", dir=cache) as work:
        source, boot, top = (os.path.join(work, name) for name in ("source", "kernel", "top"))
        for path in source, boot, top:
            os.mkdir(path)
        release = kernel[len("linux-image-"):]
        unpack(debs[0], boot, "./boot/vmlinuz-*", f"./lib/modules/{release}/modules.*", "*.ko")
        for deb in debs[1:]:
            unpack(deb, source, "--exclude=./usr/share/doc", "--exclude=./usr/share/man", "--exclude=./usr/share/locale",
                   "./*")
        tree = Tree(source, top)
        for name in FILES:
            tree.add(name)
        os.makedirs(tree.path("usr/lib/ssl"))
        os.symlink("/etc/ssl/openssl.cnf", tree.path("usr/lib/ssl/openssl.cnf"))
        compile_tools(tree)
        for name in sorted(os.listdir(os.path.join(HERE, "bin"))):
            tree.add("usr/bin/" + name, os.path.join(HERE, "bin", name))
        tree.add("init", os.path.join(HERE, "init"))
        for name in run(tree.path("bin/busybox"), "--list").split():
            if not os.path.lexists(tree.path("usr/bin/" + name)) and not os.path.lexists(tree.path("usr/sbin/" + name)):
                os.symlink("busybox", tree.path("usr/bin/" + name))
        with open(tree.path("etc/passwd"), "w") as file:
            file.write("root::0:0:root:/root:/bin/sh\n")
        with open(tree.path("etc/group"), "w") as file:
            file.write("".join(f"{name}:x:{gid}:\n" for gid, name in enumerate(
                "root tty dialout disk cdrom floppy tape audio video kmem input sgx render kvm lp plugdev pcscd".split())))
        tree.add_modules(boot, release)
        with open(os.path.join(boot, "boot", "vmlinuz-" + release), "rb") as file:
            image = kernel_image(file.read())
        for name, data in ("vmlinuz", image), ("initrd", cpio(top)), ("cmdline", CMDLINE.encode()):
            with open(os.path.join(folder, name + ".new"), "wb") as file:
                file.write(data)
            os.rename(os.path.join(folder, name + ".new"), os.path.join(folder, name))
