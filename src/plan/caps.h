/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What one QEMU binary can do.  Only the facts: qemu/probe.c asks the binary and fills them in. */

typedef struct
{
  char *name;        /* "pc-i440fx-7.2"                                       */
  char *alias;       /* "pc", or NULL                                         */
  char *default_cpu; /* "qemu64" (without "-x86_64-cpu"), or NULL             */
  char *default_ram; /* id of the machine's memory backend "pc.ram", or NULL  */
  guint max_cpus;
  gboolean is_default; /* what -machine means when it is left out               */
} VcMachine;

/* Shared once it is made, by several threads too: nobody changes it then. */
typedef struct
{
  gatomicrefcount refs;
  char *binary;        /* absolute path                                         */
  char *version;       /* "7.2.22"                                              */
  guint release;       /* 7002022: major * 1000000 + minor * 1000 + micro       */
  char *arch;          /* "x86_64", "i386"                                      */
  GPtrArray *machines; /* VcMachine                                             */
  GHashTable *types;   /* QOM type names, a set                                 */
  GHashTable *cpus;    /* CPU model names, a set                                */
} VcCaps;

#define VC_CAPS_MIN_RELEASE 7002000u

/* From here on whether there is an HPET is said to the machine. */
#define VC_CAPS_HPET_RELEASE 8000000u

/* vc_caps_new - facts about nothing yet
 *
 * Returns: a new structure with empty tables (free with vc_caps_free).
 */
VcCaps *vc_caps_new (void);

/* vc_caps_ref - hold on to the same facts; returns caps */
VcCaps *vc_caps_ref (VcCaps *caps);

/* vc_caps_free - let go of them: the last one frees them; NULL is fine */
void vc_caps_free (VcCaps *caps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcCaps, vc_caps_free)

void vc_machine_free (VcMachine *machine);

/* vc_caps_machine - find a machine by name or alias
 *
 * Returns: borrowed from caps, or NULL when this QEMU has no such machine.
 */
const VcMachine *vc_caps_machine (const VcCaps *caps, const char *name);

/* vc_caps_has - does this QEMU know the type (device, object, chardev back end)? */
gboolean vc_caps_has (const VcCaps *caps, const char *type);

/* vc_caps_read - facts from the text vc_caps_print wrote
 *
 * Refuses text that lacks anything, so that a broken cache is noticed.
 *
 * Returns: new, or NULL with VC_ERROR_INVALID.
 */
VcCaps *vc_caps_read (const char *text, gsize len, GError **error);

/* vc_caps_print - facts as lines of text
 *
 * No name but the binary's may have a blank or a line end in it.
 *
 * Returns: new string.
 */
char *vc_caps_print (const VcCaps *caps);
