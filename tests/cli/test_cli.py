#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command `virtcard` as people and scripts meet it.

    test_cli.py VIRTCARD PRINT_ROWS TOP

With VC_TEST_UPDATE=1 what the manual and the completion have of the rows is written anew.
"""
import os
import pty
import re
import subprocess
import sys
import tempfile
import threading
from xml.etree import ElementTree

from tap import equal, run, test, within

virtcard, print_rows, top = (os.path.abspath(path) for path in sys.argv[1:4])
commands = ["attach-device", "autostart", "console", "create", "define", "destroy", "detach-device", "dominfo", "domstate",
            "domstats", "domxml-to-native", "dumpxml", "edit", "event", "help", "list", "normalize", "pki-check",
            "pki-client", "pki-init", "pki-server", "pki-show", "qemu-monitor-command", "reboot", "reset", "restore",
            "resume", "run", "save", "schema", "secret-define", "secret-list", "secret-set-value", "secret-undefine",
            "shutdown", "start", "suspend", "undefine", "update-device", "validate"]
temporary = tempfile.TemporaryDirectory()
here = temporary.name

UUID = "c7a5fdbd-edaf-9455-926a-d65c16db1809"
QEMU = "/usr/bin/qemu-system-x86_64"


def domain(devices="<smartcard mode='host'/>", emulator=QEMU, head=""):
    return f"""<domain type='qemu'>
  <name>web</name>
  <uuid>{UUID}</uuid>
  <memory>65536</memory>{head}
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <emulator>{emulator}</emulator>
    {devices}
  </devices>
</domain>
"""


TWO_FAULTS = domain("<smartcard mode='nothing'/>\n    <smartcard mode='host' mood='bad'/>")


def write(name, text):
    with open(os.path.join(here, name), "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def environment(**more):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "VIRTCARD_"))}
    env.update(HOME=here, VIRTCARD_ROOT=os.path.join(here, "root"), **more)
    return env


def call(*words, text=None, env=None, **more):
    """Exit status, standard output, standard error."""
    more.setdefault("stdin", subprocess.DEVNULL if text is None else None)
    if text is not None:
        more["stdin"] = None
        more["input"] = text if isinstance(text, bytes) else text.encode()
    more.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run([virtcard, *words], cwd=here, env=env or environment(), stderr=subprocess.PIPE,
                          timeout=60, **more)
    return done.returncode, (done.stdout or b"").decode(), done.stderr.decode()


def usage(*words, why, hint="virtcard help", **more):
    status, out, err = call(*words, **more)
    equal((status, out), (2, ""))
    equal(err.splitlines(), [f"virtcard: {why}", f"virtcard: try '{hint}'"])


write("good.xml", domain())
write("two.xml", TWO_FAULTS)
os.mkdir(os.path.join(here, "folder"))


# The command line

@test
def no_command():
    usage(why="no command is given")


@test
def unknown_command():
    usage("defin", why="unknown command 'defin'")
    usage("", why="unknown command ''")
    usage("\x1b[31m", why="unknown command '\\x1b[31m'")


@test
def unknown_option():
    usage("--bogus", "validate", why="unknown option '--bogus'")
    usage("-x", why="unknown option '-x'")
    usage("validate", "--bogus", "good.xml", why="validate: unknown option '--bogus'", hint="virtcard help validate")


@test
def wrong_arguments():
    usage("validate", why="validate: FILE is missing", hint="virtcard help validate")
    usage("normalize", why="normalize: FILE is missing", hint="virtcard help normalize")
    usage("normalize", "a", "b", why="normalize: one argument too many: 'b'", hint="virtcard help normalize")
    usage("domxml-to-native", "qemu-argv", why="domxml-to-native: FILE is missing",
          hint="virtcard help domxml-to-native")
    usage("domxml-to-native", "qemu-argv", "a", "--xml", "b",
          why="domxml-to-native: option '--xml' is given twice", hint="virtcard help domxml-to-native")
    usage("normalize", "--file", why="normalize: option '--file' needs a value: FILE", hint="virtcard help normalize")


@test
def unsupported_format():
    usage("domxml-to-native", "xen-xl", "good.xml", hint="virtcard help domxml-to-native",
          why="domxml-to-native: FORMAT: 'xen-xl' is unsupported: the only one is qemu-argv")


@test
def empty_root():
    usage("--root", "", "validate", "good.xml", why="--root: the name is empty")
    usage("--root=", "validate", "good.xml", why="--root: the name is empty")
    usage("validate", "good.xml", env=environment() | {"VIRTCARD_ROOT": ""}, why="VIRTCARD_ROOT is empty")


@test
def version():
    for words in (["--version"], ["-v"], ["validate", "--version"]):
        status, out, err = call(*words)
        equal((status, err), (0, ""))
        within("\n", out)
        equal(re.sub(r"[0-9]+(\.[0-9]+)+", "N", out), "virtcard N\n")


@test
def connect_in_vain():
    usage("-c", "qemu:///system", "validate", "good.xml", hint="virtcard help validate",
          why="validate: acts on no guest: --connect has no use")
    usage("--user", "x", "validate", "good.xml", hint="virtcard help validate", why="validate: acts on no guest: --user has no use")
    usage("validate", "good.xml", "--password-file", "x", hint="virtcard help validate",
          why="validate: acts on no guest: --password-file has no use")
    usage("--root", "x", "list", "--connect", "qemu:///system", hint="virtcard help list",
          why="list: --connect and --root exclude each other")
    usage("--fingerprint", "x", "list", hint="virtcard help list", why="list: --fingerprint is for the server of --connect")
    usage("list", "-c", why="list: option '-c' needs a value: URI", hint="virtcard help list")
    for uri, why in (("qemu+tcp://host/system", "URI 'qemu+tcp://host/system': transport 'tcp' is not supported: use tls, ssh or unix"),
                     ("qemu+tls://127.0.0.1:1/system?pkipath=/nowhere", "cannot connect to 127.0.0.1:1: 127.0.0.1: nobody listens there"),
                     ("web", "URI 'web': it does not begin with 'qemu:'"),
                     ("qemu:///embed?root=x", "URI 'qemu:///embed?root=x': parameter 'root': 'x' is no absolute path"),
                     ("qemu:///system?root=/nowhere",
                      "cannot connect to '/nowhere/run/virtcard/virtcard-sock': No such file or directory"),
                     ("qemu+unix:///system?socket=/" + 107 * "x",
                      f"the path of socket '/{107 * 'x'}' has more than 107 bytes"),
                     ("qemu+unix:///system?socket=/dev/null", "cannot connect to '/dev/null': nobody listens there")):
        equal(call("-c", uri, "list"), (1, "", why + "\n"))
    equal(call("-c", "qemu+tls://127.0.0.1:1/system", "--fingerprint", "ab:cd", "list"),
          (1, "", "--fingerprint: 'ab:cd' is no fingerprint: it is 'SHA256:' and 43 characters of base64\n"))
    equal(call("-c", "qemu:///system", "--fingerprint", "SHA256:" + 43 * "A", "list"),
          (1, "", "URI 'qemu:///system': certificates are for transport tls\n"))


@test
def contradictions():
    for words, why in ((("list", "--name", "--id"), "list: --name, --uuid and --id exclude each other"),
                       (("save", "a", "b", "--running", "--paused"), "save: --running and --paused exclude each other"),
                       (("restore", "b", "--running", "--paused"), "restore: --running and --paused exclude each other"),
                       (("attach-device", "a", "b", "--live", "--current"),
                        "attach-device: --current excludes --live and --config"),
                       (("detach-device", "a", "b", "--config", "--current"),
                        "detach-device: --current excludes --live and --config"),
                       (("update-device", "a", "b", "--config", "--current"),
                        "update-device: --current excludes --live and --config")):
        equal(call(*words), (2, "", why + "\n"))


@test
def files_first():
    for words in (("define", "none.xml"), ("create", "none.xml"), ("attach-device", "web", "none.xml")):
        equal(call(*words), (1, "", "none.xml: No such file or directory\n"))


# Help

@test
def help_of_all():
    status, out, err = call("help")
    equal((status, err), (0, ""))
    for name in commands:
        within(f"\n  {name} ", out)
    within("--root DIR", out)
    equal(call("--help"), (0, out, ""))
    equal(call("-h"), (0, out, ""))


@test
def help_of_each():
    for name in commands:
        status, out, err = call("help", name)
        equal((status, err), (0, ""))
        for title in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"):
            within(f"  {title}\n    ", out)
        equal([line for line in out.splitlines() if len(line) > 80 or line != line.rstrip()], [])
        equal(call(name, "--help"), (0, out, ""))
        equal(call("--help", name), (0, out, ""))
        equal(call(name, "-h"), (0, out, ""))


@test
def help_of_nothing():
    usage("help", "defin", why="help: COMMAND: there is no command 'defin'", hint="virtcard help help")


# validate

@test
def validate_good():
    equal(call("validate", "good.xml"), (0, "good.xml is valid\n", ""))
    equal(call("validate", "--file", "good.xml"), (0, "good.xml is valid\n", ""))


@test
def validate_all_errors_in_order():
    status, out, err = call("validate", "two.xml")
    lines = err.splitlines()
    equal((status, out, len(lines)), (1, "", 2))
    within("two.xml:9: ", lines[0])
    within("two.xml:10: ", lines[1])


@test
def validate_many_files():
    status, out, err = call("validate", "none.xml", "good.xml", "two.xml", "folder", "good.xml")
    lines = err.splitlines()
    equal((status, out), (1, "good.xml is valid\ngood.xml is valid\n"))
    equal(lines[0], "none.xml: No such file or directory")
    equal(lines[-1], "folder: Is a directory")
    equal(len(lines), 4)


@test
def output_in_order_on_one_pipe():
    done = subprocess.run([virtcard, "validate", "good.xml", "none.xml", "good.xml"], cwd=here, env=environment(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    equal([line.split()[0] for line in done.stdout.decode().splitlines()], ["good.xml", "none.xml:", "good.xml"])


@test
def validate_warns():
    write("away.xml", domain(emulator="/no/such/qemu"))
    status, out, err = call("validate", "away.xml")
    equal((status, out), (0, "away.xml is valid\n"))
    if not re.fullmatch(r"away\.xml:[0-9]+: warning: .*/no/such/qemu.*\n", err):
        raise AssertionError(err)


@test
def validate_stdin():
    equal(call("validate", "-", text=domain()), (0, "(standard input) is valid\n", ""))
    status, out, err = call("validate", "-", text=TWO_FAULTS)
    equal((status, out), (1, ""))
    within("(standard input):9: ", err)


@test
def validate_empty_and_broken():
    for name, text in (("empty.xml", b""), ("zeros.xml", bytes(64)), ("cut.xml", domain()[:200]),
                       ("odd.xml", b"\xff\xfe<\x00"), ("other.xml", "<network/>")):
        write(name, text)
        status, out, err = call("validate", name)
        equal((status, out, err.count("\n")), (1, "", 1))
        within(f"{name}:1: " if name != "cut.xml" else f"{name}:", err)


@test
def validate_too_large():
    write("large.xml", b"<domain>" + b" " * (9 << 20) + b"</domain>")
    for words, name in ((["large.xml"], "large.xml"), (["/dev/zero"], "/dev/zero")):
        status, out, err = call("validate", *words)
        equal((status, out, err.count("\n")), (1, "", 1))
        within(f"{name}:1: ", err)


@test
def validate_fifo():
    path = os.path.join(here, "fifo")
    os.mkfifo(path)
    padded = domain() + "\n" * 300000

    def feed():
        with open(path, "w", encoding="utf-8") as file:
            file.write(padded)

    feeder = threading.Thread(target=feed)
    feeder.start()
    equal(call("validate", "fifo"), (0, "fifo is valid\n", ""))
    feeder.join()


@test
def names_are_made_safe():
    name = "bad\x1b[31m\n.xml"
    write(name, TWO_FAULTS)
    status, out, err = call("validate", name)
    equal((status, out, err.count("\n")), (1, "", 2))
    within("bad\\x1b[31m\\n.xml:9: ", err)
    write("evil.xml", domain("<smartcard mode='a&#10;good.xml:1: b&#x9b;31m'/>"))
    status, out, err = call("validate", "evil.xml")
    equal((status, out, err.count("\n")), (1, "", 1))
    within("a\\ngood.xml:1: b\\u009b31m", err)


@test
def dash_file_names():
    write("-odd.xml", domain())
    usage("validate", "-odd.xml", why="validate: unknown option '-odd.xml'", hint="virtcard help validate")
    equal(call("validate", "--", "-odd.xml"), (0, "-odd.xml is valid\n", ""))


# normalize

@test
def normalize_good():
    status, out, err = call("normalize", "good.xml")
    equal((status, err), (0, ""))
    within(f"<uuid>{UUID}</uuid>", out)
    within("<controller type='ccid'", out)
    equal(call("normalize", "-", text=domain()), (0, out, ""))
    equal(call("normalize", "-", text=out), (0, out, ""))


@test
def normalize_first_error_only():
    status, out, err = call("normalize", "two.xml")
    equal((status, out, err.count("\n")), (1, "", 1))
    within("two.xml:9: ", err)


@test
def escapes_only_on_a_terminal():
    write("shy.xml", domain(head="\n  <title>x&#x9b;31m \u202e</title>"))
    status, out, err = call("normalize", "shy.xml")
    equal((status, err), (0, ""))
    within("x\x9b31m", out.replace("&#x9B;", "\x9b").replace("&#x9b;", "\x9b").replace("&#155;", "\x9b"))
    ours, theirs = pty.openpty()
    status = subprocess.run([virtcard, "normalize", "shy.xml"], cwd=here, env=environment(), stdin=subprocess.DEVNULL,
                            stdout=theirs, timeout=60).returncode
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:
        pass
    os.close(ours)
    equal(status, 0)
    equal([c for c in shown.decode() if c in "\x9b\u202e\x1b"], [])
    within("</domain>\r\n", shown.decode())


# domxml-to-native

@test
def to_native():
    status, out, err = call("domxml-to-native", "qemu-argv", "good.xml")
    equal((status, err), (0, ""))
    within(QEMU, out.splitlines()[0])
    within("ccid-card-emulated", out)
    for words in (["qemu-argv", "--xml", "good.xml"], ["--format", "qemu-argv", "--xml=good.xml"],
                  ["--xml", "good.xml", "qemu-argv"]):
        equal(call("domxml-to-native", *words), (0, out, ""))
    equal(call("domxml-to-native", "qemu-argv", "-", text=domain()), (0, out, ""))


@test
def to_native_says_the_first_error():
    status, out, err = call("domxml-to-native", "qemu-argv", "two.xml")
    equal((status, out, err.count("\n")), (1, "", 1))
    within("two.xml:9: ", err)


@test
def to_native_refuses_what_qemu_cannot():
    write("both.xml", domain("<smartcard mode='host'/>\n    <smartcard mode='host'/>"))
    equal(call("validate", "both.xml")[0], 0)
    status, out, err = call("domxml-to-native", "qemu-argv", "both.xml")
    equal((status, out, err.count("\n")), (1, "", 1))
    within("both.xml:", err)


@test
def to_native_reads_qemu_conf():
    root = os.path.join(here, "other")
    os.makedirs(os.path.join(root, "etc", "virtcard"))
    write("other/etc/virtcard/qemu.conf", "user = \"root\"\nchardev_tsl = 1\n")
    status, out, err = call("--root", "other", "domxml-to-native", "qemu-argv", "good.xml")
    equal((status, out), (1, ""))
    within(f"{root}/etc/virtcard/qemu.conf:2: ", err)
    equal(call("--root", "other", "normalize", "good.xml")[0], 0)


@test
def to_native_shows_spice_as_qemu_conf_has_it():
    write("spice.xml", domain("<graphics type='spice' autoport='yes'/>"))
    os.makedirs(os.path.join(here, "plain", "etc", "virtcard"))
    for setting, shown in (("spice_tls = 0", None), ('spice_tls_x509_cert_dir = "/a"', "x509-dir=/a")):
        write("plain/etc/virtcard/qemu.conf", setting + "\n")
        status, out, err = call("--root", "plain", "domxml-to-native", "qemu-argv", "spice.xml")
        equal(status, 0)
        equal("x509-dir" in out and "tls-port" in out, shown is not None)
        within(shown or "-spice", out)


# schema

@test
def schema():
    status, out, err = call("schema")
    equal((status, err), (0, ""))
    equal(ElementTree.fromstring(out).tag, "{http://relaxng.org/ns/structure/1.0}grammar")
    usage("schema", "good.xml", why="schema: one argument too many: 'good.xml'", hint="virtcard help schema")


@test
def root_is_relative_and_wins():
    for words in (["--root", "mine", "normalize", "good.xml"], ["normalize", "--root=mine", "good.xml"]):
        equal(call(*words)[0], 0)
        equal(sorted(os.listdir(os.path.join(here, "mine", "var", "lib", "virtcard"))), ["caps"])
    equal(call("normalize", "good.xml", env=environment() | {"VIRTCARD_ROOT": "byname"})[0], 0)
    equal(os.listdir(os.path.join(here, "byname", "var", "lib", "virtcard")), ["caps"])


# Outputs that cannot be written

@test
def full_output():
    for words in (["normalize", "good.xml"], ["validate", "good.xml"], ["help"], ["--version"]):
        with open("/dev/full", "w", encoding="utf-8") as full:
            status, _, err = call(*words, stdout=full)
        equal((status, err), (1, "virtcard: cannot write to the standard output: No space left on device\n"))


@test
def closed_output():
    for words in (["normalize", "good.xml"], ["domxml-to-native", "qemu-argv", "good.xml"], ["help", "validate"]):
        status, _, err = call(*words, stdout=None, preexec_fn=lambda: os.close(1))
        equal((status, err), (1, "virtcard: cannot write to the standard output: Bad file descriptor\n"))


@test
def broken_pipe():
    for quiet in (False, True):
        reader, writer = os.pipe()
        os.close(reader)
        status, _, err = call("normalize", "good.xml", stdout=writer, restore_signals=quiet)
        os.close(writer)
        if quiet:
            equal((status, err), (-13, ""))
        else:
            equal((status, err), (1, "virtcard: cannot write to the standard output: Broken pipe\n"))


@test
def everything_closed():
    status = subprocess.run([virtcard, "validate", "-", "good.xml"], cwd=here, env=environment(), timeout=60,
                            preexec_fn=lambda: os.closerange(0, 3)).returncode
    equal(status, 1)


# Pages made from rows

def check_page(path, sort, begin, end):
    path = os.path.join(top, path)
    rows = subprocess.run([print_rows, sort], stdout=subprocess.PIPE, check=True).stdout.decode()
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(begin + "\n", 1)
    after = rest.split(end + "\n", 1)[1]
    want = f"{before}{begin}\n\n{rows.rstrip()}\n\n{end}\n{after}"
    if text != want and os.environ.get("VC_TEST_UPDATE"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(want)
    elif text != want:
        raise AssertionError(f"{path} is out of date: VC_TEST_UPDATE=1 meson test -C build cli")


@test
def manual_is_up_to_date():
    check_page("docs/man/virtcard.1.rst", "man", ".. rows begin", ".. rows end")


@test
def completion_is_up_to_date():
    check_page("data/completion/virtcard", "completion", "# rows begin", "# rows end")


@test
def every_file_is_a_command():
    names = [name[4:-2] for name in os.listdir(os.path.join(top, "src", "cli"))
             if name.startswith("cmd-") and name.endswith(".c")]
    equal(sorted(names), sorted(re.findall(r"^  (\S+) ", call("help")[1].split("commands:")[1].split("options")[0],
                                           re.M)))


run()
