/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nsscheck/certificates.h"

#include <cert.h>
#include <keyhi.h>
#include <pk11pub.h>
#include <secitem.h>
#include <secport.h>

#include "nsscheck/text.h"

/* Is the public half of cert's key stored?  It has the certificate's CKA_ID, as the private half has. */
static gboolean
has_public_half (PK11SlotInfo *slot, CERTCertificate *cert)
{
  SECItem *id = PK11_GetLowLevelKeyIDForCert (slot, cert, NULL);
  gboolean found = FALSE;

  if (!id)
    return FALSE;
  for (PK11GenericObject *key = PK11_FindGenericObjects (slot, CKO_PUBLIC_KEY), *next; key; key = next)
    {
      SECItem its = { 0 };

      if (PK11_ReadRawAttribute (PK11_TypeGeneric, key, CKA_ID, &its) == SECSuccess)
        found |= SECITEM_ItemsAreEqual (&its, id);
      SECITEM_FreeItem (&its, PR_FALSE);
      next = PK11_GetNextGenericObject (key);
      PK11_UnlinkGenericObject (key);
      PK11_DestroyGenericObject (key);
    }
  SECITEM_FreeItem (id, PR_TRUE);
  return found;
}

/* While the database is locked its private keys cannot be seen, only their public halves. */
static gboolean
has_key (PK11SlotInfo *slot, CERTCertificate *cert)
{
  SECKEYPrivateKey *key = PK11_FindPrivateKeyFromCert (slot, cert, NULL);

  if (key)
    {
      SECKEY_DestroyPrivateKey (key);
      return TRUE;
    }
  return PK11_NeedLogin (slot) && !PK11_IsLoggedIn (slot, NULL) && has_public_half (slot, cert);
}

static VcJson *
look (PK11SlotInfo *slot, const char *nickname)
{
  VcJson *one = json_object ();
  CERTCertificate *cert = *nickname ? PK11_FindCertFromNickname (nickname, NULL) : NULL;
  PRTime from = 0, until = 0;

  json_object_set_new (one, "nickname", text_json (nickname));
  json_object_set_new (one, "found", json_boolean (cert != NULL));
  if (!cert)
    return one;
  char *subject = CERT_NameToAscii (&cert->subject);

  json_object_set_new (one, "key", json_boolean (has_key (slot, cert)));
  json_object_set_new (one, "subject", text_json (subject));
  if (CERT_GetCertTimes (cert, &from, &until) == SECSuccess)
    {
      json_object_set_new (one, "not_before", json_integer (from / PR_USEC_PER_SEC));
      json_object_set_new (one, "not_after", json_integer (until / PR_USEC_PER_SEC));
    }
  PORT_Free (subject);
  CERT_DestroyCertificate (cert);
  return one;
}

VcJson *
certificates_look (const char *const *nicknames)
{
  PK11SlotInfo *slot = PK11_GetInternalKeySlot ();
  VcJson *result = json_object ();
  VcJson *all = json_array ();

  json_object_set_new (result, "login", json_boolean (PK11_NeedLogin (slot)));
  json_object_set_new (result, "certificates", all);
  for (; *nicknames; nicknames++)
    json_array_append_new (all, look (slot, *nicknames));
  PK11_FreeSlot (slot);
  return result;
}
