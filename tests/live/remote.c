/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <virtcard/virtcard.h>

/* libvirtcard over TLS as programs use it: remote WHAT URI DIR.  DIR has PEM files as libvirt names them. */

static const struct
{
  VirtcardTlsPart part;
  const char *name;
} files[] = {
  { VIRTCARD_TLS_CA_CERTIFICATE, "cacert.pem" },
  { VIRTCARD_TLS_CA_CRL, "cacrl.pem" },
  { VIRTCARD_TLS_CLIENT_CERTIFICATE, "clientcert.pem" },
  { VIRTCARD_TLS_CLIENT_KEY, "clientkey.pem" },
};

static void
fail (const GError *error)
{
  printf ("error %d: %s\n", error->code, error->message);
  exit (1);
}

/* Parts that are there, as bytes or by their paths. */
static VirtcardTls *
read_parts (const char *folder, gboolean by_path)
{
  VirtcardTls *tls = virtcard_tls_new ();

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i].name, NULL);
      g_autoptr (GError) error = NULL;
      g_autofree char *pem = NULL;
      gsize len = 0;

      if (!g_file_get_contents (path, &pem, &len, NULL))
        continue;
      if (by_path)
        virtcard_tls_set_file (tls, files[i].part, path, &error);
      else
        virtcard_tls_set_data (tls, files[i].part, pem, len, &error);
      if (error != NULL)
        fail (error);
    }
  return tls;
}

static VirtcardDecision
show (const VirtcardCertificate *certificate, gpointer data)
{
  const char *const *at;

  printf ("subject %s\nissuer %s\n", virtcard_certificate_subject (certificate),
          virtcard_certificate_issuer (certificate));
  for (at = virtcard_certificate_names (certificate); *at != NULL; at++)
    printf ("name %s\n", *at);
  printf ("valid %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", virtcard_certificate_not_before (certificate),
          virtcard_certificate_not_after (certificate));
  printf ("fingerprint %s\nfaults %u\n", virtcard_certificate_fingerprint (certificate),
          virtcard_certificate_faults (certificate));
  for (at = virtcard_certificate_problems (certificate); *at != NULL; at++)
    printf ("problem %s\n", *at);
  return *(const gboolean *) data ? VIRTCARD_DECISION_ONCE : VIRTCARD_DECISION_REJECT;
}

static void
list (VirtcardConnect *connect)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) domains = virtcard_connect_list (connect, 0, &error);

  if (domains == NULL)
    fail (error);
  for (guint i = 0; i < domains->len; i++)
    printf ("domain %s\n", virtcard_domain_name (domains->pdata[i]));
}

static void
on_close (VirtcardConnect *connect, const GError *error, gpointer data)
{
  printf ("closed %d: %s\n", error->code, error->message);
  *(gboolean *) data = TRUE;
}

static void
wait_for_end (VirtcardConnect *connect)
{
  gboolean is_over = FALSE;

  virtcard_connect_watch (connect, on_close, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

/* Calls until one fails. */
static void
call_until_end (VirtcardConnect *connect)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  while ((text = virtcard_connect_get_capabilities (connect, &error)) != NULL)
    g_clear_pointer (&text, g_free);
  printf ("call %d: %s\n", error->code, error->message);
}

int
main (int argc, char **argv)
{
  const char *what = argc == 4 ? argv[1] : "";
  gboolean accepts = strcmp (what, "accept") == 0;
  g_autoptr (VirtcardTls) tls = NULL;
  g_autoptr (VirtcardConnect) connect = NULL;
  g_autoptr (GError) error = NULL;

  if (argc != 4)
    return 2;
  setvbuf (stdout, NULL, _IOLBF, 0);
  tls = read_parts (argv[3], strcmp (what, "files") == 0);
  if (accepts || strcmp (what, "reject") == 0)
    virtcard_tls_set_policy (tls, VIRTCARD_POLICY_ASK_ALWAYS, show, &accepts);
  if (strcmp (what, "impatient") == 0)
    virtcard_tls_set_timeout (tls, 1);
  if (strcmp (what, "wait") == 0 || strcmp (what, "call") == 0)
    virtcard_tls_set_keepalive (tls, 1, 2);
  connect = virtcard_connect_open_tls (argv[2], 0, tls, &error);
  if (connect == NULL)
    fail (error);
  g_clear_pointer (&tls, virtcard_tls_free);
  printf ("open\n");
  if (strcmp (what, "wait") == 0)
    wait_for_end (connect);
  else if (strcmp (what, "call") == 0)
    call_until_end (connect);
  else
    list (connect);
  return 0;
}
