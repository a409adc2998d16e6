/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resources/open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "host/user.h"
#include "qemu/process.h"
#include "resources/volume.h"

#define IMG_MS 600000u /* what qemu-img may take: it writes tables, not disks */

static gboolean
check_open (int fd, const char *name, struct stat *ret_st, GError **error)
{
  if (fstat (fd, ret_st) < 0)
    return vc_fail_errno (error, errno, "volume '%s'", name);
  return S_ISREG (ret_st->st_mode)
         || vc_fail (error, VC_ERROR_INVALID, "volume '%s' is not a plain file", name);
}

int
vc_open_volume (const char *path, const char *name, int how, struct stat *ret_st, GError **error)
{
  g_autofree char *whole = g_build_filename (path, name, NULL);
  int fd;

  if (!vc_volume_check_name (name, error))
    return -1;
  fd = open (whole, how | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 && errno == ELOOP)
    vc_fail (error, VC_ERROR_INVALID, "volume '%s' is a symbolic link", name);
  else if (fd < 0)
    vc_fail_errno (error, errno, "volume '%s'", name);
  if (fd < 0 || check_open (fd, name, ret_st, error))
    return fd;
  close (fd);
  return -1;
}

/* Returns: how many were read, or -1 with errno. */
static gssize
read_at (int fd, guint8 *buffer, gsize size, off_t at)
{
  gsize len = 0;

  while (len < size)
    {
      ssize_t n = pread (fd, buffer + len, size - len, at + (off_t) len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      len += (gsize) n;
    }
  return (gssize) len;
}

gboolean
vc_open_look (int fd, VcImage *ret_image)
{
  guint8 head[VC_IMAGE_HEAD], iso[sizeof VC_IMAGE_ISO - 1];
  gssize len = read_at (fd, head, sizeof head, 0);
  gssize iso_len = read_at (fd, iso, sizeof iso, VC_IMAGE_ISO_AT);

  if (len < 0 || iso_len < 0)
    return FALSE;
  vc_image_look (head, (gsize) len, iso_len == sizeof iso && memcmp (iso, VC_IMAGE_ISO, sizeof iso) == 0,
                 ret_image);
  return TRUE;
}

static gboolean
wait_for (VcProcess *process, GError **error)
{
  g_autofree char *words = NULL, *end = NULL;
  VcExit how;

  if (!vc_process_wait (process, IMG_MS, &how))
    return vc_fail (error, VC_ERROR_BUSY, "qemu-img was not done after %u s", IMG_MS / 1000);
  if (!how.signalled && how.code == 0)
    return TRUE;
  words = vc_process_words (process);
  end = vc_exit_print (&how);
  return vc_fail (error, VC_ERROR_FAILED, "qemu-img %s%s%s", end, words != NULL ? ": " : "",
                  words != NULL ? words : "");
}

static int
become (gconstpointer who)
{
  return vc_user_become (who);
}

gboolean
vc_qemu_img (int fd, const char *const *words, guint64 size, GError **error)
{
  g_autofree char *program = g_find_program_in_path ("qemu-img");
  g_autofree char *file = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VcProcess) process = NULL;
  struct stat st;
  gid_t group;
  VcUser owner = { .groups = &group, .n_groups = 1 };
  VcSpawn how = { VC_SPAWN_INIT, .fds = &fd, .n_fds = 1, .bound = TRUE, .become = become, .who = &owner };

  if (fstat (fd, &st) < 0)
    return vc_fail_errno (error, errno, "qemu-img");
  owner.uid = st.st_uid;
  owner.gid = group = st.st_gid;
  owner.self = getuid () != 0 || st.st_uid == 0;
  if (program == NULL)
    return vc_fail (error, VC_ERROR_UNSUPPORTED, "qemu-img is not installed (Debian: qemu-utils)");
  g_ptr_array_add (argv, program);
  for (; *words != NULL; words++)
    g_ptr_array_add (argv, (gpointer) *words);
  g_ptr_array_add (argv, file);
  g_ptr_array_add (argv, bytes);
  g_ptr_array_add (argv, NULL);
  how.argv = (const char *const *) argv->pdata;
  process = vc_process_new (&how, context, NULL, NULL, error);
  return process != NULL && wait_for (process, error);
}
