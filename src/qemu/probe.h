/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json/json.h"
#include "plan/caps.h"

/* Asking a QEMU binary what it can do. */

#define VC_PROBE_TIMEOUT_MS 20000u /* for all questions together */

/* vc_probe - run a binary without a machine and ask it
 *
 * binary must be an absolute path.  Started by root the binary runs as nobody; one that nobody cannot
 * reach runs as root only where none but root can change it or a folder on the way to it.
 * It does not outlive the call, nor our process, whatever ends that.  Runs a main context of its own.
 *
 * Returns: new, or NULL with error: NOT_FOUND, DENIED, VC_ERROR_UNSUPPORTED for a release before
 * VC_CAPS_MIN_RELEASE, VC_ERROR_FAILED with the binary's last words.
 */
VcCaps *vc_probe (const char *binary, GError **error);

/* The questions in order, and what an answer to one adds to the facts.  No I/O. */

guint vc_probe_n_questions (void);

/* vc_probe_question - the nth command.  Returns: new object */
VcJson *vc_probe_question (guint n);

/* vc_probe_answer - add to caps what was returned to the nth; FALSE with VC_ERROR_PROTOCOL when it is no
 * answer to that, VC_ERROR_UNSUPPORTED when the release is too old */
gboolean vc_probe_answer (VcCaps *caps, guint n, const VcJson *value, GError **error);
