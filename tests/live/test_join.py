#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtcard invite and virtcard join: from nothing to a client that is let in, and everybody who is not invited.

    test_join.py VIRTCARDD VIRTCARD JOIN [WORD...]

JOIN is tests/live/join.c.
"""
import base64
import hashlib
import os
import pty
import shutil
import signal
import ssl
import stat
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib")]
sys.dont_write_bytecode = True

from alone import alone  # noqa: E402

alone()

from joining import PREFIX, elsewhere, ended, holder, other_id, other_secret, served, taken  # noqa: E402
from livetap import Skip, equal, run, test, within  # noqa: E402
from machine import Place  # noqa: E402
from pki import tool  # noqa: E402
from remote import Remote, Remotes  # noqa: E402

LIMIT = 180
virtcardd, virtcard, join_program = (os.path.abspath(path) for path in sys.argv[1:4])
place = Place(virtcard)
os.environ["XDG_CONFIG_HOME"] = place.new_folder()      # nobody's list of known servers but the tests' own
KNOWN = os.path.join(os.environ["XDG_CONFIG_HOME"], "virtcard", "known_servers")
pki = Remotes(place, clients=())
NOT_GOOD = "this invitation is not good: it was used, has expired, was taken back, or is not one of this server's"
NONE_OPEN = "no invitation is open there: it was used, has expired, or was taken back"


class Server(Remote):
    """with an invitation where one is asked for; none is left behind"""

    def __init__(self, mine=pki, conf="", **more):
        super().__init__(virtcardd, place.new_folder(), mine, conf, **more)

    def tool(self, *words, text=None, **more):
        """exit status, standard output, standard error"""
        done = subprocess.run([virtcard, "--root", self.root, *words], input=text, capture_output=True, text=True, timeout=LIMIT, check=False, **more)
        return done.returncode, done.stdout, done.stderr

    def invite(self, name="desk", *words, **more):
        status, out, err = self.tool("invite", name, *words, **more)
        equal(status, 0) if not err or status == 0 else equal(err, "")
        within(f"'{name}' has ", err)
        equal(out.count("\n"), 1)
        within(PREFIX, out)
        return out.strip()

    def not_invited(self, *words, **more):
        status, out, err = self.tool("invite", *words, **more)
        equal((status, out), (1, ""))
        equal(self.open(), [])
        return err.strip()

    def open(self):
        status, out, err = self.tool("invite", "--list")
        equal((status, err), (0, ""))
        return [line.split()[0] for line in out.splitlines()]

    def signer(self, number):
        """the process that has an invitation"""
        return holder(os.path.join(self.run, "invitations", number))

    def __exit__(self, *how):
        for number in self.open():
            self.tool("invite", "--cancel", number)     # unless it has just expired
        equal(self.open(), [])
        return super().__exit__(*how)


def home():
    return place.new_folder()


def joined(token, *words, folder=None, text=None):
    """exit status, standard output, standard error"""
    folder = folder or home()
    done = subprocess.run([virtcard, "join", *([token] if token else []), "--dir", folder, *words], input=text, capture_output=True, text=True,
                          timeout=LIMIT, check=False)
    return done.returncode, done.stdout, done.stderr.strip()


def joins(token, folder, *words, **more):
    status, out, err = joined(token, *words, folder=folder, **more)
    equal((status, err), (0, ""))
    return out


def not_joined(token, *words, **more):
    folder = more.setdefault("folder", home())
    before = sorted(os.listdir(folder))
    status, out, err = joined(token, *words, **more)
    equal((status, out), (1, ""))
    equal(sorted(os.listdir(folder)), before)
    return err


def subject(folder):
    return tool("openssl", "x509", "-noout", "-subject", "-in", os.path.join(folder, "clientcert.pem")).decode().strip()


# What works

@test
def from_nothing_to_a_connection():
    with Server() as d:
        token = d.invite()
        (number,) = d.open()
        signer = d.signer(number)
        folder = os.path.join(home(), "not", "there")
        equal(joins(token, folder), f"Joined: virtcard -c 'qemu+tls://localhost:{d.port}/system?pkipath={folder}' list\n")
        equal(sorted(os.listdir(folder)), ["cacert.pem", "clientcert.pem", "clientkey.pem"])
        equal(stat.S_IMODE(os.stat(os.path.join(folder, "clientkey.pem")).st_mode), 0o600)
        equal(subject(folder), "subject=CN = desk")
        equal(d.over_tls("list", "--name", folder=folder), "")
        done = subprocess.run([virtcard, "-c", d.tls_uri(folder=folder), "list", "--name"], capture_output=True, text=True, timeout=LIMIT, check=False)
        equal((done.returncode, done.stdout, done.stderr), (0, "", ""))
        d.wait(" is 'CN=desk', SHA-256 ")
        said = d.log()
        within(f'invitation={number} name="desk" result=ok subject="CN=desk" sha256=', said)
        within("audit: join from=127.0.0.1:", said)
        equal(said.count(f'audit: invitation={number} name="desk" until="20'), 1)
        ended(signer)
        equal(d.open(), [])
        for part in (token, token[len(PREFIX):][16:40]):
            if part in said:
                raise AssertionError("the log has the token")


@test
def where_libvirt_looks():
    """~/.pki/libvirt of a user; /etc/pki of root, over which a folder of the test's is mounted"""
    with Server() as d:
        script = """mount -t tmpfs none /etc/pki 2>/dev/null || { mkdir -p "$1/etc/pki"; cp -a /etc/. "$1/etc"; mount --bind "$1/etc" /etc; }
            echo "$2" | "$3" join && "$3" -c "$4" list --name && virsh -q -c "$4" list --name && stat -c '%a %n' /etc/pki/*/*.pem /etc/pki/*/private/*.pem"""
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", d.folder, d.invite("of root"), virtcard,
                               f"qemu+tls://localhost:{d.port}/system"], capture_output=True, text=True, timeout=LIMIT, check=False)
        equal((done.returncode, done.stderr), (0, ""))
        equal(done.stdout.split("\n")[0], f"Joined: virtcard -c 'qemu+tls://localhost:{d.port}/system' list")
        within("644 /etc/pki/CA/cacert.pem\n644 /etc/pki/libvirt/clientcert.pem\n600 /etc/pki/libvirt/private/clientkey.pem\n", done.stdout)
        if os.getuid() != 0 or os.stat("/proc/self/ns/user").st_ino != os.stat(f"/proc/{os.getppid()}/ns/user").st_ino:
            return
        own = place.new_folder(0o777)
        program = shutil.copy(virtcard, own)
        done = subprocess.run([program, "join", d.invite("of a user")], capture_output=True, text=True, timeout=LIMIT, check=False, user="nobody",
                              env={"HOME": own, "LC_ALL": "C.UTF-8"})
        equal((done.returncode, done.stderr), (0, ""))
        done = subprocess.run(["virsh", "-q", "-c", f"qemu+tls://localhost:{d.port}/system", "list", "--name"], capture_output=True, text=True,
                              timeout=LIMIT, check=False, user="nobody", env={"HOME": own})
        equal((done.returncode, done.stdout.strip(), done.stderr), (0, "", ""))


@test
def by_a_program():
    with Server() as d:
        folder, token = home(), d.invite("program", "--address", "127.0.0.1")

        def says(text):
            done = subprocess.run([join_program, folder], input=text, capture_output=True, text=True, timeout=LIMIT, check=False)
            equal(done.stderr, "")
            return done.stdout.strip()

        equal(says(token), f"open qemu+tls://127.0.0.1:{d.port}/system?pkipath={folder}")
        equal(says(token), f"error 4: {folder}/clientcert.pem: exists already")


@test
def the_token_from_elsewhere():
    """the standard input; a terminal, which does not show it"""
    with Server() as d:
        folder = home()
        joins(None, folder, text=d.invite("a") + "\n")
        folder = home()
        joins("-", folder, text=d.invite("b"))
        folder, token = home(), d.invite("c")
        ours, theirs = pty.openpty()
        with subprocess.Popen([virtcard, "join", "--dir", folder], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True) as process:
            os.close(theirs)
            shown = b""
            while b": " not in shown:
                shown += os.read(ours, 1000)
            os.write(ours, token.encode() + b"\n")
            within(b"Joined: ", process.communicate(timeout=LIMIT)[0])
            try:
                while more := os.read(ours, 1000):
                    shown += more
            except OSError:     # the end of a terminal
                pass
        os.close(ours)
        if token.encode() in shown:
            raise AssertionError("the terminal shows it")


@test
def files_that_are_there():
    with Server() as d:
        folder, token = home(), d.invite()
        joins(token, folder)
        token = d.invite("other")
        within(f"{folder}/clientcert.pem: exists already; --force replaces it", not_joined(token, folder=folder))
        equal(len(d.open()), 1)      # it was not used
        joins(token, folder, "--force")
        equal(d.over_tls("list", "--name", folder=folder), "")
        d.wait("'CN=other'")
        # a CA of somebody else's
        strangers, token = home(), d.invite("third")
        shutil.copy(Remotes(place, "Their CA").path("cacert.pem"), strangers)
        within(f"its certificate was not signed by the CA in {strangers}/cacert.pem; --force replaces it", not_joined(token, folder=strangers))
        equal(len(d.open()), 1)
        # the same CA
        same = home()
        shutil.copy(pki.path("cacert.pem"), same)
        joins(token, same)
        equal(d.over_tls("list", "--name", folder=same), "")


@test
def the_server_is_remembered():
    with Server() as d:
        token = d.invite()
        key = "SHA256:" + base64.b64encode(taken(token)[24:56]).decode().rstrip("=")
        joins(token, home())
        with open(KNOWN) as file:
            within(f"localhost {d.port} {key} 20", file.read())
        equal(stat.S_IMODE(os.stat(KNOWN).st_mode), 0o600)
        # another key that somebody trusted is not forgotten unasked, and the invitation not used for that
        tool(virtcard, "trust", "add", f"127.0.0.1:{d.port}", "SHA256:" + base64.b64encode(bytes(32)).decode().rstrip("="))
        token = d.invite("again", "--address", "127.0.0.1")
        said = not_joined(token)
        within("'127.0.0.1' was trusted with another key, SHA256:AAAA", said)
        within("--force", said)
        equal(len(d.open()), 1)
        folder = home()
        joins(token, folder, "--force")
        done = subprocess.run([virtcard, "-c", d.tls_uri("127.0.0.1", folder), "list", "--name"], capture_output=True, text=True, timeout=LIMIT, check=False)
        equal((done.returncode, done.stderr), (0, ""))


@test
def several_at_a_time():
    with Server() as d:
        tokens = [d.invite(name, "--minutes", "3", "--days", "10") for name in ("a", "b", "c")]
        equal(len(d.open()), 3)
        equal(d.tool("invite", "b")[::2], (1, "'b' is invited already; --cancel takes that back\n"))
        equal(d.tool("invite", "--cancel", "b"), (0, "Invitation of 'b' cancelled\n", ""))
        within(NOT_GOOD, not_joined(tokens[1]))
        folders = [home(), home()]
        for folder, token in zip(folders, (tokens[2], tokens[0])):
            joins(token, folder)
        for folder, name in zip(folders, "ca"):
            equal(subject(folder), f"subject=CN = {name}")
            tool("openssl", "x509", "-noout", "-checkend", str(9 * 86400), "-in", os.path.join(folder, "clientcert.pem"))
        equal(d.tool("invite", "--cancel", "a")[::2], (1, "there is no invitation 'a'\n"))


# What does not

@test
def used_twice():
    with Server() as d:
        token, other = d.invite(), d.invite("other")
        joins(token, home())
        within(NOT_GOOD, not_joined(token))
        d.wait("did not join: there is no such invitation")
        joins(other, home())
        within(NONE_OPEN, not_joined(token))


@test
def at_the_same_time():
    """eight programs with one token: one is let in"""
    with Server() as d:
        token = d.invite()
        folders = [home() for _ in range(8)]
        results = []
        threads = [threading.Thread(target=lambda folder=folder: results.append(joined(token, folder=folder)[0])) for folder in folders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(sorted(results), [0] + [1] * 7)
        equal(len([folder for folder in folders if os.listdir(folder)]), 1)


@test
def no_invitation_is_open():
    """the same as to any client without a certificate"""
    with Server() as d:
        token = d.invite()
        equal(d.tool("invite", "--cancel", "desk")[0], 0)
        within(NONE_OPEN, not_joined(token))
        context = pki.context(alpn="virtcard-join/1", shows=False)
        with context.wrap_socket(d.connect(), server_hostname="localhost") as peer:
            equal(peer.selected_alpn_protocol(), None)
            try:
                said = peer.recv(1000)
            except ssl.SSLError as error:
                within("certificate required", str(error).lower().replace("_", " "))
            else:
                raise AssertionError(f"no alert, but {said}")
        d.wait("no client certificate was sent and this server requires one")


@test
def a_wrong_secret_and_void_after_five():
    with Server() as d:
        token, other = d.invite(), d.invite("other")
        wrong = other_secret(token)
        number = taken(token)[:8].hex()
        signer = d.signer(number)
        for _ in range(4):
            equal(not_joined(wrong), f"localhost:{d.port} (127.0.0.1): {NOT_GOOD}")
            d.wait(f'invitation={number} name="desk" result="the secret is wrong, or it was meant for another server"')
        equal(len(d.open()), 2)
        within(NOT_GOOD, not_joined(wrong))
        d.wait("the invitation is void now: the secret is wrong")
        ended(signer)
        equal(len(d.open()), 1)
        within(NOT_GOOD, not_joined(token))
        within(NOT_GOOD, not_joined(other_id(other)))
        joins(other, home())


@test
def too_many_tries_of_an_address():
    with Server() as d:
        token = d.invite()
        stranger = other_id(token)
        for _ in range(12):
            equal(not_joined(stranger), f"localhost:{d.port} (127.0.0.1): {NOT_GOOD}")
        d.wait("did not join: there were too many tries")
        within(NOT_GOOD, not_joined(token))
        equal(len(d.open()), 1)


@test
def another_server():
    """it has a good certificate of the same CA and hears nothing but TLS' own"""
    theirs = pki.copy()
    theirs.serve("signing_key", "encryption_key")
    with Server() as d, Server(theirs) as other:
        token = d.invite()
        other.invite("somebody")
        within("its key is another one: this is not the server that was meant", not_joined(elsewhere(token, other.port)))
        # one in the middle, who has given the client a token of his own key, and sends on what it says
        key = hashlib.sha256(subprocess.run("openssl x509 -pubkey -noout -in servercert.pem | openssl pkey -pubin -outform DER", shell=True, cwd=theirs.folder,
                                            capture_output=True, check=True).stdout).digest()
        within(NOT_GOOD, not_joined(relayed(theirs, d, token, key)))
        d.wait("the secret is wrong, or it was meant for another server")


def relayed(theirs, d, token, key=None):
    """a token for a server that hands everything on to d in another TLS connection"""
    def answer(asked):
        behind = pki.context(alpn="virtcard-join/1", shows=False)
        said = b""
        with behind.wrap_socket(d.connect(), server_hostname="localhost") as target:
            target.sendall(asked)
            while more := target.recv(10000):
                said += more
        return said

    return elsewhere(token, served(theirs, answer), key)


@test
def a_server_that_was_taken_over():
    """it has the key, hears what is asked, and still gets nothing signed, nor its own CA believed"""
    with Server() as d:
        token = d.invite()
        within(NOT_GOOD, not_joined(relayed(pki, d, token)))
        d.wait("the secret is wrong, or it was meant for another server")
        others = Remotes(place, "Their CA")
        pems = [open(others.path(name), "rb").read() for name in ("clientcert.pem", "cacert.pem")]
        forged = b"\x01" + bytes(32) + len(pems[0]).to_bytes(4, "big") + b"".join(pems)
        for body, words in ((forged, "what it answered is not from whoever made the invitation"), (b"", "it answered what nobody can read"),
                            (b"\x01", "it answered what nobody can read"), (b"\0no \x1b[31mred", "no \\x1b[31mred"), (b"\x02" + bytes(60), "it answered what")):
            port = served(pki, lambda asked, body=body: len(body).to_bytes(4, "big") + body)
            within(words, not_joined(elsewhere(token, port)))
        within("it announced a message of 4294967295 bytes", not_joined(elsewhere(token, served(pki, lambda asked: b"\xff" * 4))))
        joins(token, home())


@test
def what_is_no_request():
    """bytes of all sorts over a good connection; the invitation stays good"""
    with Server() as d:
        token = d.invite()
        number = bytes(taken(token)[:8])
        context = pki.context(alpn="virtcard-join/1", shows=False)
        for text, answers in ((b"\xff\xff\xff\xff", False), (b"\0\0\0\0", True), (b"\0\0\0\x28" + bytes(40), True), (b"\0\0\x10\x00" + b"x" * 4096, True),
                              (b"\0\0\0\x08" + number, True)):
            with context.wrap_socket(d.connect(), server_hostname="localhost") as peer:
                equal(peer.selected_alpn_protocol(), "virtcard-join/1")
                peer.sendall(text)
                said = b""
                while more := peer.recv(1000):
                    said += more
                equal(said, (len(NOT_GOOD) + 1).to_bytes(4, "big") + b"\0" + NOT_GOOD.encode() if answers else b"")
        context.wrap_socket(d.connect(), server_hostname="localhost").close()
        d.wait("did not join: it has closed the connection")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with context.wrap_socket(d.connect(), server_hostname="localhost") as peer:
            peer.sendall(b"\0\0\0\x28" + number + bytes(32))
            equal(peer.recv(1000)[5:], NOT_GOOD.encode())
        d.wait("did not join: it does not speak TLS 1.3")
        joins(token, home())


@test
def tokens_that_are_none():
    for text, words in (("x", "it is no token: one begins with 'virtcard1-'"), (PREFIX + "AAAA", "the token was not copied whole"),
                        (PREFIX + "A" * 600, "the token has more than 512 characters")):
        within(words, not_joined(text))


# The CA's key

@test
def the_key_cannot_be_read_by_virtcardd():
    mine = pki.copy()
    path = mine.path("private/cakey.pem")
    with Server(mine) as d:
        inside = f"/proc/{d.process.pid}/root{path}"
        token = d.invite()
        with open(path) as file:
            within("PRIVATE KEY", file.read())
        with open(inside) as file:      # what virtcardd, and every guest it starts, sees there
            equal(file.read(), "")
        equal(stat.S_ISCHR(os.stat(inside).st_mode), True)
        # a key that is put in its place
        shutil.copy(path, path + ".new")
        os.rename(path + ".new", path)
        with open(inside) as file:
            within("PRIVATE KEY", file.read())
        joins(token, home())
        with open(inside) as file:
            equal(file.read(), "")
        # the process that has it lets nobody look, and can open no file itself
        d.invite("other")
        (number,) = d.open()
        pid = d.signer(number)
        with open(f"/proc/{pid}/status") as file:
            within("NoNewPrivs:\t1", file.read())
        equal(os.stat(f"/proc/{pid}/environ").st_uid, 0)
        for fd in os.listdir(f"/proc/{pid}/fd"):
            target = os.readlink(f"/proc/{pid}/fd/{fd}")
            if target != "/dev/null" and not target.startswith((os.path.join(d.run, "invitations"), "socket:", "anon_inode:[timerfd]")):
                raise AssertionError(f"the signer has {target} open")
        # virtcardd has read no more of it than how it begins
        with open(mine.path("private/cakey.pem")) as file:
            secret = file.read().split("\n")[2].encode()
        if secret in memory(d.process.pid):
            raise AssertionError("the key is in virtcardd's memory")


def memory(pid):
    """all that a process can write to"""
    text = b""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as file:
        for line in maps:
            begin, end = (int(number, 16) for number in line.split()[0].split("-"))
            if line.split()[1].startswith("rw") and end - begin < 1 << 28:     # what sanitizers have is larger
                file.seek(begin)
                text += file.read(end - begin)
    return text


@test
def a_key_that_cannot_be_hidden():
    """root without the right to mount: nobody is answered"""
    if not shutil.which("setpriv"):
        raise Skip("no setpriv")
    with Server(before=lambda command: ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", *command, "--listen"]) as d:
        within(f"virtcardd does not answer invitations at port {d.port}; its log says why", d.not_invited("desk"))
        d.wait("the invitation of 'desk' is not answered: ")
        within("this process can read the CA's key, and cannot hide it", d.log())


@test
def an_encrypted_key():
    mine = pki.copy()
    path, words = mine.path("private/cakey.pem"), mine.path("words")
    with open(words, "w") as file:
        file.write("open sesame\n")
    tool("openssl", "pkcs8", "-topk8", "-in", path, "-out", path + ".new", "-passout", f"file:{words}")
    os.rename(path + ".new", path)
    setpriv = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"] if shutil.which("setpriv") else []
    with Server(mine, before=lambda command: [*setpriv, *command, "--listen"]) as d:
        within("the key is encrypted; --ca-passphrase-file says where its passphrase is", d.not_invited("desk", stdin=None, text=""))
        folder = home()
        joins(d.invite("desk", "--ca-passphrase-file", words), folder)
        equal(d.over_tls("list", folder=folder), "")
        with open(words, "w") as file:
            file.write("wrong\n")
        within("the key does not open with its passphrase", d.not_invited("desk", "--ca-passphrase-file", words))


@test
def a_users_own_virtcardd():
    """it is the same user as who invites: the key has to be encrypted, and the signer's memory is nobody's"""
    if os.getuid() != 0 or os.stat("/proc/self/ns/user").st_ino != os.stat(f"/proc/{os.getppid()}/ns/user").st_ino:
        raise Skip("only root can be somebody else")
    mine, programs = pki.copy(), place.new_folder(0o755)
    libexec = os.environ.get("VIRTCARD_LIBEXEC", "").split(":")
    for path in (virtcard, virtcardd, *(os.path.join(folder, "virtcard-signer") for folder in libexec)):
        if os.path.exists(path):
            shutil.copy(path, programs)
    user = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "env", f"HOME={programs}", f"VIRTCARD_LIBEXEC={programs}"]
    path, words = mine.path("private/cakey.pem"), mine.path("words")
    with open(words, "w") as file:
        file.write("open sesame\n")
    d = Server(mine, before=lambda command: [*user, os.path.join(programs, "virtcardd"), *command[1:], "--listen"])

    def as_user(*words):
        for top in (mine.folder, d.folder):
            subprocess.run(["chown", "-R", "nobody:nogroup", top], check=True)
        return subprocess.run([*user, os.path.join(programs, "virtcard"), "--root", d.root, "invite", *words], capture_output=True, text=True, timeout=LIMIT,
                              stdin=subprocess.DEVNULL, check=False)

    done = as_user("desk")
    equal((done.returncode, done.stdout), (1, ""))
    within("private/cakey.pem: is not encrypted, and virtcardd, which is the same user as you, could read it", done.stderr)
    tool("openssl", "pkcs8", "-topk8", "-in", path, "-out", path + ".new", "-passout", f"file:{words}")
    os.rename(path + ".new", path)
    with d:
        done = as_user("desk", "--ca-passphrase-file", words)
        equal(done.returncode, 0) if done.returncode == 0 else equal(done.stderr, "")
        (number,) = d.open()
        pid = d.signer(number)
        for name in "mem", "environ", "maps":
            looked = subprocess.run([*user, "cat", f"/proc/{pid}/{name}"], capture_output=True, text=True, check=False)
            equal(looked.stdout, "")
            within("Permission denied", looked.stderr)
        folder = home()
        joins(done.stdout.strip(), folder)
        equal(d.over_tls("list", "--name", folder=folder), "")


# Invitations that would not work

@test
def not_invited():
    with Server(conf='tls_allowed_dn_list = [ "CN=d*" ]\n') as d:
        within("'CN=bob' is not on tls_allowed_dn_list: it would be refused", d.not_invited("bob"))
        within("the server's certificate is not for 'elsewhere'", d.not_invited("desk", "--address", "elsewhere"))
        within("is not in ", d.not_invited("desk", "--dir", Remotes(place, "Their CA").folder))
        equal(d.tool("invite", "desk", "--minutes", "16")[0], 2)
        equal(d.tool("invite")[0], 2)
        token = d.invite("desk", "--address", "127.0.0.1:4711")
        equal(taken(token)[56:-4], (4711).to_bytes(2, "big") + b"127.0.0.1")
    mine = pki.copy()
    mine.serve("dns_name = cards.example.org", "ip_address = 192.0.2.1", "signing_key")
    with Server(mine) as d:
        equal(taken(d.invite())[58:-4], b"cards.example.org")
    d = Server()
    within("virtcardd does not answer: cannot connect to 127.0.0.1:", d.not_invited("desk"))


@test
def a_signer_that_was_killed():
    with Server() as d:
        token = d.invite()
        (number,) = d.open()
        pid = d.signer(number)
        os.kill(pid, signal.SIGKILL)
        ended(pid)
        within("it was used, has expired, ", not_joined(token))     # noticed, or soon noticed
        equal(d.open(), [])
        equal(os.listdir(os.path.join(d.run, "invitations")), [])


@test
def after_its_time():
    with Server() as d:
        token = d.invite("desk", "--minutes", "1")
        (number,) = d.open()
        within("has 1 minute, once", d.tool("invite", "other", "--minutes", "1")[2])
        ended(d.signer(number))
        within("it was used, has expired, ", not_joined(token))


run(sys.argv[4:])
