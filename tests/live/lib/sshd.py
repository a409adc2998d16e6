# SPDX-License-Identifier: LGPL-2.1-or-later
"""An ssh server on loopback that lets one key in, and runs what it is told with a shell, as sshd does.

    with Sshd(folder) as sshd:
        sshd.port, sshd.key          a client's key that is let in
        sshd.ssh                     OpenSSH's client, which knows this server and nothing of the user's
        sshd.commands                what was run
"""
import os
import selectors
import socket
import subprocess
import threading

import paramiko


class _Session(paramiko.ServerInterface):
    def __init__(self, key, run):
        self.key, self.run = key, run

    def get_allowed_auths(self, username):
        return "publickey"

    def check_auth_publickey(self, username, key):
        return paramiko.AUTH_SUCCESSFUL if key == self.key else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel, command):
        threading.Thread(target=self.run, args=(channel, command.decode()), daemon=True).start()
        return True


class Sshd:
    def __init__(self, folder):
        self.folder, self.commands, self.transports = folder, [], []
        self.key, self.host_key = (self._make(name) for name in ("key", "host"))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.known = os.path.join(folder, "known")
        with open(self.host_key + ".pub") as public, open(self.known, "w") as known:
            known.write(f"[localhost]:{self.port} {public.read()}")
        self.ssh = self.client("ssh", self.known)

    def client(self, name, known):
        path = os.path.join(self.folder, name)
        with open(path, "w") as script:
            script.write("#!/bin/sh\nexec ssh -F none -o GlobalKnownHostsFile=none -o IdentitiesOnly=yes -o IdentityAgent=none "
                         f"-o UserKnownHostsFile={known} \"$@\"\n")
        os.chmod(path, 0o700)
        return path

    def _make(self, name):
        path = os.path.join(self.folder, name)
        subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", path], check=True, stdin=subprocess.DEVNULL)
        return path

    def _run(self, channel, command):
        self.commands.append(command)
        with subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              bufsize=0) as process:
            threading.Thread(target=self._feed, args=(channel, process), daemon=True).start()
            with selectors.DefaultSelector() as ready:
                ready.register(process.stdout, selectors.EVENT_READ, channel.sendall)
                ready.register(process.stderr, selectors.EVENT_READ, channel.sendall_stderr)
                while ready.get_map():
                    for at, _ in ready.select():
                        got = os.read(at.fd, 65536)
                        if not got:
                            ready.unregister(at.fileobj)
                        elif not channel.closed:
                            at.data(got)
            try:
                channel.send_exit_status(process.wait())
                channel.close()
            except EOFError:
                pass  # the client has gone

    @staticmethod
    def _feed(channel, process):
        while got := channel.recv(65536):
            try:
                process.stdin.write(got)
            except BrokenPipeError:
                return
        process.stdin.close()

    def _serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(peer)
            transport.add_server_key(paramiko.ECDSAKey(filename=self.host_key))
            self.transports.append(transport)
            try:
                transport.start_server(server=_Session(paramiko.ECDSAKey(filename=self.key), self._run))
            except (paramiko.SSHException, EOFError):
                pass  # who did not want our key

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for transport in self.transports:
            transport.close()
