/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "host/place.h"
#include "host/tap.h"
#include "host/walk.h"

#define BACKLOG 1 /* QEMU takes one peer at a time */

/* A file or socket that was not there before.  Named by its folder's descriptor, and known again by its
 * inode: by the time it is removed somebody may have put another in its place. */
typedef struct
{
  VcWalk at;
  char *path; /* as it was written */
  dev_t dev;
  ino_t ino;
  gboolean is_socket;
} Made;

typedef struct
{
  const VcInterface *card; /* only ever compared */
  char *name;
} Tap;

struct VcFds
{
  const VcUser *user;
  GArray *fds;     /* int */
  GPtrArray *made; /* Made */
  GPtrArray *taps; /* Tap  */
  guint next_set;
};

static void
made_free (gpointer data)
{
  Made *made = data;

  vc_walk_clear (&made->at);
  g_free (made->path);
  g_free (made);
}

static void
tap_free (gpointer data)
{
  Tap *tap = data;

  g_free (tap->name);
  g_free (tap);
}

static gboolean
is_same (const Made *made, const struct stat *st)
{
  return st->st_dev == made->dev && st->st_ino == made->ino;
}

static void
remove_made (const Made *made)
{
  struct stat st;

  if (fstatat (made->at.folder, made->at.name, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_same (made, &st)
      && (made->is_socket || st.st_size == 0))
    unlinkat (made->at.folder, made->at.name, 0);
}

static void
remember (VcFds *fds, VcWalk *at, const char *path, const struct stat *st)
{
  Made *made = g_new0 (Made, 1);

  made->at = *at;
  made->path = g_strdup (path);
  *at = (VcWalk) VC_WALK_INIT;
  made->dev = st->st_dev;
  made->ino = st->st_ino;
  made->is_socket = S_ISSOCK (st->st_mode);
  g_ptr_array_add (fds->made, made);
}

static void
keep (VcFds *fds, VcProp *prop, int fd_taken)
{
  g_array_append_val (fds->fds, fd_taken);
  prop->fd = fd_taken;
}

/* -1 with errno. */
static int
open_file (VcWalk *at, gboolean *ret_is_new)
{
  const int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
  int fd = openat (at->folder, at->name, flags | O_CREAT | O_EXCL, 0600);

  *ret_is_new = fd >= 0;
  if (fd < 0 && errno == EEXIST)
    fd = openat (at->folder, at->name, flags);
  return fd;
}

/* Opened without waiting, because nobody may read from what turns out to be a FIFO; used as usual. */
static gboolean
prepare_file (int fd, const VcProp *prop, struct stat *ret_st)
{
  if (fstat (fd, ret_st) < 0 || fcntl (fd, F_SETFL, O_APPEND) < 0)
    return FALSE;
  return !prop->flag || !S_ISREG (ret_st->st_mode) || ftruncate (fd, 0) == 0;
}

static gboolean
open_prop_file (VcFds *fds, VcProp *prop, GError **error)
{
  g_auto (VcWalk) at = VC_WALK_INIT;
  gboolean is_new = FALSE;
  struct stat st;
  int fd;

  if (!vc_walk (prop->text, &at, error))
    return FALSE;
  fd = open_file (&at, &is_new);
  if (fd < 0 && errno == ENXIO)
    return vc_fail (error, VC_ERROR_FAILED, "nobody reads from '%s'", prop->text);
  if (fd < 0)
    return vc_fail_errno (error, errno, "cannot open '%s'", prop->text);
  keep (fds, prop, fd);
  prop->fdset = ++fds->next_set;
  if (!prepare_file (fd, prop, &st))
    return vc_fail_errno (error, errno, "cannot write to '%s'", prop->text);
  if (is_new)
    remember (fds, &at, prop->text, &st);
  return TRUE;
}

static gboolean
set_address (const char *path, struct sockaddr_un *address)
{
  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  return g_strlcpy (address->sun_path, path, sizeof address->sun_path) < sizeof address->sun_path;
}

gboolean
vc_socket_is_served (const char *path)
{
  struct sockaddr_un address;
  int fd;
  gboolean served;

  if (!set_address (path, &address))
    return FALSE;
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  served = fd >= 0
           && (connect (fd, (struct sockaddr *) &address, sizeof address) == 0 || errno == EAGAIN
               || errno == EPROTOTYPE);
  if (fd >= 0)
    close (fd);
  return served;
}

/* Where others could swap a folder the path goes through the descriptor; elsewhere it is the one that was
 * written, since tools show what was bound. */
static gboolean
choose_address (const VcWalk *at, const char *path, struct sockaddr_un *address)
{
  g_autofree char *firm = g_strdup_printf ("/proc/self/fd/%d/%s", at->folder, at->name);

  return (!at->is_firm && set_address (firm, address)) || set_address (path, address);
}

static gboolean
clear_the_way (const VcWalk *at, const char *path, GError **error)
{
  struct stat st;

  if (fstatat (at->folder, at->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return TRUE; /* binding will say what is wrong, if anything */
  if (!S_ISSOCK (st.st_mode))
    return vc_fail (error, VC_ERROR_EXISTS, "'%s' is there and is no socket", path);
  if (vc_socket_is_served (path))
    return vc_fail (error, VC_ERROR_BUSY, "somebody listens on socket '%s' already", path);
  if (unlinkat (at->folder, at->name, 0) < 0)
    return vc_fail_errno (error, errno, "cannot remove the old socket '%s'", path);
  return TRUE;
}

static gboolean
bind_at (int fd, const VcWalk *at, const char *path, GError **error)
{
  struct sockaddr_un address;
  mode_t before;
  int done;

  if (!choose_address (at, path, &address))
    return vc_fail (error, VC_ERROR_INVALID, "'%s' is too long for a socket's path", path);
  before = umask (0002); /* its group may connect, as under libvirt */
  done = bind (fd, (struct sockaddr *) &address, sizeof address);
  umask (before);
  if (done < 0)
    return vc_fail_errno (error, errno, "cannot make socket '%s'", path);
  return TRUE;
}

/* Through a descriptor, which must turn out to be of a socket: QEMU's user may write to the folder. */
static gboolean
give_away (VcFds *fds, VcWalk *at, const char *path, GError **error)
{
  int node = openat (at->folder, at->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;
  gboolean given;

  if (node < 0)
    return vc_fail_errno (error, errno, "cannot open socket '%s'", path);
  given = fstat (node, &st) == 0 && S_ISSOCK (st.st_mode);
  if (given)
    remember (fds, at, path, &st);
  given
      = given && (fds->user->self || fchownat (node, "", fds->user->uid, fds->user->gid, AT_EMPTY_PATH) == 0);
  close (node);
  return given || vc_fail_errno (error, errno, "cannot give socket '%s' to user %s", path, fds->user->name);
}

static gboolean
open_prop_socket (VcFds *fds, VcProp *prop, GError **error)
{
  g_auto (VcWalk) at = VC_WALK_INIT;
  int fd;

  if (!vc_walk (prop->text, &at, error) || !clear_the_way (&at, prop->text, error))
    return FALSE;
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return vc_fail_errno (error, errno, "cannot make a socket");
  keep (fds, prop, fd);
  if (!bind_at (fd, &at, prop->text, error) || !give_away (fds, &at, prop->text, error))
    return FALSE;
  if (listen (fd, BACKLOG) < 0)
    return vc_fail_errno (error, errno, "cannot listen on socket '%s'", prop->text);
  return TRUE;
}

static gboolean
open_vhost (VcFds *fds, VcProps *props, const VcInterface *card, GError **error)
{
  g_autoptr (GError) why = NULL;
  int fd = vc_tap_open_vhost (card, &why);

  if (why != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  if (fd < 0)
    return TRUE;
  vc_props_bool (props, "vhost", TRUE);
  keep (fds, vc_props_fd (props, "vhostfd", fd), fd);
  return TRUE;
}

static gboolean
open_prop_tap (VcFds *fds, VcProps *props, VcProp *prop, const VcInterface *card, GError **error)
{
  Tap *tap = g_new0 (Tap, 1);
  int fd = vc_tap_open (card, g_str_equal (prop->name, "br") ? prop->text : NULL, &tap->name, error);

  tap->card = card;
  g_ptr_array_add (fds->taps, tap);
  if (fd < 0)
    return FALSE;
  keep (fds, prop, fd);
  return !prop->flag || open_vhost (fds, props, card, error);
}

/* QEMU would cut off what it opens by itself; what was to be cut has been. */
static void
set_append (VcProps *props, const char *file)
{
  const char *name = g_str_equal (file, "logfile") ? "logappend" : "append";
  VcProp *prop = vc_props_get (props, name);

  if (prop != NULL)
    prop->flag = TRUE;
  else
    vc_props_bool (props, name, TRUE);
}

static gboolean
open_props (VcFds *fds, VcProps *props, gconstpointer source, GError **error)
{
  guint n = vc_props_n (props); /* more are added */

  for (guint i = 0; i < n; i++)
    {
      VcProp *prop = vc_props_nth (props, i);

      if (prop->type == VC_PROP_GROUP && !open_props (fds, prop->group, source, error))
        return FALSE;
      if (prop->type == VC_PROP_LISTEN && !open_prop_socket (fds, prop, error))
        return FALSE;
      if (prop->type == VC_PROP_TAP && !open_prop_tap (fds, props, prop, source, error))
        return FALSE;
      if (prop->type == VC_PROP_FILE && !open_prop_file (fds, prop, error))
        return FALSE;
      if (prop->type == VC_PROP_FILE)
        set_append (props, prop->name);
    }
  return TRUE;
}

static VcFds *
new_empty (const VcUser *user)
{
  VcFds *fds = g_new0 (VcFds, 1);

  fds->user = user;
  fds->fds = g_array_new (FALSE, FALSE, sizeof (int));
  fds->made = g_ptr_array_new_with_free_func (made_free);
  fds->taps = g_ptr_array_new_with_free_func (tap_free);
  return fds;
}

VcFds *
vc_fds_find (const char *const *sockets, const VcUser *user)
{
  VcFds *fds = new_empty (user);

  for (; *sockets != NULL; sockets++)
    {
      g_auto (VcWalk) at = VC_WALK_INIT;
      struct stat st;

      if (vc_walk (*sockets, &at, NULL) && fstatat (at.folder, at.name, &st, AT_SYMLINK_NOFOLLOW) == 0
          && S_ISSOCK (st.st_mode))
        remember (fds, &at, *sockets, &st);
    }
  return fds;
}

void
vc_fds_name_taps (const VcFds *fds, GPtrArray *devices)
{
  for (guint i = 0; i < fds->taps->len; i++)
    for (guint j = 0; j < devices->len; j++)
      if (devices->pdata[j] == (gconstpointer) ((const Tap *) fds->taps->pdata[i])->card)
        vc_interface_set_target (devices->pdata[j], ((const Tap *) fds->taps->pdata[i])->name);
}

void
vc_fds_add_sockets (const VcFds *fds, GStrvBuilder *list)
{
  for (guint n = 0; n < fds->made->len; n++)
    if (((const Made *) fds->made->pdata[n])->is_socket)
      g_strv_builder_add (list, ((const Made *) fds->made->pdata[n])->path);
}

VcFds *
vc_fds_open_more (const VcPlan *plan, const VcUser *user, guint *last_set, GError **error)
{
  g_autoptr (VcFds) fds = new_empty (user);

  fds->next_set = *last_set;
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);

      if (item->props != NULL && !open_props (fds, item->props, item->source, error))
        {
          vc_place_prefix (item->source, error);
          vc_fds_undo (fds);
          return NULL;
        }
    }
  *last_set = fds->next_set;
  return g_steal_pointer (&fds);
}

VcFds *
vc_fds_open (const VcPlan *plan, const VcUser *user, GError **error)
{
  guint last_set = 0;

  return vc_fds_open_more (plan, user, &last_set, error);
}

/* From here on only sockets are ever removed: what holds the folders of the others open goes. */
void
vc_fds_join (VcFds *fds, VcFds *more_taken)
{
  vc_fds_close (more_taken);
  for (guint n = more_taken->made->len; n > 0; n--)
    if (!((const Made *) more_taken->made->pdata[n - 1])->is_socket)
      g_ptr_array_remove_index (more_taken->made, n - 1);
  g_ptr_array_extend_and_steal (fds->made, g_steal_pointer (&more_taken->made));
  g_ptr_array_unref (more_taken->taps);
  g_array_unref (more_taken->fds);
  g_free (more_taken);
}

static void
drop_socket (VcFds *fds, const char *path)
{
  for (guint n = fds->made->len; n > 0; n--)
    {
      const Made *made = fds->made->pdata[n - 1];

      if (!made->is_socket || !g_str_equal (made->path, path))
        continue;
      remove_made (made);
      g_ptr_array_remove_index (fds->made, n - 1);
    }
}

void
vc_fds_drop (VcFds *fds, const VcPlan *plan)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcProps *props = vc_plan_nth (plan, n)->props;

      for (guint m = 0; props != NULL && m < vc_props_n (props); m++)
        if (vc_props_nth (props, m)->type == VC_PROP_LISTEN)
          drop_socket (fds, vc_props_nth (props, m)->text);
    }
}

const int *
vc_fds_get (const VcFds *fds, guint *ret_n)
{
  *ret_n = fds->fds->len;
  return (const int *) (gpointer) fds->fds->data;
}

void
vc_fds_close (VcFds *fds)
{
  for (guint n = 0; n < fds->fds->len; n++)
    close (g_array_index (fds->fds, int, n));
  g_array_set_size (fds->fds, 0);
}

void
vc_fds_undo (VcFds *fds)
{
  for (guint n = 0; n < fds->made->len; n++)
    remove_made (fds->made->pdata[n]);
  g_ptr_array_set_size (fds->made, 0);
}

void
vc_fds_leave (VcFds *fds)
{
  if (fds != NULL)
    g_ptr_array_set_size (fds->made, 0);
  vc_fds_free (fds);
}

void
vc_fds_free (VcFds *fds)
{
  if (fds == NULL)
    return;
  vc_fds_close (fds);
  for (guint n = 0; n < fds->made->len; n++)
    if (((const Made *) fds->made->pdata[n])->is_socket)
      remove_made (fds->made->pdata[n]);
  g_ptr_array_unref (fds->made);
  g_ptr_array_unref (fds->taps);
  g_array_unref (fds->fds);
  g_free (fds);
}
