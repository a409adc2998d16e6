/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/internal.h"

void
virtcard_card_free (VirtcardCard *card)
{
  if (card == NULL)
    return;
  g_free (card->alias);
  g_free (card->mode);
  g_free (card);
}

GPtrArray *
virtcard_domain_list_cards (VirtcardDomain *domain, GError **error)
{
  VcXdrWriter *args = vc_api_domain_begin (domain, VC_CALL_CARD_LIST, error);
  g_autoptr (GPtrArray) cards = NULL;
  VcXdrReader *reader;

  if (args == NULL)
    return NULL;
  vc_xdr_put_uint (args, 0);
  reader = vc_api_domain_call (domain, error);
  if (reader == NULL)
    return NULL;
  cards = g_ptr_array_new_with_free_func ((GDestroyNotify) virtcard_card_free);
  for (guint n = vc_xdr_read_list (reader); n > 0; n--)
    {
      VirtcardCard *card = g_new0 (VirtcardCard, 1);

      g_ptr_array_add (cards, card);
      card->alias = g_strdup (vc_xdr_read_text (reader));
      card->mode = g_strdup (vc_xdr_read_text (reader));
      card->reader = vc_xdr_read_uint (reader);
      card->is_inserted = vc_xdr_read_int (reader) != 0;
    }
  return g_steal_pointer (&cards);
}

static gboolean
move (VirtcardDomain *domain, VcCallIndex call, const char *alias, GError **error)
{
  VcXdrWriter *args = vc_api_domain_begin (domain, call, error);

  if (args == NULL)
    return FALSE;
  vc_xdr_put_text_or_null (args, alias);
  vc_xdr_put_uint (args, 0);
  return vc_api_domain_call (domain, error) != NULL;
}

gboolean
virtcard_domain_eject_card (VirtcardDomain *domain, const char *alias, GError **error)
{
  return move (domain, VC_CALL_CARD_EJECT, alias, error);
}

gboolean
virtcard_domain_insert_card (VirtcardDomain *domain, const char *alias, GError **error)
{
  return move (domain, VC_CALL_CARD_INSERT, alias, error);
}
