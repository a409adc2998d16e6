/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/values.h"

/* A volume: a file of a pool that is a disk; libvirt's <volume> XML. */
typedef struct
{
  char *type; /* always "file"; NULL where it was not said */
  char *name;
  char *key; /* its path                  */
  VcU64 capacity, allocation, physical;
  char *path;
  char *format;                /* NULL: raw                             */
  VcU32 mode, owner, group;    /* unset: 0600 and ours, for a new one   */
  char *atime, *mtime, *ctime; /* as printed: seconds and nanoseconds   */
  char *compat;                /* of qcow2: 0.10 or 1.1                 */
  gboolean lazy_refcounts;     /* of qcow2                              */
  char *backing, *backing_format;
} VcVolume;

#define VC_VOLUME_MAX_XML  65536u
#define VC_VOLUME_MAX_NAME 255u

/* vc_volume_read - what a client wants a volume to be
 *
 * Held to what can be made here: raw and qcow2.  What libvirt prints of one that is there is accepted, and
 * dropped.
 *
 * Returns: new (free with vc_volume_free), or NULL with VC_ERROR_INVALID or VC_ERROR_UNSUPPORTED and the
 * line.
 */
VcVolume *vc_volume_read (const char *text, gsize len, const char *origin, GError **error);

/* vc_volume_print - as XML.  Returns: new string */
char *vc_volume_print (const VcVolume *self);

/* vc_volume_check_name - can it be the name of a file in a pool, and of nothing elsewhere?
 *
 * Returns: FALSE with VC_ERROR_STATE, which is what libvirt says, or VC_ERROR_INVALID.
 */
gboolean vc_volume_check_name (const char *name, GError **error);

/* vc_volume_free - NULL is fine */
void vc_volume_free (VcVolume *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcVolume, vc_volume_free)
