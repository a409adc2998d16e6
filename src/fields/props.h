/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "fields/values.h"

/* Properties of one thing QEMU must create: ordered, typed, a name at most once.
 *
 * A property list knows nothing of how it is spelled: plan/spell.c writes the same list as
 * JSON, as key=value text or as QMP arguments.
 */
typedef struct VcProps VcProps;

typedef enum
{
  VC_PROP_STR,
  VC_PROP_BOOL,
  VC_PROP_U64,
  VC_PROP_I64,
  VC_PROP_GROUP,  /* nested: "file.driver" in key=value, an object in JSON */
  VC_PROP_FILE,   /* a file QEMU writes to or reads from                   */
  VC_PROP_LISTEN, /* a unix socket QEMU listens on                         */
  VC_PROP_TAP,    /* a tap device of the host                              */
  VC_PROP_FD,     /* something open that has no other name                 */
} VcPropType;

typedef struct
{
  char *name;
  VcPropType type;
  char *text;     /* STR, FILE, LISTEN: the text or the path; TAP: what it is for, may be NULL */
  gboolean flag;  /* BOOL; FILE: the file is to be cut to nothing first; TAP: vhost may be used */
  guint64 number; /* U64, I64 (as two's complement)                         */
  VcProps *group; /* GROUP                                                  */
  int fd;         /* from FILE on: descriptor to pass instead, -1 for none; not owned */
  guint fdset;    /* FILE with fd: number of the descriptor set             */
} VcProp;

/* vc_props_new - an empty property list
 *
 * driver is the first, defining property ("usb-ccid", "socket"); id is QEMU's name for the
 * thing.  Either may be NULL where the thing has none.
 *
 * Returns: a new list (free with vc_props_free).
 */
VcProps *vc_props_new (const char *driver, const char *id);
void vc_props_free (VcProps *props);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcProps, vc_props_free)

/* The setters copy name and value.  A value that is NULL or unset adds nothing.  Setting a name
 * twice is a programming mistake (asserted). */
void vc_props_str (VcProps *props, const char *name, const char *value);
void vc_props_strf (VcProps *props, const char *name, const char *fmt, ...) G_GNUC_PRINTF (3, 4);
void vc_props_bool (VcProps *props, const char *name, gboolean value);
void vc_props_tri (VcProps *props, const char *name, VcTri value);
void vc_props_u64 (VcProps *props, const char *name, guint64 value);
void vc_props_u32 (VcProps *props, const char *name, VcU32 value);
void vc_props_i64 (VcProps *props, const char *name, gint64 value);

/* vc_props_reset_str - another text in the place of one that must be there
 *
 * The property that was there is freed.
 */
void vc_props_reset_str (VcProps *props, const char *name, const char *value);

/* vc_props_more - the same name once more, for options that take a name several times (never for JSON) */
void vc_props_more (VcProps *props, const char *name, const char *value);

/* vc_props_group - a nested list
 *
 * Returns: the list inside, owned by props.
 */
VcProps *vc_props_group (VcProps *props, const char *name);

/* vc_props_file - a file by path, which a start opens itself and passes as a descriptor
 *
 * cut says that what stands in the file is thrown away when it is opened.
 */
void vc_props_file (VcProps *props, const char *name, const char *path, gboolean cut);

/* vc_props_listen - a unix socket's path, which a start binds itself and passes as a descriptor */
void vc_props_listen (VcProps *props, const char *name, const char *path);

/* vc_props_tap - a tap device, which a start makes itself and passes as a descriptor
 *
 * name and value are how it is shown, and "br" names the bridge that it is to be added to; it is added also
 * where value is NULL, which shows nothing.  vhost: the kernel may move its packets.
 */
void vc_props_tap (VcProps *props, const char *name, const char *value, gboolean vhost);

/* vc_props_fd - a descriptor that goes to QEMU; it stays the caller's */
VcProp *vc_props_fd (VcProps *props, const char *name, int fd);

const char *vc_props_driver (const VcProps *props);
const char *vc_props_id (const VcProps *props);

/* vc_props_get - find a property by name
 *
 * Returns: the property, owned by props, or NULL.
 */
VcProp *vc_props_get (const VcProps *props, const char *name);

/* vc_props_n, vc_props_nth - the properties in order */
guint vc_props_n (const VcProps *props);
VcProp *vc_props_nth (const VcProps *props, guint n);
