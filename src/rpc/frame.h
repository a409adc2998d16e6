/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

/* The head of every message: its length, itself included, and six words. */
#define VC_FRAME_HEAD       28u
#define VC_FRAME_MAX        (32u * 1024 * 1024 + 4)
#define VC_FRAME_MAX_STREAM 262120u /* of data in a message of a stream, as every client takes it */

typedef enum
{
  VC_FRAME_CALL = 0,
  VC_FRAME_REPLY = 1,
  VC_FRAME_EVENT = 2,
  VC_FRAME_STREAM = 3,
} VcFrameType;

typedef enum
{
  VC_FRAME_OK = 0,
  VC_FRAME_ERROR = 1,
  VC_FRAME_CONTINUE = 2,
} VcFrameStatus;

typedef struct
{
  guint32 length, program, version, procedure, type, serial, status;
} VcFrame;

/* vc_frame_read - from VC_FRAME_HEAD bytes */
static inline void
vc_frame_read (VcFrame *ret_frame, const guint8 *bytes)
{
  guint32 words[7];

  memcpy (words, bytes, sizeof words);
  ret_frame->length = GUINT32_FROM_BE (words[0]);
  ret_frame->program = GUINT32_FROM_BE (words[1]);
  ret_frame->version = GUINT32_FROM_BE (words[2]);
  ret_frame->procedure = GUINT32_FROM_BE (words[3]);
  ret_frame->type = GUINT32_FROM_BE (words[4]);
  ret_frame->serial = GUINT32_FROM_BE (words[5]);
  ret_frame->status = GUINT32_FROM_BE (words[6]);
}

/* vc_frame_put - into VC_FRAME_HEAD bytes */
static inline void
vc_frame_put (const VcFrame *frame, guint8 *bytes)
{
  const guint32 words[]
      = { GUINT32_TO_BE (frame->length),    GUINT32_TO_BE (frame->program), GUINT32_TO_BE (frame->version),
          GUINT32_TO_BE (frame->procedure), GUINT32_TO_BE (frame->type),    GUINT32_TO_BE (frame->serial),
          GUINT32_TO_BE (frame->status) };

  memcpy (bytes, words, sizeof words);
}
