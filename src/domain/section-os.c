/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "domain/section.h"

/* <os>: what machine it is and what it boots. */

static const char *const loader_types[] = { "", "rom", "pflash", NULL };
static const char *const os_types[] = { "", "hvm", NULL };

static void
clear_text (gpointer at)
{
  g_clear_pointer ((char **) at, g_free);
}

/* <type arch= machine=>: kept as text, for QEMU has its own names */

static const char *const arches[] = { "", "x86_64", "i686", NULL };

static char *
print_text (const VcField *row, gconstpointer at)
{
  return g_strdup (*(char *const *) at);
}

static gboolean
read_arch (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  if (vc_choice_find (arches, text) == 0)
    {
      *ret_why = g_strdup_printf ("'%s' is none of: x86_64, i686", text);
      return FALSE;
    }
  return vc_type_str.read (row, text, at, ret_why);
}

static void
schema_arch (const VcField *row, GString *out)
{
  g_string_append (out, "<choice><value>x86_64</value><value>i686</value></choice>");
}

static const VcType type_arch = {
  .name = "choice", .read = read_arch, .print = print_text, .clear = clear_text, .schema = schema_arch
};

static gboolean
read_machine (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  if (!vc_machine_is_pc (text) && !vc_machine_is_q35 (text))
    {
      *ret_why
          = g_strdup_printf ("'%s' is not supported here: use pc or q35, or one of their versions", text);
      return FALSE;
    }
  return vc_type_str.read (row, text, at, ret_why);
}

static void
schema_machine (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='string'><param name='pattern'>(q35|pc|pc-.*)</param></data>");
}

static const VcType type_machine = {
  .name = "machine", .read = read_machine, .print = print_text, .clear = clear_text, .schema = schema_machine
};

/* <boot dev='hd'/>, several */

static const char *const boot_devices[] = { "", "hd", "cdrom", "network", "fd", NULL };

static gboolean
read_boot (const VcField *row, VcNode *node, gpointer at, GError **error)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  VcNode *child = NULL;
  gboolean any = FALSE;

  while ((child = vc_node_next (node, child, "boot")) != NULL)
    {
      const char *dev = vc_node_attr (child, "dev");

      if (dev == NULL)
        return vc_node_fail (child, error, "needs @dev, what to boot from");
      if (vc_choice_find (boot_devices, dev) == 0)
        return vc_node_fail (child, error, "@dev: '%s' is none of: hd, cdrom, network, fd", dev);
      g_strv_builder_add (list, dev);
      any = TRUE;
    }
  if (any)
    {
      g_strfreev (*(char ***) at);
      *(char ***) at = g_strv_builder_end (list);
    }
  return TRUE;
}

static void
print_boot (const VcField *row, gconstpointer at, VcNode *node, VcPrint how)
{
  char *const *list = *(char **const *) at;

  for (; list != NULL && *list != NULL; list++)
    vc_node_set (vc_node_add (node, "boot"), "dev", *list);
}

static void
clear_strv (gpointer at)
{
  g_clear_pointer ((char ***) at, g_strfreev);
}

static void
schema_boot (const VcField *row, GString *out)
{
  g_string_append (
      out,
      "<zeroOrMore><element name='boot'><attribute name='dev'><choice><value>hd</value><value>cdrom</value>"
      "<value>network</value><value>fd</value></choice></attribute></element></zeroOrMore>");
}

static const VcType type_boot = {
  .name = "list", .read_node = read_boot, .print_node = print_boot, .clear = clear_strv, .schema = schema_boot
};

const VcField vc_os_rows[]
    = { VC_ROW (VcDomain, arch, char *, type_arch, "type/@arch", .choices = arches, .doc = "architecture"),
        VC_ROW (VcDomain, machine, char *, type_machine, "type/@machine",
                .doc = "machine: pc or q35, or one of their versions"),
        VC_CHOICE (VcDomain, os_type, "type", os_types, .flags = VC_REQUIRED,
                   .doc = "kind of virtualization"),
        VC_TRI (VcDomain, loader_readonly, "loader/@readonly", .doc = "whether the guest cannot write it"),
        VC_CHOICE (VcDomain, loader_type, "loader/@type", loader_types, .doc = "what the guest finds it in"),
        VC_TRI (VcDomain, loader_secure, "loader/@secure", .doc = "whether it wants system management mode"),
        VC_TRI (VcDomain, stateless, "loader/@stateless", .doc = "whether it keeps no variables"),
        VC_PATH (VcDomain, loader, "loader", .doc = "file with the firmware"),
        VC_PATH (VcDomain, nvram, "nvram", .doc = "file with its variables, which must be there"),
        VC_PATH (VcDomain, kernel, "kernel", .doc = "kernel to boot directly"),
        VC_PATH (VcDomain, initrd, "initrd", .doc = "its initial RAM disk"),
        VC_STR (VcDomain, cmdline, "cmdline", .doc = "its command line"),
        VC_ROW (VcDomain, boot, char **, type_boot, "boot[]", .doc = "what to boot from, in order"),
        VC_TRI (VcDomain, menu, "bootmenu/@enable", .doc = "whether the firmware offers a choice"),
        VC_U32 (VcDomain, menu_timeout, "bootmenu/@timeout", .max = 65535, .doc = "milliseconds it waits"),
        VC_U32 (VcDomain, reboot_timeout, "bios/@rebootTimeout", .max = 65535,
                .doc = "milliseconds after which the firmware tries again when it found nothing to boot"),
        { 0 } };

/* A menu nobody is offered does not wait; firmware is a ROM. */
void
vc_os_fill (VcDomain *domain)
{
  if (domain->menu != VC_TRI_YES)
    domain->menu_timeout.set = FALSE;
  if (domain->loader != NULL && domain->loader_type == 0)
    domain->loader_type = VC_LOADER_ROM;
}

static gboolean
is_pflash (const VcDomain *domain)
{
  return domain->loader_type == VC_LOADER_PFLASH;
}

void
vc_os_check (const VcDomain *domain, GPtrArray *errors)
{
  gboolean any = domain->loader_type != 0 || domain->loader_readonly != VC_TRI_UNSET
                 || domain->loader_secure != VC_TRI_UNSET || domain->stateless != VC_TRI_UNSET
                 || domain->nvram != NULL;

  if (any && domain->loader == NULL)
    vc_domain_complain (domain, "os", errors, VC_ERROR_UNSUPPORTED,
                        "<loader> needs the path of the firmware: none is chosen by itself here");
  if (!is_pflash (domain) && (domain->nvram != NULL || domain->loader_secure == VC_TRI_YES))
    vc_domain_complain (domain, "os", errors, VC_ERROR_INVALID,
                        "<nvram> and secure='yes' need <loader type='pflash'>");
  if (!is_pflash (domain) && domain->loader_readonly == VC_TRI_NO)
    vc_domain_complain (domain, "os", errors, VC_ERROR_INVALID, "loader/@readonly: a ROM is read-only");
  if (domain->stateless != VC_TRI_UNSET && !is_pflash (domain))
    vc_domain_complain (domain, "os", errors, VC_ERROR_INVALID, "loader/@stateless needs type='pflash'");
  if (domain->stateless == VC_TRI_YES && domain->nvram != NULL)
    vc_domain_complain (domain, "os", errors, VC_ERROR_INVALID, "stateless='yes' takes no <nvram>");
  if (is_pflash (domain) && domain->loader_readonly == VC_TRI_YES && domain->nvram == NULL
      && domain->stateless != VC_TRI_YES)
    vc_domain_complain (
        domain, "os", errors, VC_ERROR_UNSUPPORTED,
        "a <loader> of type 'pflash' that is read-only needs <nvram>, or stateless='yes': no file "
        "of variables is made here");
  if (is_pflash (domain) && domain->loader_readonly == VC_TRI_YES && !domain->acpi && !domain->incomplete)
    vc_domain_complain (domain, "os", errors, VC_ERROR_INVALID, "UEFI needs <acpi/> in <features>");
  if (domain->loader_secure == VC_TRI_YES && domain->smm != VC_TRI_YES)
    vc_domain_complain (domain, "os", errors, VC_ERROR_INVALID,
                        "loader/@secure needs <smm state='on'/> in <features>");
}

static void
plan_flash (const char *path, guint number, gboolean readonly, const VcSectionPlan *into)
{
  g_autofree char *storage = g_strdup_printf ("libvirt-pflash%u-storage", number);
  g_autofree char *format = g_strdup_printf ("libvirt-pflash%u-format", number);
  g_autofree char *name = g_strdup_printf ("pflash%u", number);
  VcProps *props = vc_plan_add (into->plan, VC_Q_BLOCK, "file", storage);

  vc_props_str (props, "filename", path);
  vc_props_bool (props, "auto-read-only", TRUE);
  vc_props_str (props, "discard", "unmap");
  props = vc_plan_add (into->plan, VC_Q_BLOCK, "raw", format);
  vc_props_bool (props, "read-only", readonly);
  vc_props_str (props, "file", storage);
  vc_props_str (into->machine, name, format);
}

static void
plan_loader (const VcDomain *domain, const VcSectionPlan *into)
{
  if (domain->loader == NULL)
    return;
  if (!is_pflash (domain))
    {
      vc_plan_word (into->plan, "-bios", domain->loader);
      return;
    }
  plan_flash (domain->loader, 0, domain->loader_readonly == VC_TRI_YES, into);
  if (domain->nvram != NULL)
    plan_flash (domain->nvram, 1, FALSE, into);
  if (domain->loader_secure == VC_TRI_YES)
    {
      VcProps *props = vc_plan_option (into->plan, "-global", NULL);

      vc_props_str (props, "driver", "cfi.pflash01");
      vc_props_str (props, "property", "secure");
      vc_props_str (props, "value", "on");
    }
}

void
vc_os_plan (const VcDomain *domain, const VcSectionPlan *into)
{
  VcProps *boot = into->boot;

  plan_loader (domain, into);
  vc_props_tri (boot, "menu", domain->menu);
  if (domain->menu == VC_TRI_YES)
    vc_props_u32 (boot, "splash-time", domain->menu_timeout);
  if (domain->reboot_timeout.set)
    vc_props_i64 (boot, "reboot-timeout", domain->reboot_timeout.value);
  vc_props_bool (boot, "strict", TRUE);
}
