/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "pki/folder.h"

/* Putting parts into a folder: all of them, or none. */
typedef struct
{
  VcPkiPart part;
  const char *text; /* PEM */
} VcPkiPut;

typedef struct
{
  gboolean replace; /* else a part that is there already is VC_ERROR_EXISTS       */
  uid_t uid;        /* whose the end's keys become; (uid_t) -1: ours              */
  gid_t gid;
} VcPkiStore;

/* vc_pki_store - write n parts
 *
 * Makes the folder, 0755, with its parents, and `private`, 0700.  Keys are 0600, the rest 0644.  When one
 * cannot be written, those before it that were new are removed.
 */
gboolean vc_pki_store (const VcPkiFolder *folder, const VcPkiPut *parts, guint n, const VcPkiStore *how,
                       GError **error);
