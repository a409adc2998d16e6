/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "daemon/facts.h"
#include "lib/describe.h"

#define ALL -1

static gboolean
get_info (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcHostFacts facts;

  if (!vc_host_facts (&facts, error))
    return FALSE;
  vc_xdr_put_chars (ret, facts.arch);
  vc_xdr_put_uhyper (ret, facts.memory_kib);
  vc_xdr_put_int (ret, (int) facts.cpus);
  vc_xdr_put_int (ret, (int) facts.mhz);
  vc_xdr_put_int (ret, 1);
  vc_xdr_put_int (ret, (int) facts.sockets);
  vc_xdr_put_int (ret, (int) facts.cores);
  vc_xdr_put_int (ret, (int) facts.threads);
  return TRUE;
}

static gboolean
get_free_memory (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcHostMemory memory;

  if (!vc_host_memory (&memory, error))
    return FALSE;
  vc_xdr_put_uhyper (ret, memory.free_kib * 1024);
  return TRUE;
}

/* The host counts as one cell. */
static gboolean
get_cells_free_memory (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  int from = vc_xdr_read_int (args);
  int room = vc_xdr_read_int (args);
  VcHostMemory memory;

  if (from != 0 || room < 1)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "%d cells from %d on, where there is one", room, from);
  if (!vc_host_memory (&memory, error))
    return FALSE;
  vc_xdr_put_list (ret);
  vc_xdr_put_uhyper (ret, memory.free_kib * 1024);
  vc_xdr_end_list (ret);
  return TRUE;
}

/* As many as there is room for; without room only how many there are. */
static gboolean
put_stats (VcXdrWriter *ret, const char *const *names, const guint64 *values, guint n, int room,
           GError **error)
{
  if (room != 0 && room < (int) n)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "there are %u values, and room for %d", n, room);
  vc_xdr_put_list (ret);
  for (guint i = 0; i < n && room != 0; i++)
    {
      vc_xdr_put_text (ret, names[i]);
      vc_xdr_put_uhyper (ret, values[i]);
    }
  vc_xdr_end_list (ret);
  vc_xdr_put_int (ret, room == 0 ? (int) n : 0);
  return TRUE;
}

static gboolean
get_memory_stats (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  static const char *const names[] = { "total", "free", "buffers", "cached" };
  int room = vc_xdr_read_int (args);
  int cell = vc_xdr_read_int (args);
  VcHostMemory memory;

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  if (cell != ALL && cell != 0)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "cell %d of 1", cell);
  if (!vc_host_memory (&memory, error))
    return FALSE;
  return put_stats (ret, names,
                    (guint64[]){ memory.total_kib, memory.free_kib, memory.buffers_kib, memory.cached_kib },
                    4, room, error);
}

static gboolean
get_cpu_stats (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  static const char *const names[] = { "kernel", "user", "idle", "iowait" };
  int cpu = vc_xdr_read_int (args);
  int room = vc_xdr_read_int (args);
  VcHostTimes times;

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  if (!vc_host_times (cpu, &times, error))
    return FALSE;
  return put_stats (ret, names, (guint64[]){ times.system_ns, times.user_ns, times.idle_ns, times.iowait_ns },
                    4, room, error);
}

static gboolean
get_cpu_map (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  gboolean wants_map = vc_xdr_read_int (args) != 0;
  gboolean wants_online = vc_xdr_read_int (args) != 0;
  long all = sysconf (_SC_NPROCESSORS_CONF), online = sysconf (_SC_NPROCESSORS_ONLN);
  g_autoptr (GByteArray) map = g_byte_array_new ();

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  g_byte_array_set_size (map, (guint) (all + 7) / 8);
  memset (map->data, 0, map->len);
  for (long cpu = 0; cpu < all; cpu++)
    if (vc_host_is_online ((guint) cpu))
      map->data[cpu / 8] |= (guint8) (1u << (cpu % 8));
  vc_xdr_put_bytes (ret, map->data, wants_map ? map->len : 0);
  vc_xdr_put_uint (ret, wants_online ? (guint) online : 0);
  vc_xdr_put_int (ret, (int) all);
  return TRUE;
}

/* No security driver labels guests here. */
static gboolean
get_security_model (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_chars (ret, "none");
  vc_xdr_put_chars (ret, "0");
  return TRUE;
}

static gboolean
get_max_vcpus (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *type = vc_xdr_read_text_or_null (args);
  g_autoptr (VcCaps) caps = NULL;
  const VcMachine *machine;

  if (type != NULL && g_ascii_strcasecmp (type, "kvm") != 0 && g_ascii_strcasecmp (type, "qemu") != 0)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "unknown type '%s'", type);
  caps = vc_daemon_emulator (vc_daemon_of (request), NULL, NULL, error);
  if (caps == NULL)
    return FALSE;
  machine = vc_caps_machine (caps, "pc");
  vc_xdr_put_int (ret, machine != NULL ? (int) machine->max_cpus : 1);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
get_cpu_models (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  const char *arch = vc_xdr_read_text (args);
  gboolean wants_names = vc_xdr_read_int (args) != 0;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (VcCaps) caps = NULL;
  GHashTableIter iter;
  gpointer name;

  if (!vc_wire_flags (request, vc_xdr_read_uint (args), 0, error))
    return FALSE;
  if (strcmp (arch, "x86_64") != 0 && strcmp (arch, "i686") != 0)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "cannot find architecture %s", arch);
  caps = vc_daemon_emulator (vc_daemon_of (request), NULL, arch, error);
  if (caps == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, caps->cpus);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, name);
  g_ptr_array_sort (names, compare_names);
  vc_xdr_put_list (ret);
  for (guint i = 0; i < names->len && wants_names; i++)
    vc_xdr_put_text (ret, names->pdata[i]);
  vc_xdr_end_list (ret);
  vc_xdr_put_int (ret, (int) names->len);
  return TRUE;
}

const VcHandlerRow vc_handlers_host[] = {
  { VC_CALL_NODE_GET_INFO, get_info },
  { VC_CALL_NODE_GET_FREE_MEMORY, get_free_memory },
  { VC_CALL_NODE_GET_CELLS_FREE_MEMORY, get_cells_free_memory },
  { VC_CALL_NODE_GET_MEMORY_STATS, get_memory_stats },
  { VC_CALL_NODE_GET_CPU_STATS, get_cpu_stats },
  { VC_CALL_NODE_GET_CPU_MAP, get_cpu_map },
  { VC_CALL_NODE_GET_SECURITY_MODEL, get_security_model },
  { VC_CALL_CONNECT_GET_MAX_VCPUS, get_max_vcpus },
  { VC_CALL_CONNECT_GET_CPU_MODEL_NAMES, get_cpu_models },
  VC_HANDLERS_END,
};
