/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/reach.h"

/* What card eject and card insert share. */
typedef struct
{
  char *domain;
  char *alias;
} VcCardOptions;

extern const VcField vc_card_options[];

/* VcCardFn - one of libvirtcard's functions that move a card */
typedef gboolean (*VcCardFn) (VirtcardDomain *domain, const char *alias, GError **error);

/* vc_card_run - move the card and say done_words; Returns: a VC_EXIT_ status */
int vc_card_run (const VcCli *cli, const VcCardOptions *options, VcCardFn fn, const char *done_words);
