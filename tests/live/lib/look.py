#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a program shows on a screen and bus of its own, by its accessibility tree.

    xvfb-run -a dbus-run-session -- look.py STEP... -- PROGRAM [WORD...]

A STEP is ROLE:NAME, or ROLE:NAME=CHOICE of a combo box, which must come to be shown; with a + before it, it is
chosen then. Each is waited for.
Ends the program, and says what was shown instead where a step does not come true.
"""
import subprocess
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

LIMIT = 90
EVENTS = ("object:children-changed", "object:state-changed", "object:property-change", "object:text-changed",
          "object:visible-data-changed", "window:create")

split = sys.argv.index("--")
steps, command = sys.argv[1:split], sys.argv[split + 1:]
loop = GLib.MainLoop()


def shown(node):
    """nodes under one, without what is hidden; the tree changes under our feet"""
    try:
        for i in range(node.get_child_count()):
            child = node.get_child_at_index(i)
            if child is None:
                continue
            if child.get_state_set().contains(Atspi.StateType.SHOWING) or child.get_role() == Atspi.Role.APPLICATION:
                yield child
                yield from shown(child)
    except GLib.Error:
        return


def words(node):
    text = f"{node.get_role_name()}:{node.get_name()}"
    if node.get_role() == Atspi.Role.COMBO_BOX and node.get_selection_iface().get_n_selected_children():
        text += "=" + node.get_selection_iface().get_selected_child(0).get_name()
    return text


def take(step):
    for node in shown(Atspi.get_desktop(0)):
        if words(node) == step.lstrip("+"):
            return step[0] != "+" or node.get_component_iface().grab_focus()
    return False


def look():
    global is_due
    is_due = False
    try:
        while steps and take(steps[0]):
            print(steps.pop(0), flush=True)
    except GLib.Error:
        return  # it went away while it was looked at: an event tells what is there now
    if not steps:
        loop.quit()


def changed(_):
    """one look for many events: a look takes long"""
    global is_due
    if not is_due:
        is_due = True
        GLib.timeout_add(50, look)


is_due = False
listener = Atspi.EventListener.new(changed)
for event in EVENTS:
    listener.register(event)
GLib.timeout_add_seconds(LIMIT, loop.quit, priority=GLib.PRIORITY_HIGH)
with subprocess.Popen(command, stdin=subprocess.DEVNULL) as program:
    loop.run()
    if steps:
        print(f"not shown: {steps[0]}\nbut:", file=sys.stderr)
        for node in shown(Atspi.get_desktop(0)):
            print("  " + words(node), file=sys.stderr)
    program.kill()
sys.exit(1 if steps else 0)
