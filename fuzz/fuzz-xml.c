/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "domain/domain.h"
#include "plan/spell.h"

/* The bytes are a description.  What is accepted must print as something that is accepted too and that, but
 * for the order of controllers that libvirt adds, means the same; and it must have a plan or a reason, on a
 * host without TLS and on one where all is encrypted, on the command line and over QMP. */

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

static const VcCaps *
get_caps (void)
{
  static VcCaps *caps;
  g_autofree char *text = NULL;
  gsize len;

  if (caps == NULL)
    {
      g_assert_true (g_file_get_contents (VC_CAPS, &text, &len, NULL));
      caps = vc_caps_read (text, len, NULL);
    }
  return caps;
}

static void
free_error (gpointer data)
{
  g_error_free (data);
}

/* An error names its place. */
static void
assert_place (const GError *error)
{
  if (!g_str_has_prefix (error->message, "f.xml:") || !g_ascii_isdigit (error->message[6]))
    g_error ("no place: %s", error->message);
}

static VcDomain *
describe (const char *text, gsize len)
{
  g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func (free_error);
  g_autoptr (VcDomain) domain = NULL;
  g_autoptr (VcXml) xml = NULL;
  GError *error = NULL;

  xml = vc_xml_read (text, len, "f.xml", &error);
  if (xml == NULL)
    g_ptr_array_add (errors, error);
  else
    domain = vc_domain_read (xml, errors);
  if (domain != NULL)
    vc_domain_check (domain, get_caps (), errors);
  if (errors->len == 0)
    {
      vc_domain_fill (domain, get_caps ());
      vc_domain_check (domain, get_caps (), errors);
    }
  if (errors->len == 0 && !vc_domain_seat (domain, &error))
    g_ptr_array_add (errors, error);
  vc_domain_sort_errors (errors);
  for (guint i = 0; i < errors->len; i++)
    assert_place (errors->pdata[i]);
  if (errors->len > 0)
    return NULL;
  vc_domain_name_all (domain);
  return g_steal_pointer (&domain);
}

static char *
describe_again (const char *text)
{
  g_autoptr (VcDomain) domain = describe (text, strlen (text));

  if (domain == NULL)
    g_error ("refused what was printed: %s", text);
  return vc_domain_print (domain, VC_PRINT_INACTIVE);
}

/* What can be plugged can be said over QMP, or there is a reason; what can be said can be taken away. */
static void
spell (const VcPlan *plan)
{
  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);
      g_autoptr (GError) error = NULL, why = NULL;
      g_autoptr (json_t) command = NULL, undo = NULL;
      g_autofree char *text = NULL;
      const char *gone;

      if (item->what == VC_Q_WORD)
        continue;
      command = vc_spell_qmp (item, &error);
      g_assert ((command == NULL) == (error != NULL));
      if (command == NULL)
        {
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          continue;
        }
      text = vc_json_print (command);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      if (vc_props_id (item->props) == NULL)
        continue; /* nothing to call it by: there until QEMU ends */
      undo = vc_spell_qmp_undo (item, &gone, &why);
      g_assert_no_error (why);
    }
}

/* Nothing that should be encrypted is not: a connection with credentials has those it names. */
static void
check_tls (const VcPlan *plan)
{
  guint credentials = 0, encrypted = 0;

  for (guint n = 0; n < vc_plan_n (plan); n++)
    {
      const VcPlanItem *item = vc_plan_nth (plan, n);

      if (item->what == VC_Q_OBJECT && g_strcmp0 (vc_props_driver (item->props), "tls-creds-x509") == 0)
        credentials++;
      if (item->what == VC_Q_CHARDEV && vc_props_get (item->props, "tls-creds") != NULL)
        encrypted++;
    }
  g_assert_cmpuint (credentials, ==, encrypted);
}

static void
plan (const VcDomain *domain, const VcTlsFacts *tls)
{
  const VcDomainPlan how
      = { .monitor = "/run/monitor.sock", .channels = "/run/guest", .spice_pki = "/pki", .tls = *tls };
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcPlan) plan = vc_domain_plan (domain, get_caps (), &how, &error);

  if (plan != NULL)
    {
      vc_plan_to_argv (plan, argv, &error);
      spell (plan);
      check_tls (plan);
    }
  if (error != NULL)
    assert_place (error);
}

/* With the host's TLS decided, the description says so to whoever asks, and is accepted again. */
static void
resolve (VcDomain *domain, const VcTlsFacts *tls)
{
  static const VcPrint hows[] = { VC_PRINT_LIVE, VC_PRINT_STATUS, VC_PRINT_MIGRATABLE };

  vc_domain_resolve (domain, tls);
  for (guint n = 0; n < G_N_ELEMENTS (hows); n++)
    {
      g_autofree char *text = vc_domain_print (domain, hows[n]);

      g_free (describe_again (text));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  static const VcTlsFacts off = { 0 };
  static const VcTlsFacts on = { .on = TRUE, .folder = "/etc/pki/qemu", .verify = TRUE, .has_secret = TRUE };
  g_autoptr (VcDomain) domain = describe ((const char *) bytes, len);
  g_autofree char *once = NULL, *twice = NULL, *thrice = NULL;

  if (domain == NULL)
    return 0;
  plan (domain, &off);
  plan (domain, &on);
  once = vc_domain_print (domain, VC_PRINT_INACTIVE);
  twice = describe_again (once);
  thrice = describe_again (twice);
  g_assert_cmpuint (strlen (once), ==, strlen (twice));
  g_assert_cmpstr (twice, ==, thrice);
  resolve (domain, &on);
  return 0;
}
