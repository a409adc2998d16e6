/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "qemu/probe.h"

/* How this works
 *
 *   virtcard-caps 1 SIZE MTIME CTIME MODULES /usr/bin/qemu-system-x86_64\n      the key
 *   binary /usr/bin/...                                                         vc_caps_print
 *
 * A file whose key is not the one expected now, or that is broken anywhere, counts as none and is
 * replaced.  The key holds the form's number: raise it when what is stored changes.
 *
 * A file that somebody else could have written is not read: it decides what QEMU is told.
 *
 * Reading it takes longer than all the rest that is made of a description.  So a process keeps the last
 * answer of each binary, with the same key: two looks at the file system say whether it still holds.
 * It stands here and not with the caller, because it is no more than a faster file: it changes no answer,
 * and who describes a thousand domains need not know that there is something to keep.
 */

#define FORM          1
#define MAX_BYTES     (1024 * 1024)
#define STALE_SECONDS 60 /* then a temporary file was left by somebody who died */

/* Where QEMU's modules are, seen from the folder of the binary. */
static const char *const module_folders[]
    = { "../lib/x86_64-linux-gnu/qemu", "../lib/aarch64-linux-gnu/qemu", "../lib64/qemu", "../lib/qemu" };

static gint64
nanoseconds (struct timespec time)
{
  return (gint64) time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Packages add and remove modules without touching the binary. */
static gint64
modules_changed (const char *binary)
{
  g_autofree char *home = g_path_get_dirname (binary);
  struct stat info;

  for (gsize n = 0; n < G_N_ELEMENTS (module_folders); n++)
    {
      g_autofree char *folder = g_build_filename (home, module_folders[n], NULL);

      if (stat (folder, &info) == 0)
        return nanoseconds (info.st_ctim);
    }
  return 0;
}

static char *
print_key (const char *binary, const struct stat *info)
{
  return g_strdup_printf ("virtcard-caps %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                          " %" G_GINT64_FORMAT " %s\n",
                          FORM, (gint64) info->st_size, nanoseconds (info->st_mtim),
                          nanoseconds (info->st_ctim), modules_changed (binary), binary);
}

static gboolean
is_ours (const struct stat *info)
{
  return S_ISREG (info->st_mode) && (info->st_uid == geteuid () || info->st_uid == 0)
         && (info->st_mode & (S_IWGRP | S_IWOTH)) == 0 && info->st_size > 0 && info->st_size <= MAX_BYTES;
}

static VcCaps *
read_file (const char *path, const char *key)
{
  g_autofree char *text = NULL;
  gsize key_len = strlen (key);
  struct stat info;
  ssize_t got;
  int fd;

  fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  if (fstat (fd, &info) < 0 || !is_ours (&info))
    {
      close (fd);
      return NULL;
    }
  text = g_malloc ((gsize) info.st_size);
  got = read (fd, text, (size_t) info.st_size);
  close (fd);
  if (got != info.st_size || (gsize) got < key_len || memcmp (text, key, key_len) != 0)
    return NULL;
  return vc_caps_read (text + key_len, (gsize) got - key_len, NULL);
}

static gboolean
write_all (int fd, const char *text)
{
  gsize len = strlen (text);

  while (len > 0)
    {
      ssize_t sent = write (fd, text, len);

      if (sent < 0 && errno == EINTR)
        continue;
      if (sent <= 0)
        return FALSE;
      text += sent;
      len -= (gsize) sent;
    }
  return TRUE;
}

/* One name for the temporary file, so that those who die while writing leave one at most.  Whoever
 * finds it taken leaves the writing to the other. */
static void
write_file (const char *folder, const char *path, const char *key, const VcCaps *caps)
{
  g_autofree char *temporary = g_strconcat (path, ".new", NULL);
  g_autofree char *text = vc_caps_print (caps);
  struct stat info;
  gboolean written;
  int fd;

  /* Below a root there is what QEMU's user must find, too. */
  g_mkdir_with_parents (folder, geteuid () == 0 ? 0755 : 0700);
  if (lstat (temporary, &info) == 0 && info.st_mtime < time (NULL) - STALE_SECONDS)
    unlink (temporary);
  fd = open (temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return;
  written = write_all (fd, key) && write_all (fd, text);
  written = close (fd) == 0 && written;
  if (!written || rename (temporary, path) < 0)
    unlink (temporary);
}

typedef struct
{
  char *key;
  VcCaps *caps;
} Known;

static GMutex lock;
static GHashTable *known; /* binary's path -> Known; guarded by lock */

static void
known_free (gpointer data)
{
  Known *self = data;

  g_free (self->key);
  vc_caps_free (self->caps);
  g_free (self);
}

static VcCaps *
recall (const char *binary, const char *key)
{
  const Known *found;
  VcCaps *caps = NULL;

  g_mutex_lock (&lock);
  found = known != NULL ? g_hash_table_lookup (known, binary) : NULL;
  if (found != NULL && strcmp (found->key, key) == 0)
    caps = vc_caps_ref (found->caps);
  g_mutex_unlock (&lock);
  return caps;
}

static void
remember (const char *binary, const char *key, VcCaps *caps)
{
  Known *one = g_new (Known, 1);

  one->key = g_strdup (key);
  one->caps = vc_caps_ref (caps);
  g_mutex_lock (&lock);
  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, known_free);
  g_hash_table_replace (known, g_strdup (binary), one);
  g_mutex_unlock (&lock);
}

void
vc_caps_forget (void)
{
  g_mutex_lock (&lock);
  g_clear_pointer (&known, g_hash_table_unref);
  g_mutex_unlock (&lock);
}

static VcCaps *
find_file (const char *binary, const char *key, const char *cache_folder, GError **error)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, binary, -1);
  g_autofree char *name = g_strdup_printf ("%.16s.caps", sum);
  g_autofree char *path = g_build_filename (cache_folder, name, NULL);
  VcCaps *caps = read_file (path, key);

  if (caps != NULL)
    return caps;
  caps = vc_probe (binary, error);
  if (caps != NULL)
    write_file (cache_folder, path, key, caps);
  return caps;
}

VcCaps *
vc_caps_find (const char *binary, const char *cache_folder, GError **error)
{
  g_autofree char *key = NULL;
  struct stat info;
  VcCaps *caps;

  if (cache_folder == NULL || !g_path_is_absolute (binary))
    return vc_probe (binary, error);
  if (stat (binary, &info) < 0)
    {
      vc_fail_errno (error, errno, "cannot find '%s'", binary);
      return NULL;
    }

  /* The key is taken before the binary is asked: one replaced meanwhile is asked again next time. */
  key = print_key (binary, &info);
  caps = recall (binary, key);
  if (caps != NULL)
    return caps;
  caps = find_file (binary, key, cache_folder, error);
  if (caps != NULL)
    remember (binary, key, caps);
  return caps;
}
