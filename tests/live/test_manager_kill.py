#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A manager that is killed at random moments of defines, starts, attaches, ends: nothing that was acknowledged
is lost, nothing half is seen; nor on a full disk, where nothing can be written, or when QEMU dies, too.
VIRTCARD_KILLS: how many times, each; VIRTCARD_SEED: the moments."""
import os
import random
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "lib"))

from lifescript import Script
from livetap import Skip, run, test
from machine import Place
from managing import Managing

KILLS = int(os.environ.get("VIRTCARD_KILLS", "20"))
SEED = int(os.environ.get("VIRTCARD_SEED", "0")) or random.SystemRandom().randrange(1 << 32)

place = Place(os.path.abspath(sys.argv[1]))
tool = os.path.abspath(sys.argv[2])


def kill_at_random(m, script, dice, before_step=lambda: None, meanwhile=lambda: None, cleans=lambda: True):
    for _ in range(KILLS):
        timer = threading.Timer(script.moment(), m.process.kill)
        timer.start()
        try:
            while True:
                before_step()
                script.step()
        except (EOFError, BrokenPipeError, ValueError):
            pass
        timer.join()
        m.over()
        meanwhile()
        m.back()
        script.check(cleans())


@test
def nothing_acknowledged_is_lost():
    print(f"# VIRTCARD_SEED={SEED} VIRTCARD_KILLS={KILLS}", flush=True)
    dice = random.Random(SEED)
    with Managing(tool, place.new_root()) as m:
        script = Script(place, m, dice)
        kill_at_random(m, script, dice)
        script.finish()


@test
def nor_when_qemu_dies_at_random():
    dice = random.Random(SEED + 1)
    with Managing(tool, place.new_root()) as m:
        script = Script(place, m, dice, deaths=True)
        kill_at_random(m, script, dice, meanwhile=script.die_unseen)
        script.finish()


def mount(*words):
    if os.getuid() != 0 or subprocess.run(["mount", *words], capture_output=True, check=False).returncode:
        raise Skip("needs root, and mount")


class Disk:
    """a small one, below a root"""

    def __init__(self, root, dice):
        self.root, self.dice, self.filler = root, dice, os.path.join(root, "filler")
        kept = root + ".kept"
        os.rename(root, kept)
        os.mkdir(root)
        mount("-t", "tmpfs", "-o", "size=1m,mode=755", "none", root)
        subprocess.run(["cp", "-a", kept + "/.", root], check=True)

    def fill(self):
        """to a few pages, or to none"""
        with open(self.filler, "ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                file.truncate(max(0, file.tell() // 4096 - self.dice.choice((0, 0, 1, 2, 3, 4, 6, 9))) * 4096)

    def empty(self):
        if os.path.exists(self.filler):
            os.unlink(self.filler)

    def change(self):
        if self.dice.random() < 0.2:
            self.empty()
        elif self.dice.random() < 0.4:
            self.empty()
            self.fill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.root], check=True)


@test
def nor_on_a_full_disk():
    dice = random.Random(SEED + 2)
    root = place.new_root()
    with Disk(root, dice) as disk, Managing(tool, root) as m:
        script = Script(place, m, dice, may_fail=True)
        kill_at_random(m, script, dice, before_step=disk.change)
        disk.empty()
        script.finish()
        if script.refused == 0:
            raise AssertionError("it was never full")


class Folder:
    """one that can be made read-only"""

    def __init__(self, path, dice):
        self.path, self.dice, self.is_writable = path, dice, True
        os.makedirs(path, exist_ok=True)
        mount("--bind", path, path)

    def set_writable(self, on):
        subprocess.run(["mount", "-o", f"remount,{'rw' if on else 'ro'},bind", self.path], check=True)
        self.is_writable = on

    def change(self):
        if self.dice.random() < 0.2:
            self.set_writable(not self.is_writable)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.path], check=True)


@test
def nor_in_a_read_only_folder():
    dice = random.Random(SEED + 3)
    root = place.new_root()
    with Folder(os.path.join(root, "etc", "virtcard", "qemu"), dice) as folder, Managing(tool, root) as m:
        script = Script(place, m, dice, may_fail=True)
        kill_at_random(m, script, dice, before_step=folder.change, cleans=lambda: folder.is_writable)
        folder.set_writable(True)
        m.kill()
        m.back()
        script.check()
        script.finish()
        if script.refused == 0:
            raise AssertionError("it was never read-only")


if __name__ == "__main__":
    run(sys.argv[3:])
