/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What libvirt knows, so that "not supported here" and "no such thing" can be told apart.
 * Names only; whoever reads an element says what it supports. */

/* vc_known_element - does libvirt have an element name below parent? */
gboolean vc_known_element (const char *parent, const char *name);

/* vc_known_attr - does libvirt have this attribute on an element of this name? */
gboolean vc_known_attr (const char *element, const char *name);

/* vc_known_value - is value one of libvirt's choices?
 *
 * attr NULL asks for the element's own text.
 */
gboolean vc_known_value (const char *element, const char *attr, const char *value);
