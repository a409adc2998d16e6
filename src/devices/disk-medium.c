/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/disk-facts.h"

#define SWAP(member)                                                                                         \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    __typeof__ (a->member) was = a->member;                                                                  \
                                                                                                             \
    a->member = b->member;                                                                                   \
    b->member = was;                                                                                         \
  }                                                                                                          \
  G_STMT_END

gboolean
vc_disk_swap_medium (VcDevice *one, VcDevice *other)
{
  VcDisk *a = (VcDisk *) one, *b = (VcDisk *) other;

  if ((a->use != VC_DISK_CDROM && a->use != VC_DISK_FLOPPY) || a->use != b->use)
    return FALSE;
  SWAP (type);
  SWAP (file);
  SWAP (dev);
  SWAP (dir);
  SWAP (protocol);
  SWAP (export);
  SWAP (query);
  SWAP (hosts);
  SWAP (format);
  SWAP (node);
  return TRUE;
}
