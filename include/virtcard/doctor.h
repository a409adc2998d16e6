/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <virtcard/auth.h>
#include <virtcard/tls.h>

G_BEGIN_DECLS

/* libvirtcard on what keeps a connection from being made. */

typedef enum
{
  VIRTCARD_STEP_OK = 0,
  VIRTCARD_STEP_FAILED = 1,
  VIRTCARD_STEP_SKIPPED = 2, /* it was not come to, or did not count */
} VirtcardStepResult;

/* VirtcardStepFn - a step of connecting is over
 *
 * step: "name", "port", "handshake", ...; words: what was found, or why it failed, NULL: nothing is to be
 * said; advice: what to do, of a step that failed.  All are borrowed; words may hold what a stranger wrote.
 */
typedef void (*VirtcardStepFn) (const char *step, VirtcardStepResult result, const char *words,
                                const char *advice, gpointer data);

/* virtcard_connect_doctor - connect, tell of every step, make one harmless call, and close
 *
 * uri, flags, tls and auth as for virtcard_connect_open_auth, which goes the same way.
 *
 * Returns: TRUE when no step has failed.
 */
gboolean virtcard_connect_doctor (const char *uri, guint flags, const VirtcardTls *tls,
                                  const VirtcardAuth *auth, VirtcardStepFn fn, gpointer data);

G_END_DECLS
