/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A folder of certificates as it may come: one file of any bytes, in each place of an otherwise good one. */
#include <string.h>

#include "pki/crl.h"
#include "pki/issue.h"

#define NOW G_GINT64_CONSTANT (1800000000)

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

static VcIssued *ca, *server, *client;

static void
set_up (void)
{
  char *const names[] = { (char *) "localhost", NULL };
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (VcKey) key = NULL;

  ca = vc_issue_ca ("CA", VC_KEY_EC, 1000, NOW, NULL);
  list = vc_certificates_read_text (ca->certificate, strlen (ca->certificate), "c", NULL);
  key = vc_key_read_text (ca->key, strlen (ca->key), NULL, "k", NULL);
  server = vc_issue (list->pdata[0], key, VC_PKI_SERVER, names, VC_KEY_EC, 100, NOW, NULL);
  client = vc_issue (list->pdata[0], key, VC_PKI_CLIENT, names, VC_KEY_EC, 100, NOW, NULL);
}

static VcPkiFolder *
get_good (void)
{
  VcPkiFolder *folder = vc_pki_folder_new ("/d", VC_PKI_QEMU);

  vc_pki_folder_set (folder, VC_PKI_CA_CERT, ca->certificate, strlen (ca->certificate), 0600);
  vc_pki_folder_set (folder, VC_PKI_SERVER_CERT, server->certificate, strlen (server->certificate), 0600);
  vc_pki_folder_set (folder, VC_PKI_SERVER_KEY, server->key, strlen (server->key), 0600);
  vc_pki_folder_set (folder, VC_PKI_CLIENT_CERT, client->certificate, strlen (client->certificate), 0600);
  vc_pki_folder_set (folder, VC_PKI_CLIENT_KEY, client->key, strlen (client->key), 0600);
  return folder;
}

static void
check (const VcPkiFolder *folder)
{
  g_autoptr (GPtrArray) problems = vc_pki_problems_new ();

  for (int end = VC_PKI_SERVER; end <= VC_PKI_CLIENT; end++)
    {
      g_autoptr (GError) error = NULL;

      g_assert (vc_pki_check (folder, end, NULL, TRUE, NOW, problems, &error) == (error == NULL));
    }
  for (guint i = 0; i < problems->len; i++)
    g_assert (g_utf8_validate (((const VcPkiProblem *) problems->pdata[i])->text, -1, NULL));
}

/* One text with everything in it, as people make them: CA, certificate and key. */
static void
check_whole (const guint8 *bytes, gsize len)
{
  g_autoptr (VcPkiFolder) folder = vc_pki_folder_new ("/d", VC_PKI_QEMU);

  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    vc_pki_folder_set (folder, part, (const char *) bytes, len, 0644);
  check (folder);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  g_autoptr (GPtrArray) certificates = NULL;
  g_autoptr (GPtrArray) crls = NULL;
  g_autoptr (VcPkiFolder) sent = vc_pki_folder_new ("/d", VC_PKI_QEMU);

  if (ca == NULL)
    set_up ();
  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    {
      g_autoptr (VcPkiFolder) folder = get_good ();

      vc_pki_folder_set (folder, part, (const char *) bytes, len, 0600);
      check (folder);
    }
  certificates = vc_certificates_read_text ((const char *) bytes, len, "f", NULL);
  for (guint i = 0; certificates != NULL && i < certificates->len; i++)
    {
      g_autofree char *text = vc_certificate_print (certificates->pdata[i], NOW);

      g_assert (g_utf8_validate (text, -1, NULL));
    }
  crls = vc_crls_read_text ((const char *) bytes, len, "f", NULL);
  for (guint i = 0; crls != NULL && i < crls->len; i++)
    {
      g_autofree char *text = vc_crl_print (crls->pdata[i], NOW);

      g_assert (g_utf8_validate (text, -1, NULL));
    }
  check_whole (bytes, len);
  if (vc_pki_folder_receive (sent, bytes, len))
    check (sent);
  return 0;
}
