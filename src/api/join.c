/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <unistd.h>

#include "api/internal.h"
#include "base/error.h"
#include "base/wipe.h"
#include "client/join.h"
#include "pki/store.h"

#define TIMEOUT_S 30u

/* Where libvirt's clients, and ours, look for them. */
static VcPkiFolder *
find_folder (const char *dir)
{
  g_autofree char *own = g_build_filename (g_get_home_dir (), ".pki", "libvirt", NULL);
  gboolean is_systems = dir == NULL && geteuid () == 0;
  VcPkiFolder *folder = vc_pki_folder_new (dir != NULL  ? dir
                                           : is_systems ? "/etc/pki/libvirt"
                                                        : own,
                                           VC_PKI_LIBVIRT);

  if (is_systems)
    {
      vc_pki_folder_set_path (folder, VC_PKI_CA_CERT, "/etc/pki/CA/cacert.pem");
      vc_pki_folder_set_path (folder, VC_PKI_CLIENT_KEY, "/etc/pki/libvirt/private/clientkey.pem");
    }
  return folder;
}

/* Before the invitation is used up: is there room for what it brings? */
static gboolean
make_room (const VcPkiFolder *folder, gboolean replaces, GError **error)
{
  static const VcPkiPart parts[] = { VC_PKI_CA_CERT, VC_PKI_CLIENT_CERT, VC_PKI_CLIENT_KEY };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      const char *path = folder->files[parts[i]].path;
      g_autofree char *parent = g_path_get_dirname (path);

      if (parts[i] != VC_PKI_CA_CERT && !replaces && access (path, F_OK) == 0)
        return vc_fail (error, VC_ERROR_EXISTS, "%s: exists already", path);
      if (g_mkdir_with_parents (parent, g_str_has_suffix (parent, "/private") ? 0700 : 0755) < 0)
        return vc_fail_errno (error, errno, "%s: cannot be made", parent);
      if (access (parent, W_OK | X_OK) < 0)
        return vc_fail_errno (error, errno, "%s: cannot be written to", parent);
    }
  return TRUE;
}

static gboolean
store (const VcPkiFolder *folder, const VcJoined *joined, const VcKey *key, gboolean has_ca,
       gboolean replaces, GError **error)
{
  char *text = vc_key_print (key, error);
  const VcPkiPut parts[] = { { VC_PKI_CLIENT_KEY, text },
                             { VC_PKI_CLIENT_CERT, joined->certificate },
                             { VC_PKI_CA_CERT, joined->ca } };
  const VcPkiStore how = { .replace = replaces, .uid = (uid_t) -1, .gid = (gid_t) -1 };
  gboolean is_stored = text != NULL && vc_pki_store (folder, parts, has_ca ? 2 : 3, &how, error);

  vc_wipe_text (text);
  return is_stored;
}

static char *
print_uri (const VcToken *token, const char *dir)
{
  VcUri uri = { .place = VC_URI_SYSTEM, .host = token->host, .port = token->port, .pkipath = (char *) dir };

  return vc_uri_print (&uri);
}

/* With all that can be wrong here looked at before. */
static gboolean
join_with (const VcToken *token, const VcPkiFolder *folder, gboolean replaces, GError **error)
{
  const char *ca = folder->files[VC_PKI_CA_CERT].path;
  gboolean has_ca = !replaces && access (ca, F_OK) == 0;
  g_autoptr (GPtrArray) cas = has_ca ? vc_certificates_read (ca, error) : NULL;
  g_autoptr (VcKey) key = NULL;
  g_autoptr (VcJoined) joined = NULL;

  if (has_ca && cas == NULL)
    return FALSE;
  key = vc_key_new (VC_KEY_EC, error);
  joined = key != NULL ? vc_join (token, key, cas, TIMEOUT_S, error) : NULL;
  return joined != NULL && store (folder, joined, key, has_ca, replaces, error);
}

char *
virtcard_join (const char *token, const char *dir, guint flags, GError **error)
{
  g_autofree char *given = dir != NULL ? g_canonicalize_filename (dir, NULL) : NULL;
  g_autoptr (VcToken) read = vc_token_read (token, error);
  g_autoptr (VcPkiFolder) folder = find_folder (given);
  gboolean replaces = (flags & VIRTCARD_JOIN_REPLACE) != 0;

  if (read == NULL || !make_room (folder, replaces, error) || !join_with (read, folder, replaces, error))
    return NULL;
  return print_uri (read, given);
}
