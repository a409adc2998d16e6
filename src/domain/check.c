/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "domain/internal.h"
#include "domain/section.h"

#define MAX_INDEX 255u /* of controllers, as their rows have it */

void
vc_domain_complain (const VcDomain *domain, const char *element, GPtrArray *errors, VcErrorCode code,
                    const char *fmt, ...)
{
  g_autofree char *words = NULL;
  GError *error = NULL;
  va_list args;

  va_start (args, fmt);
  words = vc_xml_words (fmt, args);
  va_end (args);
  vc_fail (&error, code, "%s:%u: <%s>: %s", domain->origin, vc_domain_line (domain, element), element, words);
  g_ptr_array_add (errors, error);
}

static void
check_name (const VcDomain *domain, GPtrArray *errors)
{
  if (domain->name == NULL)
    return;
  if (*domain->name == '\0' || strchr (domain->name, '/') != NULL || strchr (domain->name, '\n') != NULL)
    vc_domain_complain (domain, "name", errors, VC_ERROR_INVALID,
                        "'%s' is no name: it needs a character, and none may be '/' or a new line",
                        domain->name);
  else if (strcmp (domain->name, ".") == 0 || strcmp (domain->name, "..") == 0)
    vc_domain_complain (domain, "name", errors, VC_ERROR_INVALID, "'%s' is no name", domain->name);
  if (domain->title != NULL && strchr (domain->title, '\n') != NULL)
    vc_domain_complain (domain, "title", errors, VC_ERROR_INVALID, "cannot hold a new line");
}

void
vc_domain_check_machine (const VcDomain *domain, const VcCaps *caps, GPtrArray *errors)
{
  const VcMachine *machine
      = caps != NULL && domain->machine != NULL ? vc_caps_machine (caps, domain->machine) : NULL;

  if (caps != NULL && domain->machine != NULL && machine == NULL)
    vc_domain_complain (domain, "os", errors, VC_ERROR_UNSUPPORTED, "<type> @machine: %s has no machine '%s'",
                        caps->binary, domain->machine);
  if (machine != NULL && machine->max_cpus > 0 && vc_u32_or (domain->vcpus, 1) > machine->max_cpus)
    vc_domain_complain (domain, "vcpu", errors, VC_ERROR_INVALID,
                        "the machine '%s' has at most %u processors, not %u", machine->name,
                        machine->max_cpus, domain->vcpus.value);
}

static void
check_boot (const VcDomain *domain, GPtrArray *errors)
{
  gboolean ordered = FALSE;

  for (guint i = 0; i < domain->devices->len; i++)
    ordered |= ((const VcDevice *) domain->devices->pdata[i])->boot.set;
  if (ordered && domain->boot != NULL)
    vc_domain_complain (domain, "os", errors, VC_ERROR_INVALID,
                        "<boot dev> here and <boot order> on devices do not go together");
  for (guint i = 0; domain->boot != NULL && domain->boot[i] != NULL; i++)
    for (guint j = 0; j < i; j++)
      if (strcmp (domain->boot[i], domain->boot[j]) == 0)
        vc_domain_complain (domain, "os", errors, VC_ERROR_INVALID, "boot device '%s' is given twice",
                            domain->boot[i]);
  if (domain->kernel == NULL && (domain->initrd != NULL || domain->cmdline != NULL))
    vc_domain_complain (domain, "os", errors, VC_ERROR_INVALID, "<%s> needs a <kernel>",
                        domain->initrd != NULL ? "initrd" : "cmdline");
}

/* The first serial port and its other name have one alias. */
static gboolean
is_pair (const VcDevice *a, const VcDevice *b)
{
  return (vc_is (a, "console", "serial") && vc_is (b, "serial", NULL))
         || (vc_is (b, "console", "serial") && vc_is (a, "serial", NULL));
}

/* A running guest has some that stand in no line. */
static gboolean
fail_index (const VcDevice *dev, const VcDevice *other, GError **error)
{
  guint index = ((const VcController *) dev)->index.value;

  if (other->line == 0)
    return vc_device_fail (dev, error, "@index: another %s controller, added by itself, has index %u",
                           dev->kind->value, index);
  return vc_device_fail (dev, error, "@index: another %s controller, in line %u, has index %u",
                         dev->kind->value, other->line, index);
}

/* Two devices of one kind cannot have one index, two of any kind cannot have one alias. */
static gboolean
check_pair (const VcDevice *dev, const VcDevice *other, GError **error)
{
  if (dev->own_alias && g_strcmp0 (dev->alias, other->alias) == 0 && !is_pair (dev, other))
    return vc_device_fail (dev, error, "<alias> @name: '%s' is taken by the <%s> in line %u", dev->alias,
                           other->kind->element, other->line);
  if (dev->boot.set && other->boot.set && dev->boot.value == other->boot.value)
    return vc_device_fail (dev, error, "boot/@order: %u is taken by the <%s> in line %u", dev->boot.value,
                           other->kind->element, other->line);
  if (!vc_domain_check_claims (dev, other, error))
    return FALSE;
  if (dev->kind == other->kind && vc_is (dev, "controller", NULL) && !vc_is (dev, "controller", "usb")
      && ((const VcController *) dev)->index.set && ((const VcController *) other)->index.set
      && ((const VcController *) dev)->index.value == ((const VcController *) other)->index.value)
    return fail_index (dev, other, error);
  return TRUE;
}

gboolean
vc_domain_check_device (const VcDomain *domain, guint at, GError **error)
{
  const VcDevice *dev = domain->devices->pdata[at];

  if (vc_is (dev, "controller", NULL) && vc_u32_or (((const VcController *) dev)->index, 0) > MAX_INDEX)
    return vc_device_fail (dev, error, "a guest has at most %u controllers of a type", MAX_INDEX + 1);
  if (dev->kind->check != NULL && !dev->kind->check (dev, &domain->peers, error))
    return FALSE;
  for (guint i = 0; i < at; i++)
    if (!check_pair (dev, domain->devices->pdata[i], error))
      return FALSE;
  return TRUE;
}

void
vc_domain_check (const VcDomain *domain, const VcCaps *caps, GPtrArray *errors)
{
  vc_domain_peers ((VcDomain *) domain); /* a view: changes nothing */
  check_name (domain, errors);
  vc_domain_check_machine (domain, caps, errors);
  check_boot (domain, errors);
  for (guint i = 0; vc_sections[i].element != NULL; i++)
    if (vc_sections[i].check != NULL)
      vc_sections[i].check (domain, errors);
  for (guint i = 0; i < domain->devices->len; i++)
    {
      GError *error = NULL;

      if (!vc_domain_check_device (domain, i, &error))
        g_ptr_array_add (errors, error);
    }
}
