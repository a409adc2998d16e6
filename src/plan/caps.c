/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/caps.h"

#include <string.h>

#include "base/error.h"
#include "json/json.h"

/* How this works
 *
 * The text is one JSON object.  Sets are one string with the names in order and a space between
 * (no QOM type and no CPU has one in its name): a thousand names are read several times faster
 * than as a list, and every start of the command reads them.
 */

VcCaps *
vc_caps_new (void)
{
  VcCaps *caps = g_new0 (VcCaps, 1);

  caps->machines = g_ptr_array_new_with_free_func ((GDestroyNotify) vc_machine_free);
  caps->types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  caps->cpus = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return caps;
}

void
vc_caps_free (VcCaps *caps)
{
  if (caps == NULL)
    return;
  g_free (caps->binary);
  g_free (caps->version);
  g_free (caps->arch);
  g_ptr_array_unref (caps->machines);
  g_hash_table_unref (caps->types);
  g_hash_table_unref (caps->cpus);
  g_free (caps);
}

void
vc_machine_free (VcMachine *machine)
{
  if (machine == NULL)
    return;
  g_free (machine->name);
  g_free (machine->alias);
  g_free (machine->default_cpu);
  g_free (machine->default_ram);
  g_free (machine);
}

const VcMachine *
vc_caps_machine (const VcCaps *caps, const char *name)
{
  const VcMachine *aliased = NULL;

  for (guint n = 0; n < caps->machines->len; n++)
    {
      const VcMachine *machine = g_ptr_array_index (caps->machines, n);

      if (g_str_equal (machine->name, name))
        return machine;
      if (g_strcmp0 (machine->alias, name) == 0)
        aliased = machine;
    }
  return aliased;
}

gboolean
vc_caps_has (const VcCaps *caps, const char *type)
{
  return g_hash_table_contains (caps->types, type);
}

static gboolean
read_str (const VcJson *json, const char *key, char **at, GError **error)
{
  const char *text = vc_json_str (json, key);

  if (text == NULL)
    return vc_fail (error, VC_ERROR_INVALID, "capabilities lack '%s'", key);
  *at = g_strdup (text);
  return TRUE;
}

static gboolean
read_uint (const VcJson *json, const char *key, guint *at, GError **error)
{
  gint64 number;

  if (!vc_json_int (json, key, &number) || number < 0 || number > G_MAXUINT)
    return vc_fail (error, VC_ERROR_INVALID, "capabilities lack '%s'", key);
  *at = (guint) number;
  return TRUE;
}

static gboolean
read_set (const VcJson *json, const char *key, GHashTable *set, GError **error)
{
  const char *text = vc_json_str (json, key);

  if (text == NULL)
    return vc_fail (error, VC_ERROR_INVALID, "capabilities lack '%s'", key);
  while (*text != '\0')
    {
      gsize len = strcspn (text, " ");

      if (len > 0)
        g_hash_table_add (set, g_strndup (text, len));
      text += len;
      text += strspn (text, " ");
    }
  return TRUE;
}

static gboolean
read_machine (VcCaps *caps, const VcJson *json, GError **error)
{
  VcMachine *machine = g_new0 (VcMachine, 1);

  g_ptr_array_add (caps->machines, machine);
  if (!read_str (json, "name", &machine->name, error)
      || !read_uint (json, "max-cpus", &machine->max_cpus, error)
      || !vc_json_bool (json, "default", &machine->is_default))
    return vc_fail (error, VC_ERROR_INVALID, "capabilities have an incomplete machine");
  machine->alias = g_strdup (vc_json_str (json, "alias"));
  machine->default_cpu = g_strdup (vc_json_str (json, "cpu"));
  machine->default_ram = g_strdup (vc_json_str (json, "ram"));
  return TRUE;
}

VcCaps *
vc_caps_read (const char *text, gsize len, GError **error)
{
  g_autoptr (VcCaps) caps = vc_caps_new ();
  g_autoptr (json_t) json = NULL;
  const VcJson *machines;

  json = vc_json_read (text, len, NULL);
  if (json == NULL)
    return vc_fail_null (error, VC_ERROR_INVALID, "capabilities are not JSON");
  if (!read_str (json, "binary", &caps->binary, error) || !read_str (json, "version", &caps->version, error)
      || !read_uint (json, "release", &caps->release, error) || !read_str (json, "arch", &caps->arch, error)
      || !read_set (json, "types", caps->types, error) || !read_set (json, "cpus", caps->cpus, error))
    return NULL;

  machines = vc_json_get (json, "machines");
  if (json_array_size (machines) == 0 || g_hash_table_size (caps->types) == 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "capabilities have no machines or no types");
  for (gsize n = 0; n < json_array_size (machines); n++)
    if (!read_machine (caps, json_array_get (machines, n), error))
      return NULL;
  return g_steal_pointer (&caps);
}

static int
by_name (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static VcJson *
print_set (GHashTable *set)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;
  g_autofree gpointer *names = g_hash_table_get_keys_as_array (set, &n);

  qsort (names, n, sizeof names[0], by_name);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : " ", (const char *) names[i]);
  return json_string (text->str);
}

static VcJson *
print_machine (const VcMachine *machine)
{
  VcJson *json = json_object ();

  json_object_set_new (json, "name", json_string (machine->name));
  if (machine->alias != NULL)
    json_object_set_new (json, "alias", json_string (machine->alias));
  if (machine->default_cpu != NULL)
    json_object_set_new (json, "cpu", json_string (machine->default_cpu));
  if (machine->default_ram != NULL)
    json_object_set_new (json, "ram", json_string (machine->default_ram));
  json_object_set_new (json, "max-cpus", json_integer (machine->max_cpus));
  json_object_set_new (json, "default", json_boolean (machine->is_default));
  return json;
}

char *
vc_caps_print (const VcCaps *caps)
{
  g_autoptr (json_t) json = json_object ();
  VcJson *machines = json_array ();

  json_object_set_new (json, "binary", json_string (caps->binary));
  json_object_set_new (json, "version", json_string (caps->version));
  json_object_set_new (json, "release", json_integer (caps->release));
  json_object_set_new (json, "arch", json_string (caps->arch));
  json_object_set_new (json, "machines", machines);
  for (guint n = 0; n < caps->machines->len; n++)
    json_array_append_new (machines, print_machine (g_ptr_array_index (caps->machines, n)));
  json_object_set_new (json, "types", print_set (caps->types));
  json_object_set_new (json, "cpus", print_set (caps->cpus));
  return vc_json_print (json);
}
