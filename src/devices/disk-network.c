/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "devices/disk-facts.h"
#include "fields/list.h"

/* Disks kept on other machines. */

enum
{
  NBD = 1,
  GLUSTER,
  ISCSI,
  RBD,
  HTTP,
  HTTPS,
  FTP,
  FTPS
};

enum
{
  TCP = 1,
  UNIX
};

const char *const vc_disk_protocols[]
    = { "", "nbd", "gluster", "iscsi", "rbd", "http", "https", "ftp", "ftps", NULL };
static const char *const transports[] = { "", "tcp", "unix", NULL };
static const guint default_ports[] = { 0, 10809, 24007, 3260, 0, 80, 443, 21, 990 };

const VcField vc_disk_host_rows[]
    = { VC_STR (VcDiskHost, name, "@name", .doc = "name or address"),
        VC_U32 (VcDiskHost, port, "@port", .min = 1, .max = 65535, .doc = "port"),
        VC_CHOICE (VcDiskHost, transport, "@transport", transports, .doc = "way there"),
        VC_STR (VcDiskHost, socket, "@socket", .doc = "path of its socket (unix)"),
        { 0 } };

const char *
vc_disk_network_driver (const VcDisk *self)
{
  return vc_disk_protocols[self->protocol];
}

void
vc_disk_fill_network (VcDisk *self)
{
  for (guint i = 0; i < vc_list_n (self->hosts); i++)
    {
      VcDiskHost *host = vc_list_nth (self->hosts, i);

      if (host->transport != UNIX && !host->port.set && default_ports[self->protocol] > 0)
        host->port = vc_u32 (default_ports[self->protocol]);
    }
}

static gboolean
check_host (const VcDisk *self, const VcDiskHost *host, GError **error)
{
  gboolean may_unix = self->protocol == NBD || self->protocol == GLUSTER;

  if (host->transport == UNIX && !may_unix)
    return vc_device_fail (&self->base, error, "host/@transport: '%s' has no unix sockets",
                           vc_disk_protocols[self->protocol]);
  if (host->transport == UNIX && (host->socket == NULL || *host->socket != '/'))
    return vc_device_fail (&self->base, error, "host/@socket: transport='unix' needs its absolute path");
  if (host->transport == UNIX && (host->name != NULL || host->port.set))
    return vc_device_fail (&self->base, error, "<host>: a unix socket has no name and no port");
  if (host->transport != UNIX && host->socket != NULL)
    return vc_device_fail (&self->base, error, "host/@socket needs transport='unix'");
  if (host->transport != UNIX && (host->name == NULL || *host->name == '\0'))
    return vc_device_fail (&self->base, error, "host/@name: needs the name of the machine");
  return TRUE;
}

static gboolean
check_name (const VcDisk *self, GError **error)
{
  const char *name = self->export;

  if (self->protocol != NBD && name == NULL)
    return vc_device_fail (&self->base, error, "needs source/@name, the name of the disk there");
  if (self->protocol == GLUSTER && (strchr (name, '/') == NULL || *name == '/'))
    return vc_device_fail (&self->base, error, "source/@name: gluster needs 'volume/path', not '%s'", name);
  if (self->protocol == RBD && (strchr (name, '/') == NULL || *name == '/'))
    return vc_device_fail (&self->base, error, "source/@name: rbd needs 'pool/image', not '%s'", name);
  if (self->protocol == ISCSI && strchr (name, '/') != NULL
      && !g_ascii_string_to_unsigned (strchr (name, '/') + 1, 10, 0, 16383, NULL, NULL))
    return vc_device_fail (&self->base, error, "source/@name: iscsi needs 'target/number', not '%s'", name);
  if (self->query != NULL && self->protocol != HTTP && self->protocol != HTTPS)
    return vc_device_fail (&self->base, error, "source/@query is for the protocols http and https");
  return TRUE;
}

gboolean
vc_disk_check_network (const VcDevice *dev, GError **error)
{
  const VcDisk *self = (const VcDisk *) dev;
  gboolean many = self->protocol == GLUSTER || self->protocol == RBD;

  if (self->protocol == 0)
    return vc_device_fail (dev, error, "needs source/@protocol, the protocol");
  if (!many && vc_list_n (self->hosts) != 1)
    return vc_device_fail (dev, error, "%s needs exactly one <host>, and has %u",
                           vc_disk_protocols[self->protocol], vc_list_n (self->hosts));
  if (self->protocol == GLUSTER && vc_list_n (self->hosts) == 0)
    return vc_device_fail (dev, error, "gluster needs a <host>");
  for (guint i = 0; i < vc_list_n (self->hosts); i++)
    if (!check_host (self, vc_list_nth (self->hosts, i), error))
      return FALSE;
  return check_name (self, error);
}

static void
put_port (const VcDisk *self, const VcDiskHost *host, VcProps *props)
{
  guint port = vc_u32_or (host->port, default_ports[self->protocol]);

  if (port > 0)
    vc_props_strf (props, "port", "%u", port);
}

static void
put_server (const VcDisk *self, const VcDiskHost *host, VcProps *props)
{
  if (host->transport == UNIX)
    {
      vc_props_str (props, "type", "unix");
      vc_props_str (props, "path", host->socket);
      return;
    }
  if (self->protocol != RBD)
    vc_props_str (props, "type", "inet");
  vc_props_str (props, "host", host->name);
  put_port (self, host, props);
}

static void
put_servers (const VcDisk *self, VcProps *props)
{
  VcProps *list;

  if (vc_list_n (self->hosts) == 0)
    return;
  list = vc_props_group (props, "server");
  for (guint i = 0; i < self->hosts->len; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      put_server (self, self->hosts->pdata[i], vc_props_group (list, number));
    }
}

static void
put_pair (VcProps *props, const char *first, const char *second, const char *pair)
{
  const char *slash = strchr (pair, '/');
  g_autofree char *before = g_strndup (pair, (gsize) (slash - pair));

  vc_props_str (props, first, before);
  vc_props_str (props, second, slash + 1);
}

static void
put_iscsi (const VcDisk *self, const VcDiskHost *host, VcProps *props)
{
  const char *slash = strchr (self->export, '/');
  g_autofree char *target
      = slash != NULL ? g_strndup (self->export, (gsize) (slash - self->export)) : g_strdup (self->export);

  vc_props_strf (props, "portal", "%s:%u", host->name, vc_u32_or (host->port, default_ports[ISCSI]));
  vc_props_str (props, "target", target);
  vc_props_u64 (props, "lun", slash != NULL ? g_ascii_strtoull (slash + 1, NULL, 10) : 0);
  vc_props_str (props, "transport", "tcp");
}

static void
put_url (const VcDisk *self, const VcDiskHost *host, VcProps *props)
{
  gboolean six = strchr (host->name, ':') != NULL;

  vc_props_strf (props, "url", "%s://%s%s%s:%u%s%s%s%s", vc_disk_protocols[self->protocol], six ? "[" : "",
                 host->name, six ? "]" : "", vc_u32_or (host->port, default_ports[self->protocol]),
                 *self->export == '/' ? "" : "/", self->export, self->query != NULL ? "?" : "",
                 self->query != NULL ? self->query : "");
}

void
vc_disk_plan_network (const VcDisk *self, VcProps *props)
{
  const VcDiskHost *first = vc_list_n (self->hosts) > 0 ? vc_list_nth (self->hosts, 0) : NULL;

  switch (self->protocol)
    {
    case NBD:
      put_server (self, first, vc_props_group (props, "server"));
      vc_props_str (props, "export", self->export);
      break;
    case GLUSTER:
      put_pair (props, "volume", "path", self->export);
      put_servers (self, props);
      vc_props_u64 (props, "debug", 4);
      break;
    case RBD:
      put_pair (props, "pool", "image", self->export);
      put_servers (self, props);
      break;
    case ISCSI:
      put_iscsi (self, first, props);
      break;
    default:
      put_url (self, first, props);
    }
}
