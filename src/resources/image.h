/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What a disk image says of itself in its first bytes.
 *
 * Only these are looked at: no other file is opened, and a backing file is the words of the header's field.
 * Bytes in, struct out; whatever they are. */
typedef struct
{
  const char *format;   /* "raw" where nothing else is known                                        */
  guint64 capacity;     /* of the disk in it; 0: not said, it is as large as the file               */
  char *backing;        /* words of the header, as they are; NULL: none                             */
  char *backing_format; /* the same; NULL: not said                                                 */
  guint version;        /* of qcow2: 2 or 3                                                         */
  guint64 cluster;      /* of qcow2: bytes                                                          */
  gboolean is_lazy;     /* of qcow2: lazy_refcounts                                                 */
  gboolean has_more;    /* of qcow2: its data is in another file, or encrypted                      */
} VcImage;

#define VC_IMAGE_HEAD   4096u  /* bytes that are looked at                        */
#define VC_IMAGE_ISO_AT 32769u /* and where five more are, of a CD                 */
#define VC_IMAGE_ISO    "CD001"

/* vc_image_look - what is it?
 *
 * head has len bytes, VC_IMAGE_HEAD unless the file is shorter; is_iso: VC_IMAGE_ISO stands in its place.
 * ret_image is to be cleared with vc_image_clear.
 */
void vc_image_look (const guint8 *head, gsize len, gboolean is_iso, VcImage *ret_image);

void vc_image_clear (VcImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VcImage, vc_image_clear)
