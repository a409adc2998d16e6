/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/props.h"

#include <string.h>

/* A property is one allocation, name and text behind it, so that a borrowed one stays where it is while
 * more are added.  Hundreds are made for one command line. */
struct VcProps
{
  char *driver;
  char *id;
  GPtrArray *list; /* VcProp */
};

static void
prop_free (gpointer data)
{
  VcProp *prop = data;

  vc_props_free (prop->group);
  g_free (prop);
}

VcProps *
vc_props_new (const char *driver, const char *id)
{
  VcProps *props = g_new0 (VcProps, 1);

  props->driver = g_strdup (driver);
  props->id = g_strdup (id);
  props->list = g_ptr_array_new_full (8, prop_free);
  return props;
}

void
vc_props_free (VcProps *props)
{
  if (props == NULL)
    return;
  g_free (props->driver);
  g_free (props->id);
  g_ptr_array_unref (props->list);
  g_free (props);
}

static VcProp *
add (VcProps *props, const char *name, VcPropType type, const char *text)
{
  gsize name_len = strlen (name) + 1;
  gsize text_len = text != NULL ? strlen (text) + 1 : 0;
  VcProp *prop;

  g_assert (vc_props_get (props, name) == NULL);
  prop = g_malloc (sizeof *prop + name_len + text_len);
  *prop = (VcProp){ .name = (char *) (prop + 1), .type = type, .fd = -1 };
  memcpy (prop->name, name, name_len);
  if (text != NULL)
    prop->text = memcpy (prop->name + name_len, text, text_len);
  g_ptr_array_add (props->list, prop);
  return prop;
}

void
vc_props_str (VcProps *props, const char *name, const char *value)
{
  if (value != NULL)
    add (props, name, VC_PROP_STR, value);
}

void
vc_props_strf (VcProps *props, const char *name, const char *fmt, ...)
{
  g_autofree char *value = NULL;
  va_list args;

  va_start (args, fmt);
  value = g_strdup_vprintf (fmt, args);
  va_end (args);
  add (props, name, VC_PROP_STR, value);
}

void
vc_props_bool (VcProps *props, const char *name, gboolean value)
{
  add (props, name, VC_PROP_BOOL, NULL)->flag = value != FALSE;
}

void
vc_props_tri (VcProps *props, const char *name, VcTri value)
{
  if (value != VC_TRI_UNSET)
    vc_props_bool (props, name, value == VC_TRI_YES);
}

void
vc_props_u64 (VcProps *props, const char *name, guint64 value)
{
  add (props, name, VC_PROP_U64, NULL)->number = value;
}

void
vc_props_u32 (VcProps *props, const char *name, VcU32 value)
{
  if (value.set)
    vc_props_u64 (props, name, value.value);
}

void
vc_props_i64 (VcProps *props, const char *name, gint64 value)
{
  add (props, name, VC_PROP_I64, NULL)->number = (guint64) value;
}

VcProps *
vc_props_group (VcProps *props, const char *name)
{
  VcProp *prop = add (props, name, VC_PROP_GROUP, NULL);

  prop->group = vc_props_new (NULL, NULL);
  return prop->group;
}

void
vc_props_file (VcProps *props, const char *name, const char *path, gboolean cut)
{
  if (path != NULL)
    add (props, name, VC_PROP_FILE, path)->flag = cut != FALSE;
}

void
vc_props_listen (VcProps *props, const char *name, const char *path)
{
  if (path != NULL)
    add (props, name, VC_PROP_LISTEN, path);
}

const char *
vc_props_driver (const VcProps *props)
{
  return props->driver;
}

const char *
vc_props_id (const VcProps *props)
{
  return props->id;
}

VcProp *
vc_props_get (const VcProps *props, const char *name)
{
  for (guint n = 0; n < props->list->len; n++)
    {
      VcProp *prop = vc_props_nth (props, n);

      if (g_str_equal (prop->name, name))
        return prop;
    }
  return NULL;
}

guint
vc_props_n (const VcProps *props)
{
  return props->list->len;
}

VcProp *
vc_props_nth (const VcProps *props, guint n)
{
  g_assert (n < props->list->len);
  return g_ptr_array_index (props->list, n);
}
