/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A folder is a test: tests/cases/<kind>/<case>/ holds in.xml with either
 *
 *   out.xml   what `normalize` prints
 *   argv      the command line
 *   qmp       the same for the first device of the kind when it is plugged in and out again
 *
 * or error, the exact messages.  VC_TEST_UPDATE=1 writes what is missing or different: read it, then. */
#include <glib.h>
#include <string.h>

#include "base/error.h"
#include "domain/domain.h"
#include "plan/spell.h"

static VcCaps *caps;

static char *
read_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

/* Compare with what the file holds; NULL: there must be none. */
static void
compare (const char *folder, const char *name, const char *got)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *want = read_file (folder, name);

  if (g_strcmp0 (want, got) == 0)
    return;
  if (g_getenv ("VC_TEST_UPDATE") != NULL)
    {
      if (got == NULL)
        g_assert_cmpint (remove (path), ==, 0);
      else
        g_assert_true (g_file_set_contents (path, got, -1, NULL));
      return;
    }
  g_test_message ("%s differs; VC_TEST_UPDATE=1 writes it anew", path);
  g_assert_cmpstr (got, ==, want);
}

static char *
join_errors (const GPtrArray *errors)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < errors->len; i++)
    g_string_append_printf (out, "%s\n", ((GError *) errors->pdata[i])->message);
  return g_string_free (out, FALSE);
}

static char *
print_argv (VcDomain *domain, GError **error)
{
  VcDomainPlan how = { .monitor = "/run/virtcard/guest/monitor.sock",
                       .channels = "/run/virtcard/guest",
                       .spice_pki = "/etc/pki/libvirt-spice",
                       .tls = { .folder = "/etc/pki/libvirt-chardev", .verify = TRUE } };
  g_autoptr (VcPlan) plan = vc_domain_plan (domain, caps, &how, error);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  GString *out;

  if (plan == NULL || !vc_plan_to_argv (plan, argv, error))
    return NULL;
  out = g_string_new (NULL);
  for (guint i = 0; i < argv->len; i++)
    g_string_append_printf (out, "%s%s", (char *) argv->pdata[i],
                            i + 1 < argv->len && *(char *) argv->pdata[i + 1] != '-' ? " " : "\n");
  return g_string_free (out, FALSE);
}

static void
add_json (GString *out, VcJson *json_taken)
{
  g_autofree char *text = vc_json_print (json_taken);

  g_string_append_printf (out, "%s\n", text);
  json_decref (json_taken);
}

/* Plugging the first device of the kind in, and out again, backwards. */
static char *
print_qmp (VcDomain *domain, const char *kind)
{
  static const VcTlsFacts tls = { .folder = "/etc/pki/libvirt-chardev", .verify = TRUE };
  VcPlanContext ctx = { .caps = caps,
                        .peers = vc_domain_peers (domain),
                        .channels = "/run/virtcard/guest",
                        .spice_pki = "/etc/pki/libvirt-spice",
                        .tls = &tls };
  g_autoptr (VcPlan) plan = vc_plan_new ();
  const VcDevice *dev = NULL;
  GString *out = g_string_new (NULL);

  for (guint i = 0; dev == NULL && i < domain->devices->len; i++)
    if (strcmp (((VcDevice *) domain->devices->pdata[i])->kind->name, kind) == 0)
      dev = domain->devices->pdata[i];
  if (dev == NULL || !vc_device_plan (dev, &ctx, plan, NULL))
    return g_string_free (out, TRUE);
  for (guint i = 0; i < vc_plan_n (plan); i++)
    {
      VcJson *command = vc_spell_qmp (vc_plan_nth (plan, i), NULL);

      if (command == NULL)
        return g_string_free (out, TRUE); /* only on the command line */
      add_json (out, command);
    }
  for (guint i = vc_plan_n (plan); i > 0; i--)
    {
      const char *gone = NULL;

      add_json (out, vc_spell_qmp_undo (vc_plan_nth (plan, i - 1), &gone, NULL));
      if (gone != NULL)
        g_string_append_printf (out, "wait for %s\n", gone);
    }
  if (out->len == 0)
    return g_string_free (out, TRUE);
  return g_string_free (out, FALSE);
}

static void
test_case (gconstpointer data)
{
  const char *folder = data;
  g_autofree char *parent = g_path_get_dirname (folder), *kind = g_path_get_basename (parent);
  g_autofree char *in = read_file (folder, "in.xml");
  g_autofree char *out = NULL, *argv = NULL, *qmp = NULL, *failed = NULL;
  g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcXml) xml = NULL;
  g_autoptr (VcDomain) domain = NULL;

  g_assert_nonnull (in);
  xml = vc_xml_read (in, strlen (in), "in.xml", &error);
  if (xml != NULL)
    domain = vc_domain_read (xml, errors);
  if (domain != NULL)
    vc_domain_check (domain, caps, errors);
  if (domain != NULL && errors->len == 0)
    {
      vc_domain_fill (domain, caps);
      vc_domain_check (domain, caps, errors);
    }
  if (domain != NULL && errors->len == 0 && vc_domain_seat (domain, &error))
    {
      vc_domain_name_all (domain);
      out = vc_domain_print (domain, VC_PRINT_INACTIVE);
      argv = print_argv (domain, &error);
      qmp = print_qmp (domain, kind);
    }
  if (error != NULL)
    g_ptr_array_add (errors, g_steal_pointer (&error));
  vc_domain_sort_errors (errors);
  if (errors->len > 0)
    failed = join_errors (errors);
  compare (folder, "error", failed);
  compare (folder, "out.xml", out);
  compare (folder, "argv", argv);
  compare (folder, "qmp", qmp);
}

/* Every kind and every character device has a folder, every folder a kind; each kind a good and a bad case.
 */
static void
test_complete (void)
{
  for (guint i = 0; vc_kinds[i] != NULL; i++)
    {
      g_autofree char *folder = g_build_filename (VC_CASES, vc_kinds[i]->name, NULL);
      g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
      gboolean good = FALSE, bad = FALSE;
      const char *name;

      if (dir == NULL)
        g_error ("no folder %s", folder);
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *error = g_build_filename (folder, name, "error", NULL);

          if (g_file_test (error, G_FILE_TEST_EXISTS))
            bad = TRUE;
          else
            good = TRUE;
        }
      if (!good || !bad)
        g_error ("%s needs a case that is right and one with an error", folder);
    }
}

static void
add_cases (GPtrArray *folders)
{
  g_autoptr (GDir) kinds = g_dir_open (VC_CASES, 0, NULL);
  const char *kind, *name;

  g_assert_nonnull (kinds);
  while ((kind = g_dir_read_name (kinds)) != NULL)
    {
      g_autofree char *folder = g_build_filename (VC_CASES, kind, NULL);
      g_autoptr (GDir) cases = g_dir_open (folder, 0, NULL);

      while (cases != NULL && (name = g_dir_read_name (cases)) != NULL)
        {
          g_autofree char *test = g_strdup_printf ("/cases/%s/%s", kind, name);

          g_ptr_array_add (folders, g_build_filename (folder, name, NULL));
          g_test_add_data_func (test, folders->pdata[folders->len - 1], test_case);
        }
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  gsize len;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (g_file_get_contents (VC_CAPS, &text, &len, NULL));
  caps = vc_caps_read (text, len, &error);
  g_assert_no_error (error);
  g_test_add_func ("/cases/complete", test_complete);
  add_cases (folders);
  status = g_test_run ();
  vc_caps_free (caps);
  return status;
}
