/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/probe.h"

/* Lines of text: each is what QEMU answers to the next question of a probe.  And the whole is what is
 * found in the cache. */

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

/* Whatever was learned is stored and read back the same. */
static void
check_round_trip (const VcCaps *caps)
{
  g_autofree char *text = vc_caps_print (caps);
  g_autoptr (VcCaps) read = vc_caps_read (text, strlen (text), NULL);
  g_autofree char *again = read != NULL ? vc_caps_print (read) : NULL;

  g_assert_cmpstr (text, ==, again);
}

static void
answer_all (const char *text)
{
  g_autoptr (VcCaps) caps = vc_caps_new ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", (int) vc_probe_n_questions () + 1);

  caps->binary = g_strdup ("/usr/bin/qemu");
  for (guint n = 0; n < vc_probe_n_questions (); n++)
    {
      const char *line = n < g_strv_length (lines) ? lines[n] : "";
      g_autoptr (json_t) value = vc_json_read (line, strlen (line), NULL);

      if (value == NULL || !vc_probe_answer (caps, n, value, NULL))
        return;
    }
  if (g_hash_table_size (caps->types) > 0)
    check_round_trip (caps);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  g_autoptr (VcCaps) cached = vc_caps_read ((const char *) bytes, len, NULL);
  g_autofree char *text = g_strndup ((const char *) bytes, len);

  if (cached != NULL)
    check_round_trip (cached);
  answer_all (text);
  return 0;
}
