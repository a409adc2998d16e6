/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"

/* The comments at the head of a definition's file.
 *
 * The first one is for people.  The second one says what is to be known of a guest that is only listed, and
 * sums up the whole file with its name and the version of what wrote it: as long as the sum is right, the
 * file is what this version read and printed itself, and needs not be read again to be listed.  A file that
 * was changed, cut, renamed, or written by another version has the wrong sum or none, and is read.
 */

/* What is to be known of a definition that is not in memory. */
typedef struct
{
  guint64 max_memory, memory; /* KiB */
  guint vcpus, max_vcpus;
} VcSizes;

VcSizes vc_sizes_of (const VcDomain *domain);

#define VC_HEAD_UUID 37u /* bytes */

/* vc_head_new - the head of a file that is to hold text, which is domain, printed
 *
 * Returns: new string.
 */
char *vc_head_new (const VcDomain *domain, const char *text);

/* vc_head_read - what a file says of itself
 *
 * name: whose file it is.
 *
 * Returns: FALSE unless the sum is right.
 */
gboolean vc_head_read (const char *file, gsize len, const char *name, char ret_uuid[VC_HEAD_UUID],
                       VcSizes *ret_sizes);

/* vc_head_skip - where the definition begins; borrowed from file */
const char *vc_head_skip (const char *file);
