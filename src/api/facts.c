/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/internal.h"
#include "base/error.h"

enum
{
  MONITOR_HUMAN = 1,
};

static char *
call_for_text (VirtcardDomain *domain, GError **error)
{
  VcXdrReader *reader = vc_api_domain_call (domain, error);

  return reader != NULL ? g_strdup (vc_xdr_read_text (reader)) : NULL;
}

/* A call that takes a domain and gives a number. */
static gboolean
ask_number (VirtcardDomain *domain, VcCallIndex call, int *ret_number, GError **error)
{
  VcXdrReader *reader
      = vc_api_domain_begin (domain, call, error) != NULL ? vc_api_domain_call (domain, error) : NULL;

  if (reader != NULL)
    *ret_number = vc_xdr_read_int (reader);
  return reader != NULL;
}

gboolean
virtcard_domain_get_state (VirtcardDomain *domain, int *ret_state, int *ret_reason, GError **error)
{
  VcXdrWriter *args = vc_api_domain_begin (domain, VC_CALL_DOMAIN_GET_STATE, error);
  VcXdrReader *reader;
  int reason;

  if (args == NULL)
    return FALSE;
  vc_xdr_put_uint (args, 0);
  reader = vc_api_domain_call (domain, error);
  if (reader == NULL)
    return FALSE;
  *ret_state = vc_xdr_read_int (reader);
  reason = vc_xdr_read_int (reader);
  if (ret_reason != NULL)
    *ret_reason = reason;
  return TRUE;
}

static gboolean
get_numbers (VirtcardDomain *domain, VirtcardDomainInfo *info, GError **error)
{
  VcXdrReader *reader = vc_api_domain_begin (domain, VC_CALL_DOMAIN_GET_INFO, error) != NULL
                            ? vc_api_domain_call (domain, error)
                            : NULL;

  if (reader == NULL)
    return FALSE;
  info->state = (int) vc_xdr_read_uint (reader);
  info->max_memory_kib = vc_xdr_read_uhyper (reader);
  info->memory_kib = vc_xdr_read_uhyper (reader);
  info->vcpus = vc_xdr_read_uint (reader);
  info->cpu_ns = vc_xdr_read_uhyper (reader);
  return TRUE;
}

static gboolean
get_os_type (VirtcardDomain *domain, VirtcardDomainInfo *info, GError **error)
{
  g_autofree char *text = vc_api_domain_begin (domain, VC_CALL_DOMAIN_GET_OS_TYPE, error) != NULL
                              ? call_for_text (domain, error)
                              : NULL;

  if (text != NULL)
    g_strlcpy (info->os_type, text, sizeof info->os_type);
  return text != NULL;
}

gboolean
virtcard_domain_get_info (VirtcardDomain *domain, VirtcardDomainInfo *ret_info, GError **error)
{
  VirtcardDomainInfo info = { 0 };

  if (!get_os_type (domain, &info, error) || !get_numbers (domain, &info, error)
      || !ask_number (domain, VC_CALL_DOMAIN_IS_ACTIVE, &info.is_active, error)
      || !ask_number (domain, VC_CALL_DOMAIN_IS_PERSISTENT, &info.is_persistent, error)
      || !ask_number (domain, VC_CALL_DOMAIN_GET_AUTOSTART, &info.has_autostart, error)
      || !ask_number (domain, VC_CALL_DOMAIN_IS_UPDATED, &info.is_updated, error))
    return FALSE;
  *ret_info = info;
  return TRUE;
}

static GVariant *
read_value (const VcXdrParam *param)
{
  switch (param->type)
    {
    case VC_PARAM_INT:
      return g_variant_new_int32 (param->i);
    case VC_PARAM_UINT:
      return g_variant_new_uint32 (param->u);
    case VC_PARAM_LLONG:
      return g_variant_new_int64 (param->h);
    case VC_PARAM_ULLONG:
      return g_variant_new_uint64 (param->H);
    case VC_PARAM_DOUBLE:
      return g_variant_new_double (param->d);
    case VC_PARAM_BOOLEAN:
      return g_variant_new_boolean (param->i != 0);
    case VC_PARAM_STRING:
      return g_variant_new_take_string (g_utf8_make_valid (param->s, -1));
    }
  g_assert_not_reached ();
}

GVariant *
virtcard_domain_get_stats (VirtcardDomain *domain, guint flags, GError **error)
{
  g_auto (GVariantBuilder) stats = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sv)"));
  VcXdrWriter *args;
  VcXdrReader *reader;
  VcXdrDomain wire;

  if (domain->connect == NULL)
    return vc_fail_null (error, VC_ERROR_GONE, "domain '%s': the connection was closed", domain->name);
  args = vc_client_begin (domain->connect->client, VC_CALL_CONNECT_GET_ALL_DOMAIN_STATS);
  vc_xdr_put_list (args);
  vc_api_domain_put (domain, args);
  vc_xdr_end_list (args);
  vc_xdr_put_uint (args, flags);
  vc_xdr_put_uint (args, 0);
  reader = vc_api_domain_call (domain, error);
  if (reader == NULL)
    return NULL;
  if (vc_xdr_read_list (reader) == 0)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "domain '%s' is not there any more", domain->name);
  vc_xdr_read_domain (reader, &wire);
  for (guint n = vc_xdr_read_list (reader); n > 0; n--)
    {
      g_autofree char *name = NULL;
      VcXdrParam param;

      vc_xdr_read_param (reader, &param);
      name = g_utf8_make_valid (param.field, -1);
      g_variant_builder_add (&stats, "(sv)", name, read_value (&param));
    }
  return g_variant_ref_sink (g_variant_builder_end (&stats));
}

char *
virtcard_domain_get_xml (VirtcardDomain *domain, guint flags, GError **error)
{
  VcXdrWriter *args = vc_api_domain_begin (domain, VC_CALL_DOMAIN_GET_XML_DESC, error);

  if (args == NULL)
    return NULL;
  vc_xdr_put_uint (args, flags);
  return call_for_text (domain, error);
}

char *
virtcard_domain_monitor (VirtcardDomain *domain, const char *text, gboolean human, GError **error)
{
  VcXdrWriter *args = vc_api_domain_begin (domain, VC_CALL_MONITOR_COMMAND, error);

  if (args == NULL)
    return NULL;
  vc_xdr_put_text (args, text);
  vc_xdr_put_uint (args, human ? MONITOR_HUMAN : 0);
  return call_for_text (domain, error);
}
