/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Text of libvirt's settings files: `key = value`, one a line, comments behind #.  What the keys mean is the
 * business of whoever reads them: qemu.conf, virtcardd.conf. */

typedef enum
{
  VC_SETTING_NUMBER,
  VC_SETTING_STRING,
  VC_SETTING_LIST,
} VcSettingSort;

typedef struct
{
  const char *key;
  guint line;         /* where the value begins           */
  VcSettingSort sort; /* as it is written                 */
  gint64 number;
  char *string; /* the reader may take (steal) these two */
  char **list;
} VcSetting;

typedef struct
{
  gboolean (*is_known) (const char *key);
  /* FALSE with an error made by vc_setting_fail. */
  gboolean (*put) (VcSetting *setting, gpointer data, GError **error);
} VcSettingsReader;

#define VC_SETTINGS_MAX_BYTES (1u * 1024 * 1024)

/* vc_settings_read_text - read len bytes of text, which came from origin
 *
 * Returns: FALSE with VC_ERROR_INVALID and "ORIGIN:LINE: …", also for a key that is not known or set twice;
 * VC_ERROR_LIMIT for more than VC_SETTINGS_MAX_BYTES.
 */
gboolean vc_settings_read_text (const char *text, gsize len, const char *origin,
                                const VcSettingsReader *reader, gpointer data, GError **error);

/* vc_settings_read - the same for a file; one that is not there has no settings */
gboolean vc_settings_read (const char *path, const VcSettingsReader *reader, gpointer data, GError **error);

/* vc_setting_fail - say what is wrong with a setting's value; its place is put before.  Returns: FALSE */
gboolean vc_setting_fail (GError **error, const char *fmt, ...) G_GNUC_PRINTF (2, 3);
