/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json/json.h"

/* A connection to QEMU's monitor.
 *
 * Commands are sent one at a time and every one has a deadline: a QEMU that was sent two at once has
 * been seen to stop reading.  Each reply function is called exactly once, from the main context and
 * never from inside the function that sent the command: with QEMU's answer, its refusal, at the
 * deadline, at the end of the connection, or from vc_qmp_free.
 *
 * Any of the callbacks may free the connection.
 */
typedef struct VcQmp VcQmp;

#define VC_QMP_MAX_CALLS 64 /* commands waiting for an answer; one more is answered VC_ERROR_BUSY */

/* VcQmpReplyFn - an answer to a command
 *
 * Borrows both: value is what the command returned and error NULL, or value is NULL and error says
 * VC_ERROR_QEMU (refused, with QEMU's words), VC_ERROR_NOT_FOUND (refused: no such device),
 * VC_ERROR_UNSUPPORTED (no such command), VC_ERROR_BUSY (no answer in time, or too many commands
 * waiting), VC_ERROR_GONE (connection ended) or VC_ERROR_PROTOCOL (ended, since QEMU broke the rules).
 */
typedef void (*VcQmpReplyFn) (VcJson *value, const GError *error, gpointer data);

/* VcQmpEventFn - something happened; borrows all, values may be NULL */
typedef void (*VcQmpEventFn) (const char *event, VcJson *values, gpointer data);

/* VcQmpEndFn - the peer is gone (VC_ERROR_GONE) or broke the rules (VC_ERROR_PROTOCOL); borrows why
 *
 * Called once, after the waiting commands were answered, and not when we end it ourselves.
 */
typedef void (*VcQmpEndFn) (const GError *why, gpointer data);

/* vc_qmp_new - speak QMP on a connected stream socket
 *
 * Takes fd.  context NULL is the default one.  Either callback may be NULL.
 *
 * Returns: new (free with vc_qmp_free).
 */
VcQmp *vc_qmp_new (int fd_taken, GMainContext *context, VcQmpEventFn on_event, VcQmpEndFn on_end,
                   gpointer data);

/* vc_qmp_set_found - somebody else spoke to this QEMU before, and may have been cut off; before vc_qmp_open
 *
 * What QEMU says to him is not taken for ours, and does not break the rules.
 */
void vc_qmp_set_found (VcQmp *qmp);

/* vc_qmp_free - end the connection; commands still waiting are answered VC_ERROR_GONE from here */
void vc_qmp_free (VcQmp *qmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcQmp, vc_qmp_free)

/* vc_qmp_listen - hear every event, beside on_event and before it
 *
 * event NULL: the connection ended, for whatever reason; that is the last call.  Listeners may send
 * commands, leave, and add others, who may hear the same event.
 */
void vc_qmp_listen (VcQmp *qmp, VcQmpEventFn fn, gpointer data);

/* vc_qmp_unlisten - hear no more; nothing happens when the connection has ended */
void vc_qmp_unlisten (VcQmp *qmp, VcQmpEventFn fn, gpointer data);

/* vc_qmp_context - the main context it runs in, borrowed */
GMainContext *vc_qmp_context (const VcQmp *qmp);

/* vc_qmp_open - wait for the greeting and leave negotiation
 *
 * Once for a connection.  Commands called before are sent after it.
 */
void vc_qmp_open (VcQmp *qmp, guint timeout_ms, VcQmpReplyFn fn, gpointer data);

/* vc_qmp_command - a command; takes arguments, which may be NULL.  Returns: new object */
VcJson *vc_qmp_command (const char *name, VcJson *arguments_taken);

/* vc_qmp_call - send a command
 *
 * timeout_ms counts from now.  A command whose deadline passed may still be carried out.  fn may be
 * NULL for one whose answer nobody needs.
 */
void vc_qmp_call (VcQmp *qmp, VcJson *command_taken, guint timeout_ms, VcQmpReplyFn fn, gpointer data);

/* vc_qmp_call_fd - vc_qmp_call with a descriptor for getfd and add-fd; borrows fd */
void vc_qmp_call_fd (VcQmp *qmp, VcJson *command_taken, int fd, guint timeout_ms, VcQmpReplyFn fn,
                     gpointer data);

/* vc_qmp_open_wait, vc_qmp_call_wait - the same for simple users: run the main context until answered
 *
 * Other sources of the context run meanwhile.  Not for use inside a callback of the same connection:
 * nothing is read there before it returns.
 *
 * Returns: TRUE; the returned value (new reference); or FALSE, NULL with error.
 */
gboolean vc_qmp_open_wait (VcQmp *qmp, guint timeout_ms, GError **error);
VcJson *vc_qmp_call_wait (VcQmp *qmp, VcJson *command_taken, guint timeout_ms, GError **error);
