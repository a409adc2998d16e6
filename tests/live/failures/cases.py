# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows of the table in docs/tls.md, in its order.  To add one: a Case (lib/failing.py), and then
`VC_TEST_UPDATE=1 meson test -C build failures`.
"""
import os
import shutil

from failing import NONE, PASSWORD, USER, Case
from livetap import Skip
from pki import tool
from remote import Remotes

OLD = ['activation_date = "2001-01-01 00:00:00 UTC"', 'expiration_date = "2002-01-01 00:00:00 UTC"']
EARLY = ['activation_date = "2090-01-01 00:00:00 UTC"', 'expiration_date = "2091-01-01 00:00:00 UTC"']
USE = ["signing_key", "encryption_key"]
RSA, EC = "--rsa --bits=2048", "--ecc"
NO_SANITY = "&no_sanity=1"
TLS_1_1 = "NORMAL:-VERS-ALL:%2BVERS-TLS1.1"
CBC = "NORMAL:-VERS-ALL:%2BVERS-TLS1.2:-CIPHER-ALL:%2BAES-128-CBC:-MAC-ALL:%2BSHA1"


# The client's folder

def copied(pki, *names):
    folder = pki.place.new_folder()
    for name in names:
        shutil.copy(pki.path(name), folder)
    return folder


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)
    return folder


def files(*names, also=()):
    def make(pki):
        folder = copied(pki, *names)
        for name, text in also:
            write(folder, name, text)
        return folder
    return make


ALL = "cacert.pem", "clientcert.pem", "clientkey.pem"


def signed(*template, key=RSA, name="desk"):
    return lambda pki: pki.client(name, *template, key=key)


def with_crl(pki):
    return shutil.copy(pki.path("cacrl.pem"), copied(pki, *ALL)).rpartition("/")[0]


def revoking(pki, cert):
    """the client has a list with that certificate on it"""
    taken = pki.place.new_folder()
    shutil.copy(pki.path(cert), os.path.join(taken, "clientcert.pem"))
    pki.revoke(taken)
    folder = with_crl(pki)
    os.unlink(pki.path("cacrl.pem"))    # the server has none
    return folder


def old_list(pki):
    pki.revoke(template=('crl_this_update_date = "2001-01-01 00:00:00 UTC"', 'crl_next_update_date = "2002-01-01 00:00:00 UTC"'))
    folder = with_crl(pki)
    os.unlink(pki.path("cacrl.pem"))
    return folder


def others_ca(pki):
    """it trusts another CA, and shows what it has of this one"""
    return shutil.copy(Remotes(pki.place, "Their CA").path("cacert.pem"), copied(pki, *ALL[1:])).rpartition("/")[0]


def of_others(pki):
    """it trusts this CA, and shows what it has of another one"""
    folder = copied(Remotes(pki.place, "Their CA"), *ALL[1:])
    shutil.copy(pki.path("cacert.pem"), folder)
    return folder


def mixed(pki):
    folder = copied(pki, *ALL)
    shutil.copy(os.path.join(pki.client("bob"), "clientkey.pem"), folder)
    return folder


def listed_as_revoked(pki):
    pki.revoke(pki.folder)
    return copied(pki, *ALL)    # the client has no list


# What the server has

def serving(*template, key=RSA, base=("cn = localhost", "dns_name = localhost", "ip_address = 127.0.0.1", "tls_www_server")):
    return lambda pki: pki.certify(pki.path("servercert.pem"), pki.path("private/serverkey.pem"), [*base, *template], key)


def self_signed(pki):
    cert, key, text = pki.path("servercert.pem"), pki.path("private/serverkey.pem"), pki.path("self.template")
    write(pki.folder, "self.template", "cn = localhost\ndns_name = localhost\ntls_www_server\nsigning_key\nencryption_key\nexpiration_days = 300\n")
    tool("certtool", "--generate-self-signed", "--load-privkey", key, "--template", text, "--outfile", cert)


def another_ca(*template):
    """in the place of the first one, which signs the others anew"""
    def make(pki):
        write(pki.folder, "ca.template", "\n".join(['cn = "Test CA"', *template]) + "\n")
        tool("certtool", "--generate-self-signed", "--load-privkey", pki.path("private/cakey.pem"), "--template", pki.path("ca.template"),
             "--outfile", pki.path("cacert.pem"))
        serving(*USE)(pki)
        pki.certify(pki.path("clientcert.pem"), pki.path("clientkey.pem"), ["cn = desk", "tls_www_client", *USE], RSA)
    return make


def gone(name):
    return lambda pki: os.unlink(pki.path(name))


def garbage(name):
    return lambda pki: write(pki.folder, name, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") and None


def others_key(pki):
    tool("certtool", "--generate-privkey", "--ecc", "--outfile", pki.path("private/serverkey.pem"))


def old_server_list(pki):
    pki.revoke(template=('crl_this_update_date = "2001-01-01 00:00:00 UTC"', 'crl_next_update_date = "2002-01-01 00:00:00 UTC"'))


def held_back(pki):
    """the key is nobody's, and so not even root may read it whose right to read everything was taken away"""
    if os.getuid() != 0 or os.stat("/proc/self/ns/user").st_ino != os.stat(f"/proc/{os.getppid()}/ns/user").st_ino:
        raise Skip("only root can give a file away")
    shutil.chown(pki.path("private/serverkey.pem"), "nobody")


FILES = "certificates"
LOGIN, SCRAM, NOT_IN = "authentication", "SCRAM-SHA-256", "did not log in"
REFUSED = "was refused: "
NOT_READY = "was refused: TLS is not ready"

CASES = [
    # The client's own files
    Case("no CA certificate at the client", "chain", client=files(*ALL[1:])),
    Case("CA certificate that is garbage", FILES, client=files(*ALL[1:], also=[("cacert.pem", "not a certificate\n")])),
    Case("client certificate that is garbage", FILES, client=files("cacert.pem", "clientkey.pem", also=[("clientcert.pem", "not a certificate\n")])),
    Case("client certificate without its key", FILES, client=files(*ALL[:2])),
    Case("key of another certificate", FILES, client=mixed),
    Case("client certificate expired", FILES, client=signed("tls_www_client", *USE, *OLD)),
    Case("client certificate not yet valid", FILES, client=signed("tls_www_client", *USE, *EARLY)),
    Case("clock of the client twenty years back", FILES, before=("env", "ASAN_OPTIONS=verify_asan_link_order=0", "faketime", "2006-01-01 00:00:00")),
    Case("CRL of the client out of date", "chain", client=old_list),
    Case("CRL of the client that is garbage", FILES, client=files(*ALL, also=[("cacrl.pem", "not a list\n")])),
    Case("tls_priority that is none", FILES, more="&tls_priority=NONSENSE"),
    Case("CA expired, at both ends", FILES, server=another_ca("ca", "cert_signing_key", *OLD), at="libvirtd"),
    Case("CA without basic constraints, at both ends", FILES, server=another_ca("expiration_days = 300"), at="libvirtd"),
    Case("client certificate EC without key encipherment", NONE, client=signed("tls_www_client", "signing_key", key=EC), log=" is 'CN=desk'"),
    Case("client certificate Ed25519", NONE, client=signed("tls_www_client", "signing_key", key="--key-type=ed25519"), log=" is 'CN=desk'"),
    # What the server has against the client
    Case("no client certificate", "client certificate", client=files("cacert.pem"), log=REFUSED),
    Case("client certificate expired, unseen by the client", "client certificate", client=signed("tls_www_client", *USE, *OLD), more=NO_SANITY, log=REFUSED),
    Case("client certificate not yet valid, unseen by the client", "client certificate", client=signed("tls_www_client", *USE, *EARLY), more=NO_SANITY,
         log=REFUSED),
    Case("client certificate of another CA", "client certificate", client=of_others, more=NO_SANITY, log=REFUSED),
    Case("client certificate revoked", "client certificate", client=listed_as_revoked, log=REFUSED),
    Case("client certificate not listed", "client certificate", conf='tls_allowed_dn_list = [ "CN=alice" ]\n', log=REFUSED),
    Case("client certificate with a weak key", "client certificate", client=signed("tls_www_client", *USE, key="--rsa --bits=1024"), more=NO_SANITY,
         log=REFUSED),
    Case("client certificate for a server", "client certificate", client=signed("tls_www_server", *USE), more=NO_SANITY, log=REFUSED),
    # The server's certificate
    Case("server certificate of another CA", "chain", client=others_ca, more=NO_SANITY),
    Case("server certificate signed by itself", "chain", server=self_signed, at="libvirtd"),
    Case("server certificate expired", "dates", server=serving(*USE, *OLD), at="libvirtd"),
    Case("server certificate not yet valid", "dates", server=serving(*USE, *EARLY), at="libvirtd"),
    Case("server certificate revoked", "chain", client=lambda pki: revoking(pki, "servercert.pem")),
    Case("server certificate for another name", "server name", host="cards.example.org"),
    Case("server certificate for another address", "server name", host="127.0.0.2"),
    Case("server certificate with its name in CN only", NONE, log=" is 'CN=desk'", server=serving(*USE, base=["cn = localhost", "tls_www_server"])),
    Case("server certificate with a name, called by address", "server name", host="127.0.0.1",
         server=serving(*USE, base=["cn = localhost", "dns_name = localhost", "tls_www_server"])),
    Case("server certificate with its address written as a name", "server name", host="127.0.0.1",
         server=serving(*USE, base=["cn = localhost", "dns_name = 127.0.0.1", "tls_www_server"])),
    Case("server certificate with a weak key", "chain", server=serving(*USE, key="--rsa --bits=1024"), at="libvirtd"),
    Case("server certificate for a client", "chain", server=serving(*USE, base=["cn = localhost", "dns_name = localhost", "tls_www_client"]), at="libvirtd"),
    Case("server certificate that is a CA's", "chain", server=serving(*USE, "ca", "cert_signing_key"), at="libvirtd"),
    Case("server certificate EC without key encipherment", NONE, server=serving("signing_key", key=EC), log=" is 'CN=desk'"),
    Case("server certificate Ed25519", NONE, server=serving("signing_key", key="--key-type=ed25519"), log=" is 'CN=desk'"),
    # The server's own files, as it looks at them
    Case("server without a certificate", "handshake", server=gone("servercert.pem"), sane=True, log=NOT_READY),
    Case("server with an expired certificate", "handshake", server=serving(*USE, *OLD), sane=True, log=NOT_READY),
    Case("server with the key of another certificate", "handshake", server=others_key, sane=True, log=NOT_READY),
    Case("server with a certificate that is garbage", "handshake", server=garbage("servercert.pem"), sane=True, log=NOT_READY),
    Case("server with a key that it may not read", "handshake", server=held_back, sane=True, log=NOT_READY,
         weakened=("setpriv", "--bounding-set=-dac_override,-dac_read_search")),
    Case("server with a CRL out of date", "handshake", server=old_server_list, sane=True, log=NOT_READY),
    # Passwords (SASL)
    Case("wrong password, good certificate", LOGIN, mechanisms=SCRAM, login=(USER, "wrong"), log=NOT_IN),
    Case("unknown user", LOGIN, mechanisms=SCRAM, login=("nobody", PASSWORD), log=NOT_IN),
    Case("user of another realm", LOGIN, mechanisms=SCRAM, login=(USER + "@elsewhere", PASSWORD), log=NOT_IN),
    Case("user not listed, good password", LOGIN, mechanisms=SCRAM, login=(USER, PASSWORD), conf='sasl_allowed_username_list = [ "ann" ]\n', log=NOT_IN),
    Case("wrong password by PLAIN", LOGIN, mechanisms="PLAIN", login=(USER, "wrong"), log=NOT_IN),
    Case("good password, no client certificate", "client certificate", client=files("cacert.pem"), mechanisms=SCRAM, login=(USER, PASSWORD), log=REFUSED),
    Case("good password, client certificate not listed", "client certificate", conf='tls_allowed_dn_list = [ "CN=alice" ]\n', mechanisms=SCRAM,
         login=(USER, PASSWORD), log=REFUSED),
    Case("no user given, and no terminal to ask at", LOGIN, mechanisms=SCRAM),
    Case("no password given, and no terminal to ask at", LOGIN, mechanisms=SCRAM, login=(USER,)),
    Case("mechanism that the server has not", LOGIN, mechanisms=SCRAM, login=(USER, PASSWORD), more="&auth=sasl.PLAIN"),
    Case("server without a mechanism that is there", LOGIN, mechanisms="NONESUCH", login=(USER, PASSWORD)),
    Case("server that wants to see the password, and was not verified", LOGIN, mechanisms="PLAIN", login=(USER, PASSWORD), more="&no_verify=1"),
    Case("client that wants to log in where nobody does", LOGIN, login=(USER, PASSWORD), more="&auth=sasl"),
    # TLS
    Case("client with TLS 1.1 only", FILES, more="&tls_priority=" + TLS_1_1),
    Case("server with TLS 1.1 only", "handshake", conf=f'tls_priority = "{TLS_1_1.replace("%2B", "+")}"\n', at="libvirtd"),
    Case("client with a cipher that is not spoken", "handshake", more="&tls_priority=" + CBC, log=REFUSED),
]
