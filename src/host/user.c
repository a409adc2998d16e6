/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

/* Where the plain numbers still mean 16-bit ids. */
#ifdef SYS_setresuid32
#define SET_GROUPS SYS_setgroups32
#define SET_GID    SYS_setresgid32
#define SET_UID    SYS_setresuid32
#else
#define SET_GROUPS SYS_setgroups
#define SET_GID    SYS_setresgid
#define SET_UID    SYS_setresuid
#endif

#define FEW_BYTES 4096u /* of an entry of a user or a group */
#define MAX_BYTES (4u * 1024 * 1024)

/* Debian's libvirt runs QEMU as the first; the second is ours and comes with data/virtcard.sysusers. */
static const char *const usual_users[] = { "libvirt-qemu", "virtcard-qemu" };

/* "+12" is a number, "12" may be a name first: libvirt's rule.  (uid_t) -1 means "nobody" to the kernel. */
static gboolean
read_id (const char *text, guint32 *ret_id)
{
  guint64 id;

  if (!g_ascii_string_to_unsigned (*text == '+' ? text + 1 : text, 10, 0, G_MAXUINT32 - 1, &id, NULL))
    return FALSE;
  *ret_id = (guint32) id;
  return TRUE;
}

/* The plain functions share their answer with every other thread.  name NULL: by number. */
static gboolean
find_passwd (const char *name, uid_t uid, struct passwd *ret_entry, char **ret_bytes)
{
  for (gsize size = FEW_BYTES; size <= MAX_BYTES; size *= 4)
    {
      g_autofree char *bytes = g_malloc (size);
      struct passwd *found = NULL;
      int errsv = name != NULL ? getpwnam_r (name, ret_entry, bytes, size, &found)
                               : getpwuid_r (uid, ret_entry, bytes, size, &found);

      if (errsv == ERANGE)
        continue;
      if (found != NULL)
        *ret_bytes = g_steal_pointer (&bytes);
      return found != NULL;
    }
  return FALSE;
}

static gboolean
find_group (const char *name, gid_t *ret_gid)
{
  for (gsize size = FEW_BYTES; size <= MAX_BYTES; size *= 4)
    {
      g_autofree char *bytes = g_malloc (size);
      struct group entry, *found = NULL;

      if (getgrnam_r (name, &entry, bytes, size, &found) == ERANGE)
        continue;
      if (found != NULL)
        *ret_gid = entry.gr_gid;
      return found != NULL;
    }
  return FALSE;
}

static gboolean
get_passwd (const char *user, struct passwd *ret_entry, char **ret_bytes)
{
  guint32 uid;

  return (*user != '+' && find_passwd (user, 0, ret_entry, ret_bytes))
         || (read_id (user, &uid) && find_passwd (NULL, uid, ret_entry, ret_bytes));
}

static gboolean
is_user (const char *user)
{
  g_autofree char *bytes = NULL;
  struct passwd entry;

  return get_passwd (user, &entry, &bytes);
}

static gboolean
get_gid (const char *group, gid_t *ret_gid)
{
  return (*group != '+' && find_group (group, ret_gid)) || read_id (group, ret_gid);
}

static void
add_groups (VcUser *user, const char *name)
{
  int n = 64;

  user->groups = g_new (gid_t, n);
  while (getgrouplist (name, user->gid, user->groups, &n) < 0 && n <= VC_USER_MAX_GROUPS)
    user->groups = g_renew (gid_t, user->groups, n);
  user->n_groups = MIN (n, VC_USER_MAX_GROUPS);
}

VcUser *
vc_user_get (const char *name, const char *group, GError **error)
{
  g_autoptr (VcUser) user = g_new0 (VcUser, 1);
  g_autofree char *bytes = NULL;
  struct passwd known, *entry = get_passwd (name, &known, &bytes) ? &known : NULL;
  guint32 id = 0;

  if (!entry && !read_id (name, &id))
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "there is no user '%s'", name);
  user->uid = entry ? entry->pw_uid : id;
  user->gid = entry ? entry->pw_gid : id;
  user->name = entry ? g_strdup (entry->pw_name) : g_strdup_printf ("+%u", id);
  if (group && !get_gid (group, &user->gid))
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "there is no group '%s'", group);
  if (entry)
    add_groups (user, user->name);
  else
    {
      user->groups = g_memdup2 (&user->gid, sizeof user->gid);
      user->n_groups = 1;
    }
  user->self = geteuid () == user->uid && geteuid () != 0;
  return g_steal_pointer (&user);
}

VcUser *
vc_user_self (void)
{
  VcUser *user = g_new0 (VcUser, 1);
  g_autofree char *bytes = NULL;
  struct passwd known, *entry = find_passwd (NULL, geteuid (), &known, &bytes) ? &known : NULL;
  int n = getgroups (0, NULL);

  user->uid = geteuid ();
  user->gid = getegid ();
  user->name = entry ? g_strdup (entry->pw_name) : g_strdup_printf ("+%u", user->uid);
  user->groups = g_new (gid_t, MAX (n, 0) + 1);
  n = n > 0 ? getgroups (n, user->groups) : 0;
  user->n_groups = MAX (n, 0);
  user->self = TRUE;
  return user;
}

/* FALSE: a group is written that is none. */
static gboolean
check_group (const VcQemuConf *conf, GError **error)
{
  if (!conf || !conf->group)
    return TRUE;
  if (!*conf->group)
    return vc_fail (error, VC_ERROR_INVALID, "%s:%u: 'group' is empty", conf->origin, conf->group_line);
  if (!get_gid (conf->group, &(gid_t){ 0 }))
    return vc_fail (error, VC_ERROR_INVALID, "%s:%u: there is no group '%s'", conf->origin, conf->group_line,
                    conf->group);
  return TRUE;
}

static VcUser *
find_written (const VcQemuConf *conf, GError **error)
{
  if (!*conf->user)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s:%u: 'user' is empty", conf->origin, conf->user_line);
  if (!is_user (conf->user) && !read_id (conf->user, &(guint32){ 0 }))
    return vc_fail_null (error, VC_ERROR_INVALID, "%s:%u: there is no user '%s'", conf->origin,
                         conf->user_line, conf->user);
  return vc_user_get (conf->user, conf->group, error);
}

/* The group of the usual user: what qemu.conf says, else the group of the same name (Debian gives
 * libvirt-qemu the main group kvm and makes a group libvirt-qemu beside it), else its main group. */
static VcUser *
find_usual (const VcQemuConf *conf, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (usual_users); i++)
    {
      const char *name = usual_users[i];

      if (!is_user (name))
        continue;
      if (conf && conf->group)
        return vc_user_get (name, conf->group, error);
      return vc_user_get (name, find_group (name, &(gid_t){ 0 }) ? name : NULL, error);
    }
  return vc_fail_null (
      error, VC_ERROR_FAILED,
      "there is no user to run QEMU as: make one with 'systemd-sysusers virtcard.conf' or "
      "'adduser --system --group --home /nonexistent --no-create-home virtcard-qemu', or name "
      "one as 'user' in qemu.conf");
}

VcUser *
vc_user_find (const VcQemuConf *conf, GError **error)
{
  if (geteuid () != 0)
    return vc_user_self ();
  if (!check_group (conf, error))
    return NULL;
  if (conf && conf->user)
    return find_written (conf, error);
  return find_usual (conf, error);
}

/* The C library's setuid takes a lock and signals threads; after a fork of a threaded program the lock
 * may be held for ever.  The child has one thread, so that the plain calls are enough. */
int
vc_user_become (const VcUser *user)
{
  if (user->self)
    return 0;
  if (syscall (SET_GROUPS, (long) user->n_groups, user->groups) < 0
      || syscall (SET_GID, user->gid, user->gid, user->gid) < 0
      || syscall (SET_UID, user->uid, user->uid, user->uid) < 0)
    return errno;
  return 0;
}

void
vc_user_free (VcUser *user)
{
  if (!user)
    return;
  g_free (user->name);
  g_free (user->groups);
  g_free (user);
}
