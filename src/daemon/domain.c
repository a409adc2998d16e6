/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "daemon/daemon.h"

/* What is asked and told of a guest without waiting for QEMU. */

#define VALIDATE   1u
#define WITH_SAVED 1u

static gboolean
define (VcRpcRequest *request, const char *xml, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_manager_define (vc_daemon_of (request)->manager, xml, strlen (xml), NULL, error);

  if (guest == NULL)
    return FALSE;
  vc_wire_put_guest (ret, guest);
  return TRUE;
}

static gboolean
define_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  return define (request, vc_xdr_read_text (args), ret, error);
}

static gboolean
define_xml_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *xml = vc_xdr_read_text (args);

  return vc_wire_flags (request, vc_xdr_read_uint (args), VALIDATE, error)
         && define (request, xml, ret, error);
}

static gboolean
undefine (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && vc_guest_undefine (guest, FALSE, error);
}

/* Of what the other flags would remove too, or keep, a guest here has nothing. */
static gboolean
undefine_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint flags = vc_xdr_read_uint (args);

  return guest != NULL && vc_wire_flags (request, flags, 0x7f, error)
         && vc_guest_undefine (guest, (flags & WITH_SAVED) != 0, error);
}

static gboolean
rename_it (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *name = vc_xdr_read_text_or_null (args);

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  if (name == NULL || *name == '\0')
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "a name must not be empty");
  if (!vc_guest_rename (guest, name, error))
    return FALSE;
  vc_xdr_put_int (ret, 0);
  return TRUE;
}

static gboolean
get_xml (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint flags = vc_xdr_read_uint (args);
  guint secure = VC_XML_SECURE | VC_XML_MIGRATABLE;
  g_autofree char *xml = NULL;

  if (guest == NULL || !vc_wire_flags (request, flags, secure | VC_XML_INACTIVE | 4u, error))
    return FALSE;
  if ((flags & secure) != 0 && vc_rpc_client_is_read_only (vc_rpc_request_client (request)))
    return vc_wire_fail (error, VC_WIRE_DENIED, "virDomainGetXMLDesc with secure flag");
  xml = vc_guest_print (guest, flags & (secure | VC_XML_INACTIVE), error);
  if (xml == NULL)
    return FALSE;
  vc_xdr_put_text (ret, xml);
  return TRUE;
}

static gboolean
get_info (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  VcGuestInfo info;
  int reason;

  if (guest == NULL)
    return FALSE;
  vc_guest_get_info (guest, &info);
  vc_xdr_put_uint (ret, vc_guest_state (guest, &reason));
  vc_xdr_put_uhyper (ret, info.max_memory);
  vc_xdr_put_uhyper (ret, info.memory);
  vc_xdr_put_uint (ret, info.vcpus);
  vc_xdr_put_uhyper (ret, info.cpu_ns);
  return TRUE;
}

static gboolean
get_max_memory (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  VcGuestInfo info;

  if (guest == NULL)
    return FALSE;
  vc_guest_get_info (guest, &info);
  vc_xdr_put_uhyper (ret, info.max_memory);
  return TRUE;
}

enum /* how many processors */
{
  AT_MOST = 4,
  IN_GUEST = 8,
};

static gboolean
get_vcpus (VcRpcRequest *request, VcGuest *guest, guint flags, VcXdrWriter *ret, GError **error)
{
  const VcDomain *domain;

  guint most;

  if (!vc_wire_flags (request, flags, 3 | AT_MOST | IN_GUEST, error))
    return FALSE;
  domain = vc_guest_domain (guest, (VcGuestPart) (flags & 3), error);
  if (domain == NULL)
    return FALSE;
  if ((flags & IN_GUEST) != 0)
    return vc_wire_fail (error, VC_WIRE_ARGUMENT_UNSUPPORTED, "QEMU guest agent is not configured");
  most = vc_u32_or (domain->vcpus, 1);
  vc_xdr_put_int (ret, (int) ((flags & AT_MOST) != 0 ? most : vc_u32_or (domain->online, most)));
  return TRUE;
}

static gboolean
get_max_vcpus (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && get_vcpus (request, guest, VC_GUEST_LIVE | AT_MOST, ret, error);
}

static gboolean
get_vcpus_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && get_vcpus (request, guest, vc_xdr_read_uint (args), ret, error);
}

static gboolean
get_state (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  int reason = 0;

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  vc_xdr_put_int (ret, vc_guest_state (guest, &reason));
  vc_xdr_put_int (ret, reason);
  return TRUE;
}

/* Nothing of a guest can be stuck here: every command to QEMU has its deadline. */
static gboolean
get_control_info (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL || vc_guest_domain (guest, VC_GUEST_LIVE, error) == NULL)
    return FALSE;
  vc_xdr_put_uint (ret, 0);
  vc_xdr_put_uint (ret, 0);
  vc_xdr_put_uhyper (ret, 0);
  return TRUE;
}

static gboolean
get_os_type (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (vc_wire_read_guest (request, args, error) == NULL)
    return FALSE;
  vc_xdr_put_text (ret, "hvm");
  return TRUE;
}

static gboolean
get_autostart (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL)
    return FALSE;
  vc_xdr_put_int (ret, vc_guest_autostart (guest));
  return TRUE;
}

static gboolean
set_autostart (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && vc_guest_set_autostart (guest, vc_xdr_read_int (args) != 0, error);
}

static gboolean
is_active (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL)
    return FALSE;
  vc_xdr_put_int (ret, vc_guest_is_active (guest));
  return TRUE;
}

static gboolean
is_persistent (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL)
    return FALSE;
  vc_xdr_put_int (ret, vc_guest_is_persistent (guest));
  return TRUE;
}

static gboolean
is_updated (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL)
    return FALSE;
  vc_xdr_put_int (ret, vc_guest_is_updated (guest));
  return TRUE;
}

/* No labels are put on guests: the host has no security driver here. */
static gboolean
get_label (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (vc_wire_read_guest (request, args, error) == NULL)
    return FALSE;
  vc_xdr_put_chars (ret, "");
  vc_xdr_put_int (ret, FALSE);
  return TRUE;
}

static gboolean
get_labels (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (vc_wire_read_guest (request, args, error) == NULL)
    return FALSE;
  vc_xdr_put_list (ret);
  vc_xdr_end_list (ret);
  vc_xdr_put_int (ret, 0);
  return TRUE;
}

static gboolean
get_messages (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (vc_wire_read_guest (request, args, error) == NULL
      || !vc_wire_flags (request, vc_xdr_read_uint (args), 3, error))
    return FALSE;
  vc_xdr_put_list (ret);
  vc_xdr_end_list (ret);
  return TRUE;
}

static gboolean
get_scheduler (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  if (vc_wire_read_guest (request, args, error) == NULL)
    return FALSE;
  vc_xdr_put_text (ret, "posix");
  vc_xdr_put_int (ret, 0); /* nothing of it can be set */
  return TRUE;
}

static gboolean
get_metadata (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  int what = vc_xdr_read_int (args);
  const char *uri = vc_xdr_read_text_or_null (args);
  guint flags = vc_xdr_read_uint (args);
  g_autoptr (GError) why = NULL;
  g_autofree char *text = NULL;

  if (guest == NULL || !vc_wire_flags (request, flags, 3, error))
    return FALSE;
  if (what < VC_METADATA_DESCRIPTION || what > VC_METADATA_ELEMENT
      || (what == VC_METADATA_ELEMENT) != (uri != NULL))
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "metadata of type %d", what);
  text = vc_guest_get_metadata (guest, (VcMetadata) what, uri, (VcGuestPart) flags, &why);
  if (text != NULL)
    vc_xdr_put_text (ret, text);
  else if (g_error_matches (why, VC_ERROR, VC_ERROR_NOT_FOUND))
    vc_wire_fail (error, VC_WIRE_NO_METADATA, "%s", why->message);
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return text != NULL;
}

static gboolean
set_metadata (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  int what = vc_xdr_read_int (args);
  const char *text = vc_xdr_read_text_or_null (args);
  const char *key = vc_xdr_read_text_or_null (args);
  const char *uri = vc_xdr_read_text_or_null (args);
  guint flags = vc_xdr_read_uint (args);

  if (guest == NULL || !vc_wire_flags (request, flags, 3, error))
    return FALSE;
  if (what < VC_METADATA_DESCRIPTION || what > VC_METADATA_ELEMENT
      || (what == VC_METADATA_ELEMENT) != (uri != NULL)
      || (what == VC_METADATA_ELEMENT && text != NULL && key == NULL))
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "metadata of type %d", what);
  return vc_guest_set_metadata (guest, (VcMetadata) what, text, key, uri, flags, error);
}

/* Nobody waits here for a job that one could look at. */
static gboolean
get_job_info (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL || vc_guest_domain (guest, VC_GUEST_LIVE, error) == NULL)
    return FALSE;
  vc_xdr_put_int (ret, 0);
  for (guint i = 0; i < 11; i++)
    vc_xdr_put_uhyper (ret, 0);
  return TRUE;
}

static gboolean
abort_job (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  if (guest == NULL || vc_guest_domain (guest, VC_GUEST_LIVE, error) == NULL)
    return FALSE;
  return vc_wire_fail (error, VC_WIRE_STATE, "no job is active on the domain");
}

const VcHandlerRow vc_handlers_domain[] = {
  { VC_CALL_DOMAIN_DEFINE_XML, define_xml },
  { VC_CALL_DOMAIN_DEFINE_XML_FLAGS, define_xml_flags },
  { VC_CALL_DOMAIN_UNDEFINE, undefine },
  { VC_CALL_DOMAIN_UNDEFINE_FLAGS, undefine_flags },
  { VC_CALL_DOMAIN_RENAME, rename_it },
  { VC_CALL_DOMAIN_GET_XML_DESC, get_xml },
  { VC_CALL_DOMAIN_GET_INFO, get_info },
  { VC_CALL_DOMAIN_GET_MAX_MEMORY, get_max_memory },
  { VC_CALL_DOMAIN_GET_MAX_VCPUS, get_max_vcpus },
  { VC_CALL_DOMAIN_GET_VCPUS_FLAGS, get_vcpus_flags },
  { VC_CALL_DOMAIN_GET_STATE, get_state },
  { VC_CALL_DOMAIN_GET_CONTROL_INFO, get_control_info },
  { VC_CALL_DOMAIN_GET_OS_TYPE, get_os_type },
  { VC_CALL_DOMAIN_GET_AUTOSTART, get_autostart },
  { VC_CALL_DOMAIN_SET_AUTOSTART, set_autostart },
  { VC_CALL_DOMAIN_IS_ACTIVE, is_active },
  { VC_CALL_DOMAIN_IS_PERSISTENT, is_persistent },
  { VC_CALL_DOMAIN_IS_UPDATED, is_updated },
  { VC_CALL_DOMAIN_GET_SECURITY_LABEL, get_label },
  { VC_CALL_DOMAIN_GET_SECURITY_LABEL_LIST, get_labels },
  { VC_CALL_DOMAIN_GET_MESSAGES, get_messages },
  { VC_CALL_DOMAIN_GET_SCHEDULER_TYPE, get_scheduler },
  { VC_CALL_DOMAIN_GET_METADATA, get_metadata },
  { VC_CALL_DOMAIN_SET_METADATA, set_metadata },
  { VC_CALL_DOMAIN_GET_JOB_INFO, get_job_info },
  { VC_CALL_DOMAIN_ABORT_JOB, abort_job },
  VC_HANDLERS_END,
};
