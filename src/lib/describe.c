/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/describe.h"

#include <string.h>

#include "base/error.h"
#include "devices/interface.h"
#include "devices/smartcard-certificates.h"
#include "host/chardevtls.h"
#include "host/masterkey.h"
#include "host/spicepki.h"
#include "plan/spell.h"
#include "qemu/cache.h"

void
vc_description_free (VcDescription *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->domain, vc_domain_free);
  vc_caps_free (self->caps);
  g_ptr_array_unref (self->warnings);
  g_ptr_array_unref (self->limits);
  g_free (self);
}

static void
free_error (gpointer data)
{
  g_error_free (data);
}

GPtrArray *
vc_describe_new_errors (void)
{
  return g_ptr_array_new_with_free_func (free_error);
}

const char *
vc_describe_emulator (const char *arch)
{
  static const char *const i386[] = { "/usr/bin/qemu-system-i386", "/usr/bin/qemu-system-x86_64", NULL };
  static const char *const x86_64[] = { "/usr/bin/qemu-system-x86_64", NULL };
  const char *const *names = arch != NULL && strcmp (arch, "i686") == 0 ? i386 : x86_64;

  for (guint i = 0; names[i] != NULL; i++)
    if (g_file_test (names[i], G_FILE_TEST_IS_EXECUTABLE))
      return names[i];
  return names[0];
}

static void G_GNUC_PRINTF (3, 4) warn (VcDescription *self, guint line, const char *fmt, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  g_ptr_array_add (self->warnings, g_strdup_printf ("%s:%u: warning: %s", self->domain->origin, line, words));
}

/* The first design of libvirt's smartcards had file names here. */
static void
warn_file_names (VcDescription *self)
{
  for (guint i = 0; i < self->domain->devices->len; i++)
    {
      const VcDevice *dev = self->domain->devices->pdata[i];
      const char *const *names
          = dev->kind == &vc_kind_smartcard_certificates ? vc_smartcard_nicknames (dev) : NULL;

      for (; names != NULL && *names != NULL; names++)
        if (**names == '/')
          warn (self, dev->line,
                "<smartcard>: a <certificate> is a nickname in the NSS database '%s', and '%s' looks like a "
                "file: to import it, "
                "openssl pkcs12 -export -in CERT.pem -inkey KEY.pem -name NICKNAME -out CARD.p12; pk12util "
                "-i CARD.p12 -d sql:%s",
                vc_smartcard_database (dev), *names, vc_smartcard_database (dev));
    }
}

static void
find_caps (VcDescription *self, const VcPaths *paths)
{
  VcDomain *domain = self->domain;
  g_autoptr (GError) error = NULL;

  if (domain->emulator == NULL)
    domain->emulator = g_strdup (vc_describe_emulator (domain->arch));
  if (!g_file_test (domain->emulator, G_FILE_TEST_IS_EXECUTABLE))
    {
      warn (self, vc_domain_line (domain, "emulator"), "<emulator>: '%s' is not installed", domain->emulator);
      return;
    }
  self->caps = vc_caps_find (domain->emulator, paths->caps, &error);
  if (self->caps == NULL)
    warn (self, vc_domain_line (domain, "emulator"), "<emulator>: %s", error->message);
}

/* "FILE:LINE: words" becomes "FILE:LINE: warning: words". */
static void
find_limits (VcDescription *self)
{
  vc_domain_check_machine (self->domain, self->caps, self->limits);
  for (guint i = 0; i < self->limits->len; i++)
    {
      const char *message = ((const GError *) self->limits->pdata[i])->message;
      const char *words = strstr (message, ": <");

      g_ptr_array_add (self->warnings,
                       g_strdup_printf ("%.*s: warning%s", (int) (words - message), message, words));
    }
}

gboolean
vc_describe_fits (const VcDescription *self, GError **error)
{
  if (self->limits->len == 0)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->limits->pdata[0]));
  return FALSE;
}

static VcDescription *
new_description (void)
{
  VcDescription *self = g_new0 (VcDescription, 1);

  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->limits = vc_describe_new_errors ();
  return self;
}

VcDescription *
vc_describe_found (VcNode *node, const VcPaths *paths, GError **error)
{
  g_autoptr (VcDescription) self = new_description ();
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();

  self->domain = vc_domain_read_at (node, errors);
  if (errors->len > 0)
    {
      g_propagate_error (error, g_error_copy (errors->pdata[0]));
      return NULL;
    }
  find_caps (self, paths);
  vc_domain_fill (self->domain, self->caps);
  return vc_domain_seat (self->domain, error) ? g_steal_pointer (&self) : NULL;
}

VcDescription *
vc_describe (const char *text, gsize len, const char *origin, const VcPaths *paths, GPtrArray *errors)
{
  g_autoptr (VcDescription) self = new_description ();
  g_autoptr (VcXml) xml = NULL;
  GError *error = NULL;

  xml = vc_xml_read (text, len, origin, &error);
  if (xml == NULL)
    {
      g_ptr_array_add (errors, error);
      return NULL;
    }
  self->domain = vc_domain_read (xml, errors);
  if (self->domain == NULL)
    return NULL;
  if (errors->len == 0)
    find_caps (self, paths);
  vc_domain_check (self->domain, NULL, errors);
  find_limits (self);
  if (errors->len == 0)
    {
      vc_domain_fill (self->domain, self->caps);
      vc_domain_check (self->domain, NULL, errors); /* what was filled in must fit, too */
    }
  if (errors->len == 0)
    {
      if (!vc_domain_seat (self->domain, &error))
        g_ptr_array_add (errors, error);
    }
  vc_domain_sort_errors (errors);
  if (errors->len > 0)
    return NULL;
  warn_file_names (self);
  return g_steal_pointer (&self);
}

gboolean
vc_describe_as_started (VcDescription *self, const VcPaths *paths, GError **error)
{
  g_autoptr (VcQemuConf) conf = vc_qemu_conf_read (paths->qemu_conf, error);
  VcTlsFacts tls;

  if (conf == NULL)
    return FALSE;
  tls = vc_chardev_tls_facts (conf, NULL);
  vc_domain_name_all (self->domain);
  vc_domain_resolve (self->domain, &tls);
  return TRUE;
}

GPtrArray *
vc_describe_argv (VcDescription *self, const VcPaths *paths, const VcQemuConf *conf, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = vc_paths_get_guest (paths, self->domain->uuid);
  g_autofree char *channels = vc_paths_get_channels (paths, self->domain->uuid);
  g_autofree char *monitor = g_build_filename (folder, "monitor.sock", NULL);
  g_autoptr (VcPlan) plan = NULL;
  g_autofree char *master_key = vc_master_key_path (folder);
  VcDomainPlan how = { .monitor = monitor,
                       .channels = channels,
                       .master_key = master_key,
                       .tls = vc_chardev_tls_facts (conf, NULL) };

  if (conf->spice_tls != VC_TRI_NO)
    how.spice_pki = conf->spice_tls_cert_dir != NULL ? conf->spice_tls_cert_dir : VC_SPICE_PKI;
  if (!vc_describe_fits (self, error))
    return NULL;
  if (self->caps == NULL)
    self->caps = vc_caps_find (vc_describe_emulator (self->domain->arch), paths->caps, error);
  if (self->caps == NULL)
    return NULL;
  for (guint i = 0; i < self->domain->devices->len; i++)
    if (vc_is (self->domain->devices->pdata[i], "interface", NULL))
      vc_interface_show (self->domain->devices->pdata[i]);
  vc_domain_name_all (self->domain);
  plan = vc_domain_plan (self->domain, self->caps, &how, error);
  if (plan == NULL)
    return NULL;
  g_ptr_array_add (argv, g_strdup (self->domain->emulator));
  if (!vc_plan_to_argv (plan, argv, error))
    return NULL;
  g_ptr_array_add (argv, NULL);
  return g_steal_pointer (&argv);
}

static void
quote (GString *out, const char *word)
{
  if (*word != '\0'
      && strspn (word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+:,./@%")
             == strlen (word))
    g_string_append (out, word);
  else
    {
      g_autofree char *quoted = g_shell_quote (word);

      g_string_append (out, quoted);
    }
}

char *
vc_quote_argv (const GPtrArray *argv)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < argv->len && argv->pdata[i] != NULL; i++)
    {
      const char *word = argv->pdata[i];

      if (i > 0)
        g_string_append (out, *word == '-' ? " \\\n" : " ");
      quote (out, word);
    }
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}
