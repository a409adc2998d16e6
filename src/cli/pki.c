/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/pki.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/say.h"

#define USUAL_DAYS 730u

VcTlsPlace *
vc_pki_place (const VcCli *cli, const char *dir)
{
  g_autoptr (GError) error = NULL;
  VcTlsPlace *place = vc_tls_place_new (cli->paths, dir, NULL, FALSE, &error);

  if (place == NULL)
    vc_say ("%s", error->message);
  return place;
}

int
vc_pki_put_parts (const VcPkiFolder *folder, const VcPkiPut *parts, const char *const *words, guint n,
                  const VcTlsPlace *place, gboolean force)
{
  gboolean is_qemus = folder->layout == VC_PKI_QEMU && place->user != NULL && !place->user->self;
  const VcPkiStore how = { .replace = force,
                           .uid = is_qemus ? place->user->uid : (uid_t) -1,
                           .gid = is_qemus ? place->user->gid : (gid_t) -1 };
  g_autoptr (GError) error = NULL;

  if (!vc_pki_store (folder, parts, n, &how, &error))
    {
      vc_say ("%s%s", error->message, error->code == VC_ERROR_EXISTS ? "; --force replaces it" : "");
      return VC_EXIT_FAILED;
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *line = g_strdup_printf ("%s: %s\n", folder->files[parts[i].part].path, words[i]);

      if (!vc_put (line))
        return VC_EXIT_FAILED;
    }
  return VC_EXIT_OK;
}

static VcIssued *
issue (const VcPkiFolder *folder, const VcPkiOptions *options, VcPkiEnd end, GError **error)
{
  g_autoptr (GPtrArray) cas = vc_certificates_read (folder->files[VC_PKI_CA_CERT].path, error);
  g_autoptr (VcKey) key = cas != NULL ? vc_key_read (folder->files[VC_PKI_CA_KEY].path, NULL, error) : NULL;

  return key == NULL
             ? NULL
             : vc_issue (cas->pdata[0], key, end, options->names, options->rsa ? VC_KEY_RSA : VC_KEY_EC,
                         options->days.set ? options->days.value : USUAL_DAYS,
                         g_get_real_time () / G_USEC_PER_SEC, error);
}

int
vc_pki_run_issue (const VcCli *cli, const VcPkiOptions *options, VcPkiEnd end)
{
  gboolean server = end == VC_PKI_SERVER;
  g_autoptr (VcTlsPlace) place = vc_pki_place (cli, options->dir);
  g_autoptr (VcPkiFolder) folder
      = place != NULL ? vc_pki_folder_new (place->folder, options->libvirt ? VC_PKI_LIBVIRT : VC_PKI_QEMU)
                      : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VcIssued) issued = folder != NULL ? issue (folder, options, end, &error) : NULL;
  g_autofree char *until = issued != NULL ? vc_pki_time_print (issued->not_after) : NULL;
  g_autofree char *words = g_strdup_printf ("certificate of '%s', until %s", options->names[0], until);
  g_autofree char *dh = issued != NULL ? vc_issue_dh_params (&error) : NULL;
  const char *dh_path = folder != NULL ? folder->files[VC_PKI_DH_PARAMS].path : NULL;

  if (error != NULL)
    vc_say ("%s%s", error->message,
            error->code == VC_ERROR_NOT_FOUND ? "; 'virtcard pki init' makes a CA" : "");
  if (dh == NULL)
    return VC_EXIT_FAILED;

  const VcPkiPut parts[] = { { server ? VC_PKI_SERVER_KEY : VC_PKI_CLIENT_KEY, issued->key },
                             { server ? VC_PKI_SERVER_CERT : VC_PKI_CLIENT_CERT, issued->certificate },
                             { VC_PKI_DH_PARAMS, dh } };
  const char *const what[] = { "its key", words, "Diffie-Hellman parameters" };
  /* One that is there is as good: it holds nothing of its own. */
  gboolean with_dh = server && dh_path != NULL && (options->force || access (dh_path, F_OK) < 0);

  return vc_pki_put_parts (folder, parts, what, with_dh ? 3 : 2, place, options->force);
}

gboolean
vc_pki_say (const GPtrArray *problems, GHashTable *said)
{
  gboolean good = TRUE;

  for (guint i = 0; i < problems->len; i++)
    {
      const VcPkiProblem *problem = problems->pdata[i];

      good = good && problem->is_warning;
      if (g_hash_table_add (said, g_strdup (problem->text)))
        vc_say ("%s", problem->text);
    }
  return good;
}
