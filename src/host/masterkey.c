/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/masterkey.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "pki/seal.h"

#define NAME "master-key.aes"

char *
vc_master_key_path (const char *folder)
{
  return g_build_filename (folder, NAME, NULL);
}

static gboolean
fill (int fd, const VcUser *user)
{
  guint8 key[VC_SEAL_KEY];
  gboolean done = vc_seal_random (key, sizeof key, NULL) && write (fd, key, sizeof key) == sizeof key
                  && (user->self || fchown (fd, user->uid, user->gid) == 0);

  explicit_bzero (key, sizeof key);
  return done;
}

gboolean
vc_master_key_make (const char *folder, const VcUser *user, GError **error)
{
  g_autofree char *path = vc_master_key_path (folder);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  int errsv = 0;

  if (fd < 0)
    return vc_fail_errno (error, errno, "cannot make '%s'", path);
  errno = EIO;
  if (!fill (fd, user))
    errsv = errno;
  if (close (fd) < 0 && errsv == 0)
    errsv = errno;
  return errsv == 0 || vc_fail_errno (error, errsv, "cannot write '%s'", path);
}

/* The folder is QEMU's to write to: nothing there is believed to be what we made. */
static gboolean
read_key (const char *folder, guint8 *key, GError **error)
{
  g_autofree char *path = vc_master_key_path (folder);
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  struct stat st;
  gboolean good;

  if (fd < 0)
    return vc_fail_errno (error, errno, "cannot open '%s'", path);
  good = fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size == VC_SEAL_KEY
         && read (fd, key, VC_SEAL_KEY) == VC_SEAL_KEY;
  close (fd);
  return good
         || vc_fail (error, VC_ERROR_INVALID, "'%s' is no master key: no file of %u bytes", path,
                     VC_SEAL_KEY);
}

static gboolean
is_wanting (const VcPlanItem *item)
{
  const VcProp *key;

  if (item->what != VC_Q_OBJECT || g_strcmp0 (vc_props_driver (item->props), "secret") != 0)
    return FALSE;
  key = vc_props_get (item->props, "keyid");
  return key != NULL && *vc_props_get (item->props, "data")->text == '\0';
}

gboolean
vc_master_key_wants (const VcPlan *plan)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    if (is_wanting (vc_plan_nth (plan, n)))
      return TRUE;
  return FALSE;
}

static gboolean
seal_all (const guint8 *key, const char *text, VcPlan *plan, GError **error)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);
      g_auto (VcSealed) sealed = { 0 };

      if (!is_wanting (item))
        continue;
      if (!vc_seal (key, text, strlen (text), &sealed, error))
        return FALSE;
      vc_props_reset_str (item->props, "data", sealed.data);
      vc_props_reset_str (item->props, "iv", sealed.iv);
    }
  return TRUE;
}

gboolean
vc_master_key_seal (const char *folder, const char *text, VcPlan *plan, GError **error)
{
  guint8 key[VC_SEAL_KEY];
  gboolean done = read_key (folder, key, error) && seal_all (key, text, plan, error);

  explicit_bzero (key, sizeof key);
  return done;
}
