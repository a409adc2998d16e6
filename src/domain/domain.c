/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain/domain.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "domain/section.h"

void
vc_domain_free (VcDomain *domain)
{
  if (domain == NULL)
    return;
  for (guint i = 0; vc_sections[i].element != NULL; i++)
    vc_fields_clear (vc_sections[i].rows, domain);
  g_free (domain->emulator);
  g_clear_pointer (&domain->iothread_numbers, g_array_unref);
  g_ptr_array_unref (domain->devices);
  g_hash_table_unref (domain->lines);
  g_free (domain);
}

static void
free_device (gpointer data)
{
  vc_device_free (data);
}

static const VcSection *
find_section (const char *element)
{
  for (guint i = 0; vc_sections[i].element != NULL; i++)
    if (strcmp (vc_sections[i].element, element) == 0)
      return &vc_sections[i];
  return NULL;
}

static gboolean
read_section (VcDomain *domain, const VcSection *section, VcNode *node, gboolean again, GError **error)
{
  if (again && !section->repeated)
    return vc_node_fail (node, error, "given twice");
  return vc_fields_read (section->rows, domain, node, error) && vc_fields_done (node, error)
         && vc_fields_missing (section->rows, domain, node, error);
}

static gboolean
read_emulator (VcDomain *domain, VcNode *node, GError **error)
{
  g_hash_table_insert (domain->lines, (gpointer) "emulator", GUINT_TO_POINTER (vc_node_line (node)));
  if (domain->emulator != NULL)
    return vc_node_fail (node, error, "given twice");
  return vc_fields_read (vc_emulator_rows, domain, node, error) && vc_fields_done (node, error);
}

static void
add_error (GPtrArray *errors, GError *error_taken)
{
  if (error_taken != NULL)
    g_ptr_array_add (errors, error_taken);
}

static void
read_devices (VcDomain *domain, VcNode *node, GPtrArray *errors)
{
  for (VcNode *child = vc_node_next (node, NULL, NULL); child != NULL;
       child = vc_node_next (node, child, NULL))
    {
      GError *error = NULL;
      VcDevice *dev = NULL;

      if (domain->devices->len == VC_DOMAIN_MAX_DEVICES && strcmp (vc_node_name (child), "emulator") != 0)
        {
          vc_node_fail_code (child, &error, VC_ERROR_LIMIT, "a guest has at most %u devices",
                             VC_DOMAIN_MAX_DEVICES);
          add_error (errors, error);
          vc_node_take (node);
          return;
        }
      if (vc_node_is_foreign (child))
        vc_fields_fail_unread (child, &error);
      else if (strcmp (vc_node_name (child), "emulator") == 0)
        read_emulator (domain, child, &error);
      else
        dev = vc_device_read (child, &error);
      if (dev != NULL)
        g_ptr_array_add (domain->devices, dev);
      if (error != NULL)
        vc_node_take (child);
      add_error (errors, error);
    }
}

/* Every element is read even when one before it was wrong; what is wrong counts as read. */
static void
read_children (VcDomain *domain, VcNode *root, GPtrArray *errors)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (VcNode *child = vc_node_next (root, NULL, NULL); child != NULL;
       child = vc_node_next (root, child, NULL))
    {
      const char *name = vc_node_name (child);
      gboolean foreign = vc_node_is_foreign (child);
      const VcSection *section = foreign ? NULL : find_section (name);
      gboolean again = !foreign && !g_hash_table_add (seen, (gpointer) name);
      GError *error = NULL;

      if (section != NULL && !again)
        g_hash_table_insert (domain->lines, (gpointer) g_intern_string (name),
                             GUINT_TO_POINTER (vc_node_line (child)));
      if (foreign)
        vc_fields_fail_unread (child, &error);
      else if (strcmp (name, "devices") == 0 && !again)
        read_devices (domain, child, errors);
      else if (strcmp (name, "devices") == 0)
        vc_node_fail (child, &error, "given twice");
      else if (section != NULL)
        read_section (domain, section, child, again, &error);
      else
        vc_fields_fail_unread (child, &error);
      if (error != NULL)
        vc_node_take (child);
      add_error (errors, error);
    }
}

/* Elements no guest goes without; cells say how much memory there is, too. */
static void
check_given (VcNode *root, gboolean cells, GPtrArray *errors)
{
  static const struct
  {
    const char *element, *doc;
  } needed[] = { { "name", "name of the guest" },
                 { "memory", "memory of the guest" },
                 { "os", "machine and what it boots" } };

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      GError *error = NULL;

      if (vc_node_next (root, NULL, needed[i].element) != NULL
          || (strcmp (needed[i].element, "memory") == 0 && cells))
        continue;
      vc_node_fail (root, &error, "needs <%s>, the %s", needed[i].element, needed[i].doc);
      add_error (errors, error);
    }
}

/* The line after "origin:", for sorting. */
static gulong
line_of (const GError *error)
{
  for (const char *c = error->message; (c = strchr (c, ':')) != NULL; c++)
    if (g_ascii_isdigit (c[1]))
      return strtoul (c + 1, NULL, 10);
  return 0;
}

static gint
by_line (gconstpointer a, gconstpointer b)
{
  gulong left = line_of (*(GError *const *) a), right = line_of (*(GError *const *) b);

  return left < right ? -1 : left > right;
}

void
vc_domain_sort_errors (GPtrArray *errors)
{
  g_ptr_array_sort (errors, by_line);
}

guint
vc_domain_line (const VcDomain *domain, const char *element)
{
  return MAX (GPOINTER_TO_UINT (g_hash_table_lookup (domain->lines, element)), 1);
}

VcDomain *
vc_domain_read (const VcXml *xml, GPtrArray *errors)
{
  return vc_domain_read_at (vc_xml_root (xml), errors);
}

VcDomain *
vc_domain_read_at (VcNode *root, GPtrArray *errors)
{
  g_autoptr (VcDomain) domain = g_new0 (VcDomain, 1);
  GError *error = NULL;

  domain->devices = g_ptr_array_new_with_free_func (free_device);
  domain->lines = g_hash_table_new (g_str_hash, g_str_equal);
  domain->origin = vc_node_origin (root);
  if (vc_node_is_foreign (root))
    {
      vc_fields_fail_unread (root, &error);
      add_error (errors, error);
      return NULL;
    }
  if (strcmp (vc_node_name (root), "domain") != 0)
    {
      vc_node_fail (root, &error, "not a <domain>");
      add_error (errors, error);
      return NULL;
    }
  vc_fields_read (vc_domain_rows, domain, root, &error);
  add_error (errors, g_steal_pointer (&error));
  read_children (domain, root, errors);
  if (errors->len == 0)
    {
      if (!vc_fields_done (root, &error) || !vc_fields_missing (vc_domain_rows, domain, root, &error))
        add_error (errors, g_steal_pointer (&error));
    }
  check_given (root, vc_list_n (domain->cells) > 0, errors);
  g_ptr_array_sort (errors, by_line);
  domain->incomplete = errors->len > 0;
  return g_steal_pointer (&domain);
}

gboolean
vc_machine_is_q35 (const char *machine)
{
  return machine != NULL && (strcmp (machine, "q35") == 0 || g_str_has_prefix (machine, "pc-q35-"));
}

gboolean
vc_machine_is_pc (const char *machine)
{
  return machine != NULL
         && (strcmp (machine, "pc") == 0 || g_str_has_prefix (machine, "pc-i440fx-")
             || g_str_has_prefix (machine, "pc-0.") || g_str_has_prefix (machine, "pc-1."));
}

const VcPeers *
vc_domain_peers (VcDomain *domain)
{
  domain->peers = (VcPeers){ .arch = domain->arch != NULL ? domain->arch : "x86_64",
                             .machine = domain->machine != NULL ? domain->machine : "pc",
                             .q35 = vc_machine_is_q35 (domain->machine),
                             .boot = (const char *const *) domain->boot,
                             .incomplete = domain->incomplete,
                             .machine_unread = domain->incomplete && domain->machine == NULL,
                             .iothreads = domain->iothread_numbers,
                             .devices = domain->devices };
  return &domain->peers;
}

void
vc_domain_add (VcDomain *domain, VcDevice *device_taken)
{
  g_ptr_array_add (domain->devices, device_taken);
}

VcDevice *
vc_domain_new_controller (VcDomain *domain, const char *type, guint index)
{
  VcDevice *dev = NULL;

  for (guint i = 0; dev == NULL && vc_kinds[i] != NULL; i++)
    if (strcmp (vc_kinds[i]->element, "controller") == 0 && strcmp (vc_kinds[i]->value, type) == 0)
      dev = vc_device_new (vc_kinds[i]);
  g_assert (dev != NULL);
  dev->origin = domain->origin;
  ((VcController *) dev)->index = vc_u32 (index);
  if (dev->kind->fill != NULL)
    dev->kind->fill (dev, vc_domain_peers (domain));
  return dev;
}
