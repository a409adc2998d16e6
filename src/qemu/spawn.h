/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Starting a program with nothing of ours but what it is given.
 *
 * The child has its own session, default signals, umask 0007, a small environment, and no descriptor
 * besides 0, 1, 2 and the listed ones, which keep their numbers.
 */
typedef struct
{
  const char *const *argv; /* argv[0] is the program's path                                   */
  const char *const *env;  /* "NAME=value" beside and before PATH, HOME, LC_ALL=C; or NULL     */
  const char *folder;      /* working folder; NULL: "/"                                        */
  const int *fds;          /* descriptors the child keeps, each above 2                        */
  guint n_fds;
  int in, out, err;              /* become 0, 1, 2; -1: /dev/null                                    */
  int (*become) (gconstpointer); /* in the child, to be another user: system calls only; 0 or errno */
  gconstpointer who;             /* what become is given                                             */
  gboolean bound;                /* killed when the thread that started it ends, whatever ends it    */
  int record; /* if above 2: a file in which the child says which process it is, before it is the program */
} VcSpawn;

#define VC_SPAWN_INIT .in = -1, .out = -1, .err = -1

/* vc_spawn - start a program
 *
 * Returns only after the program runs or could not be run.  The caller reaps it.
 *
 * Returns: its process id, or -1 with error: NOT_FOUND, DENIED or FAILED.
 */
pid_t vc_spawn (const VcSpawn *how, GError **error);
