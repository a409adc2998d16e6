/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists the guests of another host, with certificates of the program's own, and asks whom to trust.
 *
 *   cc remote.c $(pkg-config --cflags --libs libvirtcard) -o remote
 *   ./remote qemu+tls://cards.example.org/system ~/pki
 *
 * The folder has clientcert.pem and clientkey.pem, and cacert.pem if there is a CA.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <virtcard/auth.h>
#include <virtcard/tls.h>

/* What a stranger wrote is shown without what a terminal would obey. */
static void
print_safe (const char *before, const char *text)
{
  g_autofree char *safe = g_strescape (text, NULL);

  printf ("%s%s\n", before, safe);
}

static char *
ask (const char *question)
{
  char line[1024];

  fputs (question, stdout);
  fflush (stdout);
  return fgets (line, sizeof line, stdin) != NULL ? g_strdup (g_strstrip (line)) : NULL;
}

/* Of a server that neither the CA nor the list of known servers vouches for. */
static VirtcardDecision
on_server (const VirtcardCertificate *certificate, gpointer data)
{
  const char *const *problems = virtcard_certificate_problems (certificate);
  const char *const *names = virtcard_certificate_names (certificate);
  g_autofree char *word = NULL;

  printf ("%s:%u shows a certificate\n", virtcard_certificate_host (certificate),
          virtcard_certificate_port (certificate));
  print_safe ("  of      ", virtcard_certificate_subject (certificate));
  print_safe ("  made by ", virtcard_certificate_issuer (certificate));
  for (guint i = 0; names[i] != NULL; i++)
    print_safe ("  for     ", names[i]);
  for (guint i = 0; problems[i] != NULL; i++)
    print_safe ("  but     ", problems[i]);
  printf ("  its key is %s\n", virtcard_certificate_fingerprint (certificate));
  word = ask ("Is this the right one (yes, once, no)? ");
  if (g_strcmp0 (word, "yes") == 0)
    return VIRTCARD_DECISION_REMEMBER;
  return g_strcmp0 (word, "once") == 0 ? VIRTCARD_DECISION_ONCE : VIRTCARD_DECISION_REJECT;
}

/* Of a server that lets nobody in without a password. */
static char *
on_credential (VirtcardCredential what, const char *user, const char *host, gpointer data)
{
  char *password;
  char *copy;

  if (what == VIRTCARD_CREDENTIAL_USER)
    return ask ("User: ");
  password = getpass ("Password: ");
  if (password == NULL)
    return NULL;
  copy = g_strdup (password);
  explicit_bzero (password, strlen (password));
  return copy;
}

/* From memory: where a program has its certificates from is its own affair. */
static gboolean
give (VirtcardTls *tls, VirtcardTlsPart part, const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *pem = NULL;
  gboolean is_given;
  gsize len;

  if (part == VIRTCARD_TLS_CA_CERTIFICATE && !g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!g_file_get_contents (path, &pem, &len, error))
    return FALSE;
  is_given = virtcard_tls_set_data (tls, part, pem, len, error);
  explicit_bzero (pem, len); /* of the key a copy is enough */
  return is_given;
}

static gboolean
list (VirtcardConnect *connect, GError **error)
{
  g_autoptr (GPtrArray) domains = virtcard_connect_list (connect, 0, error);

  for (guint i = 0; domains != NULL && i < domains->len; i++)
    printf ("%s\n", virtcard_domain_name (domains->pdata[i]));
  if (domains != NULL)
    printf ("%u guests\n", domains->len);
  return domains != NULL;
}

static gboolean
run (const char *uri, const char *folder, GError **error)
{
  g_autoptr (VirtcardTls) tls = virtcard_tls_new ();
  g_autoptr (VirtcardAuth) auth = virtcard_auth_new ();
  g_autoptr (VirtcardConnect) connect = NULL;

  if (!give (tls, VIRTCARD_TLS_CA_CERTIFICATE, folder, "cacert.pem", error)
      || !give (tls, VIRTCARD_TLS_CLIENT_CERTIFICATE, folder, "clientcert.pem", error)
      || !give (tls, VIRTCARD_TLS_CLIENT_KEY, folder, "clientkey.pem", error))
    return FALSE;
  virtcard_tls_set_policy (tls, VIRTCARD_POLICY_ASK, on_server, NULL);
  virtcard_auth_set_callback (auth, on_credential, NULL);
  connect = virtcard_connect_open_auth (uri, 0, tls, auth, error);
  return connect != NULL && list (connect, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 3)
    {
      fprintf (stderr, "usage: remote URI FOLDER\n");
      return 2;
    }
  if (run (argv[1], argv[2], &error))
    return 0;
  fprintf (stderr, "%s\n", error->message);
  return 1;
}
