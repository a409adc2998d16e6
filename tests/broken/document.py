# SPDX-License-Identifier: LGPL-2.1-or-later
"""A description whose every element knows its line."""
import copy
import os
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape, quoteattr

HERE = os.path.dirname(os.path.abspath(__file__))


class Document:
    """base: name of a good document beside this file; each element is written to a line of its own."""

    loaded = {}

    def __init__(self, base):
        if base not in self.loaded:
            self.loaded[base] = ElementTree.parse(os.path.join(HERE, base + ".xml")).getroot()
        self.base = base
        self.root = copy.deepcopy(self.loaded[base])
        self.lines, self.next = {}, 1

    def all(self):
        """Every element but those of <metadata>, which may hold anything."""
        hidden = {id(x) for m in self.root.iter("metadata") for x in m.iter()}
        return [x for x in self.root.iter() if id(x) not in hidden]

    def find(self, path):
        found = self.root if path == "." else self.root.find(path)
        assert found is not None, f"{self.base}: no {path}"
        return found

    def parent(self, element):
        return next(p for p in self.root.iter() if element in list(p))

    def add(self, where, text):
        """The element that text makes, put at the end of where (a path or an element)."""
        child = ElementTree.fromstring(text)
        (self.find(where) if isinstance(where, str) else where).append(child)
        return child

    def drop(self, path):
        element = self.find(path)
        self.parent(element).remove(element)

    def twin(self, element):
        """A copy right behind the element."""
        parent, child = self.parent(element), copy.deepcopy(element)
        parent.insert(list(parent).index(element) + 1, child)
        return child

    def write(self):
        self.lines, self.next, out = {}, 1, []
        self._write(self.root, out, 0)
        return ("\n".join(out) + "\n").encode()

    def line(self, element):
        return self.lines[id(element)]

    def _write(self, element, out, depth):
        space, tag, names = "  " * depth, element.tag, ""
        if tag.startswith("{"):
            names, tag = tag[1:].split("}")
            names = f" xmlns={quoteattr(names)}"
        names += "".join(f" {n}={quoteattr(v)}" for n, v in element.attrib.items())
        text = escape((element.text or "") if (element.text or "").strip() or not len(element) else "")
        self.lines[id(element)] = self.next
        self.next += 1 + text.count("\n")
        if len(element) == 0:
            out.append(f"{space}<{tag}{names}>{text}</{tag}>" if text else f"{space}<{tag}{names}/>")
            return
        if text.strip() and not any(len(x) or x.attrib for x in element):  # a new line would be part of the text
            self.lines.update((id(x), self.next - 1) for x in element)
            out.append(f"{space}<{tag}{names}>{text}{''.join(f'<{x.tag}/>' for x in element)}</{tag}>")
            return
        out.append(f"{space}<{tag}{names}>{text}")
        for child in element:
            self._write(child, out, depth + 1)
        out.append(f"{space}</{tag}>")
        self.next += 1


def place(document, element):
    """A short name for an element: its tag and which of its kind it is."""
    same = [x for x in document.root.iter(element.tag)]
    number = next(i for i, x in enumerate(same) if x is element)
    return f"{document.base}-{element.tag}" + (f"-{number + 1}" if len(same) > 1 else "")
