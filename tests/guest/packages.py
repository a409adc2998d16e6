"""Debian packages through apt, without installing them."""
import os
import re
import subprocess
import sys


def run(*argv, **kw):
    """the command's output; its own words and a non-zero exit when it fails"""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw)
    if done.returncode:
        sys.exit(f"tests/guest/build: {' '.join(argv[:3])} failed:\n{done.stdout}")
    return done.stdout


class Packages:
    """Debian packages through the host's apt, in the cache's folder debs."""

    def __init__(self, cache):
        self.debs = os.path.join(cache, "debs")
        self.state = os.path.join(cache, "apt")
        self.options = ["-oAPT::Sandbox::User="] if os.getuid() == 0 else []
        os.makedirs(self.debs, exist_ok=True)

    def depends(self, *names):
        """what each of these packages, and each they lead to, depends on"""
        text = run("apt-cache", *self.options, "depends", "--recurse", "--no-recommends", "--no-suggests",
                   "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", *names)
        blocks = re.findall(r"^(\S+)\n((?:[ |].*\n)*)", text, re.M)
        return {name: re.findall(r"^ [ |](?:Pre)?Depends: ([^<\s]+)$", body, re.M) for name, body in blocks}

    def closure(self, names):
        """names and every library package they need (programs they name are not wanted here)"""
        depends, wanted, todo = self.depends(*names), [], list(names)
        while todo:
            name = todo.pop(0)
            if name not in wanted:
                wanted.append(name)
                todo += [d for d in depends[name] if re.match(r"lib|zlib", d)]
        return wanted

    def private_lists(self):
        """package lists of our own: the host's may be missing or too old to download from"""
        for folder in "lists/partial", "archives/partial":
            os.makedirs(os.path.join(self.state, folder), exist_ok=True)
        self.options += [f"-oDir::State::lists={self.state}/lists", f"-oDir::Cache={self.state}",
                         "-oDebug::NoLocking=1"]
        run("apt-get", *self.options, "-q", "update")

    def files(self, names):
        text = run("apt-cache", *self.options, "show", "--no-all-versions", *names)
        files = {}
        for block in text.split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version|Architecture): (.*)$", block, re.M))
            if fields:
                version = fields["Version"].replace(":", "%3a")
                files[fields["Package"]] = f"{fields['Package']}_{version}_{fields['Architecture']}.deb"
        return {name: os.path.join(self.debs, files[name]) for name in names}

    def fetch(self, names):
        """the .deb files of these packages"""
        for last_try in False, True:
            files = self.files(names)
            missing = [name for name in names if not os.path.exists(files[name])]
            if not missing:
                break
            command = ["apt-get", *self.options, "-q", "download", *missing]
            if last_try:
                run(*command, cwd=self.debs)
            elif subprocess.run(command, cwd=self.debs, capture_output=True).returncode:
                self.private_lists()
        for name in os.listdir(self.debs):  # older versions
            if os.path.join(self.debs, name) not in files.values():
                os.unlink(os.path.join(self.debs, name))
        return [files[name] for name in names]

    def kernel(self):
        for attempt in range(2):
            for name in self.depends("linux-image-amd64").get("linux-image-amd64", []):
                if re.match(r"linux-image-.*-amd64$", name):
                    return name
            if attempt == 0:
                self.private_lists()
        sys.exit("tests/guest/build: linux-image-amd64 names no kernel")


def unpack(deb, folder, *members):
    data = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    run("tar", "-x", "--no-same-owner", "-C", folder, "--wildcards", *members, stdin=data.stdout)
    data.stdout.close()
    data.wait()
