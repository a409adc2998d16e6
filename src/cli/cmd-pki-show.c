/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/wipe.h"
#include "cli/input.h"
#include "cli/say.h"
#include "pki/crl.h"
#include "pki/key.h"

typedef struct
{
  char *file;
} Show;

static const VcField options[]
    = { VC_FILE (Show, file, "[--file] FILE", .flags = VC_REQUIRED,
                 .doc = "certificates, CRLs or a key in PEM form; - is the standard input"),
        { 0 } };

static void
add_certificates (GString *out, const GPtrArray *list, gint64 now)
{
  for (guint i = 0; i < list->len; i++)
    {
      g_autofree char *text = vc_certificate_print (list->pdata[i], now);

      g_string_append_printf (out, "%s%s", out->len > 0 ? "\n" : "", text);
    }
}

static void
add_crls (GString *out, const GPtrArray *list, gint64 now)
{
  for (guint i = 0; i < list->len; i++)
    {
      g_autofree char *text = vc_crl_print (list->pdata[i], now);

      g_string_append_printf (out, "%s%s", out->len > 0 ? "\n" : "", text);
    }
}

/* Its sort only. */
static gboolean
add_key (GString *out, const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (VcKey) key = NULL;

  if (vc_key_is_encrypted (text, len))
    {
      g_string_append_printf (out, "%sprivate key  encrypted\n", out->len > 0 ? "\n" : "");
      return TRUE;
    }
  key = vc_key_read_text (text, len, NULL, origin, error);
  if (key != NULL)
    g_string_append_printf (out, "%sprivate key  %s, not encrypted\n", out->len > 0 ? "\n" : "", key->text);
  return key != NULL;
}

/* What the file has of each sort; where it has nothing, that it has no certificate. */
static gboolean
add_all (GString *out, const char *text, gsize len, const char *origin, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gboolean has_crl = memmem (text, len, "BEGIN X509 CRL", strlen ("BEGIN X509 CRL")) != NULL;
  gboolean has_key = memmem (text, len, "PRIVATE KEY-----", strlen ("PRIVATE KEY-----")) != NULL;
  gboolean has_certificate = memmem (text, len, "CERTIFICATE-----", strlen ("CERTIFICATE-----")) != NULL;
  g_autoptr (GPtrArray) certificates = NULL;
  g_autoptr (GPtrArray) crls = NULL;

  if (has_certificate || (!has_crl && !has_key))
    {
      certificates = vc_certificates_read_text (text, len, origin, error);
      if (certificates == NULL)
        return FALSE;
      add_certificates (out, certificates, now);
    }
  if (has_crl)
    {
      crls = vc_crls_read_text (text, len, origin, error);
      if (crls == NULL)
        return FALSE;
      add_crls (out, crls, now);
    }
  return !has_key || add_key (out, text, len, origin, error);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Show *self = data;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  gsize len = 0;
  char *text = vc_input_read (self->file, &len, &error);
  gboolean good = text != NULL && add_all (out, text, len, vc_input_origin (self->file), &error);

  vc_wipe_free (text, len);
  if (!good)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  return vc_put (out->str) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_pki_show = {
  .name = "pki-show",
  .words = "pki show",
  .summary = "tell what a certificate says",
  .about
  = "Prints a fact a line: whose it is, who signed it, for which names, until when, and what for. Of a "
    "private key only its sort is told.",
  .options = options,
  .size = sizeof (Show),
  .run = run,
};
