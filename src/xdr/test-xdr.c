/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xdr/xdr.h"

#include <string.h>

#include "base/error.h"

#define UUID ((const guint8 *) "0123456789abcdef")

static const VcXdrDomain web = { "web", UUID, 7 };

/* Every letter once, in lists and options as calls have them. */
#define ALL "sSSiuhHdUo8c4C8DPP[su]3?(iu)?D[D[P]]"

static void
put_all (VcXdrWriter *writer)
{
  vc_xdr_put_text (writer, "four");
  vc_xdr_put_text_or_null (writer, NULL);
  vc_xdr_put_text_or_null (writer, "five!");
  vc_xdr_put_int (writer, -2);
  vc_xdr_put_uint (writer, 0xfffffffe);
  vc_xdr_put_hyper (writer, G_MININT64);
  vc_xdr_put_uhyper (writer, G_MAXUINT64 - 1);
  vc_xdr_put_double (writer, 1.5);
  vc_xdr_put_uuid (writer, UUID);
  vc_xdr_put_bytes (writer, "\0x", 2);
  vc_xdr_put_chars (writer, "QE");
  vc_xdr_put_chars (writer, "QEM");
  vc_xdr_put_domain (writer, &web);
  vc_xdr_put_param (writer, &(VcXdrParam){ "a", VC_PARAM_ULLONG, .H = 9 });
  vc_xdr_put_param (writer, &(VcXdrParam){ "b", VC_PARAM_STRING, .s = "" });
  vc_xdr_put_list (writer);
  for (guint i = 0; i < 2; i++)
    {
      vc_xdr_put_text (writer, i == 0 ? "" : "x");
      vc_xdr_put_uint (writer, i);
    }
  vc_xdr_end_list (writer);
  vc_xdr_put_optional (writer, TRUE);
  vc_xdr_put_int (writer, 1);
  vc_xdr_put_uint (writer, 2);
  vc_xdr_put_optional (writer, FALSE);
  vc_xdr_put_list (writer);
  for (guint i = 0; i < 3; i++)
    {
      vc_xdr_put_domain (writer, &web);
      vc_xdr_put_list (writer);
      for (guint j = 0; j < i; j++)
        vc_xdr_put_param (writer, &(VcXdrParam){ "n", VC_PARAM_INT, .i = -(gint32) j });
      vc_xdr_end_list (writer);
    }
  vc_xdr_end_list (writer);
}

static void
assert_domain (VcXdrReader *reader)
{
  VcXdrDomain domain;

  vc_xdr_read_domain (reader, &domain);
  g_assert_cmpstr (domain.name, ==, "web");
  g_assert_cmpmem (domain.uuid, 16, UUID, 16);
  g_assert_cmpint (domain.id, ==, 7);
}

static void
assert_all (VcXdrReader *reader)
{
  char four[5], eight[9];
  const guint8 *bytes;
  VcXdrParam param;
  gsize len;

  g_assert_cmpstr (vc_xdr_read_text (reader), ==, "four");
  g_assert_null (vc_xdr_read_text_or_null (reader));
  g_assert_cmpstr (vc_xdr_read_text_or_null (reader), ==, "five!");
  g_assert_cmpint (vc_xdr_read_int (reader), ==, -2);
  g_assert_cmpuint (vc_xdr_read_uint (reader), ==, 0xfffffffe);
  g_assert_cmpint (vc_xdr_read_hyper (reader), ==, G_MININT64);
  g_assert_cmpuint (vc_xdr_read_uhyper (reader), ==, G_MAXUINT64 - 1);
  g_assert_cmpfloat (vc_xdr_read_double (reader), ==, 1.5);
  g_assert_cmpmem (vc_xdr_read_uuid (reader), 16, UUID, 16);
  bytes = vc_xdr_read_bytes (reader, &len);
  g_assert_cmpmem (bytes, len, "\0x", 2);
  vc_xdr_read_chars (reader, four, sizeof four);
  g_assert_cmpstr (four, ==, "QE");
  vc_xdr_read_chars (reader, eight, sizeof eight);
  g_assert_cmpstr (eight, ==, "QEM");
  assert_domain (reader);
  vc_xdr_read_param (reader, &param);
  g_assert_cmpstr (param.field, ==, "a");
  g_assert_cmpuint (param.H, ==, 9);
  vc_xdr_read_param (reader, &param);
  g_assert_cmpint (param.type, ==, VC_PARAM_STRING);
  g_assert_cmpstr (param.s, ==, "");
  g_assert_cmpuint (vc_xdr_read_list (reader), ==, 2);
  g_assert_cmpstr (vc_xdr_read_text (reader), ==, "");
  g_assert_cmpuint (vc_xdr_read_uint (reader), ==, 0);
  g_assert_cmpstr (vc_xdr_read_text (reader), ==, "x");
  g_assert_cmpuint (vc_xdr_read_uint (reader), ==, 1);
  g_assert_true (vc_xdr_read_optional (reader));
  g_assert_cmpint (vc_xdr_read_int (reader), ==, 1);
  g_assert_cmpuint (vc_xdr_read_uint (reader), ==, 2);
  g_assert_false (vc_xdr_read_optional (reader));
  g_assert_cmpuint (vc_xdr_read_list (reader), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      assert_domain (reader);
      g_assert_cmpuint (vc_xdr_read_list (reader), ==, i);
      for (guint j = 0; j < i; j++)
        {
          vc_xdr_read_param (reader, &param);
          g_assert_cmpint (param.i, ==, -(gint32) j);
        }
    }
  g_assert_true (vc_xdr_is_read (reader));
}

static GByteArray *
new_all (void)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  VcXdrWriter writer;

  vc_xdr_write (&writer, ALL, out, G_MAXUINT);
  put_all (&writer);
  vc_xdr_is_written (&writer, &error);
  g_assert_no_error (error);
  return out;
}

static void
test_all (void)
{
  g_autoptr (GByteArray) out = new_all ();
  g_autoptr (GError) error = NULL;
  VcXdrReader reader;

  g_assert_cmpuint (out->len, <=, vc_xdr_max (ALL));
  vc_xdr_read (&reader, ALL, out->data, out->len, &error);
  g_assert_no_error (error);
  assert_all (&reader);
}

/* What the wire has, byte for byte. */
static void
test_bytes (void)
{
  static const guint8 want[] = "\0\0\0\3web\0" /* text, filled up to four */
                               "0123456789abcdef"
                               "\0\0\0\7"
                               "\0\0\0\1\0\0\0\4four"
                               "\xff\xff\xff\xff"
                               "\0\0\0\1\0\0\0\2"
                               "\0\0\0Q\0\0\0\xe9\0\0\0\0"
                               "\0\0\0\2\0\0\0H\0\0\0\0"
                               "\0\0\0\1a\0\0\0\0\0\0\6\0\0\0\1"
                               "\0\0\0\2\0\0\0\1\0\0\0\2";
  g_autoptr (GByteArray) out = g_byte_array_new ();
  VcXdrWriter writer;

  vc_xdr_write (&writer, "DSihc3C3P[u]", out, G_MAXUINT);
  vc_xdr_put_domain (&writer, &web);
  vc_xdr_put_text_or_null (&writer, "four");
  vc_xdr_put_int (&writer, -1);
  vc_xdr_put_hyper (&writer, G_GINT64_CONSTANT (0x100000002));
  vc_xdr_put_chars (&writer, "Q\xe9");
  vc_xdr_put_chars (&writer, "H");
  vc_xdr_put_param (&writer, &(VcXdrParam){ "a", VC_PARAM_BOOLEAN, .i = 1 });
  vc_xdr_put_list (&writer);
  vc_xdr_put_uint (&writer, 1);
  vc_xdr_put_uint (&writer, 2);
  vc_xdr_end_list (&writer);
  g_assert_true (vc_xdr_is_written (&writer, NULL));
  g_assert_cmpmem (out->data, out->len, want, sizeof want - 1);
}

static void
assert_refused (const char *signature, gconstpointer bytes, gsize len)
{
  g_autofree guint8 *copy = g_memdup2 (bytes, len); /* so that a sanitizer sees a step too far */
  g_autoptr (GError) error = NULL;
  VcXdrReader reader;

  g_assert_false (vc_xdr_read (&reader, signature, copy, len, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_PROTOCOL);
}

static void
test_cut (void)
{
  g_autoptr (GByteArray) out = new_all ();

  for (guint n = 0; n < out->len; n++)
    assert_refused (ALL, out->data, n);
  g_byte_array_append (out, (const guint8 *) "\0\0\0\0", 4);
  assert_refused (ALL, out->data, out->len);
  assert_refused ("", "\0", 1);
}

#define REFUSED(signature, bytes) assert_refused (signature, bytes, sizeof (bytes) - 1)

static void
test_lies (void)
{
  REFUSED ("s", "\xff\xff\xff\xff");
  REFUSED ("s", "\x7f\xff\xff\xff");
  REFUSED ("s", "\0\0\0\5abcd");
  REFUSED ("s", "\0\0\0\5abcde");
  REFUSED ("s", "\0\0\0\3a\0c\0");
  REFUSED ("s3", "\0\0\0\4abcd");
  REFUSED ("S", "\0\0\0\2\0\0\0\0");
  REFUSED ("?i", "\0\0\0\2\0\0\0\0");
  REFUSED ("o2", "\0\0\0\3abc\0");
  REFUSED ("[i]", "\xff\xff\xff\xff\0\0\0\0");
  REFUSED ("[i]1", "\0\0\0\2\0\0\0\0\0\0\0\0");
  REFUSED ("C2", "\0\0\0\3\0\0\0a\0\0\0a\0\0\0a");
  REFUSED ("c1", "\0\0\1\0");
  REFUSED ("P", "\0\0\0\1a\0\0\0\0\0\0\x08\0\0\0\0");
  REFUSED ("P", "\0\0\0\1a\0\0\0\0\0\0\0\0\0\0\0");
}

static void
assert_over (const char *signature, gsize max, guint n, gsize len)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *text = g_strnfill (len, 'x');
  g_autoptr (GError) error = NULL;
  VcXdrWriter writer;

  vc_xdr_write (&writer, signature, out, max);
  vc_xdr_put_list (&writer);
  for (guint i = 0; i < n; i++)
    vc_xdr_put_text (&writer, text);
  vc_xdr_end_list (&writer);
  g_assert_false (vc_xdr_is_written (&writer, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_LIMIT);
  g_assert_cmpuint (out->len, <=, max);
}

static void
test_limits (void)
{
  assert_over ("[s]", 1000, 100, 8);
  assert_over ("[s]3", 1000, 4, 1);
  assert_over ("[s4]", 1000, 1, 5);
  assert_over ("[s]", G_MAXUINT, VC_XDR_MAX_LIST + 1, 0);
  g_assert_cmpuint (vc_xdr_max (""), ==, 0);
  g_assert_cmpuint (vc_xdr_max ("iu[hH]2?(ii)Uc3"), ==, 4 + 4 + 4 + 2 * 16 + 4 + 8 + 16 + 4 + 12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xdr/all", test_all);
  g_test_add_func ("/xdr/bytes", test_bytes);
  g_test_add_func ("/xdr/cut", test_cut);
  g_test_add_func ("/xdr/lies", test_lies);
  g_test_add_func ("/xdr/limits", test_limits);
  return g_test_run ();
}
