/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "devices/disk.h"
#include "qemu/qmp.h"

/* Numbers about a guest's disks, which are named by target or source. */

#define QCOW2_MAGIC 0x514649fbu

typedef struct
{
  VcRpcRequest *request;
  char *alias; /* of the disk; NULL: all of them */
  void (*put) (VcXdrWriter *ret, const VcJson *found);
} Asked;

static const VcDevice *
find_disk (const VcDomain *domain, const char *name, GError **error)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];

      if (vc_is (dev, "disk", NULL)
          && (g_strcmp0 (vc_disk_target (dev), name) == 0 || g_strcmp0 (vc_disk_path (dev), name) == 0))
        return dev;
    }
  vc_wire_fail (error, VC_WIRE_INVALID_ARG, "invalid path: %s", name);
  return NULL;
}

/* QEMU names the device that has an image by its id, or by where it stands. */
static gboolean
is_of (const VcJson *entry, const char *alias)
{
  const char *qdev = vc_json_str (entry, "qdev");
  g_auto (GStrv) words = NULL;

  if (qdev == NULL || alias == NULL)
    return qdev != NULL;
  words = g_strsplit (qdev, "/", -1);
  return g_strv_contains ((const char *const *) words, alias);
}

/* Those of a disk, or of all; NULL with error. */
static VcJson *
find_entries (const VcJson *value, const char *alias, const GError *failure, GError **error)
{
  g_autoptr (json_t) found = json_array ();

  if (value == NULL)
    {
      g_propagate_error (error, g_error_copy (failure));
      return NULL;
    }
  for (gsize i = 0; i < json_array_size (value); i++)
    if (is_of (json_array_get (value, i), alias))
      json_array_append (found, json_array_get (value, i));
  if (alias != NULL && json_array_size (found) == 0)
    {
      vc_wire_fail (error, VC_WIRE_INTERNAL, "QEMU has no disk '%s'", alias);
      return NULL;
    }
  return g_steal_pointer (&found);
}

static void
on_answer (VcJson *value, const GError *error, gpointer data)
{
  Asked *asked = data;
  g_autoptr (GError) why = NULL;
  g_autoptr (json_t) found = find_entries (value, asked->alias, error, &why);

  if (found == NULL)
    vc_rpc_answer_error (asked->request, why);
  else
    {
      asked->put (vc_rpc_begin (asked->request), found);
      vc_rpc_answer (asked->request);
    }
  g_free (asked->alias);
  g_free (asked);
}

static void
ask (VcRpcRequest *request, VcGuest *guest, const char *command, const VcDevice *disk,
     void (*put) (VcXdrWriter *ret, const VcJson *found))
{
  Asked *asked = g_new (Asked, 1);

  *asked = (Asked){ vc_rpc_keep (request), g_strdup (disk != NULL ? disk->alias : NULL), put };
  vc_guest_call (guest, vc_qmp_command (command, NULL), on_answer, asked);
}

/* Statistics */

static gint64
sum (const VcJson *found, const char *name)
{
  gint64 total = 0;

  for (gsize i = 0; i < json_array_size (found); i++)
    {
      gint64 one = 0;

      vc_json_int (vc_json_get (json_array_get (found, i), "stats"), name, &one);
      total += one;
    }
  return total;
}

static const struct
{
  const char *field, *name;
} numbers[] = {
  { "rd_operations", "rd_operations" },
  { "rd_bytes", "rd_bytes" },
  { "rd_total_times", "rd_total_time_ns" },
  { "wr_operations", "wr_operations" },
  { "wr_bytes", "wr_bytes" },
  { "wr_total_times", "wr_total_time_ns" },
  { "flush_operations", "flush_operations" },
  { "flush_total_times", "flush_total_time_ns" },
};

static void
put_params (VcXdrWriter *ret, const VcJson *found)
{
  vc_xdr_put_list (ret);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    vc_xdr_put_param (ret,
                      &(VcXdrParam){ numbers[i].field, VC_PARAM_LLONG, .h = sum (found, numbers[i].name) });
  vc_xdr_end_list (ret);
  vc_xdr_put_int (ret, 0);
}

static void
put_stats (VcXdrWriter *ret, const VcJson *found)
{
  vc_xdr_put_hyper (ret, sum (found, "rd_operations"));
  vc_xdr_put_hyper (ret, sum (found, "rd_bytes"));
  vc_xdr_put_hyper (ret, sum (found, "wr_operations"));
  vc_xdr_put_hyper (ret, sum (found, "wr_bytes"));
  vc_xdr_put_hyper (ret, -1); /* errors: not counted */
}

/* name "": all disks. */
static gboolean
ask_stats (VcRpcRequest *request, VcGuest *guest, const char *name,
           void (*put) (VcXdrWriter *ret, const VcJson *found), GError **error)
{
  const VcDomain *domain = vc_guest_domain (guest, VC_GUEST_LIVE, error);
  const VcDevice *disk = NULL;

  if (domain == NULL || (*name != '\0' && (disk = find_disk (domain, name, error)) == NULL))
    return FALSE;
  ask (request, guest, "query-blockstats", disk, put);
  return TRUE;
}

static gboolean
get_stats (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);

  return guest != NULL && ask_stats (request, guest, vc_xdr_read_text (args), put_stats, error);
}

static gboolean
get_stats_flags (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *name = vc_xdr_read_text (args);
  int room = vc_xdr_read_int (args);
  const VcDomain *domain;

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args) & ~4u, 0, error))
    return FALSE;
  if (room >= (int) G_N_ELEMENTS (numbers))
    return ask_stats (request, guest, name, put_params, error);
  if (room > 0)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "room for %d numbers, and there are %zu", room,
                         G_N_ELEMENTS (numbers));
  domain = vc_guest_domain (guest, VC_GUEST_LIVE, error);
  if (domain == NULL || (*name != '\0' && find_disk (domain, name, error) == NULL))
    return FALSE;
  vc_xdr_put_list (ret); /* only how many there are is asked */
  vc_xdr_end_list (ret);
  vc_xdr_put_int (ret, (int) G_N_ELEMENTS (numbers));
  return TRUE;
}

/* Sizes: a thread asks the file system, which may answer late, or never. */

typedef struct
{
  VcDaemon *daemon;
  VcRpcRequest *request; /* while QEMU is asked         */
  char *alias;           /* of a disk of what runs      */
  char *path;            /* of its image, or NULL       */
  gboolean is_qcow2;     /* of one that nobody runs     */
  guint64 allocation, capacity, physical;
} Image;

static void
image_free (gpointer data)
{
  Image *image = data;

  g_free (image->alias);
  g_free (image->path);
  g_free (image);
}

static gboolean
put_image (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error)
{
  const Image *image = data;

  vc_xdr_put_uhyper (ret, image->allocation);
  vc_xdr_put_uhyper (ret, image->capacity);
  vc_xdr_put_uhyper (ret, image->physical);
  return TRUE;
}

/* What QEMU does not tell. */
static gboolean
find_length (gpointer data, GError **error)
{
  Image *image = data;
  struct stat st;

  image->physical = image->path != NULL && stat (image->path, &st) == 0 && S_ISREG (st.st_mode)
                        ? (guint64) st.st_size
                        : image->capacity;
  return TRUE;
}

/* What an image that nobody runs says of itself. */
static gboolean
read_image (gpointer data, GError **error)
{
  Image *image = data;
  int fd = open (image->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct
  {
    guint32 magic, version;
    guint64 backing;
    guint32 backing_size, cluster_bits;
    guint64 size;
  } head = { 0 };
  struct stat st;
  gssize n;

  if (fd < 0)
    return vc_fail_errno (error, errno, "cannot open '%s'", image->path);
  if (fstat (fd, &st) < 0 || (!S_ISREG (st.st_mode) && !S_ISBLK (st.st_mode)))
    {
      close (fd);
      return vc_fail (error, VC_ERROR_FAILED, "'%s' is no file and no block device", image->path);
    }
  n = pread (fd, &head, sizeof head, 0);
  image->physical = S_ISREG (st.st_mode) ? (guint64) st.st_size : (guint64) lseek (fd, 0, SEEK_END);
  close (fd);
  if (image->is_qcow2 && (n != sizeof head || GUINT32_FROM_BE (head.magic) != QCOW2_MAGIC))
    return vc_fail (error, VC_ERROR_FAILED, "'%s' is no qcow2 image", image->path);
  image->allocation = S_ISREG (st.st_mode) ? (guint64) st.st_blocks * 512 : image->physical;
  image->capacity = image->is_qcow2 ? GUINT64_FROM_BE (head.size) : image->physical;
  return TRUE;
}

static void
on_image (VcJson *value, const GError *error, gpointer data)
{
  static const VcJob job = { find_length, put_image, image_free };
  Image *image = data;
  VcRpcRequest *request = g_steal_pointer (&image->request);
  g_autoptr (GError) why = NULL;
  g_autoptr (json_t) found = find_entries (value, image->alias, error, &why);
  const VcJson *known;
  gint64 capacity = 0, allocation;

  if (found == NULL)
    {
      vc_rpc_answer_error (request, why);
      image_free (image);
      return;
    }
  known = vc_json_get (vc_json_get (json_array_get (found, 0), "inserted"), "image");
  vc_json_int (known, "virtual-size", &capacity);
  allocation = capacity;
  vc_json_int (known, "actual-size", &allocation);
  image->capacity = (guint64) capacity;
  image->allocation = (guint64) allocation;
  vc_daemon_work_on (image->daemon, request, &job, image);
}

static gboolean
get_info (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  static const VcJob job = { read_image, put_image, image_free };
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *name = vc_xdr_read_text (args);
  const VcDomain *domain;
  const VcDevice *disk;
  Image *image;

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
      || (domain = vc_guest_domain (guest, VC_GUEST_CURRENT, error)) == NULL)
    return FALSE;
  disk = find_disk (domain, name, NULL);
  if (disk == NULL)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "invalid path %s not assigned to domain", name);
  if (!vc_guest_is_active (guest) && vc_disk_path (disk) == NULL)
    return vc_wire_fail (error, VC_WIRE_INVALID_ARG, "disk '%s' does not currently have a source assigned",
                         name);
  image = g_new0 (Image, 1);
  image->daemon = vc_daemon_of (request);
  image->alias = g_strdup (disk->alias);
  image->path = g_strdup (vc_disk_path (disk));
  image->is_qcow2 = vc_disk_is_qcow2 (disk);
  if (!vc_guest_is_active (guest))
    {
      vc_daemon_work (image->daemon, request, &job, image);
      return TRUE;
    }
  image->request = vc_rpc_keep (request);
  vc_guest_call (guest, vc_qmp_command ("query-block", NULL), on_image, image);
  return TRUE;
}

/* Errors: those after which QEMU stopped the guest. */

typedef struct
{
  VcRpcRequest *request;
  GPtrArray *names; /* alias and target, one after the other */
  guint room;
} Errors;

static int
read_status (const VcJson *found, const char *alias)
{
  for (gsize i = 0; i < json_array_size (found); i++)
    {
      const VcJson *entry = json_array_get (found, i);
      const char *status = is_of (entry, alias) ? vc_json_str (entry, "io-status") : NULL;

      if (g_strcmp0 (status, "failed") == 0)
        return 1;
      if (g_strcmp0 (status, "nospace") == 0)
        return 2;
    }
  return 0;
}

static void
on_status (VcJson *value, const GError *error, gpointer data)
{
  Errors *asked = data;
  VcXdrWriter *ret;
  int n = 0;

  if (value == NULL)
    vc_rpc_answer_error (asked->request, error);
  else
    {
      ret = vc_rpc_begin (asked->request);
      vc_xdr_put_list (ret);
      for (guint i = 0; i + 1 < asked->names->len && (guint) n < asked->room; i += 2)
        {
          int status = read_status (value, asked->names->pdata[i]);

          if (status == 0)
            continue;
          vc_xdr_put_text (ret, asked->names->pdata[i + 1]);
          vc_xdr_put_int (ret, status);
          n++;
        }
      vc_xdr_end_list (ret);
      vc_xdr_put_int (ret, n);
      vc_rpc_answer (asked->request);
    }
  g_ptr_array_unref (asked->names);
  g_free (asked);
}

static gboolean
get_errors (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  guint room = vc_xdr_read_uint (args);
  const VcDomain *domain;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Errors *asked;

  if (guest == NULL || !vc_wire_flags (request, vc_xdr_read_uint (args), 0, error)
      || (domain = vc_guest_domain (guest, VC_GUEST_LIVE, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];

      if (!vc_is (dev, "disk", NULL))
        continue;
      g_ptr_array_add (names, g_strdup (dev->alias));
      g_ptr_array_add (names, g_strdup (vc_disk_target (dev)));
    }
  if (room == 0) /* only how many there can be is asked */
    {
      vc_xdr_put_list (ret);
      vc_xdr_end_list (ret);
      vc_xdr_put_int (ret, (int) names->len / 2);
      return TRUE;
    }
  asked = g_new (Errors, 1);
  *asked = (Errors){ vc_rpc_keep (request), g_steal_pointer (&names), room };
  vc_guest_call (guest, vc_qmp_command ("query-block", NULL), on_status, asked);
  return TRUE;
}

const VcHandlerRow vc_handlers_block[] = {
  { VC_CALL_DOMAIN_BLOCK_STATS, get_stats },
  { VC_CALL_DOMAIN_BLOCK_STATS_FLAGS, get_stats_flags },
  { VC_CALL_DOMAIN_GET_BLOCK_INFO, get_info },
  { VC_CALL_DOMAIN_GET_DISK_ERRORS, get_errors },
  VC_HANDLERS_END,
};
