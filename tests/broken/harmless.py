# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other ways to write the same description: (name, bytes); each must mean what the base means."""
import re

from damage import text
from document import Document


def shuffled(reverse):
    document = Document("pc")
    document.root[:] = sorted(document.root, key=lambda x: x.tag, reverse=reverse)
    for element in document.all():
        element.attrib = dict(sorted(element.attrib.items(), reverse=reverse))
        if element.tag not in ("domain", "devices", "os", "cpu", "smartcard"):
            element[:] = sorted(element, key=lambda x: x.tag, reverse=reverse)
    return re.sub("(?s)<metadata>.*</metadata>", re.search("(?s)<metadata>.*</metadata>", text()).group(), document.write().decode())


def between_tags(what):
    """what before each tag that follows another tag."""
    head, meta, rest = re.split(r"(?s)(<metadata>.*</metadata>)", text())
    return re.sub(r">\s*<", f">{what}<", head) + meta + re.sub(r">\s*<", f">{what}<", rest)


def variations():
    whole = text()
    yield "as-it-is", whole
    yield "no-blanks", between_tags("")
    yield "many-blanks", between_tags(" \t\n\n  ")
    yield "comments", "<!-- x -->\n" + between_tags("<!-- <x a='1'> & -->") + "<!-- x -->"
    yield "instructions", "<?x y?>\n" + between_tags("<?php <x> & ?>") + "<?x?>"
    yield "empty-cdata", between_tags("<![CDATA[]]>")
    yield "blank-cdata", between_tags("<![CDATA[ \n]]>")
    yield "comment-in-text", whole.replace("<name>guest", "<name>gu<!-- x -->est").replace("/etc/pki", "/etc<!-- x -->/pki")
    yield "instruction-in-text", whole.replace("<name>guest", "<name>gu<?x?>est").replace("<vcpu placement='static'>2", "<vcpu placement='static'>2<?x?>")
    yield "cdata-in-text", whole.replace("<name>guest", "<name><![CDATA[guest]]>").replace("cert2", "c<![CDATA[ert]]>2")
    yield "references", whole.replace("<name>guest", "<name>&#103;u&#x65;st").replace("ports='15'", "ports='&#49;5'")
    yield "entities-of-xml", whole.replace("'/run/agent.sock'", "'/run/agent&#46;sock'")
    yield "double-quotes", whole.replace("'", '"')
    yield "blanks-in-tags", whole.replace("='", " =\n '").replace("/>", "\n/>")
    yield "long-empty-tags", re.sub(r"<(\w+)((?: [^<>]*)?)/>", r"<\1\2></\1>", whole)
    yield "carriage-returns", whole.replace("\n", "\r\n")
    yield "declared", "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n" + whole
    yield "byte-order-mark", b"\xef\xbb\xbf" + whole.encode()
    yield "utf-16", whole.encode("utf-16")
    yield "utf-16-be", b"\xfe\xff" + whole.encode("utf-16-be")
    yield "utf-16-declared", ("<?xml version='1.0' encoding='UTF-16'?>" + whole).encode("utf-16")
    yield "latin-1-declared", ("<?xml version='1.0' encoding='ISO-8859-1'?>\n" + whole).encode("latin-1")
    yield "namespaces-declared", whole.replace("<domain ", "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' xmlns:x='urn:x' ")
    yield "attributes-sorted", shuffled(False)
    yield "attributes-backwards", shuffled(True)
    yield "live-id", whole.replace("<domain ", "<domain id='7' ")
    yield "generated-alias", whole.replace("<hub type='usb'>", "<hub type='usb'><alias name='hub0'/>")
    yield "small-hexadecimal", whole.replace("0x0a", "10").replace("0x0000", "0x0").replace("slot='0x04'", "slot='4'")
    yield "uuid-as-digits", whole.replace("c7a5fdbd-edaf-9455-926a-d65c16db1809", "C7A5FDBDedaf9455926ad65c16db1809")
    yield "other-units", whole.replace("<memory unit='MiB'>256", "<memory>\n  262144\n").replace("unit='MiB'>128", "unit='b'>134217728")
    yield "much-comment", whole + "<!--" + "x" * 2000000 + "-->"
    yield "many-comments", whole + "<!--x-->\n" * 100000


def different():
    """Good too, but not the same: (name, bytes)."""
    whole = text()
    many = "".join(f"<x{i} xmlns='urn:{i}' a='&lt;'/>" for i in range(2000))
    yield "metadata-large", whole.replace("<app:x", "<big xmlns='urn:b'>" + "x" * 1000000 + "</big><app:x")
    yield "metadata-many", whole.replace("<app:x", many + "<app:x")
    yield "metadata-odd", whole.replace(
        "<app:x", "<?pi x?><!-- -c- --><![CDATA[<&]]]]><a xmlns='urn:a' b='&#10;&lt;'>&#13;&amp;<x:b xmlns:x='urn:b' x:c='1'/></a> text <app:x")
    yield "metadata-deep", whole.replace("<app:x", "<a>" * 190 + "</a>" * 190 + "<app:x")
    yield "metadata-empty", re.sub("(?s)<metadata>.*</metadata>", "<metadata/>", whole)
    yield "metadata-prefix-of-root", re.sub("(?s)<app:x.*</app:x>", "<app:x/>", whole).replace("<domain ", "<domain xmlns:app='urn:app' ")
    yield "words-in-many-tongues", whole.replace("a title", "Schl\u00fcssel \u9375 \U0001f511 &amp; &lt;")
    yield "description-of-lines", whole.replace("longer words", "one\n  two &amp;\t&#13;\nthree ")
    yield "name-of-1-mb", whole.replace("<name>guest", "<name>" + "x" * 1000000)
    yield "name-with-quotes", whole.replace("<name>guest", "<name>a'b\"c,d=e&amp;&lt;\\$`")
    yield "name-with-blanks", whole.replace("<name>guest", "<name> a b ")
    yield "alias-of-1-mb", whole.replace("ua-usb", "ua-" + "x" * 1000000)
    yield "nickname-odd", whole.replace("cert2", " a,\"b'&lt;\n ")
    yield "channel-name-odd", whole.replace("org.qemu.guest_agent.0", "a,b&apos;\"&lt;&#9;")
    yield "paths-odd", whole.replace("/images/one.qcow2", "/a,b=c &apos;d&quot;&lt;&#10;\u00fc")
    yield "host-odd", whole.replace("host='127.0.0.1' service", "host='::1,x=y' service")
    yield "no-devices", re.sub("(?s)<devices>.*</devices>", "", whole)
    yield "devices-empty", re.sub("(?s)<devices>.*</devices>", "<devices/>", whole)
