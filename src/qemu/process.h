/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu/spawn.h"

/* A program that runs: its end, its last words, and how to end it.  Held by a pidfd, so that no other
 * process is ever taken for it. */
typedef struct VcProcess VcProcess;

typedef struct
{
  gboolean signalled; /* by a signal, else by itself          */
  int code;           /* signal number or status; -1: unknown */
} VcExit;

/* vc_exit_print - "exited with status 1", "was killed by signal 9 (Killed)".  Returns: new string */
char *vc_exit_print (const VcExit *how);

/* VcExitFn - the process ended; called once.  May free it */
typedef void (*VcExitFn) (const VcExit *how, gpointer data);

#define VC_PROCESS_MAX_WORDS 2048 /* bytes of what it wrote last to stderr that are kept */

/* vc_process_new - start a program and watch it
 *
 * how->err -1: what it writes is read and its end kept, for as long as we live; a descriptor: of a
 * file, from which the end is read when it is asked for.  context NULL is the default one.  on_exit
 * may be NULL.
 *
 * Returns: new (free with vc_process_free), or NULL with error.
 */
VcProcess *vc_process_new (const VcSpawn *how, GMainContext *context, VcExitFn on_exit, gpointer data,
                           GError **error);

/* vc_process_find - watch a program that somebody else started
 *
 * started: as vc_proc_started says.  log: file of its stderr, or -1; borrowed.  How it ended is not told to
 * those who are not its parent: VcExit.code is -1.
 *
 * Returns: new, or NULL with VC_ERROR_GONE when that process has ended.
 */
VcProcess *vc_process_find (pid_t pid, guint64 started, int log, GMainContext *context, VcExitFn on_exit,
                            gpointer data, GError **error);

/* vc_process_free - stop watching; a bound process and all of its group are killed and reaped first */
void vc_process_free (VcProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcProcess, vc_process_free)

pid_t vc_process_pid (const VcProcess *process);

/* vc_process_kill - send it a signal; FALSE with VC_ERROR_GONE when it has ended */
gboolean vc_process_kill (VcProcess *process, int number, GError **error);

/* vc_process_wait - run the main context until it ended, at most timeout_ms
 *
 * on_exit is called as ever and must not free it here.
 *
 * Returns: FALSE when it still runs.
 */
gboolean vc_process_wait (VcProcess *process, guint timeout_ms, VcExit *ret_how);

/* vc_process_words - the last lines it wrote to stderr, "; " between.  Returns: new string, or NULL */
char *vc_process_words (VcProcess *process);

/* vc_process_fail - VC_ERROR_GONE with how it ended and its last words: "QEMU was killed by signal 9
 * (Killed): …" */
gboolean vc_process_fail (VcProcess *process, const VcExit *how, const char *who, GError **error);
