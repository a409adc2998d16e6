/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json/json.h"

/* What QEMU says on its monitor: bytes cut into lines, and the meaning of one line.  No I/O. */

typedef struct VcQmpLines VcQmpLines;

VcQmpLines *vc_qmp_lines_new (void);
void vc_qmp_lines_free (VcQmpLines *lines);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcQmpLines, vc_qmp_lines_free)

/* vc_qmp_lines_add - more bytes from the peer
 *
 * Returns: TRUE, or FALSE with VC_ERROR_PROTOCOL when a line is longer than VC_JSON_MAX_BYTES.
 */
gboolean vc_qmp_lines_add (VcQmpLines *lines, const char *bytes, gsize len, GError **error);

/* vc_qmp_lines_get - take the next whole line, without its end
 *
 * Returns: the line, borrowed until the next vc_qmp_lines_add, or NULL when none is complete.
 */
const char *vc_qmp_lines_get (VcQmpLines *lines, gsize *ret_len);

typedef enum
{
  VC_QMP_GREETING, /* the first line; value: what stands under "QMP" */
  VC_QMP_RETURN,   /* value: what the command returns                */
  VC_QMP_REFUSAL,  /* name: class of the error, words: QEMU's words  */
  VC_QMP_EVENT,    /* name: of the event, value: its data or NULL    */
} VcQmpKind;

typedef struct
{
  VcQmpKind kind;
  gint64 id; /* of the command answered; -1: none given */
  const char *name;
  const char *words;
  VcJson *value;
  VcJson *line; /* owns the three above */
} VcQmpMessage;

/* vc_qmp_message_read - what a line says
 *
 * Returns: new (free with vc_qmp_message_free), or NULL with VC_ERROR_PROTOCOL.
 */
VcQmpMessage *vc_qmp_message_read (const char *text, gsize len, GError **error);
void vc_qmp_message_free (VcQmpMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcQmpMessage, vc_qmp_message_free)
