/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "host/user.h"

/* Can QEMU's user get at a file, folder or socket?
 *
 * Answered by a short child that is that user and really asks the kernel, so that groups, access
 * lists and security modules count.  Nothing is opened, made or connected to.
 */
typedef enum
{
  VC_REACH_READ,    /* an existing file or device, to read                               */
  VC_REACH_WRITE,   /* an existing file or device, to read and write                     */
  VC_REACH_RUN,     /* a program                                                         */
  VC_REACH_FOLDER,  /* an existing folder, to list and to enter                          */
  VC_REACH_MAKE,    /* a file to write; made where it does not exist                     */
  VC_REACH_BIND,    /* a unix socket to make, in the place of another that may be there  */
  VC_REACH_CONNECT, /* an existing unix socket                                           */
} VcReachHow;

typedef struct
{
  const char *path; /* absolute                                                                */
  VcReachHow how;
  const char *what; /* put before the message: "disk 'vda'", "a.xml:14: <source>"; NULL: nothing */
} VcReach;

#define VC_REACH_TIMEOUT_MS 10000

/* vc_reach_check - can user reach all of wants?
 *
 * One child for all.  Borrows wants (of VcReach *) and what they point to.
 *
 * Returns: TRUE, or FALSE with the first that cannot be reached: VC_ERROR_NOT_FOUND (a file or folder
 * is missing), VC_ERROR_DENIED, VC_ERROR_INVALID (not absolute, or not what it should be), or
 * VC_ERROR_FAILED; the message names user, path and the component that is in the way.
 */
gboolean vc_reach_check (const VcUser *user, const GPtrArray *wants, GError **error);

/* vc_reach_check_one - the same for a single path */
gboolean vc_reach_check_one (const VcUser *user, const char *path, VcReachHow how, const char *what,
                             GError **error);
