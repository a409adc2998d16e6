/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fields/props.h"

#include <string.h>

/* A property is one allocation, name and text behind it, so that a borrowed one stays where it is while
 * more are added; so is a list, driver and id behind it.  Hundreds are made for one command line. */
#define FIRST_SIZE 8u

struct VcProps
{
  const char *driver;
  const char *id;
  VcProp **list; /* first, until there are more */
  guint n;
  guint size; /* of list, in properties */
  VcProp *first[FIRST_SIZE];
};

static gsize
size_of (const char *text)
{
  return text != NULL ? strlen (text) + 1 : 0;
}

VcProps *
vc_props_new (const char *driver, const char *id)
{
  gsize driver_size = size_of (driver), id_size = size_of (id);
  VcProps *props = g_malloc (sizeof *props + driver_size + id_size);
  char *texts = (char *) (props + 1);

  *props = (VcProps){ .size = FIRST_SIZE, .list = props->first };
  if (driver != NULL)
    props->driver = memcpy (texts, driver, driver_size);
  if (id != NULL)
    props->id = memcpy (texts + driver_size, id, id_size);
  return props;
}

void
vc_props_free (VcProps *props)
{
  if (props == NULL)
    return;
  for (guint n = 0; n < props->n; n++)
    {
      vc_props_free (props->list[n]->group);
      g_free (props->list[n]);
    }
  if (props->list != props->first)
    g_free (props->list);
  g_free (props);
}

static void
grow (VcProps *props)
{
  VcProp **list = props->list != props->first ? props->list : NULL;

  props->size *= 2;
  props->list = g_renew (VcProp *, list, props->size);
  if (list == NULL)
    memcpy (props->list, props->first, sizeof props->first);
}

static VcProp *
new_prop (const char *name, VcPropType type, const char *text)
{
  gsize name_size = size_of (name), text_size = size_of (text);
  VcProp *prop = g_malloc (sizeof *prop + name_size + text_size);

  *prop = (VcProp){ .name = (char *) (prop + 1), .type = type, .fd = -1 };
  memcpy (prop->name, name, name_size);
  if (text != NULL)
    prop->text = memcpy (prop->name + name_size, text, text_size);
  return prop;
}

static VcProp *
append (VcProps *props, VcProp *prop_taken)
{
  if (props->n == props->size)
    grow (props);
  return props->list[props->n++] = prop_taken;
}

static VcProp *
add (VcProps *props, const char *name, VcPropType type, const char *text)
{
  g_assert (vc_props_get (props, name) == NULL);
  return append (props, new_prop (name, type, text));
}

void
vc_props_more (VcProps *props, const char *name, const char *value)
{
  append (props, new_prop (name, VC_PROP_STR, value));
}

void
vc_props_str (VcProps *props, const char *name, const char *value)
{
  if (value != NULL)
    add (props, name, VC_PROP_STR, value);
}

void
vc_props_reset_str (VcProps *props, const char *name, const char *value)
{
  VcProp *old = vc_props_get (props, name);
  guint at = 0;

  g_assert (old != NULL && old->type == VC_PROP_STR);
  while (props->list[at] != old)
    at++;
  props->list[at] = new_prop (name, VC_PROP_STR, value);
  g_free (old);
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

void
vc_props_tap (VcProps *props, const char *name, const char *value, gboolean vhost)
{
  add (props, name, VC_PROP_TAP, value)->flag = vhost != FALSE;
}

VcProp *
vc_props_fd (VcProps *props, const char *name, int fd)
{
  VcProp *prop = add (props, name, VC_PROP_FD, NULL);

  prop->fd = fd;
  return prop;
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
  for (guint n = 0; n < props->n; n++)
    if (strcmp (props->list[n]->name, name) == 0)
      return props->list[n];
  return NULL;
}

guint
vc_props_n (const VcProps *props)
{
  return props->n;
}

VcProp *
vc_props_nth (const VcProps *props, guint n)
{
  g_assert (n < props->n);
  return props->list[n];
}
