/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/pki.h"
#include "cli/say.h"

#define USUAL_DAYS 3650u

static const VcField options[]
    = { VC_PKI_DIR_ROW (VcPkiOptions),
        VC_STR (VcPkiOptions, name, "--name NAME", .doc = "name of the CA; without it 'virtcard CA'"),
        VC_U32 (VcPkiOptions, days, "--days DAYS", .min = 1, .max = VC_PKI_MAX_DAYS,
                .doc = "how long it is valid; without it 3650"),
        VC_PKI_RSA_ROW (VcPkiOptions),
        VC_PKI_LIBVIRT_ROW (VcPkiOptions),
        VC_PKI_FORCE_ROW (VcPkiOptions),
        { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  static const char *const key_words = "its key: who has it can make certificates";
  const VcPkiOptions *self = data;
  const char *name = self->name != NULL ? self->name : "virtcard CA";
  g_autoptr (GError) error = NULL;
  g_autoptr (VcTlsPlace) place = vc_pki_place (cli, self->dir);
  g_autoptr (VcPkiFolder) folder
      = place != NULL ? vc_pki_folder_new (place->folder, self->libvirt ? VC_PKI_LIBVIRT : VC_PKI_QEMU)
                      : NULL;
  g_autoptr (VcIssued) issued = folder != NULL ? vc_issue_ca (name, self->rsa ? VC_KEY_RSA : VC_KEY_EC,
                                                              self->days.set ? self->days.value : USUAL_DAYS,
                                                              g_get_real_time () / G_USEC_PER_SEC, &error)
                                               : NULL;
  g_autofree char *until = issued != NULL ? vc_pki_time_print (issued->not_after) : NULL;
  g_autofree char *words = g_strdup_printf ("certificate of CA '%s', until %s", name, until);

  if (error != NULL)
    vc_say ("%s", error->message);
  if (issued == NULL)
    return VC_EXIT_FAILED;

  const VcPkiPut parts[] = { { VC_PKI_CA_KEY, issued->key }, { VC_PKI_CA_CERT, issued->certificate } };
  const char *const what[] = { key_words, words };

  return vc_pki_put_parts (folder, parts, what, G_N_ELEMENTS (parts), place, self->force);
}

const VcCommand vc_command_pki_init = {
  .name = "pki-init",
  .words = "pki init",
  .summary = "make a CA for TLS",
  .about
  = "Makes a certificate authority: ca-cert.pem, which every host gets that is to trust it, and ca-key.pem, "
    "which signs the certificates that virtcard pki server and virtcard pki client make and which stays "
    "here. "
    "A CA that is there is not replaced without --force: what it signed would be worth nothing.",
  .options = options,
  .size = sizeof (VcPkiOptions),
  .run = run,
};
