/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/server.h"

#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/passphrase.h"
#include "cli/say.h"
#include "pki/certificate.h"
#include "pki/fingerprint.h"
#include "pki/peer.h"

#define USUAL_PORT  16514u
#define MAX_ANSWER  256u
#define MAX_ANSWERS 3u
#define QUESTION    "Trust it? (yes: now and from now on; once; no; or its fingerprint) "

/* What its key does not stand in for, once it is remembered. */
#define LASTING                                                                                              \
  (~(guint) (VIRTCARD_FAULT_UNKNOWN_ISSUER | VIRTCARD_FAULT_SELF_SIGNED | VIRTCARD_FAULT_WRONG_NAME          \
             | VIRTCARD_FAULT_NOT_TRUSTED_BEFORE))

/* Names and numbers */

gboolean
vc_server_read (const char *text, char **ret_host, guint *ret_port, GError **error)
{
  gsize len = strlen (text);
  g_autofree char *port_text = NULL;
  guint64 port = 0;

  *ret_port = USUAL_PORT;
  if (len > 2 && text[0] == '[' && text[len - 1] == ']')
    {
      *ret_host = g_strndup (text + 1, len - 2);
      return TRUE;
    }
  if (len > 0 && (g_hostname_is_ip_address (text) || strchr (text, ':') == NULL))
    {
      *ret_host = g_strdup (text);
      return TRUE;
    }
  if (!vc_peer_read_address (text, ret_host, &port_text, error))
    return FALSE;
  if (!g_ascii_string_to_unsigned (port_text, 10, 1, 65535, &port, NULL))
    {
      g_clear_pointer (ret_host, g_free);
      return vc_fail (error, VC_ERROR_INVALID, "'%s' is not the number of a port", port_text);
    }
  *ret_port = (guint) port;
  return TRUE;
}

char *
vc_server_print (const char *host, guint port)
{
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

/* Asking */

/* One line, and not a byte more.  Returns: new string, or NULL at the end of the input. */
static char *
read_answer (void)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (;;)
    {
      char byte;
      gssize n = read (STDIN_FILENO, &byte, 1);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return NULL;
      if (byte == '\n')
        return g_strstrip (g_string_free (g_steal_pointer (&line), FALSE));
      if (line->len < MAX_ANSWER)
        g_string_append_c (line, byte);
    }
}

static void
show (const VirtcardCertificate *certificate)
{
  g_autofree char *where
      = vc_server_print (virtcard_certificate_host (certificate), virtcard_certificate_port (certificate));
  g_autofree char *names = g_strjoinv (", ", (char **) virtcard_certificate_names (certificate));
  g_autofree char *begin = vc_pki_time_print (virtcard_certificate_not_before (certificate));
  g_autofree char *end = vc_pki_time_print (virtcard_certificate_not_after (certificate));

  vc_say ("The server %s shows this certificate:", where);
  vc_say ("  subject      %s", virtcard_certificate_subject (certificate));
  vc_say ("  issuer       %s", virtcard_certificate_issuer (certificate));
  vc_say ("  names        %s", *names != '\0' ? names : "(none)");
  vc_say ("  valid        from %s until %s", begin, end);
  vc_say ("  fingerprint  %s", virtcard_certificate_fingerprint (certificate));
  for (const char *const *at = virtcard_certificate_problems (certificate); *at != NULL; at++)
    vc_say ("  problem      %s", *at);
  if ((virtcard_certificate_faults (certificate) & LASTING) != 0)
    vc_say (
        "Whatever you answer, you are asked again for as long as more is wrong with it than its issuer and "
        "names.");
  vc_say (
      "Compare the fingerprint with that on the server, where 'virtcard pki show' tells it, or ask whoever "
      "runs it.");
}

/* Returns: FALSE when the answer says nothing. */
static gboolean
understand (const char *answer, const char *fingerprint, VirtcardDecision *ret_decision)
{
  g_autofree char *pasted = vc_fingerprint_read (answer, NULL);

  if (g_ascii_strcasecmp (answer, "yes") == 0)
    *ret_decision = VIRTCARD_DECISION_REMEMBER;
  else if (g_ascii_strcasecmp (answer, "once") == 0)
    *ret_decision = VIRTCARD_DECISION_ONCE;
  else if (g_ascii_strcasecmp (answer, "no") == 0)
    *ret_decision = VIRTCARD_DECISION_REJECT;
  else if (pasted == NULL)
    return FALSE;
  else if (strcmp (pasted, fingerprint) == 0)
    *ret_decision = VIRTCARD_DECISION_REMEMBER;
  else
    {
      vc_say ("That is another fingerprint: this is not the server you mean.");
      *ret_decision = VIRTCARD_DECISION_REJECT;
    }
  return TRUE;
}

static VirtcardDecision
ask (const VirtcardCertificate *certificate, gpointer data)
{
  VirtcardDecision decision = VIRTCARD_DECISION_REJECT;

  show (certificate);
  /* What was typed, or pasted, before there was a question is no answer to it. */
  tcflush (STDIN_FILENO, TCIFLUSH);
  for (guint i = 0; i < MAX_ANSWERS; i++)
    {
      g_autofree char *answer = NULL;

      if (write (STDERR_FILENO, QUESTION, strlen (QUESTION)) < 0)
        return VIRTCARD_DECISION_REJECT;
      answer = read_answer ();
      if (answer == NULL)
        return VIRTCARD_DECISION_REJECT;
      if (understand (answer, virtcard_certificate_fingerprint (certificate), &decision))
        return decision;
    }
  return VIRTCARD_DECISION_REJECT;
}

/* Nobody is there. */
static VirtcardDecision
refuse (const VirtcardCertificate *certificate, gpointer data)
{
  g_autofree char *where
      = vc_server_print (virtcard_certificate_host (certificate), virtcard_certificate_port (certificate));
  const char *fingerprint = virtcard_certificate_fingerprint (certificate);

  /* A fingerprint would not help. */
  if ((virtcard_certificate_faults (certificate) & LASTING) != 0)
    return VIRTCARD_DECISION_REJECT;
  g_string_printf (
      data,
      "nobody is at a terminal to be asked whether it is the right one. Its fingerprint is %s: when "
      "that is what 'virtcard pki show' tells on the server, --fingerprint %s lets it be spoken to, "
      "and 'virtcard trust add %s %s' from now on",
      fingerprint, fingerprint, where, fingerprint);
  return VIRTCARD_DECISION_REJECT;
}

/* Own key */

static char *
ask_secret (VirtcardSecretKind kind, const char *what, guint flags, gpointer data)
{
  g_autofree char *question = g_strdup_printf (
      "%s%s of %s '%s'%s: ", (flags & VIRTCARD_SECRET_AGAIN) != 0 ? "That was wrong. " : "",
      kind == VIRTCARD_SECRET_PIN ? "PIN" : "Passphrase", kind == VIRTCARD_SECRET_PIN ? "token" : "key", what,
      (flags & VIRTCARD_SECRET_LAST_TRY) != 0 ? " (it is locked when this one is wrong)" : "");
  g_autofree char *safe = vc_say_safe (question, FALSE);

  return vc_passphrase_ask (safe, TRUE, NULL);
}

VirtcardTls *
vc_server_tls (const VcCli *cli, GString *hint, GError **error)
{
  g_autoptr (VirtcardTls) tls = virtcard_tls_new ();
  gboolean is_terminal = isatty (STDIN_FILENO) && isatty (STDERR_FILENO);

  virtcard_tls_set_policy (tls, VIRTCARD_POLICY_ASK, is_terminal ? ask : refuse, hint);
  if (cli->fingerprint != NULL && !virtcard_tls_set_fingerprint (tls, cli->fingerprint, error))
    {
      vc_prefix (error, "--fingerprint: ");
      return NULL;
    }
  virtcard_tls_set_secret (tls, ask_secret, NULL);
  if (cli->passphrase != NULL && !virtcard_tls_set_secret_file (tls, cli->passphrase, error))
    return NULL;
  return g_steal_pointer (&tls);
}
