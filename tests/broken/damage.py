# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bytes that are no description at all, or none that anyone should read."""
import os

from document import Document, HERE

MEBI = 1 << 20


def text(base="pc"):
    with open(os.path.join(HERE, base + ".xml"), encoding="utf-8") as file:
        return file.read()


def line_of(whole, part):
    return whole[:whole.index(part)].count("\n") + 1


def replaced(old, new):
    whole = text()
    return whole.replace(old, new, 1), line_of(whole, old)


def entities():
    root = "<domain type='qemu'>"
    laughs = "".join(f"<!ENTITY l{i + 1} '{f'&l{i};' * 10}'>\n" for i in range(9))
    types = {
        "empty": "<!DOCTYPE domain>",
        "billion-laughs": f"<!DOCTYPE domain [\n<!ENTITY l0 'ha'>\n{laughs}]>",
        "quadratic": f"<!DOCTYPE domain [<!ENTITY a '{'a' * 50000}'>]>",
        "external-file": "<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "external-http": "<!DOCTYPE domain [<!ENTITY x SYSTEM 'http://127.0.0.1:1/x'>]>",
        "external-subset": "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'>",
        "public-subset": "<!DOCTYPE domain PUBLIC '-//X//EN' 'http://127.0.0.1:1/x'>",
        "parameter": "<!DOCTYPE domain [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>",
        "parameter-in-itself": "<!DOCTYPE domain [<!ENTITY % p '&#37;p;'> %p;]>",
        "in-itself": "<!DOCTYPE domain [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>",
        "default-attribute": "<!DOCTYPE domain [<!ATTLIST domain id CDATA '7'>]>",
        "notation": "<!DOCTYPE domain [<!NOTATION n SYSTEM 'x'>]>",
    }
    for name, declared in types.items():
        for use in ("&l9;", "&x;", ""):
            whole = text().replace("longer words", use or "longer words")
            yield f"doctype-{name}{'-used' if use else ''}-{use[1:2]}", declared + "\n" + whole, 1
    yield "doctype-second-line", "<?xml version='1.0'?>\n<!DOCTYPE domain>\n" + text(), 2
    yield "doctype-after-root", text() + "<!DOCTYPE domain>\n", text().count("\n") + 1
    yield "doctype-inside", text().replace(root, root + "\n<!DOCTYPE domain>"), 2
    for name, word in {"text": "<title>&x;</title>", "number": "<title>&#0;</title>", "big": "<title>&#x110000;</title>",
                       "surrogate": "<title>&#xd800;</title>", "control": "<title>&#1;</title>", "open": "<title>&lt</title>",
                       "bare": "<title>a & b</title>", "in-attribute": "<title a='&x;'/>"}.items():
        whole, line = replaced("<title>a title</title>", word)
        yield "entity-" + name, whole, line


def encodings():
    whole, line = replaced("a title", "Schl\xfcssel")
    head = "<?xml version='1.0' encoding='UTF-8'?>\n"
    yield "latin-1-as-utf-8", (head + whole).encode("latin-1"), line + 1
    yield "latin-1-undeclared", whole.encode("latin-1"), line
    yield "utf-16-without-mark", whole.encode("utf-16-le"), 1
    yield "utf-16-be-without-mark", whole.encode("utf-16-be"), 1
    yield "utf-16-declared-only", "<?xml version='1.0' encoding='UTF-16'?>\n" + text(), None
    yield "utf-16-cut", whole.encode("utf-16")[:-2000], None
    yield "utf-16-odd-surrogate", b"\xff\xfe" + text().encode("utf-16-le").replace(b"a\0 \0t\0", b"\0\xd8 \0t\0"), None
    yield "utf-16-mark-then-utf-8", b"\xff\xfe" + text().encode(), None
    yield "utf-32", whole.encode("utf-32"), 1
    yield "utf-7", "<?xml version='1.0' encoding='UTF-7'?>\n" + whole.replace("\xfc", "+APw-"), None
    yield "unknown-encoding", "<?xml version='1.0' encoding='NONSENSE'?>\n" + text(), 1
    yield "empty-encoding", "<?xml version='1.0' encoding=''?>\n" + text(), 1
    yield "ebcdic", ("<?xml version='1.0'?>\n" + text()).encode("cp500"), 1
    for name, data in {"overlong": b"\xc0\xbc", "overlong-nul": b"\xc0\x80", "lone": b"\x80", "cut": b"\xe2\x82",
                       "surrogate": b"\xed\xa0\x80", "too-large": b"\xf4\x90\x80\x80", "five-bytes": b"\xf8\x88\x80\x80\x80",
                       "ff": b"\xff", "noncharacter": b"\xef\xbf\xbf"}.items():
        data = text().encode().replace(b"a title", b"a " + data + b" title")
        yield "utf-8-" + name, data, line
    for name, byte in {"nul": b"\0", "bell": b"\x07", "escape": b"\x1b", "vertical-tab": b"\x0b"}.items():
        yield f"{name}-in-text", text().encode().replace(b"a title", b"a" + byte + b"title"), line
        yield f"{name}-in-attribute", text().encode().replace(b"'/boot/", b"'/" + byte) \
            .replace(b"file='/images", b"file='" + byte), line_of(text(), "file='/images")
        yield f"{name}-in-tag", text().encode().replace(b"<title>", b"<ti" + byte + b"tle>"), line
    yield "nul-first", b"\0" + text().encode(), 1
    yield "nul-last", text().encode() + b"\0", text().count("\n") + 1
    yield "xml-1.1", "<?xml version='1.1'?>\n" + text().replace("a title", "&#1;"), line + 1


def damaged():
    whole = text()
    end = whole.count("\n") + 1
    for part in ["<domain", "type='qemu", "<name>", "<name>gu", "<app:x", "</metadata", "<controller type=", "index='0' mo",
                 "<alias name='ua-usb'", "<certificate>cert2</cert", "</devices", "</dom"]:
        at = whole.index(part) + len(part)
        yield f"cut-behind-{part.strip('</>')}", whole[:at], whole[:at].count("\n") + 1
    for share in range(1, 20):
        at = len(whole) * share // 20
        yield f"cut-at-{share * 5}", whole[:at], whole[:at].count("\n") + 1
    yield "empty", "", 1
    yield "blank", "\n\n  \n", None
    yield "only-a-declaration", "<?xml version='1.0'?>\n", None
    yield "only-a-comment", "<!-- x -->", 1
    yield "words", "hello\n", 1
    yield "two-roots", whole + "<domain/>\n", end
    yield "text-behind", whole + "text\n", end
    yield "text-before", "text\n" + whole, 1
    yield "declaration-late", "\n<?xml version='1.0'?>\n" + whole, 2
    yield "declaration-twice", "<?xml version='1.0'?>\n<?xml version='1.0'?>\n" + whole, 2
    yield "another-root", "<network>\n<name>x</name>\n</network>\n", 1
    yield "root-in-capitals", whole.replace("domain", "DOMAIN"), 1
    yield "root-in-a-namespace", whole.replace("<domain ", "<domain xmlns='urn:x' "), 1
    yield "root-with-a-prefix", whole.replace("<domain ", "<d:domain xmlns:d='urn:x' ").replace("</domain", "</d:domain"), 1
    for name, old, new in [
            ("prefix-undeclared", "<title>a title</title>", "<x:title>a title</x:title>"),
            ("prefix-declared", "<title>a title</title>", "<x:title xmlns:x='urn:x'>a title</x:title>"),
            ("namespace-alone", "<title>a title</title>", "<title xmlns='urn:x'>a title</title>"),
            ("device-with-a-prefix", "<hub type='usb'>", "<x:hub xmlns:x='urn:x' type='usb'/><hub type='usb'>"),
            ("source-with-a-prefix", "<source file='/images/two.iso'/>", "<x:source xmlns:x='urn:x' file='/images/two.iso'/>"),
            ("attribute-with-a-prefix", "<hub type='usb'>", "<hub xmlns:x='urn:x' x:y='1' type='usb'>"),
            ("attribute-xml-lang", "<title>", "<title xml:lang='en'>"),
            ("qemu-commandline", "<devices>", "<commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'/><devices>"),
            ("xinclude", "<devices>", "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/passwd'/><devices>"),
            ("attribute-twice", "<hub type='usb'>", "<hub type='usb' type='usb'>"),
            ("attribute-unquoted", "<hub type='usb'>", "<hub type=usb>"),
            ("attribute-without-value", "<hub type='usb'>", "<hub type>"),
            ("less-in-attribute", "<hub type='usb'>", "<hub type='<usb'>"),
            ("tag-with-a-digit", "<hub type='usb'>", "<1hub type='usb'>"),
            ("comment-open", "<title>a title</title>", "<title>a -- b</title><!-- a -- b -->"),
            ("cdata-end", "<title>a title</title>", "<title>a ]]> b</title>"),
            ("pi-named-xml", "<title>a title</title>", "<?xml x?>"),
            ("end-tag-misspelt", "</title>", "</titel>"),
            ("control-reference-in-name", "ua-usb", "ua-&#9;usb"),
            ("new-line-in-alias", "ua-usb", "ua-&#10;usb"),
            ("quote-in-alias", "ua-usb", "ua-&quot;usb"),
            ("new-line-in-name", "<name>guest</name>", "<name>gu&#10;est</name>")]:
        data, line = replaced(old, new)
        yield name, data, line


def large():
    whole = text()
    end, letters = whole.count("\n") - 1, "abcdefghijklmnopqrstuvwxyz"
    deep = 10 * MEBI // 7
    yield "deep-10-mb", "<a>" * deep + "</a>" * deep, 1
    yield "deep-open", "<a>\n" * 3000, None
    yield "deep-in-a-device", *replaced("<backend model", "<a>" * 150 + "</a>" * 150 + "<backend model")
    yield "deep-in-metadata", replaced("<metadata>", "<metadata>" + "<a>" * 300 + "</a>" * 300)[0], line_of(whole, "<metadata>")
    yield "9-mb-of-blanks", whole + " " * 9 * MEBI, 1
    yield "9-mb-of-comment", whole + "<!--" + "x" * 9 * MEBI + "-->", 1
    yield "attribute-of-1-mb", *replaced("<hub type='usb'>", f"<hub type='{'x' * MEBI}'>")
    yield "attribute-name-of-1-mb", *replaced("<hub type='usb'>", f"<hub {'x' * MEBI}='1' type='usb'>")
    yield "tag-of-1-mb", *replaced("<hub type='usb'>", f"<{'x' * MEBI}/><hub type='usb'>")
    yield "text-of-1-mb", *replaced("<hub type='usb'>", f"<hub type='usb'>{'x' * MEBI}")
    yield "number-of-1-mb", *replaced("ports='15'", f"ports='{'9' * MEBI}'")
    yield "alias-of-1-mb", *replaced("ua-usb", "ua-" + "," * MEBI)
    yield "name-of-1-mb", *replaced("<name>guest</name>", f"<name>/{'x' * MEBI}</name>")
    yield "path-of-1-mb", *replaced("path='/run/agent.sock'", f"path='/{'x' * MEBI}'")[:1], line_of(whole, "<channel type='unix'>")
    many = " ".join(f"a{i}='1'" for i in range(100000))
    yield "100000-attributes", *replaced("<hub type='usb'>", f"<hub {many} type='usb'>")
    document = Document("pc")
    document.find("devices/rng").extend([document.find("devices/audio")] * 100000)
    data = document.write()
    yield "100000-elements", data, document.line(document.find("devices/rng/backend")) + 1
    for name, part in {"start-tag": "<hub type='usbx'>", "empty": "<hubb/><hub type='usb'>", "text": "<hub type='usb'>x"}.items():
        data, line = replaced("<hub type='usb'>", "\n" * 100000 + part)
        yield f"line-100000-{name}", data, line + 100000
    for name, part in {"channels": "<channel type='null'><target type='virtio'/></channel>", "hubs": "<hub type='usb'/>",
                       "controllers": "<controller type='sata'/>"}.items():
        yield f"50000-{name}", whole.replace("</devices>", part * 50000 + "</devices>"), end
    disks = "".join(f"<disk type='file'><source file='/x'/><target dev='vd{a}{b}'/></disk>" for a in letters for b in letters)
    yield "676-disks", whole.replace("</devices>", disks + "</devices>"), end
    yield "100000-prefixes", *replaced("<title>", "<title " + " ".join(f"xmlns:a{i}='urn:{i}'" for i in range(30000)) + " b='1'>")
