#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtcardd as virsh and python3-libvirt see it, each test over a root of its own.

    test_daemon.py VIRTCARDD [WORD...]
"""
import fcntl
import os
import queue
import signal
import struct
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

import libvirt  # noqa: E402
from daemon import LIMIT, Daemon  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402

place = Place(os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "virtcard"))
program = os.path.abspath(sys.argv[1])
UUID = "01234567-89ab-cdef-fedc-ba9876543210"
# wait for a byte on the serial port, send it back, again
ECHO = bytes.fromhex("bafd03" "ec" "a801" "74fb" "baf803" "ec" "ee" "ebf1")


def daemon(**more):
    return Daemon(program, place.new_folder(), **more)


def guest(name="web", uuid=UUID, devices=""):
    return domain(devices, uuid=uuid).replace("<name>guest<", f"<name>{name}<").replace("256", "32")


def write(folder, text):
    path = os.path.join(folder, "guest.xml")
    with open(path, "w") as file:
        file.write(text)
    return path


def error_of(action, *args):
    try:
        action(*args)
    except libvirt.libvirtError as error:
        return error.get_error_code(), error.get_error_message()
    raise AssertionError("no error")


# Looking

@test
def says_what_it_is():
    with daemon() as d:
        within("Running hypervisor: QEMU ", d.virsh("version"))
        within("Using API: QEMU 9.0.0", d.virsh("version"))
        equal(d.virsh("uri"), d.uri())
        within("Memory size:", d.virsh("nodeinfo"))
        within("total", d.virsh("nodememstats"))
        within("user:", d.virsh("nodecpustats"))
        within("CPUs online:", d.virsh("nodecpumap"))
        equal(d.virsh("hostname"), os.uname().nodename)
        connection = d.open()
        equal(connection.getType(), "QEMU")
        equal(connection.getLibVersion(), 9000000)
        equal((connection.isAlive(), connection.isSecure(), connection.isEncrypted()), (1, 1, 0))
        equal(connection.close(), 0)


@test
def capabilities_are_this_qemus():
    with daemon() as d:
        host = d.virsh("capabilities")
        within("<emulator>/usr/bin/qemu-system-x86_64</emulator>", host)
        within("canonical='pc-q35-", host)
        text = d.virsh("domcapabilities", "--virttype", "qemu", "--machine", "q35")
        within("<machine>pc-q35-", text)
        smartcard = text[text.index("<smartcard"):text.index("</smartcard>")]
        equal([line.strip() for line in smartcard.strip().splitlines()],
              ["<smartcard supported='yes'>", "<enum name='mode'>", "<value>host</value>", "<value>host-certificates</value>",
               "<value>passthrough</value>", "</enum>"])
        within("the machine 'none such' is not supported by emulator", d.refused("domcapabilities", "--machine", "none such"))
        within("unknown virttype: xen", d.refused("domcapabilities", "--virttype", "xen"))
        path = write(d.folder, guest(devices="<smartcard mode='host'/>"))
        within("ccid-card-emulated", d.virsh("domxml-to-native", "qemu-argv", path))


@test
def what_is_not_there_is_none():
    with daemon() as d:
        for verb in ("pool-list --all", "iface-list --all", "nodedev-list --cap pci", "nwfilter-list", "secret-list", "list --all",
                     "nwfilter-binding-list"):
            equal(d.virsh(*verb.split()), "")
        within("Network not found: no network with matching name 'x'", d.refused("net-dumpxml", "x"))
        within("Storage pool not found: no storage pool with matching name 'x'", d.refused("pool-dumpxml", "x"))
        connection = d.open()
        equal(error_of(connection.networkLookupByName, "x")[0], libvirt.VIR_ERR_NO_NETWORK)
        equal(error_of(connection.storageVolLookupByPath, "/x")[0], libvirt.VIR_ERR_NO_STORAGE_VOL)
        equal(error_of(connection.nodeDeviceLookupByName, "x")[0], libvirt.VIR_ERR_NO_NODE_DEVICE)
        equal(error_of(connection.interfaceLookupByName, "x")[0], libvirt.VIR_ERR_NO_INTERFACE)
        equal(error_of(connection.getSysinfo)[0], libvirt.VIR_ERR_NO_SUPPORT)


# Guests

@test
def a_definition_comes_and_goes():
    with daemon() as d:
        path = write(d.folder, guest(devices="<smartcard mode='host'/>"))
        d.virsh("define", path)
        equal(d.virsh("list", "--all", "--name"), "web")
        equal(d.virsh("list", "--name"), "")
        equal(d.virsh("list", "--inactive", "--uuid"), UUID)
        equal(d.virsh("domuuid", "web"), UUID)
        equal(d.virsh("domname", UUID), "web")
        equal(d.virsh("domstate", "web", "--reason"), "shut off (unknown)")
        xml = d.virsh("dumpxml", "web")
        within(f"<uuid>{UUID}</uuid>", xml)
        within("<smartcard mode='host'>", xml)
        write(d.folder, xml)                 # what it prints it reads
        d.virsh("define", path)
        equal(d.virsh("dumpxml", "web"), xml)
        info = d.virsh("dominfo", "web")
        for line in ("State:          shut off", "Max memory:     32768 KiB", "Persistent:     yes", "Autostart:      disable"):
            within(line, info)
        d.virsh("autostart", "web")
        equal(d.virsh("list", "--all", "--autostart", "--name"), "web")
        d.virsh("desc", "web", "--title", "a title")
        equal(d.virsh("desc", "web", "--title"), "a title")
        equal(d.virsh("vcpucount", "web", "--maximum", "--config"), "1")
        equal(d.virsh("snapshot-list", "web"), "")
        d.virsh("undefine", "web", "--nvram", "--managed-save", "--snapshots-metadata")
        equal(d.virsh("list", "--all", "--name"), "")


@test
def a_guest_lives():
    with daemon() as d:
        d.virsh("define", write(d.folder, guest(devices="<serial type='pty'/>")))
        d.virsh("start", "web", "--paused")
        equal(d.virsh("domstate", "web", "--reason"), "paused (user)")
        equal(d.virsh("domid", "web"), "1")
        equal(d.virsh("domname", "1"), "web")
        equal(d.virsh("list", "--state-paused", "--name"), "web")
        equal(d.virsh("list", "--state-running", "--name"), "")
        within("domain is already running", d.refused("start", "web").lower().replace("already active", "already running"))
        d.virsh("resume", "web")
        equal(d.virsh("domstate", "web", "--reason"), "running (unpaused)")
        within("/dev/pts/", d.virsh("ttyconsole", "web"))
        stats = d.virsh("domstats", "web")
        for line in ("state.state=1", "balloon.maximum=32768", "vcpu.current=1", "block.count=0", "cpu.time="):
            within(line, stats)
        within("rss ", d.virsh("dommemstat", "web"))
        within("CPU time:", d.virsh("dominfo", "web"))
        within("VM status: running", d.virsh("qemu-monitor-command", "web", "--hmp", "info status"))
        within('"status":"running"', d.virsh("qemu-monitor-command", "web", '{"execute":"query-status"}').replace(" ", ""))
        d.virsh("send-key", "web", "KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_DELETE", "--holdtime", "10")
        d.virsh("inject-nmi", "web")
        within("there is no key 255", d.refused("send-key", "web", "255"))
        d.virsh("suspend", "web")
        d.virsh("reset", "web")
        d.virsh("destroy", "web")
        equal(d.virsh("domstate", "web", "--reason"), "shut off (destroyed)")
        within("domain is not running", d.refused("destroy", "web").replace("not active", "not running"))
        d.virsh("undefine", "web")
        d.virsh("create", write(d.folder, guest()), "--paused")
        within("Persistent:     no", d.virsh("dominfo", "web"))
        d.virsh("destroy", "web", "--graceful")
        equal(d.virsh("list", "--all", "--name"), "")


class Events:
    def __init__(self, connection, guest=None):
        self.queue = queue.Queue()
        self.connection = connection
        self.number = connection.domainEventRegisterAny(guest, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self._put, None)

    def _put(self, connection, guest, event, detail, data):
        self.queue.put((guest.name(), event, detail))

    def until(self, name, event, detail):
        seen = []
        while (name, event, detail) not in seen:
            seen.append(self.queue.get(timeout=LIMIT))
        return seen

    def close(self):
        self.connection.domainEventDeregisterAny(self.number)


@test
def devices_come_and_go():
    with daemon() as d:
        connection = d.open()
        events = queue.Queue()
        numbers = [connection.domainEventRegisterAny(None, kind, lambda _, guest, alias, kind: events.put((kind, alias)), kind)
                   for kind in (libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED)]
        dom = connection.defineXML(guest())
        dom.create()
        card = write(d.folder, "<smartcard mode='passthrough' type='null'/>")
        d.virsh("attach-device", "web", card, "--live")
        equal(events.get(timeout=LIMIT), (libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, "smartcard0"))
        within("<smartcard mode='passthrough' type='null'>", d.virsh("dumpxml", "web"))
        assert "<smartcard" not in d.virsh("dumpxml", "web", "--inactive")
        d.virsh("attach-device", "web", card, "--config")
        within("<smartcard", d.virsh("dumpxml", "web", "--inactive"))
        d.virsh("detach-device", "web", card, "--live", "--config")
        equal(events.get(timeout=LIMIT), (libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, "smartcard0"))
        assert "<smartcard" not in d.virsh("dumpxml", "web") + d.virsh("dumpxml", "web", "--inactive")
        within("device not found: ", d.refused("detach-device", "web", card, "--live"))
        within("device not found: ", d.refused("detach-device-alias", "web", "smartcard0"))
        within("XML error: ", d.refused("attach-device", "web", write(d.folder, "<smartcard/>")))
        dom.destroy()
        for number in numbers:
            connection.domainEventDeregisterAny(number)
        connection.close()


@test
def a_guest_is_saved_and_restored():
    with daemon() as d:
        d.virsh("define", write(d.folder, guest()))
        d.virsh("start", "web")
        image = os.path.join(d.folder, "saved")
        d.virsh("save", "web", image)
        equal(d.virsh("domstate", "web", "--reason"), "shut off (saved)")
        d.virsh("restore", image, "--paused")
        equal(d.virsh("domstate", "web"), "paused")
        d.virsh("destroy", "web")
        d.virsh("restore", image)
        equal(d.virsh("domstate", "web", "--reason"), "running (restored)")
        within("already", d.refused("restore", image))
        within("argument unsupported: ", d.refused("save", "web", image + "2", "--xml", d.folder + "/guest.xml"))
        d.virsh("destroy", "web")
        within("error: ", d.refused("restore", "/no/such"))


@test
def events_come_to_who_asked():
    with daemon() as d:
        one, other = d.open(), d.open()
        events = Events(one)
        dom = other.defineXML(guest())
        equal(events.until("web", libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_DEFINED_ADDED)[0][0], "web")
        other.defineXML(guest("db", "11234567-89ab-cdef-fedc-ba9876543210"))
        events.until("db", libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_DEFINED_ADDED)
        only = Events(one, one.lookupByName("db"))
        dom.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        events.until("web", libvirt.VIR_DOMAIN_EVENT_STARTED, libvirt.VIR_DOMAIN_EVENT_STARTED_BOOTED)
        dom.destroy()
        events.until("web", libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_DESTROYED)
        events.close()
        other.lookupByName("db").undefine()
        equal(only.until("db", libvirt.VIR_DOMAIN_EVENT_UNDEFINED, libvirt.VIR_DOMAIN_EVENT_UNDEFINED_REMOVED),
              [("db", libvirt.VIR_DOMAIN_EVENT_UNDEFINED, libvirt.VIR_DOMAIN_EVENT_UNDEFINED_REMOVED)])
        equal(events.queue.qsize(), 0)
        only.close()
        one.close()
        other.close()


@test
def virsh_waits_for_an_event():
    with daemon() as d:
        d.virsh("define", write(d.folder, guest()))
        waiting = subprocess.Popen(["virsh", "-c", d.uri(), "event", "--all", "--timestamp"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        monitor = subprocess.Popen(["virsh", "-c", d.uri(), "qemu-monitor-event", "web", "--event", "STOP"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        # both have registered when nothing is asked any more: a call of another connection cannot tell, so make events until they end
        for _ in range(LIMIT):
            d.virsh("start", "web")
            d.virsh("suspend", "web")
            d.virsh("destroy", "web")
            if waiting.poll() is not None and monitor.poll() is not None:
                break
        within("event 'lifecycle' for domain 'web'", waiting.communicate(timeout=LIMIT)[0])
        within("event STOP", monitor.communicate(timeout=LIMIT)[0])


@test
def a_guest_ends_with_its_connection():
    with daemon() as d:
        watcher = d.open()
        events = Events(watcher)
        owner = d.open()
        owner.createXML(guest(), libvirt.VIR_DOMAIN_START_AUTODESTROY | libvirt.VIR_DOMAIN_START_PAUSED)
        equal(watcher.numOfDomains(), 1)
        owner.close()
        events.until("web", libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_DESTROYED)
        equal(watcher.numOfDomains(), 0)
        events.close()
        watcher.close()


@test
def a_console_is_joined():
    with daemon() as d:
        connection = d.open()
        dom = connection.createXML(guest(devices=place.boot_disk(ECHO) + "<serial type='pty'/>"))
        stream = connection.newStream(0)
        dom.openConsole(None, stream, 0)

        def converse(stream):
            """the guest needs a while to get there: say it until it comes back"""
            done = threading.Event()
            heard = []

            def listen():
                while b"x" not in b"".join(heard):
                    heard.append(stream.recv(100))
                done.set()

            thread = threading.Thread(target=listen, daemon=True)
            thread.start()
            for _ in range(LIMIT * 4):
                stream.send(b"x")
                if done.wait(0.25):
                    break
            assert done.is_set(), heard

        converse(stream)
        second = connection.newStream(0)
        equal(error_of(dom.openConsole, "serial0", second, 0),
              (libvirt.VIR_ERR_OPERATION_FAILED, "operation failed: Active console session exists for this domain"))
        third = connection.newStream(0)
        dom.openConsole("serial0", third, libvirt.VIR_DOMAIN_CONSOLE_FORCE)
        within("stream had I/O failure", error_of(stream.recv, 10)[1])
        converse(third)
        third.finish()
        last = connection.newStream(0)
        dom.openConsole(None, last, 0)
        dom.destroy()
        while last.recv(1000):      # what it still said, then its end
            pass
        last.abort()
        equal(error_of(dom.openConsole, None, connection.newStream(0), 0)[0], libvirt.VIR_ERR_NO_DOMAIN)
        connection.close()


@test
def secrets_are_kept_and_never_told():
    with daemon() as d:
        connection = d.open()
        events = queue.Queue()
        number = connection.secretEventRegisterAny(None, libvirt.VIR_SECRET_EVENT_ID_LIFECYCLE,
                                                   lambda _, secret, event, detail, data: events.put((secret.UUIDString(), event)), None)
        path = write(d.folder, "<secret ephemeral='no' private='yes'><usage type='tls'><name>key</name></usage></secret>")
        d.virsh("secret-define", path)
        uuid = d.virsh("secret-list").split()[0]
        equal(events.get(timeout=LIMIT), (uuid, libvirt.VIR_SECRET_EVENT_DEFINED))
        equal(d.virsh("secret-list", "--private").split(), [uuid, "tls", "key"])
        equal(d.virsh("secret-list", "--no-private"), "")
        within("<usage type='tls'>", d.virsh("secret-dumpxml", uuid))
        value = os.path.join(d.folder, "value")
        with open(value, "w") as file:
            file.write("a passphrase")
        d.virsh("secret-set-value", uuid, "--file", value, "--plain")
        within("secret is private", d.refused("secret-get-value", uuid))
        equal(connection.secretLookupByUsage(libvirt.VIR_SECRET_USAGE_TYPE_TLS, "key").UUIDString(), uuid)
        equal(error_of(connection.secretLookupByUsage, libvirt.VIR_SECRET_USAGE_TYPE_TLS, "none")[0], libvirt.VIR_ERR_NO_SECRET)
        d.virsh("secret-undefine", uuid)
        equal(events.get(timeout=LIMIT), (uuid, libvirt.VIR_SECRET_EVENT_UNDEFINED))
        equal(d.virsh("secret-list"), "")
        assert "a passphrase" not in d.log()
        connection.secretEventDeregisterAny(number)
        connection.close()


# Refusals

@test
def read_only_changes_nothing():
    with daemon() as d:
        path = write(d.folder, guest())
        d.virsh("define", path)
        d.virsh("start", "web", "--paused")
        before = d.virsh("dumpxml", "web")
        verbs = ["define " + path, "undefine web", "destroy web", "resume web", "suspend web", "shutdown web", "reboot web",
                 "reset web", "autostart web", "create " + path, "desc web --title x", "attach-device web " + path,
                 "detach-device web " + path, "update-device web " + path, "secret-define " + path,
                 "save web /tmp/x", "restore /tmp/x", "qemu-monitor-command web --hmp info", "send-key web KEY_A", "inject-nmi web", "domcapabilities", "dumpxml web --security-info"]
        for verb in verbs:
            within("operation forbidden: ", d.refused(*verb.split(), read_only=True))
            within("operation forbidden: ", d.refused("-r", *verb.split()))
        equal(d.virsh("dumpxml", "web"), before)
        equal(d.virsh("dumpxml", "web", read_only=True), before)
        equal(d.virsh("domstate", "web", read_only=True), "paused")
        equal(d.virsh("list", "--name", read_only=True), "web")
        connection = d.open(read_only=True)
        equal(error_of(connection.defineXML, guest()),
              (libvirt.VIR_ERR_OPERATION_DENIED, "operation forbidden: read only access prevents virDomainDefineXML"))
        connection.close()


@test
def wrong_inputs_are_named():
    with daemon() as d:
        connection = d.open()
        equal(d.refused("domstate", "nosuch"), "error: failed to get domain 'nosuch'")
        equal(error_of(connection.lookupByName, "nosuch"),
              (libvirt.VIR_ERR_NO_DOMAIN, "Domain not found: no domain with matching name 'nosuch'"))
        equal(error_of(connection.lookupByUUIDString, UUID),
              (libvirt.VIR_ERR_NO_DOMAIN, f"Domain not found: no domain with matching uuid '{UUID}'"))
        equal(error_of(connection.lookupByID, 7), (libvirt.VIR_ERR_NO_DOMAIN, "Domain not found: no domain with matching id 7"))
        code, words = error_of(connection.defineXML, domain(head="<nmae/>"))
        equal(code, libvirt.VIR_ERR_XML_ERROR)
        within("XML error: ", words)
        within("(domain_definition):9: ", words)
        equal(error_of(connection.defineXML, "<dom")[0], libvirt.VIR_ERR_XML_ERROR)
        dom = connection.defineXML(guest())
        equal(error_of(dom.resume), (libvirt.VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: domain is not running"))
        equal(error_of(dom.XMLDesc, 1 << 20)[0], libvirt.VIR_ERR_INVALID_ARG)
        equal(error_of(connection.listAllDomains, 1 << 20)[0], libvirt.VIR_ERR_INVALID_ARG)
        code, words = error_of(connection.defineXML, guest("other"))
        equal(code, libvirt.VIR_ERR_OPERATION_FAILED)
        within("already exists with uuid", words.replace("is already defined with uuid", "already exists with uuid"))
        equal(error_of(dom.metadata, libvirt.VIR_DOMAIN_METADATA_TITLE, None)[0], libvirt.VIR_ERR_NO_DOMAIN_METADATA)
        dom.undefine()
        equal(error_of(dom.info), (libvirt.VIR_ERR_NO_DOMAIN, f"Domain not found: no domain with matching uuid '{UUID}' (web)"))
        for uri, words in (("xen:///system", "no connection driver available for xen:///system"),
                           ("qemu:///bogus", "unexpected qemu URI path '/bogus', try qemu:///system")):
            raw = d.raw()
            name = uri.encode()
            raw.say(1, len(name).to_bytes(4, "big").join([b"\0\0\0\1", name]) + b"\0" * (-len(name) % 4) + b"\0\0\0\0")
            within(words.encode(), raw.hear())
            raw.close()
        connection.close()


@test
def a_session_is_opened():
    """qemu:///session comes with a flag (4) that only concerns the client"""
    with daemon() as d:
        for flags, status in ((4, 0), (8, 1)):
            raw = d.raw()
            raw.say(1, struct.pack(">II", 0, flags))
            equal(struct.unpack(">I", raw.hear()[20:24])[0], status)
            raw.close()


@test
def strangers_stay_outside():
    if os.getuid() != 0:
        raise Skip("needs root")
    inside = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

    def list_as_nobody(d, read_only=False):
        return subprocess.run([*inside, "virsh", "-q", "-c", d.uri(read_only), "list"], capture_output=True, text=True, timeout=LIMIT,
                              env=dict(os.environ, HOME="/nonexistent", XDG_RUNTIME_DIR=d.folder), check=False).returncode

    everybody = 'unix_sock_rw_perms = "0777"\nunix_sock_ro_perms = "0777"\n'
    with daemon() as d:
        equal(list_as_nobody(d), 1)
    with daemon(conf=everybody) as d:
        equal((list_as_nobody(d), list_as_nobody(d, True)), (1, 1))
        within("user 65534", d.log())
        equal(d.virsh("list"), "")
    with daemon(conf=everybody + "unix_sock_ro_open = 1\n") as d:
        equal((list_as_nobody(d), list_as_nobody(d, True)), (1, 0))
    with daemon(conf=everybody + 'unix_sock_users = ["nobody"]\n') as d:
        equal((list_as_nobody(d), list_as_nobody(d, True)), (0, 0))


# Hostile clients

@test
def too_many_clients_wait_outside_but_root_comes_in():
    with daemon(conf="max_clients = 4\n") as d:
        inside = [d.raw() for _ in range(4)]
        for raw in inside:
            assert raw.open() is not None
        extra = d.raw()
        equal(b"there are 4 clients already" in extra.open(), os.getuid() != 0)
        for raw in [*inside, extra]:
            raw.close()


# The daemon itself

@test
def guests_outlive_it():
    with daemon() as d:
        d.virsh("define", write(d.folder, guest()))
        d.virsh("start", "web", "--paused")
        equal(d.stop(), 0)
        equal([name for name in os.listdir(d.run) if "sock" in name], [])
        d.start()
        equal(d.virsh("domstate", "web"), "paused")
        equal(d.stop(signal.SIGKILL), -signal.SIGKILL)
        d.start()
        equal(d.virsh("list", "--name"), "web")
        d.virsh("destroy", "web")


@test
def a_second_one_is_refused():
    with daemon() as d:
        done = subprocess.run([program, "--root", d.root], capture_output=True, text=True, check=False, timeout=LIMIT)
        equal(done.returncode, 1)
        within("being managed", done.stderr)
        equal(d.virsh("list", "--name"), "")


@test
def it_waits_a_moment_for_who_holds_its_root():
    d = daemon()
    os.makedirs(d.run)
    with open(os.path.join(d.run, "manager.lock"), "w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        threading.Timer(1, fcntl.lockf, (lock, fcntl.LOCK_UN)).start()
        with d:
            equal(d.virsh("list"), "")


@test
def two_do_not_share_a_folder_of_sockets():
    folder = place.new_folder()
    conf = f'unix_sock_dir = "{folder}"\n'
    with daemon(conf=conf) as d:
        other = daemon(conf=conf)
        done = subprocess.run([program, "--root", other.root], capture_output=True, text=True, check=False, timeout=LIMIT)
        equal(done.returncode, 1)
        within(f"unix_sock_dir: '{folder}' is used by process {d.process.pid}", done.stderr)
        d.socket = lambda read_only=False: os.path.join(folder, "virtcard-sock" + ("-ro" if read_only else ""))
        equal(d.virsh("list"), "")
    equal(os.listdir(folder), [])


@test
def who_is_refused_does_not_fill_the_log():
    if os.getuid() != 0:
        raise Skip("needs root")
    with daemon(conf='unix_sock_rw_perms = "0777"\n') as d:
        subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c",
                        "import socket, sys\nfor n in range(300): socket.socket(socket.AF_UNIX).connect(sys.argv[1])", d.socket()],
                       check=True, timeout=LIMIT)
        equal(d.virsh("list"), "")
        count = d.log().count("a client was not let in")
        assert 20 <= count <= 100, count    # of 300


@test
def wrong_settings_stop_it():
    folder = place.new_folder()
    conf = os.path.join(folder, "x.conf")
    for text, words in (("max_clients = 1\nmax_clinets = 2\n", f"{conf}:2: unknown setting 'max_clinets'"),
                        ('auth_unix_rw = "polkit"\n', f"{conf}:1: 'auth_unix_rw' can only be \"none\" or \"sasl\"")):
        with open(conf, "w") as file:
            file.write(text)
        done = subprocess.run([program, "--root", folder, "--config", conf, "--check"], capture_output=True, text=True, check=False)
        equal(done.returncode, 1)
        within(words, done.stderr)
    done = subprocess.run([program, "--root", folder, "--config", "/no/such"], capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr), (1, "virtcardd: '/no/such' does not exist\n"))
    equal(subprocess.run([program, "surplus"], capture_output=True, text=True, check=False).returncode, 2)


@test
def systemd_gives_the_sockets():
    import socket
    folder = place.new_folder()
    sockets = []
    for name in ("rw", "given-ro"):
        one = socket.socket(socket.AF_UNIX)
        one.bind(os.path.join(folder, name))
        one.listen()
        sockets.append(one)

    def before(command):
        return ["sh", "-c", f'exec 3<&{sockets[0].fileno()} 4<&{sockets[1].fileno()}; LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"', "sh", *command]

    d = daemon(before=before, pass_fds=[s.fileno() for s in sockets])
    with d:
        equal([name for name in os.listdir(d.run) if "sock" in name], [])
        d.socket = lambda read_only=False: os.path.join(folder, "given-ro" if read_only else "rw")
        d.virsh("define", write(d.folder, guest()))
        equal(d.virsh("list", "--all", "--name", read_only=True), "web")
        within("operation forbidden", d.refused("undefine", "web", read_only=True))
    assert os.path.exists(os.path.join(folder, "rw")), "systemd's socket is not ours to remove"


run(sys.argv[2:])
