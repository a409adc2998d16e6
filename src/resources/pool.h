/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/values.h"

/* What a pool is to be: a folder whose files are volumes; libvirt's <pool type='dir'> XML. */
typedef struct
{
  char *type;
  char *name;
  char *uuid;
  VcU64 capacity, allocation, available; /* printed only: what the host says at that moment */
  gboolean has_source;                   /* printed as libvirt does, and always empty       */
  char *path;                            /* absolute, without a slash at its end            */
  VcU32 mode, owner, group;              /* unset: 0711 and ours                            */
} VcPoolDef;

#define VC_POOL_MAX_XML 65536u

/* vc_pool_def_read - a pool's description
 *
 * One without a UUID is given one.  Returns: new (free with vc_pool_def_free), or NULL with VC_ERROR_INVALID
 * or, for another type than dir, VC_ERROR_UNSUPPORTED, and the line.
 */
VcPoolDef *vc_pool_def_read (const char *text, gsize len, const char *origin, GError **error);

/* vc_pool_def_print - as XML.  Returns: new string */
char *vc_pool_def_print (const VcPoolDef *self);

/* vc_pool_def_copy - Returns: new */
VcPoolDef *vc_pool_def_copy (const VcPoolDef *self);

/* vc_pool_def_free - NULL is fine */
void vc_pool_def_free (VcPoolDef *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcPoolDef, vc_pool_def_free)
