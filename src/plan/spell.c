/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/spell.h"

#include <string.h>

#include "base/error.h"
#include "plan/chardev.h"

/* How this works
 *
 * One row a class of things says which option starts it, which command plugs it and which takes
 * it away.  QMP arguments are the very text the option would take, read back: cold start and plug
 * cannot differ.  Only character devices nest differently over QMP (chardev.c).
 *
 * -chardev alone takes no JSON: the text would be read as key=value.
 */

#define FIRST_BYTES 128u /* of a text: most are shorter */

typedef struct
{
  const char *option;     /* on the command line                              */
  gboolean json;          /* the option takes JSON                            */
  const char *driver_key; /* name of the defining property                    */
  const char *id_key;     /* name of the thing's name                         */
  const char *add;        /* QMP command, NULL: only on the command line      */
  const char *del;
  const char *gone; /* event that ends a removal, NULL: the return does */
} Row;

static const Row rows[] = {
  [VC_Q_OBJECT] = { "-object", TRUE, "qom-type", "id", "object-add", "object-del", NULL },
  [VC_Q_BLOCK] = { "-blockdev", TRUE, "driver", "node-name", "blockdev-add", "blockdev-del", NULL },
  [VC_Q_CHARDEV] = { "-chardev", FALSE, "backend", "id", "chardev-add", "chardev-remove", NULL },
  [VC_Q_NETDEV] = { "-netdev", TRUE, "type", "id", "netdev_add", "netdev_del", NULL },
  [VC_Q_AUDIO] = { "-audiodev", TRUE, "driver", "id", NULL, NULL, NULL },
  [VC_Q_DEVICE] = { "-device", TRUE, "driver", "id", "device_add", "device_del", "DEVICE_DELETED" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) == VC_N_Q);

/* Options whose text QEMU reads without undoing doubled commas: -cpu splits at every one, -machine
 * reads its first word up to the first. */
static gboolean
splits_at_comma (const char *option, const VcProps *props)
{
  if (g_str_equal (option, "-cpu"))
    return TRUE;
  return g_str_equal (option, "-machine") && vc_props_driver (props) != NULL
         && strchr (vc_props_driver (props), ',') != NULL;
}

/* A list is a group whose members are called "0", "1", ...: QEMU's own spelling of lists in
 * key=value text. */
static gboolean
is_list (const VcProps *group)
{
  return vc_props_n (group) > 0 && g_str_equal (vc_props_nth (group, 0)->name, "0");
}

/* Hundreds of short texts make a command line, and nearly all fit in the buffer as it is. */
static void
add_text (GString *out, const char *text, gsize len)
{
  if (out->len + len >= out->allocated_len)
    {
      g_string_append_len (out, text, (gssize) len);
      return;
    }
  memcpy (out->str + out->len, text, len);
  out->len += len;
  out->str[out->len] = '\0';
}

static void
add_number (GString *out, guint64 number)
{
  char digits[20];
  gsize at = sizeof digits;

  do
    digits[--at] = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  add_text (out, digits + at, sizeof digits - at);
}

static void
add_signed (GString *out, gint64 number)
{
  if (number < 0)
    g_string_append_c (out, '-');
  add_number (out, number < 0 ? 0 - (guint64) number : (guint64) number);
}

static void
add_fdset (GString *out, const VcProp *prop)
{
  g_string_append (out, "/dev/fdset/");
  add_number (out, prop->fdset);
}

/* QEMU's reader refuses the code points Unicode keeps for no character at all. */
static gboolean
is_text (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
        return FALSE;
    }
  return TRUE;
}

/* Adds all up to a character that needs more than itself; says which. */
static guchar
add_plain (GString *out, const char **at, gboolean *ascii)
{
  const char *start = *at;
  const char *end = start;

  for (; (guchar) *end >= 0x20 && *end != '"' && *end != '\\'; end++)
    *ascii &= (guchar) *end < 0x80;
  add_text (out, start, (gsize) (end - start));
  *at = end;
  return (guchar) *end;
}

static gboolean
json_text (GString *out, const char *name, const char *text, GError **error)
{
  const char *at = text;
  gboolean ascii = TRUE;
  guchar c;

  g_string_append_c (out, '"');
  for (; (c = add_plain (out, &at, &ascii)) != '\0'; at++)
    {
      if (c < 0x20)
        g_string_append_printf (out, "\\u%04x", c);
      else
        {
          g_string_append_c (out, '\\');
          g_string_append_c (out, (char) c);
        }
    }
  g_string_append_c (out, '"');
  if (ascii || is_text (text))
    return TRUE;
  return vc_fail (error, VC_ERROR_INVALID, "%s: the value is not UTF-8 text, which QEMU needs here", name);
}

static gboolean json_props (GString *out, const VcProps *props, GError **error);

static gboolean
json_value (GString *out, const VcProp *prop, GError **error)
{
  switch (prop->type)
    {
    case VC_PROP_BOOL:
      g_string_append (out, prop->flag ? "true" : "false");
      return TRUE;
    case VC_PROP_U64:
      add_number (out, prop->number);
      return TRUE;
    case VC_PROP_I64:
      add_signed (out, (gint64) prop->number);
      return TRUE;
    case VC_PROP_GROUP:
      g_string_append_c (out, is_list (prop->group) ? '[' : '{');
      if (!json_props (out, prop->group, error))
        return vc_prefix (error, "%s.", prop->name);
      g_string_append_c (out, is_list (prop->group) ? ']' : '}');
      return TRUE;
    case VC_PROP_LISTEN:
    case VC_PROP_TAP:
    case VC_PROP_FD:
      if (prop->fd >= 0)
        g_string_append_printf (out, "\"%d\"", prop->fd);
      return prop->fd >= 0 || json_text (out, prop->name, prop->text, error);
    case VC_PROP_FILE:
      if (prop->fd < 0)
        return json_text (out, prop->name, prop->text, error);
      g_string_append_c (out, '"');
      add_fdset (out, prop);
      g_string_append_c (out, '"');
      return TRUE;
    case VC_PROP_STR:
      return json_text (out, prop->name, prop->text, error);
    default:
      g_assert_not_reached ();
    }
}

static const char *
name_of (const VcProp *prop)
{
  gboolean passed = (prop->type == VC_PROP_LISTEN || prop->type == VC_PROP_TAP) && prop->fd >= 0;

  return passed ? "fd" : prop->name;
}

/* Nothing is known of it before it is made. */
static gboolean
is_silent (const VcProp *prop)
{
  return prop->type == VC_PROP_TAP && prop->fd < 0 && prop->text == NULL;
}

static void
json_comma (GString *out)
{
  if (out->str[out->len - 1] != '{' && out->str[out->len - 1] != '[')
    g_string_append_c (out, ',');
}

static gboolean
json_key (GString *out, const char *key, GError **error)
{
  json_comma (out);
  if (!json_text (out, "a property's name", key, error))
    return FALSE;
  g_string_append_c (out, ':');
  return TRUE;
}

static gboolean
json_props (GString *out, const VcProps *props, GError **error)
{
  gboolean list = is_list (props);

  for (guint n = 0; n < vc_props_n (props); n++)
    {
      const VcProp *prop = vc_props_nth (props, n);

      if (is_silent (prop))
        continue;
      if (list)
        json_comma (out);
      else if (!json_key (out, name_of (prop), error))
        return FALSE;
      if (!json_value (out, prop, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
json_spell (GString *out, const VcProps *props, const char *driver_key, const char *id_key, GError **error)
{
  const char *driver = vc_props_driver (props);
  const char *id = vc_props_id (props);

  g_string_append_c (out, '{');
  if (driver != NULL && driver_key != NULL
      && (!json_key (out, driver_key, error) || !json_text (out, driver_key, driver, error)))
    return FALSE;
  if (id != NULL && id_key != NULL && (!json_key (out, id_key, error) || !json_text (out, id_key, id, error)))
    return FALSE;
  if (!json_props (out, props, error))
    return FALSE;
  g_string_append_c (out, '}');
  return TRUE;
}

char *
vc_spell_json (const VcProps *props, const char *driver_key, const char *id_key, GError **error)
{
  g_autoptr (GString) out = g_string_sized_new (FIRST_BYTES);

  if (!json_spell (out, props, driver_key, id_key, error))
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
kv_text (GString *out, const char *text)
{
  const char *comma;

  for (; (comma = strchr (text, ',')) != NULL; text = comma + 1)
    {
      add_text (out, text, (gsize) (comma + 1 - text));
      g_string_append_c (out, ',');
    }
  add_text (out, text, strlen (text));
}

static gboolean
kv_key (GString *out, const char *prefix, const char *name, GError **error)
{
  gsize len = strcspn (name, "=,");

  if (len == 0 || name[len] != '\0')
    return vc_fail (error, VC_ERROR_INVALID, "'%s' cannot be the name of a property", name);
  if (out->len > 0)
    g_string_append_c (out, ',');
  add_text (out, prefix, strlen (prefix));
  add_text (out, name, len);
  g_string_append_c (out, '=');
  return TRUE;
}

static gboolean
kv_props (GString *out, const char *prefix, const VcProps *props, GError **error)
{
  for (guint n = 0; n < vc_props_n (props); n++)
    {
      const VcProp *prop = vc_props_nth (props, n);

      if (is_silent (prop))
        continue;
      if (prop->type == VC_PROP_GROUP)
        {
          g_autofree char *inner = g_strdup_printf ("%s%s.", prefix, prop->name);

          if (!kv_props (out, inner, prop->group, error))
            return FALSE;
          continue;
        }
      if (!kv_key (out, prefix, name_of (prop), error))
        return FALSE;
      if (prop->type == VC_PROP_BOOL)
        g_string_append (out, prop->flag ? "on" : "off");
      else if (prop->type == VC_PROP_U64)
        add_number (out, prop->number);
      else if (prop->type == VC_PROP_I64)
        add_signed (out, (gint64) prop->number);
      else if (prop->type == VC_PROP_FILE && prop->fd >= 0)
        add_fdset (out, prop);
      else if (prop->fd >= 0)
        add_number (out, (guint64) prop->fd);
      else
        kv_text (out, prop->text);
    }
  return TRUE;
}

static gboolean
kv_spell (GString *out, const VcProps *props, GError **error)
{
  const char *first = vc_props_driver (props);

  if (first != NULL)
    {
      /* QEMU takes it for a key when a '=' comes before the first comma, and for a question. */
      if (*first == '\0' || first[strcspn (first, "=,")] == '=' || g_str_equal (first, "help")
          || g_str_equal (first, "?"))
        return vc_fail (error, VC_ERROR_INVALID, "'%s' cannot be said to QEMU as a leading value", first);
      kv_text (out, first);
    }
  if (vc_props_id (props) != NULL)
    {
      if (!kv_key (out, "", "id", error))
        return FALSE;
      kv_text (out, vc_props_id (props));
    }
  return kv_props (out, "", props, error);
}

char *
vc_spell_kv (const VcProps *props, GError **error)
{
  g_autoptr (GString) out = g_string_sized_new (FIRST_BYTES);

  if (!kv_spell (out, props, error))
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* The descriptors a thing's files were opened with go before it. */
static void
add_fds (GPtrArray *argv, const VcProps *props, const char *owner)
{
  for (guint n = 0; n < vc_props_n (props); n++)
    {
      const VcProp *prop = vc_props_nth (props, n);

      if (prop->type == VC_PROP_GROUP)
        add_fds (argv, prop->group, owner);
      if (prop->type != VC_PROP_FILE || prop->fd < 0)
        continue;

      g_autoptr (GString) text = g_string_new (NULL);

      g_string_printf (text, "set=%u,fd=%d,opaque=", prop->fdset, prop->fd);
      kv_text (text, owner != NULL ? owner : "file");
      g_string_append_c (text, '-');
      kv_text (text, prop->name);
      g_ptr_array_add (argv, g_strdup ("-add-fd"));
      g_ptr_array_add (argv, g_string_free (g_steal_pointer (&text), FALSE));
    }
}

static void
add_pair (GPtrArray *argv, const char *option, const GString *text)
{
  g_ptr_array_add (argv, g_strdup (option));
  g_ptr_array_add (argv, g_strndup (text->str, text->len));
}

/* text is a place to write in, the same for a whole plan. */
static gboolean
option_to_argv (const VcPlanItem *item, GPtrArray *argv, GString *text, GError **error)
{
  if (!kv_spell (text, item->props, error))
    return vc_prefix (error, "%s: ", item->option);
  if (splits_at_comma (item->option, item->props) && strstr (text->str, ",,") != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "%s: QEMU cannot be told a value with a comma here",
                    item->option);
  add_fds (argv, item->props, item->option + 1);
  add_pair (argv, item->option, text);
  return TRUE;
}

static gboolean
thing_to_argv (const VcPlanItem *item, GPtrArray *argv, GString *text, GError **error)
{
  const Row *row = &rows[item->what];
  const char *id = vc_props_id (item->props);

  if (!(row->json ? json_spell (text, item->props, row->driver_key, row->id_key, error)
                  : kv_spell (text, item->props, error)))
    return vc_prefix (error, "%s: ", id != NULL ? id : row->option);
  add_fds (argv, item->props, id);
  add_pair (argv, row->option, text);
  return TRUE;
}

gboolean
vc_plan_to_argv (const VcPlan *plan, GPtrArray *argv, GError **error)
{
  g_autoptr (GString) text = g_string_sized_new (FIRST_BYTES);

  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);

      g_string_truncate (text, 0);
      if (item->what == VC_Q_WORD)
        {
          g_ptr_array_add (argv, g_strdup (item->option));
          if (item->word != NULL)
            g_ptr_array_add (argv, g_strdup (item->word));
        }
      else if (!(item->what == VC_Q_OPTION ? option_to_argv (item, argv, text, error)
                                           : thing_to_argv (item, argv, text, error)))
        return FALSE;
    }
  return TRUE;
}

static VcJson *
command (const char *name, VcJson *arguments_taken)
{
  VcJson *json = json_object ();

  json_object_set_new (json, "execute", json_string (name));
  json_object_set_new (json, "arguments", arguments_taken);
  return json;
}

static VcJson *
unpluggable (const VcPlanItem *item, GError **error)
{
  return vc_fail_null (error, VC_ERROR_UNSUPPORTED, "QEMU takes %s only when it starts",
                       item->option != NULL ? item->option : rows[item->what].option);
}

char *
vc_spell_fd_name (const VcProps *props, const VcProp *prop)
{
  const char *id = vc_props_id (props);

  return prop->type == VC_PROP_FD ? g_strdup_printf ("%s-%s", prop->name, id) : g_strdup (id);
}

/* A running QEMU has its own numbers: it was sent them by names. */
static gboolean
name_fds (VcJson *arguments, const VcProps *props, GError **error)
{
  for (guint n = 0; n < vc_props_n (props); n++)
    {
      const VcProp *prop = vc_props_nth (props, n);
      g_autofree char *name = NULL;

      if ((prop->type != VC_PROP_TAP && prop->type != VC_PROP_FD) || prop->fd < 0)
        continue;
      name = vc_spell_fd_name (props, prop);
      if (!vc_json_put_str (arguments, name_of (prop), name, error))
        return FALSE;
    }
  return TRUE;
}

VcJson *
vc_spell_qmp (const VcPlanItem *item, GError **error)
{
  const Row *row = &rows[item->what];
  g_autofree char *text = NULL;
  VcJson *arguments;

  if (row->add == NULL || vc_props_id (item->props) == NULL) /* what has no name is never taken away */
    return unpluggable (item, error);
  if (item->what == VC_Q_CHARDEV)
    {
      arguments = vc_chardev_spell (item->props, error);
      return arguments == NULL ? NULL : command (row->add, arguments);
    }

  text = vc_spell_json (item->props, row->driver_key, row->id_key, error);
  if (text == NULL)
    return NULL;
  arguments = vc_json_read (text, strlen (text), NULL);
  if (arguments == NULL) /* a number beyond 63 bits, a name given as driver and as property */
    return vc_fail_null (error, VC_ERROR_UNSUPPORTED, "'%s' cannot be said over QMP",
                         vc_props_id (item->props));
  if (!name_fds (arguments, item->props, error))
    {
      json_decref (arguments);
      return NULL;
    }
  return command (row->add, arguments);
}

VcJson *
vc_spell_qmp_undo (const VcPlanItem *item, const char **ret_gone, GError **error)
{
  const Row *row = &rows[item->what];
  g_autoptr (json_t) arguments = NULL;

  if (row->del == NULL || vc_props_id (item->props) == NULL)
    return unpluggable (item, error);
  arguments = json_object ();
  if (!vc_json_put_str (arguments, row->id_key, vc_props_id (item->props), error))
    return NULL;
  *ret_gone = row->gone;
  return command (row->del, g_steal_pointer (&arguments));
}
