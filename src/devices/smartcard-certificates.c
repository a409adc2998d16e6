/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card made of three certificates in an NSS database.
 *
 *   <smartcard mode='host-certificates'>
 *     <certificate>cert1</certificate>
 *     <certificate>cert2</certificate>
 *     <certificate>cert3</certificate>
 *     <database>/etc/pki/nssdb</database>
 *   </smartcard>
 *
 * check holds what the domain itself may not be.  plan holds what QEMU 7.2 cannot do: it pastes
 * database and nicknames into one text of 200 bytes, splits that at commas and quotes, and reads
 * it once a process. */
#include "devices/smartcard-certificates.h"

#include <string.h>

#include "devices/smartcard.h"

#define QEMU_MAX_NAMES 152u /* database and nicknames together */

typedef struct
{
  VcDevice base;
  char **certificates;
  char *database;
} SmartcardCertificates;

static const VcField rows[]
    = { VC_IGNORED ("@type", .doc = "nothing: what virt-install writes in every mode"),
        VC_STRV (SmartcardCertificates, certificates, "certificate[]",
                 .doc = "nicknames of three certificates"),
        VC_PATH (SmartcardCertificates, database, "database", .doc = "folder of the NSS database"),
        VC_SMARTCARD_ROWS,
        { 0 } };

const char *const *
vc_smartcard_nicknames (const VcDevice *dev)
{
  return (const char *const *) ((const SmartcardCertificates *) dev)->certificates;
}

const char *
vc_smartcard_database (const VcDevice *dev)
{
  const char *database = ((const SmartcardCertificates *) dev)->database;

  return database != NULL ? database : VC_NSS_DATABASE;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const SmartcardCertificates *self = (const SmartcardCertificates *) dev;
  guint n = self->certificates != NULL ? g_strv_length (self->certificates) : 0;

  if (n != 3)
    return vc_device_fail (dev, error, "needs exactly three <certificate>, and has %u", n);
  for (guint i = 0; i < n; i++)
    if (*self->certificates[i] == '\0')
      return vc_device_fail (dev, error, "certificate %u has an empty nickname", i + 1);
  return TRUE;
}

static gboolean
check_for_qemu (const VcDevice *dev, const VcPlanContext *ctx, GError **error)
{
  const SmartcardCertificates *self = (const SmartcardCertificates *) dev;
  gsize len = strlen (vc_smartcard_database (dev));

  for (guint i = 0; i < 3; i++)
    {
      if (strpbrk (self->certificates[i], ",\"()") != NULL)
        return vc_device_fail_unsupported (
            dev, error,
            "QEMU splits the nickname '%s' at its comma, quote or parenthesis: give the certificate "
            "another one (certutil --rename)",
            self->certificates[i]);
      if (strchr (" \t\n\v\f\r", *self->certificates[i]) != NULL)
        return vc_device_fail_unsupported (
            dev, error,
            "QEMU takes the space before the nickname '%s' away: give the certificate another one "
            "(certutil --rename)",
            self->certificates[i]);
      len += strlen (self->certificates[i]);
    }
  if (strpbrk (vc_smartcard_database (dev), "\"\n") != NULL)
    return vc_device_fail_unsupported (
        dev, error, "QEMU cannot take a quote or a new line in the database's path '%s'", self->database);
  if (len > QEMU_MAX_NAMES)
    return vc_device_fail_unsupported (
        dev, error,
        "database and nicknames have %zu bytes together, and QEMU silently cuts what is beyond %u: "
        "use shorter ones",
        len, QEMU_MAX_NAMES);
  for (guint i = 0; i < ctx->peers->devices->len; i++)
    {
      const VcDevice *other = ctx->peers->devices->pdata[i];

      if (other == dev)
        break;
      if (other->kind == dev->kind)
        return vc_device_fail_unsupported (
            dev, error,
            "one QEMU holds only one set of certificates, and the guest has another one in line %u: "
            "give this card by mode='passthrough'",
            other->line);
    }
  if (vc_peers_find (ctx->peers, "smartcard", "host", 0) != NULL)
    return vc_device_fail_unsupported (
        dev, error,
        "QEMU cannot hold mode='host' and mode='host-certificates' side by side: "
        "give one of them by mode='passthrough'");
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const SmartcardCertificates *self = (const SmartcardCertificates *) dev;
  VcProps *props;

  if (!check_for_qemu (dev, ctx, error))
    return FALSE;
  props = vc_plan_device (out, dev, NULL, ctx);
  vc_props_str (props, "backend", "certificates");
  vc_props_str (props, "cert1", self->certificates[0]);
  vc_props_str (props, "cert2", self->certificates[1]);
  vc_props_str (props, "cert3", self->certificates[2]);
  vc_props_str (props, "db", vc_smartcard_database (dev));
  return TRUE;
}

const VcKind vc_kind_smartcard_certificates = {
  .name = "smartcard-certificates",
  .element = "smartcard",
  .select = "@mode",
  .value = "host-certificates",
  .summary = "A card made of three certificates in an NSS database.",
  .size = sizeof (SmartcardCertificates),
  .rows = rows,
  .alias = "smartcard",
  .driver = "ccid-card-emulated",
  .plugs_into = &vc_bus_ccid,
  .check = check,
  .plan = plan,
};
