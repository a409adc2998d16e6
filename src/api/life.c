/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/internal.h"
#include "base/error.h"

/* A call that takes a domain and gives nothing. */
static gboolean
call_plain (VirtcardDomain *domain, VcCallIndex call, GError **error)
{
  return vc_api_domain_begin (domain, call, error) != NULL && vc_api_domain_call (domain, error) != NULL;
}

/* The same with flags. */
static gboolean
call_flags (VirtcardDomain *domain, VcCallIndex call, guint flags, GError **error)
{
  VcXdrWriter *args = vc_api_domain_begin (domain, call, error);

  if (args == NULL)
    return FALSE;
  vc_xdr_put_uint (args, flags);
  return vc_api_domain_call (domain, error) != NULL;
}

gboolean
virtcard_domain_undefine (VirtcardDomain *domain, GError **error)
{
  return call_plain (domain, VC_CALL_DOMAIN_UNDEFINE, error);
}

gboolean
virtcard_domain_start (VirtcardDomain *domain, guint flags, GError **error)
{
  return flags == 0 ? call_plain (domain, VC_CALL_DOMAIN_CREATE, error)
                    : call_flags (domain, VC_CALL_DOMAIN_CREATE_WITH_FLAGS, flags, error);
}

gboolean
virtcard_domain_shutdown (VirtcardDomain *domain, GError **error)
{
  return call_plain (domain, VC_CALL_DOMAIN_SHUTDOWN, error);
}

gboolean
virtcard_domain_reboot (VirtcardDomain *domain, GError **error)
{
  return call_flags (domain, VC_CALL_DOMAIN_REBOOT, 0, error);
}

gboolean
virtcard_domain_reset (VirtcardDomain *domain, GError **error)
{
  return call_flags (domain, VC_CALL_DOMAIN_RESET, 0, error);
}

gboolean
virtcard_domain_suspend (VirtcardDomain *domain, GError **error)
{
  return call_plain (domain, VC_CALL_DOMAIN_SUSPEND, error);
}

gboolean
virtcard_domain_resume (VirtcardDomain *domain, GError **error)
{
  return call_plain (domain, VC_CALL_DOMAIN_RESUME, error);
}

gboolean
virtcard_domain_destroy (VirtcardDomain *domain, guint flags, GError **error)
{
  return flags == 0 ? call_plain (domain, VC_CALL_DOMAIN_DESTROY, error)
                    : call_flags (domain, VC_CALL_DOMAIN_DESTROY_FLAGS, flags, error);
}

gboolean
virtcard_domain_save (VirtcardDomain *domain, const char *path, guint flags, GError **error)
{
  VcXdrWriter *args;

  if (!g_path_is_absolute (path))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is no absolute path", path);
  args = vc_api_domain_begin (domain, flags == 0 ? VC_CALL_DOMAIN_SAVE : VC_CALL_DOMAIN_SAVE_FLAGS, error);
  if (args == NULL)
    return FALSE;
  vc_xdr_put_text (args, path);
  if (flags != 0)
    {
      vc_xdr_put_text_or_null (args, NULL);
      vc_xdr_put_uint (args, flags);
    }
  return vc_api_domain_call (domain, error) != NULL;
}

gboolean
virtcard_domain_set_autostart (VirtcardDomain *domain, gboolean on, GError **error)
{
  VcXdrWriter *args = vc_api_domain_begin (domain, VC_CALL_DOMAIN_SET_AUTOSTART, error);

  if (args == NULL)
    return FALSE;
  vc_xdr_put_int (args, on ? 1 : 0);
  return vc_api_domain_call (domain, error) != NULL;
}

/* A device, by its XML or its alias. */
static gboolean
call_device (VirtcardDomain *domain, VcCallIndex call, const char *device, guint parts, GError **error)
{
  VcXdrWriter *args = vc_api_domain_begin (domain, call, error);

  if (args == NULL)
    return FALSE;
  vc_xdr_put_text (args, device);
  vc_xdr_put_uint (args, parts);
  return vc_api_domain_call (domain, error) != NULL;
}

gboolean
virtcard_domain_attach_device (VirtcardDomain *domain, const char *xml, guint parts, GError **error)
{
  return call_device (domain, VC_CALL_DOMAIN_ATTACH_DEVICE_FLAGS, xml, parts, error);
}

gboolean
virtcard_domain_detach_device (VirtcardDomain *domain, const char *xml, guint parts, GError **error)
{
  return call_device (domain, VC_CALL_DOMAIN_DETACH_DEVICE_FLAGS, xml, parts, error);
}

gboolean
virtcard_domain_update_device (VirtcardDomain *domain, const char *xml, guint parts, GError **error)
{
  return call_device (domain, VC_CALL_DOMAIN_UPDATE_DEVICE_FLAGS, xml, parts, error);
}

gboolean
virtcard_domain_detach_alias (VirtcardDomain *domain, const char *alias, guint parts, GError **error)
{
  return call_device (domain, VC_CALL_DOMAIN_DETACH_DEVICE_ALIAS, alias, parts, error);
}

int
virtcard_domain_open_console (VirtcardDomain *domain, const char *device, guint flags, GError **error)
{
  VcXdrWriter *args = vc_api_domain_begin (domain, VC_CALL_DOMAIN_OPEN_CONSOLE, error);

  if (args == NULL)
    return -1;
  vc_xdr_put_text_or_null (args, device);
  vc_xdr_put_uint (args, flags);
  return vc_client_call_stream (domain->connect->client, error);
}
