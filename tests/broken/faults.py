# SPDX-License-Identifier: LGPL-2.1-or-later
"""One fault each, derived from good descriptions: (name, bytes, line the fault is at)."""
import xml.etree.ElementTree as ElementTree

from document import Document, place

BASES = ["pc", "q35", "more"]

# What the attributes of the good documents hold; those in no list are one of a few words.
NUMBERS = """controller@index controller@ports controller@vectors target@chassis target@port master@startport
    reconnect@timeout model@ram model@vram model@vram64 model@vgamem model@heads audio@id rate@bytes rate@period
    boot@order address@domain address@bus address@slot address@function address@controller address@target
    address@unit address@iobase address@irq graphics@port graphics@tlsPort""".split()
PATHS = "source@file source@path log@file emulator kernel initrd database".split()
FREE = """source@host source@service source@index target@dev target@name target@state feature@name
    alias@name graphics@listen listen@address listen@fromConfig memory@unit currentMemory@unit
    target@address source@channel seclabel@model seclabel@relabel domain@id address@port""".split()

BAD_NUMBERS = ["-1", "", "x", "1e3", " 5", "99999999999", "0x", "5 ", "1.5", "+1", "99999999999999999999999"]

# Elements whose text means something, and elements that may hold anything.
TEXTS = """name uuid title description memory currentMemory vcpu type kernel initrd cmdline model label
    on_poweroff on_reboot on_crash emulator certificate database serial backend partition""".split()
ANYTHING = ["metadata", "backingStore", "label"]


def has_text(document, element):
    if element.tag == "model":
        return document.parent(element).tag == "cpu"
    if element.tag == "serial":
        return document.parent(element).tag == "disk"
    return element.tag in TEXTS


def change(base, name, how):
    """how changes the document and gives the element at fault (None: line 1)."""
    document = Document(base)
    at = how(document)
    text = document.write()
    return f"{base}-{name}", text, 1 if at is None else document.line(at)


def each(base):
    """Every element of a base, by its place: the document is a fresh one each time."""
    for number in range(len(Document(base).all())):
        document = Document(base)
        yield document, document.all()[number]


def finish(name, document, at):
    text = document.write()
    return name, text, document.line(at)


def unknown():
    for base in BASES:
        for document, element in each(base):
            if element.tag in ANYTHING:
                continue
            child = document.add(element, "<nonsense/>")
            yield finish(f"unknown-element-in-{place(document, element)}", document, child)
        for document, element in each(base):
            if element.tag in ANYTHING:
                continue
            element.set("nonsense", "1")
            yield finish(f"unknown-attribute-of-{place(document, element)}", document, element)
        for document, element in each(base):
            if element.tag in ANYTHING or has_text(document, element):
                continue
            element.text = "stray"
            yield finish(f"text-in-{place(document, element)}", document, element)


def values():
    for base in BASES:
        for number, element in enumerate(Document(base).all()):
            for attribute in element.attrib:
                known = f"{element.tag}@{attribute}"
                if known in FREE:
                    continue
                bad = ["nonsense", "", element.get(attribute).upper(), element.get(attribute) + " "]
                if known in NUMBERS:
                    bad = BAD_NUMBERS
                elif known in PATHS:
                    bad = ["relative/path", "", "./x"]
                for value in bad:
                    if value.startswith("0X") and known not in NUMBERS:
                        continue
                    if value == element.get(attribute) or (known == "graphics@port" and value == "-1"):
                        continue
                    if known == "graphics@tlsPort" and value == "-1":
                        continue
                    document = Document(base)
                    at = document.all()[number]
                    at.set(attribute, value)
                    yield finish(f"{place(document, at)}-{attribute}-is-{value!r}", document, at)
        for number, element in enumerate(Document(base).all()):
            bad = []
            if element.tag in ("memory", "currentMemory"):
                bad = [x for x in BAD_NUMBERS if x not in (" 5", "5 ", "99999999999")] + ["0", "99999999999999"]
            elif element.tag == "vcpu":
                bad = BAD_NUMBERS + ["0"]
            elif element.tag in PATHS:
                bad = ["relative/path", ""]
            elif element.tag in ("on_poweroff", "on_reboot", "on_crash", "type", "partition"):
                bad = ["nonsense", "", "HVM", "destroy "]
            elif element.tag == "uuid":
                bad = ["", "x", "c7a5fdbd-edaf-9455-926a-d65c16db180", "c7a5fdbd-edaf-9455-926a-d65c16db18099",
                       "g7a5fdbd-edaf-9455-926a-d65c16db1809"]
            elif element.tag == "name":
                bad = ["", "a/b", "a\nb", ".", ".."]
            elif element.tag == "title":
                bad = ["a\nb"]
            for value in bad:
                document = Document(base)
                at = document.all()[number]
                at.text = value
                yield finish(f"{place(document, at)}-is-{value!r}", document, at)


# What must be given: base, element, attribute (or "" for the element itself), element the complaint is at.
MISSING = """
pc . type .
pc name - .
pc memory - .
pc os - .
pc os/type - os
pc os/boot dev os/boot
pc cpu/feature name cpu/feature
pc cpu/model - cpu
pc os/kernel - os
pc devices/controller[@type='pci'] type devices/controller
pc devices/controller[@type='pci'] model devices/controller
pc devices/controller[@type='usb'] type devices/controller[2]
pc devices/controller[@type='ccid'] type devices/controller[8]
pc devices/controller/alias name devices/controller/alias
pc devices/controller/address type devices/controller/address
pc devices/hub type devices/hub
pc devices/disk type devices/disk
pc devices/disk/source - devices/disk
pc devices/disk/source file devices/disk
pc devices/disk/target - devices/disk
pc devices/disk/target dev devices/disk/target
pc devices/disk/address type devices/disk/address
pc devices/smartcard mode devices/smartcard
pc devices/smartcard[2] mode devices/smartcard[2]
pc devices/smartcard[3] mode devices/smartcard[3]
pc devices/smartcard[3] type devices/smartcard[3]
pc devices/smartcard[4] type devices/smartcard[4]
pc devices/smartcard[2]/certificate - devices/smartcard[2]
pc devices/smartcard[3]/source - devices/smartcard[3]
pc devices/smartcard[3]/source host devices/smartcard[3]
pc devices/smartcard[3]/source service devices/smartcard[3]
pc devices/smartcard[3]/source/reconnect timeout devices/smartcard[3]
pc devices/smartcard/address type devices/smartcard/address
pc devices/serial/source - devices/serial
pc devices/serial/source path devices/serial
pc devices/serial[2]/source - devices/serial[2]
pc devices/serial[2]/source path devices/serial[2]
pc devices/serial[2]/log file devices/serial[2]
pc devices/channel/target - devices/channel
pc devices/channel/target type devices/channel
pc devices/input type devices/input
pc devices/graphics[@type='spice'] type devices/graphics
pc devices/graphics[@type='vnc'] type devices/graphics[2]
pc devices/audio id devices/audio
pc devices/audio type devices/audio
pc devices/memballoon model devices/memballoon
pc devices/rng model devices/rng
pc devices/rng/rate bytes devices/rng
pc devices/rng/backend model devices/rng
pc devices/rng/backend - devices/rng
q35 devices/controller[@model='pcie-root-port'] model devices/controller[2]
q35 devices/controller[@model='pcie-to-pci-bridge'] model devices/controller[3]
q35 devices/disk[2]/target dev devices/disk[2]/target
q35 devices/smartcard/source path devices/smartcard
q35 devices/serial/source host devices/serial
q35 devices/serial/source service devices/serial
q35 devices/serial[2]/address type devices/serial[2]/address
"""


def missing():
    for line in MISSING.split("\n"):
        if not line:
            continue
        base, path, attribute, complaint = line.split()
        document = Document(base)
        at = document.find(complaint)
        element = document.find(path)
        what = place(document, element)
        if attribute == "-":
            document.drop(path)
        else:
            del element.attrib[attribute]
        yield finish(f"no-{what}" + ("" if attribute == "-" else f"-{attribute}"), document, at)


# May stand several times, or is refused for a reason of its own.
REPEATED = ["controller", "hub", "disk", "smartcard", "serial", "console", "channel", "input", "graphics", "video", "rng",
            "certificate", "boot", "feature", "seclabel", "backingStore", "domain", "label", "imagelabel", "memballoon",
            "audio", "parallel", "redirdev", "usbdev"]


def twice():
    for base in BASES:
        for document, element in each(base):
            if element.tag in REPEATED and not (element.tag == "serial" and has_text(document, element)):
                continue
            if element.tag == "boot" or element is document.root:
                continue
            twin = document.twin(element)
            yield finish(f"twice-{place(document, element)}", document, twin)


def unsupported():
    below = {
        "devices": """<hostdev mode='subsystem' type='usb'/>|<tpm model='tpm-crb'/>|<interface type='vdpa'/>
            |<sound model='pcspk'/>|<filesystem type='mount'/>|<watchdog model='diag288'/>
            |<shmem name='x'/>|<lease/>
            |<memory model='dimm'/>|<iommu model='intel'/>|<vsock model='virtio'/>|<panic model='pseries'/>|<nvram/>
            |<crypto model='virtio'/>|<input type='evdev'/>
            |<controller type='xenbus'/>
            |<console type='pty'><target type='sclp'/></console>
            
            |<graphics type='sdl'/>
            |<graphics type='rdp'/>|<graphics type='egl-headless'/>|<audio id='9' type='dbus'/>
            |<disk type='nvme'/>|<disk type='volume'/>
            |<video><model type='xen'/></video>
            |<memballoon model='xen'/>""",
        ".": """<sysinfo type='smbios'/>|<idmap/>
            |<perf/>|<keywrap/>|<launchSecurity type='sev'/>
            |<bootloader>x</bootloader>|<vcpus/>|<maxMemory>1</maxMemory>|<defaultiothread/>
            |<throttlegroups/>|<on_lockfailure>ignore</on_lockfailure>""",
        "os": """<bios useserial='yes'/>
            |<smbios mode='host'/>|<dtb>/x</dtb>|<init>/x</init>|<firmware/>|<acpi/>""",
        "features": "<hap/>|<viridian/>|<kvm><dirty-ring/></kvm>|<privnet/>|<gic/>",
        "cpu": "<numa><interconnects/></numa>",
        "clock": "<timer name='platform'/>",
        "devices/disk": """<iotune/>|<encryption/>|<auth/>|<transient/>
            |<mirror/>|<throttlefilters/>""",
        "devices/graphics": "<audio id='1'/>",
        "devices/video": "<driver name='qemu'/>",
    }
    # Newer than the libvirt whose names are known, so merely unknown.
    newer = ["throttlegroups", "defaultiothread", "throttlefilters", "crypto", "maxphysaddr"]
    for path, texts in below.items():
        for number, text in enumerate(texts.split("|")):
            name, data, line = change("pc", "", lambda d: deepest(d, d.add(path, text.strip())))
            tag = ElementTree.fromstring(text.strip()).tag
            yield f"unsupported-{number + 1}-{tag}-in-{path.split('/')[-1]}", data, line, \
                None if tag in newer else "known to libvirt but not supported here"


def deepest(document, element):
    """Where the fault stands: the added element, or what was put into it."""
    inner = element.find("target") if element.find("target") is not None else element.find("backend")
    for name in ("model", "dirty-ring", "interconnects"):
        inner = inner if inner is not None else element.find(name)
    return inner if inner is not None else element
