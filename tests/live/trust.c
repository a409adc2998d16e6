/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <virtcard/virtcard.h>

/* Whom libvirtcard trusts, as programs say it: trust URI WORD...
 *
 *   policy=ca|remembered|ask|always   say=reject|once|remember   list=PATH   fingerprint=SHA256:…
 *   ca=PATH cert=PATH key=PATH   parts, none of which is given otherwise
 *   shown    what the server of the connection has shown, when it is open
 */

static VirtcardDecision
answer (const VirtcardCertificate *certificate, gpointer data)
{
  printf ("asked %s:%u %s faults %u\n", virtcard_certificate_host (certificate),
          virtcard_certificate_port (certificate), virtcard_certificate_fingerprint (certificate),
          virtcard_certificate_faults (certificate));
  return *(const VirtcardDecision *) data;
}

static void
fail (const GError *error)
{
  printf ("error %d: %s\n", error->code, error->message);
  exit (1);
}

static guint
find (const char *word, const char *const *words, guint n)
{
  for (guint i = 0; i < n; i++)
    if (strcmp (word, words[i]) == 0)
      return i;
  exit (2);
}

static void
show (const VirtcardConnect *connect)
{
  for (const VirtcardCertificate *at = virtcard_connect_certificate (connect); at != NULL;
       at = virtcard_certificate_signer (at))
    {
      g_autofree char *pem = virtcard_certificate_get_pem (at);

      printf ("shown %s faults %u\n%s", virtcard_certificate_subject (at), virtcard_certificate_faults (at),
              pem);
    }
}

int
main (int argc, char **argv)
{
  static const char *const policies[] = { "ca", "remembered", "ask", "always" };
  static const char *const says[] = { "reject", "once", "remember" };
  static const char *const parts[] = { "ca", "crl", "cert", "key" };
  g_autoptr (VirtcardTls) tls = virtcard_tls_new ();
  g_autoptr (VirtcardConnect) connect = NULL;
  g_autoptr (GError) error = NULL;
  VirtcardPolicy policy = VIRTCARD_POLICY_CA;
  VirtcardDecision decision = VIRTCARD_DECISION_REJECT;
  gboolean is_shown = FALSE;

  setvbuf (stdout, NULL, _IOLBF, 0);
  for (int i = 2; i < argc; i++)
    {
      g_auto (GStrv) halves = g_strsplit (argv[i], "=", 2);
      const char *value = halves[1];

      if (strcmp (halves[0], "policy") == 0)
        policy = find (value, policies, G_N_ELEMENTS (policies));
      else if (strcmp (halves[0], "say") == 0)
        decision = find (value, says, G_N_ELEMENTS (says));
      else if (strcmp (halves[0], "list") == 0)
        virtcard_tls_set_known_servers (tls, value);
      else if (strcmp (halves[0], "fingerprint") == 0)
        virtcard_tls_set_fingerprint (tls, value, &error);
      else if (strcmp (halves[0], "shown") == 0)
        is_shown = TRUE;
      else
        virtcard_tls_set_file (tls, find (halves[0], parts, G_N_ELEMENTS (parts)), value, &error);
      if (error != NULL)
        fail (error);
    }
  virtcard_tls_set_policy (tls, policy, answer, &decision);
  connect = virtcard_connect_open_tls (argv[1], 0, tls, &error);
  if (connect == NULL)
    fail (error);
  g_clear_pointer (&tls, virtcard_tls_free);
  printf ("open\n");
  if (is_shown)
    show (connect);
  return 0;
}
