# SPDX-License-Identifier: LGPL-2.1-or-later
"""Descriptions right in each part and wrong together: (name, bytes, line the fault is at)."""
from document import Document

# Put at the end of <devices>: the added element is at fault, or the part of it named before a colon.
ADDED = {
    "pc": """
<controller type='pci' index='0' model='pci-root'/>
<controller type='pci' index='1' model='pci-root'/>
<controller type='pci' index='1' model='pcie-root-port'/>
<controller type='pci' index='1' model='pcie-to-pci-bridge'/>
<controller type='ide' index='1'/>
<controller type='ide' index='0'/>
<controller type='sata' index='0'/>
<controller type='ccid' index='0'/>
<controller type='virtio-serial' index='0'/>
<controller type='usb' index='2' model='none'/>
<controller type='usb' index='2' model='piix3-uhci' ports='4'/>
<controller type='usb' index='2' model='nec-xhci' ports='16'/>
<controller type='usb' index='7' model='ich9-uhci1'><master startport='0'/></controller>
<controller type='ccid' index='1'><address type='usb' bus='0' port='2'/></controller>
<controller type='ccid' index='1'><address type='usb' bus='0' port='16'/></controller>
<controller type='ccid' index='1'><address type='usb' bus='9' port='1'/></controller>
<controller type='ccid' index='1'><address type='usb' bus='0' port='3.1'/></controller>
<controller type='ccid' index='1'><address type='usb' bus='0' port='1.9'/></controller>
<controller type='ccid' index='1'><address type='pci' slot='0x1f'/></controller>
<controller type='ccid' index='1'><address type='ccid' controller='0' slot='0'/></controller>
<controller type='sata' index='1'><address type='usb' bus='0' port='4'/></controller>
<controller type='sata' index='1'><address type='pci' slot='0x03'/></controller>
<controller type='sata' index='1'><address type='pci' slot='0x00' function='0x1'/></controller>
<controller type='sata' index='1'><address type='pci' bus='0x01' slot='0x01'/></controller>
<controller type='sata' index='1'><address type='pci' domain='0x0001' slot='0x01'/></controller>
<controller type='sata' index='1'><address type='pci' slot='0x01' function='0x0'/></controller>
<disk type='file'><source file='/x'/><target dev='vda'/></disk>
<disk type='file'><source file='/x'/><target dev='vda1'/></disk>
<disk type='file'><source file='/x'/><target dev='v'/></disk>
<disk type='file'><source file='/x'/><target dev=''/></disk>
<disk type='file'><source file='/x'/><target dev='hde'/></disk>
<disk type='file'><target dev='vdb'/></disk>
<disk type='file' device='cdrom'><target dev='vdb'/></disk>
<disk type='file'><source file='/x'/><target dev='sda' bus='sata'/><readonly/></disk>
<disk type='file'><source file='/x'/><target dev='hda'/><address type='drive' controller='0' bus='1' unit='0'/></disk>
<disk type='file'><source file='/x'/><target dev='hda'/><address type='drive' controller='0' bus='2' unit='0'/></disk>
<disk type='file'><source file='/x'/><target dev='hda'/><address type='drive' controller='0' bus='0' unit='2'/></disk>
<disk type='file'><source file='/x'/><target dev='hda'/><address type='drive' controller='1' bus='0' unit='0'/></disk>
<disk type='file'><source file='/x'/><target dev='hda'/><address type='drive' controller='0' bus='0' target='1' unit='0'/></disk>
<disk type='file'><source file='/x'/><target dev='sda' bus='sata'/><address type='drive' controller='0' bus='0' unit='6'/></disk>
<disk type='file'><source file='/x'/><target dev='sda' bus='sata'/><address type='drive' controller='0' bus='1' unit='0'/></disk>
<disk type='file'><source file='/x'/><target dev='sdzzzz' bus='sata'/></disk>
<disk type='file'><source file='/x'/><target dev='hda'/><address type='pci' slot='0x1f'/></disk>
<disk type='file'><source file='/x'/><target dev='vdb'/><address type='drive' controller='0' bus='0' unit='0'/></disk>
<disk type='file'><source file='/x'/><target dev='vdb'/><address type='pci' slot='0x0a'/></disk>
driver: <disk type='file'><driver type='parallels'/></disk>
<smartcard mode='host'><address type='ccid' controller='0' slot='0'/></smartcard>
<smartcard mode='host'><address type='ccid' controller='1' slot='1'/></smartcard>
<smartcard mode='host'><address type='usb' bus='0' port='5'/></smartcard>
<smartcard mode='host'><address type='pci' slot='0x1e'/></smartcard>
certificate: <smartcard mode='host'><certificate>a</certificate></smartcard>
<smartcard mode='host-certificates'><certificate>a</certificate></smartcard>
<smartcard mode='host-certificates'/>
<smartcard mode='passthrough' type='tls'/>
<smartcard mode='passthrough' type='tcp'><source host='h' service='1'/><protocol type='tls'/></smartcard>
<smartcard mode='passthrough' type='tcp'><source host='h' service='1'/><protocol type='telnets'/></smartcard>
<smartcard mode='passthrough' type='tcp'><source mode='bind' host='h' service='1'><reconnect enabled='yes' timeout='1'/></source></smartcard>
<smartcard mode='passthrough' type='tcp'><source host='h' service='1'><reconnect enabled='yes' timeout='0'/></source></smartcard>
<smartcard mode='passthrough' type='tcp'><source host='' service='1'/></smartcard>
<smartcard mode='passthrough' type='tcp'><source host='h' service=''/></smartcard>
source: <smartcard mode='passthrough' type='unix'><source path=''/></smartcard>
<smartcard mode='host'><alias name='ua-card'/></smartcard>
<serial type='null'><target port='0'/></serial>
<serial type='null'><target port='4'/></serial>
<serial type='spicevmc'/>
source: <serial type='file'><source path=''/></serial>
<console type='null'/>
<console type='null'><target type='serial'/></console>
<channel type='null'><target type='virtio'/><address type='virtio-serial' controller='0' port='3'/></channel>
<channel type='null'><target type='virtio'/><address type='virtio-serial' controller='0' port='16'/></channel>
<channel type='null'><target type='virtio'/><address type='virtio-serial' controller='0' bus='1' port='4'/></channel>
<channel type='null'><target type='virtio'/><address type='pci' slot='0x1e'/></channel>
<channel type='spicevmc'><target type='virtio' name='x'/></channel>
<channel type='unix'><source mode='bind'/><target type='virtio' name='a/b'/></channel>
<input type='tablet' bus='ps2'/>
<input type='tablet' bus='usb'><address type='usb' bus='0' port='1.1'/></input>
address: <input type='tablet' bus='usb'><address type='usb' bus='0' port='0'/></input>
<input type='tablet' bus='usb'><address type='pci' slot='0x1e'/></input>
<hub type='usb'><address type='usb' bus='0' port='1'/></hub>
<graphics type='spice'/>
<graphics type='vnc'/>
<audio id='1' type='none'/>
<video><model type='vga'/></video>
<memballoon model='virtio'/>
<memballoon model='none'/>
<rng model='virtio'><rate period='1'/><backend model='random'/></rng>
backend: <rng model='virtio'><backend model='random'>x</backend></rng>
<serial type='null'><address type='pci' bus='0x07' slot='0x01'/></serial>
<serial type='null'><address type='usb' bus='0' port='9'/></serial>
<input type='keyboard' bus='ps2'><address type='usb' bus='0' port='9'/></input>
<input type='keyboard' bus='ps2'><address type='pci' slot='0x1e'/></input>
""",
    "q35": """
<controller type='pci' index='3' model='pcie-root'/>
<controller type='pci' index='3' model='pci-root'/>
<controller type='pci' index='0' model='pcie-root-port'/>
<controller type='pci' index='2' model='pcie-root-port'/>
<controller type='pci' index='3' model='pcie-root-port'><model name='pcie-pci-bridge'/></controller>
<controller type='pci' index='3' model='pcie-to-pci-bridge'><model name='ioh3420'/></controller>
<controller type='pci' index='3' model='pcie-to-pci-bridge'><target chassis='4'/></controller>
<controller type='pci' index='3' model='pcie-root-port'><address type='pci' bus='0x00' slot='0x02' function='0x0'/></controller>
<controller type='pci' index='3' model='pcie-root-port'><address type='pci' bus='0x09' slot='0x02' function='0x0'/></controller>
<controller type='ide' index='0'/>
<controller type='sata' index='0'/>
<controller type='sata' index='1'><address type='pci' bus='0x01' slot='0x01'/></controller>
<disk type='file'><source file='/x'/><target dev='hda' bus='ide'/></disk>
<disk type='file'><source file='/x'/><target dev='sdb' bus='sata'/><boot order='1'/></disk>
<disk type='file'><source file='/x'/><target dev='sdb' bus='sata'/><address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>
<rng model='virtio'><backend model='random'/><address type='pci' bus='0x01' slot='0x00'/></rng>
<rng model='virtio'><backend model='random'/><address type='pci' bus='0x01' slot='0x01'/></rng>
<smartcard mode='passthrough' type='spicevmc'/>
<audio id='1' type='spice'/>
<channel type='spicevmc'><target type='virtio'/></channel>
<video><model type='vga'/></video>
""",
}

# Changes to what stands: base, element, attribute (or "=" for its text), value, element the complaint is at.
CHANGED = """
pc os/boot[2] dev hd os
pc cpu/model = a,b cpu
pc cpu/feature[2] name x2apic cpu/feature[2]
pc cpu/feature name a,b=c cpu/feature
pc memory unit MiX memory
pc currentMemory unit x currentMemory
pc os/type machine microvm os/type
pc os/type arch ppc64 os/type
pc vcpu = 9999 vcpu
pc devices/graphics listen 127.0.0.2 devices/graphics
pc devices/graphics/listen type none devices/graphics
pc devices/graphics[2] port 80 devices/graphics[2]
pc devices/graphics[2] port 65536 devices/graphics[2]
pc devices/controller[3]/address slot 0x03 devices/controller[3]
pc devices/controller[2] index 256 devices/controller[2]
pc devices/controller/address slot 0x20 devices/controller/address
pc devices/controller/address function 0x8 devices/controller/address
pc devices/controller/address bus 0x100 devices/controller/address
pc devices/controller/address domain 0x10000 devices/controller/address
pc devices/controller[@type='virtio-serial'] ports 32 devices/controller[7]
pc devices/controller[@type='virtio-serial'] ports 0 devices/controller[7]
pc devices/controller[@type='usb'] ports 0 devices/controller[2]
pc devices/hub/address port 1.2.3.4.5 devices/hub/address
pc devices/hub/address port 1..2 devices/hub/address
pc devices/hub/address port 1. devices/hub/address
pc devices/hub/address port 256 devices/hub/address
pc devices/hub/address port 0 devices/hub/address
pc devices/hub/address port x devices/hub/address
pc devices/controller/alias name ua- devices/controller/alias
pc devices/controller/alias name ua-a,b devices/controller/alias
pc devices/smartcard[2]/alias name ua-ä devices/smartcard[2]/alias
pc devices/smartcard[2]/alias name ua-usb devices/smartcard[2]
pc devices/smartcard/address slot 256 devices/smartcard/address
pc devices/smartcard[2]/certificate[2] = EMPTY devices/smartcard[2]
pc devices/channel/address controller 256 devices/channel/address
pc devices/audio id 0 devices/audio
pc devices/video/model heads 0 devices/video/model
pc devices/video/model heads 17 devices/video/model
pc devices/video/model type vga devices/video
pc devices/rng/rate bytes 0 devices/rng/rate
pc devices/rng/rate period 0 devices/rng/rate
pc devices/smartcard[3]/source tls maybe devices/smartcard[3]/source
q35 devices/disk/boot order 0 devices/disk/boot
q35 devices/disk[2]/boot order 1 devices/disk[2]
q35 devices/controller[4] model none devices/smartcard
q35 devices/serial[2]/address iobase 0x10000 devices/serial[2]/address
q35 devices/serial[2]/address irq 256 devices/serial[2]/address
q35 devices/serial[2]/address type pci devices/serial[2]/address
"""




def added():
    for base, texts in ADDED.items():
        for number, text in enumerate(texts.strip().split("\n")):
            document = Document(base)
            inner, _, text = text.rpartition(": ")
            element = document.add("devices", text)
            data = document.write()
            yield f"{base}-rule-{number + 1}", data, document.line(element.find(inner) if inner else element)


def changed():
    for number, row in enumerate(CHANGED.strip().split("\n")):
        base, path, attribute, value, complaint = row.split()
        document = Document(base)
        element, at = document.find(path), document.find(complaint)
        if attribute == "=":
            element.text = "" if value == "EMPTY" else value
        else:
            element.set(attribute, value)
        data = document.write()
        yield f"{base}-changed-{number + 1}", data, document.line(at)
