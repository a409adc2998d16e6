/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The one error domain.
 *
 * A function that can fail takes GError ** last and returns gboolean or a pointer.
 * A code is something a caller can act on; if nobody could, it is VC_ERROR_FAILED and
 * the message does the work.  Codes cross the wire and become exit statuses, so their
 * numbers never change.
 *
 * Messages: lower case, no full stop, user strings in 'quotes', place first:
 * "web.xml:14: <source>: unknown attribute 'pth'".
 */
typedef enum
{
  VC_ERROR_FAILED = 0,      /* nothing cleverer to say                        */
  VC_ERROR_INVALID = 1,     /* the input is wrong; message has place and line */
  VC_ERROR_UNSUPPORTED = 2, /* right, but not with this QEMU or this build    */
  VC_ERROR_NOT_FOUND = 3,
  VC_ERROR_EXISTS = 4,
  VC_ERROR_STATE = 5, /* not while the machine is in this state         */
  VC_ERROR_BUSY = 6,  /* try again later                                */
  VC_ERROR_DENIED = 7,
  VC_ERROR_LIMIT = 8,    /* too large, too many, too deep                  */
  VC_ERROR_PROTOCOL = 9, /* the peer broke the rules; drop it              */
  VC_ERROR_GONE = 10,    /* peer or process vanished                       */
  VC_ERROR_QEMU = 11,    /* QEMU refused; its words are in the message     */
} VcErrorCode;

#define VC_ERROR (vc_error_quark ())
GQuark vc_error_quark (void);

/* vc_fail - make an error and leave
 *
 * Meant as `return vc_fail (error, code, "…")`.
 *
 * Returns: FALSE, always.
 */
gboolean vc_fail (GError **error, VcErrorCode code, const char *fmt, ...) G_GNUC_PRINTF (3, 4);

/* vc_fail_null - vc_fail for functions that return a pointer
 *
 * Returns: NULL, always.
 */
gpointer vc_fail_null (GError **error, VcErrorCode code, const char *fmt, ...) G_GNUC_PRINTF (3, 4);

/* vc_fail_errno - make an error from a system error number
 *
 * The code follows from errsv (ENOENT: NOT_FOUND, EACCES and EPERM: DENIED, EEXIST: EXISTS,
 * else FAILED); the message is fmt, a colon and strerror's words.
 *
 * Returns: FALSE, always.
 */
gboolean vc_fail_errno (GError **error, int errsv, const char *fmt, ...) G_GNUC_PRINTF (3, 4);

/* vc_prefix - put words before an error's message on its way up
 *
 * Adds nothing of its own: end fmt with ": ".
 *
 * Returns: FALSE, always.
 */
gboolean vc_prefix (GError **error, const char *fmt, ...) G_GNUC_PRINTF (2, 3);
