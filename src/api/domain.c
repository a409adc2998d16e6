/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "api/internal.h"
#include "base/error.h"

#define WANT_RESULTS 1

void
vc_api_print_uuid (const guint8 *bytes, char ret_text[37])
{
  for (guint i = 0; i < 16; i++)
    {
      if (i == 4 || i == 6 || i == 8 || i == 10)
        *ret_text++ = '-';
      g_snprintf (ret_text, 3, "%02x", bytes[i]);
      ret_text += 2;
    }
}

static void
uuid_read (const char *text, guint8 ret_bytes[16])
{
  for (guint i = 0; i < 16; i++)
    {
      if (*text == '-')
        text++;
      ret_bytes[i] = (guint8) (g_ascii_xdigit_value (text[0]) * 16 + g_ascii_xdigit_value (text[1]));
      text += 2;
    }
}

VirtcardDomain *
vc_api_domain_new (VirtcardConnect *connect, const VcXdrDomain *wire)
{
  VirtcardDomain *domain = g_new0 (VirtcardDomain, 1);

  domain->connect = connect;
  domain->name = g_strdup (wire->name);
  memcpy (domain->uuid_bytes, wire->uuid, sizeof domain->uuid_bytes);
  vc_api_print_uuid (wire->uuid, domain->uuid);
  domain->id = wire->id;
  g_hash_table_add (connect->domains, domain);
  return domain;
}

void
virtcard_domain_free (VirtcardDomain *domain)
{
  if (domain == NULL)
    return;
  if (domain->connect != NULL)
    g_hash_table_remove (domain->connect->domains, domain);
  g_free (domain->name);
  g_free (domain);
}

const char *
virtcard_domain_name (const VirtcardDomain *domain)
{
  return domain->name;
}

const char *
virtcard_domain_uuid (const VirtcardDomain *domain)
{
  return domain->uuid;
}

int
virtcard_domain_id (const VirtcardDomain *domain)
{
  return domain->id;
}

void
vc_api_domain_put (const VirtcardDomain *domain, VcXdrWriter *args)
{
  const VcXdrDomain wire = { .name = domain->name, .uuid = domain->uuid_bytes, .id = domain->id };

  vc_xdr_put_domain (args, &wire);
}

VcXdrWriter *
vc_api_domain_begin (const VirtcardDomain *domain, VcCallIndex call, GError **error)
{
  VcXdrWriter *args;

  if (domain->connect == NULL)
    return vc_fail_null (error, VC_ERROR_GONE, "domain '%s': the connection was closed", domain->name);
  args = vc_client_begin (domain->connect->client, call);
  vc_api_domain_put (domain, args);
  return args;
}

VcXdrReader *
vc_api_domain_call (const VirtcardDomain *domain, GError **error)
{
  return vc_client_call (domain->connect->client, error);
}

/* Makes a call that gives a domain. */
static VirtcardDomain *
call_for_domain (VirtcardConnect *connect, GError **error)
{
  VcXdrReader *reader = vc_client_call (connect->client, error);
  VcXdrDomain wire;

  if (reader == NULL)
    return NULL;
  vc_xdr_read_domain (reader, &wire);
  return vc_api_domain_new (connect, &wire);
}

GPtrArray *
virtcard_connect_list (VirtcardConnect *connect, guint flags, GError **error)
{
  VcXdrWriter *args = vc_client_begin (connect->client, VC_CALL_CONNECT_LIST_ALL_DOMAINS);
  g_autoptr (GPtrArray) domains = NULL;
  VcXdrReader *reader;

  vc_xdr_put_int (args, WANT_RESULTS);
  vc_xdr_put_uint (args, flags);
  reader = vc_client_call (connect->client, error);
  if (reader == NULL)
    return NULL;
  domains = g_ptr_array_new_with_free_func ((GDestroyNotify) virtcard_domain_free);
  for (guint n = vc_xdr_read_list (reader); n > 0; n--)
    {
      VcXdrDomain wire;

      vc_xdr_read_domain (reader, &wire);
      g_ptr_array_add (domains, vc_api_domain_new (connect, &wire));
    }
  return g_steal_pointer (&domains);
}

VirtcardDomain *
virtcard_domain_find_name (VirtcardConnect *connect, const char *name, GError **error)
{
  vc_xdr_put_text (vc_client_begin (connect->client, VC_CALL_DOMAIN_LOOKUP_BY_NAME), name);
  return call_for_domain (connect, error);
}

VirtcardDomain *
virtcard_domain_find_uuid (VirtcardConnect *connect, const char *uuid, GError **error)
{
  guint8 bytes[16];

  if (!g_uuid_string_is_valid (uuid))
    return vc_fail_null (error, VC_ERROR_INVALID, "'%s' is no UUID", uuid);
  uuid_read (uuid, bytes);
  vc_xdr_put_uuid (vc_client_begin (connect->client, VC_CALL_DOMAIN_LOOKUP_BY_UUID), bytes);
  return call_for_domain (connect, error);
}

VirtcardDomain *
virtcard_domain_find_id (VirtcardConnect *connect, int id, GError **error)
{
  vc_xdr_put_int (vc_client_begin (connect->client, VC_CALL_DOMAIN_LOOKUP_BY_ID), id);
  return call_for_domain (connect, error);
}

VirtcardDomain *
virtcard_domain_find (VirtcardConnect *connect, const char *what, GError **error)
{
  VirtcardDomain *domain = NULL;
  g_autoptr (GError) why = NULL;
  guint64 id;

  if (g_ascii_string_to_unsigned (what, 10, 1, G_MAXINT, &id, NULL))
    domain = virtcard_domain_find_id (connect, (int) id, &why);
  else if (g_uuid_string_is_valid (what))
    domain = virtcard_domain_find_uuid (connect, what, &why);
  if (domain != NULL)
    return domain;
  if (why != NULL && !g_error_matches (why, VC_ERROR, VC_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return NULL;
    }
  return virtcard_domain_find_name (connect, what, error);
}

VirtcardDomain *
virtcard_domain_define (VirtcardConnect *connect, const char *xml, GError **error)
{
  vc_xdr_put_text (vc_client_begin (connect->client, VC_CALL_DOMAIN_DEFINE_XML), xml);
  return call_for_domain (connect, error);
}

VirtcardDomain *
virtcard_domain_create (VirtcardConnect *connect, const char *xml, guint flags, GError **error)
{
  VcXdrWriter *args = vc_client_begin (connect->client, VC_CALL_DOMAIN_CREATE_XML);

  vc_xdr_put_text (args, xml);
  vc_xdr_put_uint (args, flags);
  return call_for_domain (connect, error);
}

gboolean
virtcard_domain_restore (VirtcardConnect *connect, const char *path, guint flags, GError **error)
{
  VcXdrWriter *args;

  if (!g_path_is_absolute (path))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is no absolute path", path);
  /* The older call is the one that every daemon has. */
  args
      = vc_client_begin (connect->client, flags == 0 ? VC_CALL_DOMAIN_RESTORE : VC_CALL_DOMAIN_RESTORE_FLAGS);
  vc_xdr_put_text (args, path);
  if (flags != 0)
    {
      vc_xdr_put_text_or_null (args, NULL);
      vc_xdr_put_uint (args, flags);
    }
  return vc_client_call (connect->client, error) != NULL;
}
