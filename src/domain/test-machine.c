/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/test-machine.h"

#include <string.h>

const VcCaps *
test_caps (void)
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

char *
test_text (const char *machine, const char *devices)
{
  return g_strdup_printf ("<domain type='qemu'><name>guest</name>"
                          "<uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory>65536</memory>"
                          "<os><type arch='x86_64' machine='%s'>hvm</type></os>\n"
                          "<devices>%s</devices></domain>",
                          machine, devices);
}

static void
free_error (gpointer data)
{
  g_error_free (data);
}

VcDomain *
test_describe (const char *text, GPtrArray **ret_errors)
{
  g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func (free_error);
  g_autoptr (VcDomain) domain = NULL;
  g_autoptr (VcXml) xml = NULL;
  GError *error = NULL;

  xml = vc_xml_read (text, strlen (text), "t.xml", &error);
  g_assert_no_error (error);
  domain = vc_domain_read (xml, errors);
  if (domain != NULL)
    vc_domain_check (domain, test_caps (), errors);
  if (errors->len == 0)
    {
      vc_domain_fill (domain, test_caps ());
      vc_domain_check (domain, test_caps (), errors);
    }
  if (errors->len == 0 && !vc_domain_seat (domain, &error))
    g_ptr_array_add (errors, error);
  vc_domain_sort_errors (errors);
  if (errors->len > 0)
    {
      *ret_errors = g_steal_pointer (&errors);
      return NULL;
    }
  vc_domain_name_all (domain);
  return g_steal_pointer (&domain);
}

VcDomain *
test_seated (const char *machine, const char *devices)
{
  g_autofree char *text = test_text (machine, devices);
  g_autoptr (GPtrArray) errors = NULL;
  VcDomain *domain = test_describe (text, &errors);

  if (domain == NULL)
    g_error ("%s", ((GError *) errors->pdata[0])->message);
  return domain;
}

void
test_refused (const char *machine, const char *devices, const char *message)
{
  g_autofree char *text = test_text (machine, devices);
  g_autoptr (GPtrArray) errors = NULL;
  g_autoptr (VcDomain) domain = test_describe (text, &errors);

  if (domain != NULL)
    g_error ("accepted: %s", devices);
  g_assert_cmpstr (((GError *) errors->pdata[0])->message, ==, message);
  g_assert_cmpuint (errors->len, ==, 1);
}
