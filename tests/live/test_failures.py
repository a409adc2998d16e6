#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of failures in docs/tls.md: every row is tried, with virsh and libvirtd, and with virtcard and virtcardd.

    test_failures.py VIRTCARDD VIRTCARD [WORD...]

VC_TEST_UPDATE=1 writes the table anew.  `virtcard connect-doctor` has to stop at each case's step, for the same cause.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, "failures"), os.path.join(TOP, "bench")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

import cases  # noqa: E402
import odd  # noqa: E402
from failing import Bench, Row  # noqa: E402
from livetap import equal, run, test  # noqa: E402
from machine import Place  # noqa: E402
from remote import Remotes  # noqa: E402

PAGE = os.path.join(TOP, "docs", "tls.md")
BEGIN, END = "<!-- table of failures: test_failures.py writes it -->\n", "<!-- end of it -->\n"
HEAD = ("| what is wrong | virsh at libvirtd | virtcard at virtcardd | doctor stops at | log of virtcardd |\n"
        "| --- | --- | --- | --- | --- |\n")
UPDATE = os.environ.get("VC_TEST_UPDATE") == "1"

place = Place(os.path.abspath(sys.argv[2]))
pki = Remotes(place)
bench = Bench(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), place)
found = {}


def name_hosts():
    path = os.path.join(place.new_folder(), "hosts")
    with open(path, "w") as file:
        file.write("127.0.0.1 localhost cards.example.org\n::1 ip6-localhost\n")
    subprocess.run(["mount", "--bind", path, "/etc/hosts"], check=True)


def print_cell(text):
    return text.replace("\n", "; ").replace("|", "\\|").replace("<", "&lt;")


def print_row(row):
    return "| " + " | ".join(print_cell(text) for text in row) + " |\n"


def read_page():
    """what stands before the table, its rows, what stands after it"""
    with open(PAGE) as file:
        before, _, rest = file.read().partition(BEGIN)
    table, _, after = rest.partition(END)
    return before, table.removeprefix(HEAD).splitlines(keepends=True), after


before, committed, after = read_page()
of_title = {line.split(" | ")[0].removeprefix("| "): line for line in committed}


def add_case(case):
    def function():
        row = bench.try_case(case, pki.copy())
        equal(row.step, case.step)
        found[case.title] = print_row(row)
        if not UPDATE:
            equal(found[case.title], of_title.get(case.title))

    function.__name__ = case.title.replace(" ", "_")
    test(function)


name_hosts()
chosen = [*cases.CASES, *odd.cases(bench, pki)]
for one in chosen:
    add_case(one)


@test
def the_table_has_these_rows_and_no_others():
    if not UPDATE:
        equal(list(of_title), [case.title for case in chosen])
    equal(len({case.title for case in chosen}), len(chosen))
    equal(Row._fields[0], "title")


def write_page():
    lines = [found.get(case.title) or of_title.get(case.title) for case in chosen]     # one that cannot be tried here stays
    with open(PAGE, "w") as file:
        file.write(before + BEGIN + HEAD + "".join(line for line in lines if line) + END + after)


try:
    run(sys.argv[3:])
finally:
    if UPDATE:
        write_page()
