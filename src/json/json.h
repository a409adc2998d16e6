/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <jansson.h>

/* A thin face over jansson: limits and typed getters.  QEMU is the only peer. */
typedef json_t VcJson;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_decref)

#define VC_JSON_MAX_BYTES (8u * 1024 * 1024) /* query-machines and friends stay below 1 MiB */

/* vc_json_read - a JSON value from text
 *
 * Refuses more than VC_JSON_MAX_BYTES, duplicate keys and anything after the value.
 *
 * Returns: new, or NULL with VC_ERROR_PROTOCOL.
 */
VcJson *vc_json_read (const char *text, gsize len, GError **error);

/* vc_json_read_wide - the same, and an integer of more than 63 bits, which QEMU may say, is a real number */
VcJson *vc_json_read_wide (const char *text, gsize len, GError **error);

/* vc_json_print - compact text, keys in the order they were set
 *
 * Returns: new string (g_free).
 */
char *vc_json_print (const VcJson *json);

/* Typed getters: NULL or FALSE when obj is no object, has no such key, or it has another type. */
const char *vc_json_str (const VcJson *obj, const char *key);
gboolean vc_json_int (const VcJson *obj, const char *key, gint64 *ret_value);
gboolean vc_json_bool (const VcJson *obj, const char *key, gboolean *ret_value);
VcJson *vc_json_get (const VcJson *obj, const char *key);

/* vc_json_put_str - set key to a string; FALSE with VC_ERROR_INVALID when it is not UTF-8 */
gboolean vc_json_put_str (VcJson *obj, const char *key, const char *value, GError **error);
