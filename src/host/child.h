/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "host/user.h"

/* A short-lived process of ours that looks at something as another user, and may hang.
 *
 * Whatever it does, the caller is back at the deadline: the child is killed then, and one that not
 * even SIGKILL can end (it sleeps in the kernel, on a dead file server say) is left behind.
 */

/* Runs in the child, as the user; system calls only.  What it writes to out reaches the caller.
 * Returns the exit status. */
typedef int (*VcChildFn) (gconstpointer data, int out);

typedef enum
{
  VC_CHILD_EXITED,  /* by itself: status is its exit status           */
  VC_CHILD_KILLED,  /* by a signal: status is its number              */
  VC_CHILD_LATE,    /* it was not done at the deadline and was killed */
  VC_CHILD_FLOODED, /* it wrote more than was allowed and was killed  */
} VcChildEnd;

typedef struct
{
  VcChildEnd end;
  int status;
  GByteArray *out; /* what it wrote, also when it was late; a 0 byte stands behind it */
} VcChildResult;

#define VC_CHILD_NO_USER 125 /* exit status: it could not become the user and the like */
#define VC_CHILD_NO_EXEC 126 /* exit status: the program could not be begun */

#define VC_CHILD_KEPT 4 /* the descriptor that was kept, in the child  */

/* vc_child_run - run fn in a child that is user, and wait for its end
 *
 * Borrows everything.  user may be NULL: ourselves.  keep: a descriptor the child finds as VC_CHILD_KEPT,
 * closed by an exec; -1: none.  The child has no signal handlers, no open files but that and out,
 * /dev/null as its stdin, stderr as ours, and dies with us.
 *
 * Returns: FALSE with error only when there was no child to begin with.
 */
gboolean vc_child_run (VcChildFn fn, gconstpointer data, const VcUser *user, int keep, guint timeout_ms,
                       gsize max_out, VcChildResult *ret_result, GError **error);

/* vc_child_exec - the same for a program
 *
 * argv[0] is an absolute path; its stdout is what reaches the caller and its stderr is /dev/null.
 * It cannot gain rights (no setuid).
 *
 * Returns: as vc_child_run; a program that could not be begun has status VC_CHILD_NO_EXEC.
 */
gboolean vc_child_exec (const char *const *argv, const VcUser *user, guint timeout_ms, gsize max_out,
                        VcChildResult *ret_result, GError **error);

/* vc_child_result_clear - wipe the output and let go of it */
void vc_child_result_clear (VcChildResult *result);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VcChildResult, vc_child_result_clear)
