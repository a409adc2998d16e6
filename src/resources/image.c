/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/image.h"

#include <string.h>

/* Formats that virtcard makes nothing of but their names, so that none of them is taken for raw bytes. */
static const struct
{
  const char *format;
  guint at;
  const char *magic;
  guint len;
} magics[] = {
  { "qcow", 0, "QFI\xfb\0\0\0\1", 8 },
  { "qed", 0, "QED\0", 4 },
  { "vmdk", 0, "KDMV", 4 },
  { "vmdk", 0, "COWD", 4 },
  { "vhdx", 0, "vhdxfile", 8 },
  { "vpc", 0, "conectix", 8 },
  { "vdi", 64, "\x7f\x10\xda\xbe", 4 },
  { "luks", 0, "LUKS\xba\xbe\0", 7 },
};

/* Of qcow2's header: all numbers are big-endian. */
enum
{
  VERSION_AT = 4,
  BACKING_AT = 8,
  BACKING_LEN_AT = 16,
  CLUSTER_BITS_AT = 20,
  SIZE_AT = 24,
  CRYPT_AT = 32,
  HEADER_2 = 72, /* bytes of version 2's */
  INCOMPATIBLE_AT = 72,
  COMPATIBLE_AT = 80,
  HEADER_LEN_AT = 100,
  HEADER_3 = 104, /* at least, of version 3's */
};

#define MAX_BACKING       1023u /* bytes, the format's own limit */
#define EXTENSION_BACKING 0xE2792ACAu
#define EXTERNAL_DATA     (G_GUINT64_CONSTANT (1) << 2)
#define LAZY_REFCOUNTS    (G_GUINT64_CONSTANT (1) << 0)

static guint64
get (const guint8 *head, gsize at, guint size)
{
  guint64 value = 0;

  while (size-- > 0)
    value = value << 8 | head[at++];
  return value;
}

/* A name without anything that is no text in XML; NULL where it is something else. */
static char *
get_text (const guint8 *bytes, gsize len)
{
  g_autofree char *text = g_strndup ((const char *) bytes, len);

  if (*text == '\0' || !g_utf8_validate (text, -1, NULL))
    return NULL;
  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      return NULL;
  return g_steal_pointer (&text);
}

static void
look_for_backing_format (const guint8 *head, gsize at, gsize end, VcImage *image)
{
  while (at + 8 <= end)
    {
      guint64 sort = get (head, at, 4), len = get (head, at + 4, 4);

      if (sort == 0 || len > end - at - 8)
        return;
      if (sort == EXTENSION_BACKING && image->backing_format == NULL)
        image->backing_format = get_text (head + at + 8, len);
      at += 8 + (len + 7) / 8 * 8;
    }
}

static void
look_at_qcow2 (const guint8 *head, gsize len, VcImage *image)
{
  guint64 backing_at = get (head, BACKING_AT, 8), backing_len = get (head, BACKING_LEN_AT, 4);
  guint64 bits = get (head, CLUSTER_BITS_AT, 4);
  gsize header = HEADER_2;

  image->format = "qcow2";
  image->version = (guint) get (head, VERSION_AT, 4);
  image->capacity = get (head, SIZE_AT, 8);
  image->cluster = bits >= 9 && bits <= 21 ? G_GUINT64_CONSTANT (1) << bits : 0;
  image->has_more = get (head, CRYPT_AT, 4) != 0;
  if (image->version >= 3 && len >= HEADER_3)
    {
      header = get (head, HEADER_LEN_AT, 4);
      image->is_lazy = (get (head, COMPATIBLE_AT, 8) & LAZY_REFCOUNTS) != 0;
      image->has_more |= (get (head, INCOMPATIBLE_AT, 8) & EXTERNAL_DATA) != 0;
    }
  if (backing_at == 0)
    return;
  if (backing_len > 0 && backing_len <= MAX_BACKING && backing_at <= len && backing_len <= len - backing_at)
    image->backing = get_text (head + backing_at, backing_len);
  if (image->backing == NULL) /* there is one, and it is not to be told */
    image->has_more = TRUE;
  if (header <= len)
    look_for_backing_format (head, header, MIN (len, backing_at), image);
}

void
vc_image_look (const guint8 *head, gsize len, gboolean is_iso, VcImage *ret_image)
{
  memset (ret_image, 0, sizeof *ret_image);
  ret_image->format = is_iso ? "iso" : "raw";
  if (len >= HEADER_2 && memcmp (head, "QFI\xfb", 4) == 0 && get (head, VERSION_AT, 4) >= 2)
    {
      look_at_qcow2 (head, len, ret_image);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (magics); i++)
    if (len >= magics[i].at + magics[i].len
        && memcmp (head + magics[i].at, magics[i].magic, magics[i].len) == 0)
      ret_image->format = magics[i].format;
}

void
vc_image_clear (VcImage *image)
{
  g_clear_pointer (&image->backing, g_free);
  g_clear_pointer (&image->backing_format, g_free);
}
