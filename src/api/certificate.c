/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/tls.h"
#include "pki/caller.h"

G_STATIC_ASSERT ((int) VIRTCARD_FAULT_SELF_SIGNED == (int) VC_TLS_SELF_SIGNED);
G_STATIC_ASSERT ((int) VIRTCARD_FAULT_REVOKED == (int) VC_TLS_REVOKED);
G_STATIC_ASSERT ((int) VIRTCARD_FAULT_OTHER == (int) VC_TLS_OTHER);
G_STATIC_ASSERT ((int) VIRTCARD_FAULT_CHANGED == (int) VC_TLS_CHANGED);

/* One of a chain, which all of them hold. */
struct VirtcardCertificate
{
  GPtrArray *chain; /* VcCertificate                           */
  const VcCertificate *certificate;
  char *host;
  guint port;
  guint faults;
  GPtrArray *words;            /* char *; NULL ends it         */
  VirtcardCertificate *signer; /* the next; NULL: there is none */
};

static VirtcardCertificate *
new_one (const char *host, guint port, GPtrArray *chain, guint index)
{
  VirtcardCertificate *self = g_new0 (VirtcardCertificate, 1);

  self->chain = g_ptr_array_ref (chain);
  self->certificate = chain->pdata[index];
  self->host = g_strdup (host);
  self->port = port;
  self->words = g_ptr_array_new_with_free_func (g_free);
  return self;
}

VirtcardCertificate *
vc_api_certificate_new (const char *host, guint port, GPtrArray *chain, const GPtrArray *flaws)
{
  VirtcardCertificate *self = new_one (host, port, chain, 0);
  VirtcardCertificate *last = self;

  for (guint i = 1; i < chain->len; i++)
    {
      last = last->signer = new_one (host, port, chain, i);
      g_ptr_array_add (last->words, NULL);
    }
  self->faults = vc_tls_flaws_sum (flaws);
  for (guint i = 0; i < flaws->len; i++)
    g_ptr_array_add (self->words, g_strdup (((const VcTlsFlaw *) flaws->pdata[i])->words));
  g_ptr_array_add (self->words, NULL);
  return self;
}

void
vc_api_certificate_free (VirtcardCertificate *self)
{
  while (self != NULL)
    {
      VirtcardCertificate *next = self->signer;

      g_ptr_array_unref (self->chain);
      g_ptr_array_unref (self->words);
      g_free (self->host);
      g_free (self);
      self = next;
    }
}

const char *
virtcard_certificate_host (const VirtcardCertificate *certificate)
{
  return certificate->host;
}

guint
virtcard_certificate_port (const VirtcardCertificate *certificate)
{
  return certificate->port;
}

const char *
virtcard_certificate_subject (const VirtcardCertificate *certificate)
{
  return certificate->certificate->subject;
}

const char *
virtcard_certificate_issuer (const VirtcardCertificate *certificate)
{
  return certificate->certificate->issuer;
}

const char *const *
virtcard_certificate_names (const VirtcardCertificate *certificate)
{
  return (const char *const *) certificate->certificate->names;
}

gint64
virtcard_certificate_not_before (const VirtcardCertificate *certificate)
{
  return certificate->certificate->not_before;
}

gint64
virtcard_certificate_not_after (const VirtcardCertificate *certificate)
{
  return certificate->certificate->not_after;
}

const char *
virtcard_certificate_digest (const VirtcardCertificate *certificate)
{
  return certificate->certificate->fingerprint;
}

const char *
virtcard_certificate_fingerprint (const VirtcardCertificate *certificate)
{
  return certificate->certificate->key_fingerprint;
}

const VirtcardCertificate *
virtcard_certificate_signer (const VirtcardCertificate *certificate)
{
  return certificate->signer;
}

guint
virtcard_certificate_faults (const VirtcardCertificate *certificate)
{
  return certificate->faults;
}

const char *const *
virtcard_certificate_problems (const VirtcardCertificate *certificate)
{
  return (const char *const *) certificate->words->pdata;
}

char *
virtcard_certificate_get_pem (const VirtcardCertificate *certificate)
{
  return vc_certificate_print_pem (certificate->certificate);
}

const VirtcardCertificate *
virtcard_connect_certificate (const VirtcardConnect *connect)
{
  return connect->server;
}
