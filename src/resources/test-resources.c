/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "resources/folder.h"
#include "resources/image.h"
#include "resources/pool.h"
#include "resources/volume.h"

static void
put (guint8 *head, gsize at, guint64 value, guint size)
{
  while (size-- > 0)
    {
      head[at + size] = (guint8) value;
      value >>= 8;
    }
}

/* A header as qemu-img writes one, with a backing file and its format. */
static void
fill_qcow2 (guint8 *head, const char *backing, const char *format)
{
  memset (head, 0, VC_IMAGE_HEAD);
  memcpy (head, "QFI\xfb", 4);
  put (head, 4, 3, 4);
  put (head, 8, 512, 8);
  put (head, 16, strlen (backing), 4);
  put (head, 20, 16, 4);
  put (head, 24, 5 << 20, 8);
  put (head, 80, 1, 8); /* lazy_refcounts */
  put (head, 100, 104, 4);
  put (head, 104, 0xE2792ACA, 4);
  put (head, 108, strlen (format), 4);
  memcpy (head + 112, format, strlen (format));
  memcpy (head + 512, backing, strlen (backing));
}

static void
test_qcow2 (void)
{
  guint8 head[VC_IMAGE_HEAD];
  g_auto (VcImage) image = { 0 };

  fill_qcow2 (head, "/a/base", "raw");
  vc_image_look (head, sizeof head, FALSE, &image);
  g_assert_cmpstr (image.format, ==, "qcow2");
  g_assert_cmpuint (image.capacity, ==, 5 << 20);
  g_assert_cmpuint (image.cluster, ==, 65536);
  g_assert_cmpstr (image.backing, ==, "/a/base");
  g_assert_cmpstr (image.backing_format, ==, "raw");
  g_assert_true (image.is_lazy);
  g_assert_false (image.has_more);
}

/* Whatever stands where lengths and places do: nothing is read outside, and no text is made of noise. */
static void
test_lies (void)
{
  static const gsize places[] = { 4, 8, 12, 16, 20, 24, 32, 72, 80, 100, 104, 108 };
  static const guint32 lies[] = { 0, 1, 511, 1023, 4095, 4096, 0x7fffffff, 0xffffffff };
  guint8 head[VC_IMAGE_HEAD];

  for (gsize p = 0; p < G_N_ELEMENTS (places); p++)
    for (gsize l = 0; l < G_N_ELEMENTS (lies); l++)
      for (gsize len = 0; len <= sizeof head; len = len < 128 ? len + 1 : len * 2)
        {
          g_autofree guint8 *cut = NULL; /* of its own, so that reading on is seen */
          g_auto (VcImage) image = { 0 };

          fill_qcow2 (head, "/a/base", "raw");
          put (head, places[p], lies[l], 4);
          cut = g_memdup2 (head, len);
          vc_image_look (cut, len, FALSE, &image);
          g_assert_true (image.backing == NULL || g_utf8_validate (image.backing, -1, NULL));
        }
  fill_qcow2 (head, "a\nb", "raw");
  {
    g_auto (VcImage) image = { 0 };

    vc_image_look (head, sizeof head, FALSE, &image);
    g_assert_null (image.backing);
    g_assert_true (image.has_more); /* so that nobody changes what is not understood */
  }
}

static void
test_formats (void)
{
  static const struct
  {
    const char *bytes;
    guint at, len;
    gboolean is_iso;
    const char *format;
  } files[] = {
    { "", 0, 0, FALSE, "raw" },
    { "hello", 0, 5, FALSE, "raw" },
    { "", 0, 0, TRUE, "iso" },
    { "KDMV", 0, 4, FALSE, "vmdk" },
    { "vhdxfile", 0, 8, FALSE, "vhdx" },
    { "\x7f\x10\xda\xbe", 64, 4, FALSE, "vdi" },
    { "LUKS\xba\xbe\0", 0, 7, FALSE, "luks" },
    { "QFI\xfb\0\0\0\1", 0, 8, FALSE, "qcow" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      guint8 head[128] = { 0 };
      g_auto (VcImage) image = { 0 };

      memcpy (head + files[i].at, files[i].bytes, files[i].len);
      vc_image_look (head, files[i].len > 0 ? sizeof head : 0, files[i].is_iso, &image);
      g_assert_cmpstr (image.format, ==, files[i].format);
      g_assert_cmpuint (image.capacity, ==, 0);
    }
}

static void
test_names (void)
{
  static const char *const good[] = { "a", "a.img", ".hidden", "..a", "a b", "\xc3\xa4" };
  static const char *const bad[] = { "", ".", "..", "a/b", "/", "../a", "a\nb", "\xff", ".virtcard-abcdef" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (vc_volume_check_name (good[i], NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (vc_volume_check_name (bad[i], NULL));
}

/* What is printed of a volume and of a pool can be given back. */
static void
test_rounds (void)
{
  static const char volume_xml[] = "<volume type='file'>\n  <name>v</name>\n  <key>/p/v</key>\n"
                                   "  <capacity unit='bytes'>8589934592</capacity>\n"
                                   "  <allocation unit='bytes'>0</allocation>\n  <target>\n"
                                   "    <path>/p/v</path>\n    <format type='qcow2'/>\n    <permissions>\n"
                                   "      <mode>0600</mode>\n      <owner>0</owner>\n      <group>7</group>\n"
                                   "    </permissions>\n    <compat>1.1</compat>\n    <features>\n"
                                   "      <lazy_refcounts/>\n    </features>\n  </target>\n  <backingStore>\n"
                                   "    <path>/p/b</path>\n    <format type='raw'/>\n  </backingStore>\n"
                                   "</volume>\n";
  static const char pool_xml[] = "<pool type='dir'>\n  <name>p</name>\n"
                                 "  <uuid>01234567-89ab-cdef-fedc-ba9876543210</uuid>\n  <source>\n"
                                 "  </source>\n  <target>\n    <path>/p</path>\n    <permissions>\n"
                                 "      <mode>0711</mode>\n    </permissions>\n  </target>\n</pool>\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (VcVolume) volume = vc_volume_read (volume_xml, strlen (volume_xml), "v.xml", &error);
  g_autoptr (VcPoolDef) pool = NULL;
  g_autofree char *volume_again = NULL, *pool_again = NULL;

  g_assert_no_error (error);
  volume_again = vc_volume_print (volume);
  g_assert_cmpstr (volume_again, ==, volume_xml);
  pool = vc_pool_def_read (pool_xml, strlen (pool_xml), "p.xml", &error);
  g_assert_no_error (error);
  pool_again = vc_pool_def_print (pool);
  g_assert_nonnull (strstr (pool_again, "<source"));
  {
    g_autoptr (VcPoolDef) other = vc_pool_def_read (pool_again, strlen (pool_again), "p.xml", &error);

    g_assert_no_error (error);
    g_assert_cmpstr (other->path, ==, "/p");
    g_assert_cmpuint (other->mode.value, ==, 0711);
  }
}

static void
test_sizes (void)
{
  static const struct
  {
    const char *text;
    guint64 bytes;
  } sizes[] = {
    { "<capacity>7</capacity>", 7 },
    { "<capacity unit='KiB'>3</capacity>", 3072 },
    { "<capacity unit='GB'>2</capacity>", G_GUINT64_CONSTANT (2000000000) },
    { "<capacity unit='T'> 1 </capacity>", G_GUINT64_CONSTANT (1) << 40 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *xml = g_strdup_printf ("<volume><name>v</name>%s</volume>", sizes[i].text);
      g_autoptr (GError) error = NULL;
      g_autoptr (VcVolume) volume = vc_volume_read (xml, strlen (xml), "v.xml", &error);

      g_assert_no_error (error);
      g_assert_cmpuint (volume->capacity.value, ==, sizes[i].bytes);
    }
}

/* What was left by others goes; what is being made now stays, and so does what only looks like it. */
static void
test_clean (void)
{
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char *draft = g_build_filename (folder, ".virtcard-abcdef", NULL);
  g_autofree char *other = g_build_filename (folder, ".virtcard-abcdefg", NULL);

  g_assert_true (g_file_set_contents (draft, "x", 1, NULL));
  g_assert_true (g_file_set_contents (other, "x", 1, NULL));
  vc_folder_clean (folder, g_get_real_time () - 60 * G_USEC_PER_SEC);
  g_assert_true (g_file_test (draft, G_FILE_TEST_EXISTS));
  vc_folder_clean (folder, g_get_real_time () + 60 * G_USEC_PER_SEC);
  g_assert_false (g_file_test (draft, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_unlink (other), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resources/qcow2", test_qcow2);
  g_test_add_func ("/resources/lies", test_lies);
  g_test_add_func ("/resources/formats", test_formats);
  g_test_add_func ("/resources/names", test_names);
  g_test_add_func ("/resources/rounds", test_rounds);
  g_test_add_func ("/resources/sizes", test_sizes);
  g_test_add_func ("/resources/clean", test_clean);
  return g_test_run ();
}
