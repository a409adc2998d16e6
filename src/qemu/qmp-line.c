/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/qmp-line.h"

#include <string.h>

#include "base/error.h"

struct VcQmpLines
{
  GByteArray *bytes;
  gsize taken;  /* bytes given out as lines, dropped by the next add */
  gsize looked; /* no line end before here                           */
};

VcQmpLines *
vc_qmp_lines_new (void)
{
  VcQmpLines *lines = g_new0 (VcQmpLines, 1);

  lines->bytes = g_byte_array_new ();
  return lines;
}

void
vc_qmp_lines_free (VcQmpLines *lines)
{
  if (lines == NULL)
    return;
  g_byte_array_unref (lines->bytes);
  g_free (lines);
}

gboolean
vc_qmp_lines_add (VcQmpLines *lines, const char *bytes, gsize len, GError **error)
{
  if (lines->taken > 0)
    {
      g_byte_array_remove_range (lines->bytes, 0, (guint) lines->taken);
      lines->looked -= lines->taken;
      lines->taken = 0;
    }
  /* What is left here is one unfinished line, provided the caller took the finished ones. */
  if (lines->bytes->len + len > VC_JSON_MAX_BYTES && memchr (bytes, '\n', len) == NULL)
    return vc_fail (error, VC_ERROR_PROTOCOL, "QEMU sent a line of more than %u bytes", VC_JSON_MAX_BYTES);
  g_byte_array_append (lines->bytes, (const guint8 *) bytes, (guint) len);
  return TRUE;
}

const char *
vc_qmp_lines_get (VcQmpLines *lines, gsize *ret_len)
{
  const char *data = (const char *) lines->bytes->data;
  const char *start = data + lines->taken;
  const char *end;

  if (lines->bytes->len == lines->looked)
    return NULL;
  end = memchr (data + lines->looked, '\n', lines->bytes->len - lines->looked);
  if (end == NULL)
    {
      lines->looked = lines->bytes->len;
      return NULL;
    }

  lines->taken = lines->looked = (gsize) (end - data) + 1;
  *ret_len = (gsize) (end - start);
  if (*ret_len > 0 && start[*ret_len - 1] == '\r')
    (*ret_len)--;
  return start;
}

VcQmpMessage *
vc_qmp_message_read (const char *text, gsize len, GError **error)
{
  g_autoptr (VcQmpMessage) message = g_new0 (VcQmpMessage, 1);
  const VcJson *refusal;

  message->id = -1;
  message->line = vc_json_read_wide (text, len, error);
  if (message->line == NULL)
    {
      vc_prefix (error, "QEMU's monitor: ");
      return NULL;
    }
  if (vc_json_get (message->line, "id") != NULL
      && (!vc_json_int (message->line, "id", &message->id) || message->id < 0))
    return vc_fail_null (error, VC_ERROR_PROTOCOL,
                         "QEMU's monitor: an answer to a command that was not sent");

  if ((message->value = vc_json_get (message->line, "QMP")) != NULL)
    {
      message->kind = VC_QMP_GREETING;
      return g_steal_pointer (&message);
    }
  if ((message->name = vc_json_str (message->line, "event")) != NULL)
    {
      message->kind = VC_QMP_EVENT;
      message->value = vc_json_get (message->line, "data");
      return g_steal_pointer (&message);
    }
  if ((message->value = vc_json_get (message->line, "return")) != NULL)
    {
      message->kind = VC_QMP_RETURN;
      return g_steal_pointer (&message);
    }

  refusal = vc_json_get (message->line, "error");
  message->kind = VC_QMP_REFUSAL;
  message->name = vc_json_str (refusal, "class");
  message->words = vc_json_str (refusal, "desc");
  if (message->name == NULL || message->words == NULL)
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "QEMU's monitor: neither greeting, answer nor event");
  return g_steal_pointer (&message);
}

void
vc_qmp_message_free (VcQmpMessage *message)
{
  if (message == NULL)
    return;
  json_decref (message->line);
  g_free (message);
}
