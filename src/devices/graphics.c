/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/graphics.h"

#include <string.h>

const char *const vc_listen_types[] = { "", "none", "address", NULL };

static gboolean
read_port (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  guint64 value = 0;

  if (strcmp (text, "-1") == 0)
    *(int *) at = -1;
  else if (vc_read_u64 (text, &value) && value <= 65535)
    *(int *) at = (int) value;
  else
    {
      *ret_why = g_strdup_printf ("'%s' is not a port: a number from 0 to 65535, or -1 for any", text);
      return FALSE;
    }
  return TRUE;
}

static char *
print_port (const VcField *row, gconstpointer at)
{
  int port = *(const int *) at;

  return port != 0 ? g_strdup_printf ("%d", port) : NULL;
}

static void
schema_port (const VcField *row, GString *out)
{
  g_string_append (out, "<choice><data type='unsignedShort'/><value>-1</value></choice>");
}

const VcType vc_type_port = { .name = "port", .read = read_port, .print = print_port, .schema = schema_port };

void
vc_graphics_fill_listen (VcGraphics *self)
{
  if (self->address == NULL)
    self->address = g_strdup (self->listen);
  if (self->listen_type == 0)
    self->listen_type = VC_LISTEN_ADDRESS;
  if (self->address != NULL && *self->address == '\0')
    g_clear_pointer (&self->address, g_free);
  g_free (self->listen);
  self->listen = self->listen_type == VC_LISTEN_ADDRESS ? g_strdup (self->address) : NULL;
}

gboolean
vc_graphics_check (const VcGraphics *self, GError **error)
{
  if (self->listen_type == VC_LISTEN_NONE && self->address != NULL)
    return vc_device_fail (&self->base, error, "<listen type='none'> takes no address");
  if (self->listen_type == VC_LISTEN_ADDRESS && self->listen != NULL && self->address != NULL
      && strcmp (self->listen, self->address) != 0)
    return vc_device_fail (&self->base, error, "@listen '%s' and listen/@address '%s' are not the same",
                           self->listen, self->address);
  return TRUE;
}
