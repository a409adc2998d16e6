/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/calls.h"

#define ROW(where, number, symbol, api, takes, gives, right)                                                 \
  { where, number, #symbol, api, takes, gives, right },

const VcCall vc_calls[VC_N_CALLS] = {
#define CALL(...) ROW (VC_PROGRAM_REMOTE, __VA_ARGS__)
  VC_CALLS (CALL)
#undef CALL
#define CALL(...) ROW (VC_PROGRAM_QEMU, __VA_ARGS__)
      VC_QEMU_CALLS (CALL)
#undef CALL
#define CALL(...) ROW (VC_PROGRAM_CARD, __VA_ARGS__)
          VC_CARD_CALLS (CALL)
#undef CALL
};

const VcCall vc_tells[VC_N_TELLS] = {
#define EVENT(where, number, symbol, tells) { where, number, #symbol, NULL, NULL, tells, VC_MAY_READ },
  VC_EVENTS (EVENT)
#undef EVENT
};

/* Rows stand in the order of their numbers, program by program. */
const VcCall *
vc_call_find (guint32 program, guint32 number)
{
  guint low = 0, high = VC_N_CALLS;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      const VcCall *row = &vc_calls[middle];

      if (row->program == program && row->number == number)
        return row;
      if (row->program < program || (row->program == program && row->number < number))
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}
