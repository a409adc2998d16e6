#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed, as programs of others find it: the headers, pkg-config, the library's names, and the examples built with them.

    test_installed.py VIRTCARDD VIRTCARD BUILD [WORD...]

examples/remote.c then speaks to a virtcardd, and a person at a terminal to it.
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place, domain  # noqa: E402
from pki import tool  # noqa: E402
from remote import Remote, Remotes  # noqa: E402
from sasl import add_user  # noqa: E402
from terminal import Terminal  # noqa: E402

virtcardd, virtcard, build = (os.path.abspath(path) for path in sys.argv[1:4])
place = Place(virtcard)
pki = Remotes(place)
SCRIPT, WARNINGS = "LIBVIRTCARD_0", ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"]
QUESTION = "Is this the right one (yes, once, no)? "


class Installed:
    """in a folder, as a package is made"""

    def __init__(self):
        for program in "meson", "pkg-config", "cc":
            if not shutil.which(program):
                raise Skip("no " + program)
        self.folder = place.new_folder()
        tool("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", self.folder)
        pc = next(os.path.join(at, name) for at, _, names in os.walk(self.folder) for name in names if name == "libvirtcard.pc")
        # pkg-config has no word for a package that was installed below another root: but for that line it is as it was made.
        with open(pc) as file:
            lines = file.read().splitlines()
        lines = [line.replace("prefix=", "prefix=" + self.folder, 1) if line.startswith("prefix=") else line for line in lines]
        moved = place.new_folder()
        with open(os.path.join(moved, "libvirtcard.pc"), "w") as file:
            file.write("\n".join(lines) + "\n")
        self.env = dict(os.environ, PKG_CONFIG_PATH=moved)
        self.flags = self.ask("--cflags", "--libs")
        self.libdir = self.ask("--variable=libdir")[0]
        self.include = os.path.join(self.ask("--variable=includedir")[0], "virtcard")
        for path in self.libdir, self.include:
            if not path.startswith(self.folder):
                raise AssertionError(f"{path} is not what was installed")
        self.library = os.path.join(self.libdir, "libvirtcard.so")
        with open(self.library, "rb") as file:
            self.sanitizer = ["-fsanitize=address"] if b"libasan.so" in file.read() else []

    def ask(self, *words):
        return tool("pkg-config", *words, "libvirtcard", env=self.env).decode().split()

    def example(self, name):
        binary = os.path.join(place.new_folder(), name)
        tool("cc", *WARNINGS, os.path.join(TOP, "examples", name + ".c"), "-o", binary, *self.flags, *self.sanitizer)
        return binary


@test
def every_header_stands_alone():
    installed = Installed()
    equal(sorted(os.listdir(installed.include)), sorted(name for name in os.listdir(os.path.join(TOP, "include", "virtcard")) if name.endswith(".h")))
    for name in os.listdir(installed.include):
        source = os.path.join(place.new_folder(), "header.c")
        with open(source, "w") as file:
            file.write(f"#include <virtcard/{name}>\n#include <virtcard/{name}>\n")
        for language in "c", "c++":
            program = "clang" if language == "c" else "clang++"
            if not shutil.which(program):
                raise Skip("no " + program)
            tool(program, "-x", language, *WARNINGS, "-fsyntax-only", source, *installed.ask("--cflags"))


@test
def the_library_has_its_own_names_and_no_others():
    installed = Installed()
    lines = [line.split() for line in tool("nm", "-D", "--defined-only", installed.library).decode().splitlines()]
    names = [words[2] for words in lines if words[1] != "A"]
    equal([name for name in names if not (name.startswith("virtcard_") and name.endswith("@@" + SCRIPT))], [])
    if len(names) < 50:
        raise AssertionError(f"only {names}")
    equal([words[2] for words in lines if words[1] == "A"], [SCRIPT])
    dynamic = tool("readelf", "-d", installed.library).decode()
    within("Library soname: [libvirtcard.so.0]", dynamic)
    for word in "RPATH", "RUNPATH", "TEXTREL":
        if word in dynamic:
            raise AssertionError(dynamic)


@test
def every_example_is_built():
    installed = Installed()
    for name in os.listdir(os.path.join(TOP, "examples")):
        if name.endswith(".c"):
            done = subprocess.run([installed.example(name.removesuffix(".c"))], env=dict(os.environ, LD_LIBRARY_PATH=installed.libdir), capture_output=True,
                                  text=True, timeout=60, check=False)
            equal(done.returncode, 2)
            within("usage: ", done.stderr)


class Person:
    """at a terminal with examples/remote.c, and a home of her own"""

    def __init__(self, installed, uri, folder):
        self.home = place.new_folder()
        self.command = [installed.example("remote"), uri, folder]
        self.env = dict(os.environ, LD_LIBRARY_PATH=installed.libdir, XDG_CONFIG_HOME=self.home, HOME=self.home)

    def talk(self, *talk):
        """what it said before each answer, and at its end; its exit status"""
        terminal = Terminal(self.command, self.env)
        said = []
        for question, answer in talk:
            said.append(terminal.wait(question))
            terminal.type(answer)
        status, rest = terminal.end()
        return *said, rest, status

    def known(self):
        path = os.path.join(self.home, "virtcard", "known_servers")
        if not os.path.exists(path):
            return []
        with open(path) as file:
            return [line.split()[:3] for line in file if not line.startswith("#")]


def without_ca():
    folder = place.new_folder()
    for name in "clientcert.pem", "clientkey.pem":
        shutil.copy(pki.path(name), folder)
    return folder


@test
def the_example_asks_whom_to_trust():
    installed = Installed()
    with Remote(virtcardd, place.new_folder(), pki) as d:
        xml = os.path.join(d.folder, "guest.xml")
        with open(xml, "w") as file:
            file.write(domain())
        d.virsh("define", xml)
        person = Person(installed, f"qemu+tls://localhost:{d.port}/system", without_ca())
        shown, rest, status = person.talk((QUESTION, "no"))
        within(f"localhost:{d.port} shows a certificate\n  of      CN=localhost\n  made by CN=Test CA\n  for     DNS:localhost\n", shown)
        within("  but     ", shown)
        key = shown.rpartition("its key is ")[2].strip()
        within(key, tool(virtcard, "pki", "show", pki.path("servercert.pem")).decode())
        equal((status, person.known()), (1, []))
        equal("guests" in rest, False)
        _, rest, status = person.talk((QUESTION, "once"))
        equal((status, rest.splitlines()[-2:], person.known()), (0, ["guest", "1 guests"], []))
        _, rest, status = person.talk((QUESTION, "yes"))
        equal((status, rest.splitlines()[-1], person.known()), (0, "1 guests", [["localhost", str(d.port), key]]))
        equal(person.talk(), ("guest\n1 guests\n", 0))      # nobody is asked again
        equal(Person(installed, f"qemu+tls://localhost:{d.port}/system", pki.folder).talk(), ("guest\n1 guests\n", 0))     # the CA vouches for it


@test
def the_example_logs_in():
    installed = Installed()
    d = Remote(virtcardd, place.new_folder(), pki, 'auth_tls = "sasl"\n')
    add_user(virtcard, d.root, "fred", "correct horse")
    with d:
        person = Person(installed, f"qemu+tls://localhost:{d.port}/system", pki.folder)
        *said, rest, status = person.talk(("User: ", "fred"), ("Password: ", "correct horse"))
        equal((status, rest.splitlines()[-1]), (0, "0 guests"))
        equal("horse" in "".join(said) + rest, False)
        d.wait("has logged in as user 'fred' by SCRAM-SHA-256")
        *_, rest, status = person.talk(("User: ", "fred"), ("Password: ", "wrong"))
        within("the server does not let user 'fred' in", rest)
        equal(status, 1)


run(sys.argv[4:])
