/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/internal.h"
#include "base/error.h"

typedef struct
{
  VirtcardEventKind kind;
  const char *name;
  VcTell tell;
} Kind;

static const Kind kinds[] = {
  { VIRTCARD_EVENT_LIFECYCLE, "lifecycle", VC_TELL_DOMAIN_LIFECYCLE },
  { VIRTCARD_EVENT_REBOOT, "reboot", VC_TELL_DOMAIN_REBOOT },
  { VIRTCARD_EVENT_BALLOON_CHANGE, "balloon-change", VC_TELL_DOMAIN_BALLOON_CHANGE },
  { VIRTCARD_EVENT_DEVICE_REMOVED, "device-removed", VC_TELL_DOMAIN_DEVICE_REMOVED },
  { VIRTCARD_EVENT_AGENT_LIFECYCLE, "agent-lifecycle", VC_TELL_DOMAIN_AGENT_LIFECYCLE },
  { VIRTCARD_EVENT_DEVICE_ADDED, "device-added", VC_TELL_DOMAIN_DEVICE_ADDED },
  { VIRTCARD_EVENT_DEVICE_REMOVAL_FAILED, "device-removal-failed", VC_TELL_DOMAIN_DEVICE_REMOVAL_FAILED },
  { VIRTCARD_EVENT_METADATA_CHANGE, "metadata-change", VC_TELL_DOMAIN_METADATA_CHANGE },
  { VIRTCARD_EVENT_MONITOR, "monitor", VC_TELL_MONITOR_EVENT },
};

typedef struct
{
  guint number;     /* ours                                    */
  int their_number; /* in what the other side tells            */
  const Kind *kind;
  VirtcardEventFn fn;
  gpointer data;
} Listener;

static const Kind *
find_kind (int kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if ((int) kinds[i].kind == kind)
      return &kinds[i];
  return NULL;
}

const char *
virtcard_event_name (int kind)
{
  const Kind *row = find_kind (kind);

  return row != NULL ? row->name : NULL;
}

static void
put_domain (VcXdrWriter *args, const VirtcardDomain *domain)
{
  vc_xdr_put_optional (args, domain != NULL);
  if (domain != NULL)
    vc_api_domain_put (domain, args);
}

/* Returns: the other side's number, or -1 with error. */
static int
ask_for (VcClient *client, const Kind *kind, const VirtcardDomain *domain, GError **error)
{
  gboolean is_qemus = kind->kind == VIRTCARD_EVENT_MONITOR;
  VcXdrWriter *args = vc_client_begin (client, is_qemus ? VC_CALL_MONITOR_EVENT_REGISTER
                                                        : VC_CALL_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY);
  VcXdrReader *reader;

  if (!is_qemus)
    vc_xdr_put_int (args, (int) kind->kind);
  put_domain (args, domain);
  if (is_qemus)
    {
      vc_xdr_put_text_or_null (args, NULL); /* every event */
      vc_xdr_put_uint (args, 0);
    }
  reader = vc_client_call (client, error);
  return reader != NULL ? vc_xdr_read_int (reader) : -1;
}

guint
virtcard_connect_listen (VirtcardConnect *connect, VirtcardEventKind kind, VirtcardDomain *domain,
                         VirtcardEventFn fn, gpointer data, GError **error)
{
  const Kind *row = find_kind ((int) kind);
  g_autoptr (GError) why = NULL;
  Listener *listener;
  int theirs;

  if (row == NULL)
    {
      vc_fail (error, VC_ERROR_INVALID, "there are no events of kind %d", (int) kind);
      return 0;
    }
  theirs = ask_for (connect->client, row, domain, &why);
  if (why != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return 0;
    }
  listener = g_new (Listener, 1);
  *listener = (Listener){ ++connect->last_listener, theirs, row, fn, data };
  g_ptr_array_add (connect->listeners, listener);
  return listener->number;
}

void
virtcard_connect_unlisten (VirtcardConnect *connect, guint number)
{
  for (guint i = 0; i < connect->listeners->len; i++)
    {
      const Listener *listener = connect->listeners->pdata[i];
      gboolean is_qemus = listener->kind->kind == VIRTCARD_EVENT_MONITOR;
      int theirs = listener->their_number;

      if (listener->number != number)
        continue;
      g_ptr_array_remove_index (connect->listeners, i);
      vc_xdr_put_int (
          vc_client_begin (connect->client, is_qemus ? VC_CALL_MONITOR_EVENT_DEREGISTER
                                                     : VC_CALL_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY),
          theirs);
      vc_client_call (connect->client, NULL); /* nobody is told any more, whatever it answers */
      return;
    }
}

static void
read_rest (VcTell tell, VcXdrReader *body, VirtcardEvent *event)
{
  switch (tell)
    {
    case VC_TELL_DOMAIN_LIFECYCLE:
    case VC_TELL_DOMAIN_AGENT_LIFECYCLE:
      event->event = vc_xdr_read_int (body);
      event->detail = vc_xdr_read_int (body);
      break;
    case VC_TELL_DOMAIN_BALLOON_CHANGE:
      event->number = vc_xdr_read_uhyper (body);
      break;
    case VC_TELL_DOMAIN_METADATA_CHANGE:
      event->event = vc_xdr_read_int (body);
      event->text = vc_xdr_read_text_or_null (body);
      break;
    case VC_TELL_MONITOR_EVENT:
      event->text = vc_xdr_read_text (body);
      event->number = (guint64) vc_xdr_read_hyper (body) * G_USEC_PER_SEC;
      event->number += vc_xdr_read_uint (body);
      event->more = vc_xdr_read_text_or_null (body);
      break;
    case VC_TELL_DOMAIN_DEVICE_REMOVED:
    case VC_TELL_DOMAIN_DEVICE_ADDED:
    case VC_TELL_DOMAIN_DEVICE_REMOVAL_FAILED:
      event->text = vc_xdr_read_text (body);
      break;
    default: /* a reboot has no more to it */
      break;
    }
}

void
vc_api_tell (VirtcardConnect *connect, VcTell tell, VcXdrReader *body)
{
  const Listener *listener = NULL;
  VirtcardEvent event = { 0 };
  VcXdrDomain wire;
  char uuid[37];
  int theirs;

  if (vc_tells[tell].gives[0] != 'i') /* not for one listener: was not asked for */
    return;
  theirs = vc_xdr_read_int (body);
  for (guint i = 0; i < connect->listeners->len && listener == NULL; i++)
    {
      const Listener *one = connect->listeners->pdata[i];

      if (one->kind->tell == tell && one->their_number == theirs)
        listener = one;
    }
  if (listener == NULL)
    return;
  vc_xdr_read_domain (body, &wire);
  vc_api_print_uuid (wire.uuid, uuid);
  event.kind = listener->kind->kind;
  event.name = wire.name;
  event.uuid = uuid;
  event.id = wire.id;
  read_rest (tell, body, &event);
  listener->fn (connect, &event, listener->data);
}
