/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/qmp-line.h"

#include <string.h>

#include "base/error.h"

static void
assert_next (VcQmpLines *lines, const char *want)
{
  gsize len = 0;
  const char *line = vc_qmp_lines_get (lines, &len);
  g_autofree char *copy = line != NULL ? g_strndup (line, len) : NULL;

  g_assert_cmpstr (copy, ==, want);
}

/* However the bytes arrive, the lines are the same. */
static void
test_lines (void)
{
  static const char text[] = "one\r\n\ntwo\nthree";

  for (gsize step = 1; step < sizeof text; step++)
    {
      g_autoptr (VcQmpLines) lines = vc_qmp_lines_new ();
      static const char *const want[] = { "one", "", "two" };
      guint n = 0;

      for (gsize at = 0; at < strlen (text); at += step)
        {
          const char *line;
          gsize len;

          g_assert_true (vc_qmp_lines_add (lines, text + at, MIN (step, strlen (text) - at), NULL));
          while ((line = vc_qmp_lines_get (lines, &len)) != NULL)
            {
              g_assert_cmpuint (n, <, G_N_ELEMENTS (want));
              g_assert_cmpmem (line, len, want[n], strlen (want[n]));
              n++;
            }
        }
      g_assert_cmpuint (n, ==, G_N_ELEMENTS (want));
      g_assert_true (vc_qmp_lines_add (lines, "\n", 1, NULL));
      assert_next (lines, "three");
      assert_next (lines, NULL);
    }
}

static void
test_too_long (void)
{
  g_autoptr (VcQmpLines) lines = vc_qmp_lines_new ();
  g_autofree char *bytes = g_strnfill (1024 * 1024, 'x');
  g_autoptr (GError) error = NULL;
  guint n = 0;

  for (; n < 20 && vc_qmp_lines_add (lines, bytes, 1024 * 1024, &error); n++)
    assert_next (lines, NULL);
  g_assert_cmpuint (n, ==, 8);
  g_assert_error (error, VC_ERROR, VC_ERROR_PROTOCOL);
}

static void
test_messages (void)
{
  static const struct
  {
    const char *text;
    VcQmpKind kind;
    gint64 id;
    const char *name, *words;
  } rows[] = {
    { "{\"QMP\":{\"version\":{}}}", VC_QMP_GREETING, -1, NULL, NULL },
    { "{\"return\":{},\"id\":7}", VC_QMP_RETURN, 7, NULL, NULL },
    { "{\"return\":[]}", VC_QMP_RETURN, -1, NULL, NULL },
    { "{\"id\":0,\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"}}", VC_QMP_REFUSAL, 0, "GenericError",
      "no" },
    { "{\"timestamp\":{},\"event\":\"STOP\"}", VC_QMP_EVENT, -1, "STOP", NULL },
  };

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcQmpMessage) message = vc_qmp_message_read (rows[n].text, strlen (rows[n].text), &error);

      g_assert_no_error (error);
      g_assert_cmpint (message->kind, ==, rows[n].kind);
      g_assert_cmpint (message->id, ==, rows[n].id);
      g_assert_cmpstr (message->name, ==, rows[n].name);
      g_assert_cmpstr (message->words, ==, rows[n].words);
      g_assert_true (rows[n].kind == VC_QMP_REFUSAL || rows[n].kind == VC_QMP_EVENT
                     || message->value != NULL);
    }
}

static void
test_refused (void)
{
  static const char *const rows[] = { "",
                                      "x",
                                      "[]",
                                      "{}",
                                      "{\"error\":{}}",
                                      "{\"error\":{\"class\":1,\"desc\":\"x\"}}",
                                      "{\"event\":1}",
                                      "{\"return\":{},\"id\":\"a\"}",
                                      "{\"return\":{},\"id\":-1}" };

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_qmp_message_read (rows[n], strlen (rows[n]), &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_PROTOCOL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qmp-line/lines", test_lines);
  g_test_add_func ("/qmp-line/too-long", test_too_long);
  g_test_add_func ("/qmp-line/messages", test_messages);
  g_test_add_func ("/qmp-line/refused", test_refused);
  return g_test_run ();
}
