/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "devices/disk.h"
#include "devices/interface.h"
#include "qemu/qmp.h"

/* Numbers about many guests at once, as far as they are known without asking QEMU. */

enum
{
  STATE = 1 << 0,
  CPU = 1 << 1,
  BALLOON = 1 << 2,
  VCPU = 1 << 3,
  INTERFACE = 1 << 4,
  BLOCK = 1 << 5,
  KNOWN_GROUPS = STATE | CPU | BALLOON | VCPU | INTERFACE | BLOCK,
  ALL_GROUPS = (1 << 11) - 1,

  CHOICE = 0xff, /* of guests, as CONNECT_LIST_ALL_DOMAINS has it */
};

#define NOWAIT        (1u << 29)
#define BACKING       (1u << 30)
#define ENFORCE_STATS (1u << 31)

enum /* of DOMAIN_MEMORY_STATS */
{
  MEMORY_SWAP_IN = 0,
  MEMORY_SWAP_OUT = 1,
  MEMORY_MAJOR_FAULT = 2,
  MEMORY_MINOR_FAULT = 3,
  MEMORY_UNUSED = 4,
  MEMORY_AVAILABLE = 5,
  MEMORY_ACTUAL = 6,
  MEMORY_RESIDENT = 7,
  MEMORY_USABLE = 8,
  MEMORY_LAST_UPDATE = 9,
  MEMORY_DISK_CACHES = 10,
  MEMORY_HUGE_ALLOC = 11,
  MEMORY_HUGE_FAIL = 12,
};

static void
put_int (VcXdrWriter *ret, const char *field, int value)
{
  vc_xdr_put_param (ret, &(VcXdrParam){ field, VC_PARAM_INT, .i = value });
}

static void
put_uint (VcXdrWriter *ret, const char *field, guint value)
{
  vc_xdr_put_param (ret, &(VcXdrParam){ field, VC_PARAM_UINT, .u = value });
}

static void
put_ullong (VcXdrWriter *ret, const char *field, guint64 value)
{
  vc_xdr_put_param (ret, &(VcXdrParam){ field, VC_PARAM_ULLONG, .H = value });
}

static guint
count_devices (const VcDomain *domain, const char *element)
{
  guint n = 0;

  for (guint i = 0; domain != NULL && i < domain->devices->len; i++)
    n += strcmp (((const VcDevice *) domain->devices->pdata[i])->kind->element, element) == 0;
  return n;
}

/* The host's own counters, of those cards that it has an interface for. */
static void
put_card (VcXdrWriter *ret, guint number, const VcInterface *card)
{
  static const char *const names[VC_N_COUNTERS]
      = { "rx.bytes", "rx.pkts", "rx.errs", "rx.drop", "tx.bytes", "tx.pkts", "tx.errs", "tx.drop" };
  gint64 numbers[VC_N_COUNTERS];
  char field[32];

  if (card->target == NULL || !vc_interface_is_tap (&card->base))
    return;
  g_snprintf (field, sizeof field, "net.%u.name", number);
  vc_xdr_put_param (ret, &(VcXdrParam){ field, VC_PARAM_STRING, .s = card->target });
  if (!vc_host_counters (card->target, numbers))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_snprintf (field, sizeof field, "net.%u.%s", number, names[i]);
      put_ullong (ret, field, (guint64) MAX (numbers[i], 0));
    }
}

static void
put_cards (VcXdrWriter *ret, const VcDomain *domain)
{
  guint number = 0;

  put_uint (ret, "net.count", count_devices (domain, "interface"));
  for (guint i = 0; domain != NULL && i < domain->devices->len; i++)
    if (vc_is (domain->devices->pdata[i], "interface", NULL))
      put_card (ret, number++, domain->devices->pdata[i]);
}

static void
put_guest (VcXdrWriter *ret, VcGuest *guest, guint groups)
{
  const VcDomain *domain = vc_guest_domain (guest, VC_GUEST_CURRENT, NULL);
  gboolean is_active = vc_guest_is_active (guest);
  VcGuestInfo info;
  int reason = 0;

  vc_guest_get_info (guest, &info);
  vc_wire_put_guest (ret, guest);
  vc_xdr_put_list (ret);
  if (groups & STATE)
    {
      put_int (ret, "state.state", vc_guest_state (guest, &reason));
      put_int (ret, "state.reason", reason);
    }
  if ((groups & CPU) && is_active)
    {
      put_ullong (ret, "cpu.time", info.cpu_ns);
      put_ullong (ret, "cpu.user", info.user_ns);
      put_ullong (ret, "cpu.system", info.system_ns);
    }
  if (groups & BALLOON)
    {
      put_ullong (ret, "balloon.current", info.memory);
      put_ullong (ret, "balloon.maximum", info.max_memory);
      if (is_active)
        put_ullong (ret, "balloon.rss", info.resident);
    }
  if (groups & VCPU)
    {
      put_uint (ret, "vcpu.current", info.vcpus);
      put_uint (ret, "vcpu.maximum", info.max_vcpus);
    }
  if ((groups & INTERFACE) && is_active)
    put_cards (ret, domain);
  if (groups & BLOCK)
    put_uint (ret, "block.count", count_devices (domain, "disk"));
  vc_xdr_end_list (ret);
}

static gboolean
get_all (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcManager *manager = vc_daemon_of (request)->manager;
  guint n = vc_xdr_read_list (args);
  g_autoptr (GPtrArray) guests = g_ptr_array_new ();
  guint groups, flags;

  for (guint i = 0; i < n; i++)
    {
      VcXdrDomain domain;
      char uuid[37];
      VcGuest *guest;

      vc_xdr_read_domain (args, &domain);
      guest = vc_manager_find_uuid (manager, vc_wire_uuid (domain.uuid, uuid), NULL);
      if (guest != NULL) /* one that has gone since it was listed is left out */
        g_ptr_array_add (guests, guest);
    }
  groups = vc_xdr_read_uint (args);
  flags = vc_xdr_read_uint (args);
  if (!vc_wire_flags (request, flags, CHOICE | NOWAIT | BACKING | ENFORCE_STATS, error))
    return FALSE;
  if ((flags & ENFORCE_STATS) != 0 && (groups & ~(guint) KNOWN_GROUPS) != 0)
    return vc_wire_fail (error, VC_WIRE_ARGUMENT_UNSUPPORTED,
                         "Stats types bits 0x%x are not supported by this daemon",
                         groups & ~(guint) KNOWN_GROUPS);
  for (guint i = 0; n == 0 && i < vc_manager_n (manager); i++)
    g_ptr_array_add (guests, vc_manager_nth (manager, i));
  if (groups == 0)
    groups = ALL_GROUPS;
  vc_xdr_put_list (ret);
  for (guint i = 0; i < guests->len; i++)
    if (vc_wire_chooses (guests->pdata[i], flags & CHOICE))
      put_guest (ret, guests->pdata[i], groups);
  vc_xdr_end_list (ret);
  return TRUE;
}

/* Memory, as the guest's driver of the balloon told QEMU last; what it did not tell QEMU says is all ones. */

static const struct
{
  int tag;
  const char *name;
  guint unit; /* the wire's is KiB */
} told[] = {
  { MEMORY_SWAP_IN, "stat-swap-in", 1024 },         { MEMORY_SWAP_OUT, "stat-swap-out", 1024 },
  { MEMORY_MAJOR_FAULT, "stat-major-faults", 1 },   { MEMORY_MINOR_FAULT, "stat-minor-faults", 1 },
  { MEMORY_UNUSED, "stat-free-memory", 1024 },      { MEMORY_AVAILABLE, "stat-total-memory", 1024 },
  { MEMORY_USABLE, "stat-available-memory", 1024 }, { MEMORY_DISK_CACHES, "stat-disk-caches", 1024 },
  { MEMORY_HUGE_ALLOC, "stat-htlb-pgalloc", 1 },    { MEMORY_HUGE_FAIL, "stat-htlb-pgfail", 1 },
};

typedef struct
{
  VcRpcRequest *request;
  guint room;
  guint64 actual, resident;
} Memory;

static void
put_stat (VcXdrWriter *ret, Memory *memory, int tag, guint64 value)
{
  if (memory->room == 0)
    return;
  memory->room--;
  vc_xdr_put_int (ret, tag);
  vc_xdr_put_uhyper (ret, value);
}

/* Without a balloon, or with one that says nothing, what the host sees is all there is. */
static void
on_memory (VcJson *value, const GError *error, gpointer data)
{
  Memory *memory = data;
  VcXdrWriter *ret;
  gint64 number;

  if (value == NULL && !g_error_matches (error, VC_ERROR, VC_ERROR_QEMU)
      && !g_error_matches (error, VC_ERROR, VC_ERROR_NOT_FOUND))
    vc_rpc_answer_error (memory->request, error);
  else
    {
      ret = vc_rpc_begin (memory->request);
      vc_xdr_put_list (ret);
      put_stat (ret, memory, MEMORY_ACTUAL, memory->actual);
      for (gsize i = 0; i < G_N_ELEMENTS (told); i++)
        if (vc_json_int (vc_json_get (value, "stats"), told[i].name, &number) && number >= 0)
          put_stat (ret, memory, told[i].tag, (guint64) number / told[i].unit);
      if (vc_json_int (value, "last-update", &number) && number >= 0)
        put_stat (ret, memory, MEMORY_LAST_UPDATE, (guint64) number);
      put_stat (ret, memory, MEMORY_RESIDENT, memory->resident);
      vc_xdr_end_list (ret);
      vc_rpc_answer (memory->request);
    }
  g_free (memory);
}

static const char *
find_balloon (const VcDomain *domain)
{
  for (guint i = 0; i < domain->devices->len; i++)
    if (vc_is (domain->devices->pdata[i], "memballoon", NULL))
      return ((const VcDevice *) domain->devices->pdata[i])->alias;
  return "none";
}

static gboolean
get_memory (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint room = vc_xdr_read_uint (args);
  const VcDomain *domain;
  g_autofree char *path = NULL;
  VcGuestInfo info;
  Memory *memory;
  VcJson *arguments;

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
      || (domain = vc_guest_domain (guest, VC_GUEST_LIVE, error)) == NULL)
    return FALSE;
  vc_guest_get_info (guest, &info);
  path = g_strconcat ("/machine/peripheral/", find_balloon (domain), NULL);
  memory = g_new (Memory, 1);
  *memory = (Memory){ vc_rpc_keep (request), room, info.memory, info.resident };
  arguments = json_pack ("{s:s, s:s}", "path", path, "property", "guest-stats");
  vc_guest_call (guest, vc_qmp_command ("qom-get", arguments), on_memory, memory);
  return TRUE;
}

const VcHandlerRow vc_handlers_stats[] = {
  { VC_CALL_CONNECT_GET_ALL_DOMAIN_STATS, get_all },
  { VC_CALL_DOMAIN_MEMORY_STATS, get_memory },
  VC_HANDLERS_END,
};
