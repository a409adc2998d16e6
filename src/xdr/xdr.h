/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* XDR by signature: what a message holds is said once, as text, and both ways are held to it.
 *
 *   s     text                                i u   32 bits             D   a domain: name, UUID, id
 *   S     text or nothing                     h H   64 bits             P   a typed parameter
 *   oN    N bytes at most                     d     double              U   a UUID, 16 bytes
 *   cN    text in N words, a byte a word      CN    the same in N words at most
 *   [x]N  list of N at most, x one or more letters                      ?x  x or nothing; (x) one of several
 *
 * Small letters are signed.  Without an N texts end at VC_XDR_MAX_TEXT and lists at VC_XDR_MAX_LIST; text
 * takes an N too.  Signatures are ours and right; a reader or writer that does not follow one is a mistake of
 * the program.  A signature that is wrong, or of more than VC_XDR_MAX_DEPTH lists in each other, too.
 *
 * Reading checks everything first, once; what is read afterwards cannot fail.  Texts have no zeros in them.
 */
#define VC_XDR_MAX_TEXT  4194304u
#define VC_XDR_MAX_LIST  16384u
#define VC_XDR_MAX_NAME  4096u /* of a domain, and of a parameter */
#define VC_XDR_MAX_DEPTH 4u

typedef struct
{
  const char *name;
  const guint8 *uuid; /* 16 bytes                 */
  gint32 id;          /* -1: it was not running   */
} VcXdrDomain;

typedef enum
{
  VC_PARAM_INT = 1,
  VC_PARAM_UINT = 2,
  VC_PARAM_LLONG = 3,
  VC_PARAM_ULLONG = 4,
  VC_PARAM_DOUBLE = 5,
  VC_PARAM_BOOLEAN = 6,
  VC_PARAM_STRING = 7,
} VcXdrParamType;

typedef struct
{
  const char *field;
  VcXdrParamType type;
  union
  {
    gint32 i; /* boolean too */
    guint32 u;
    gint64 h;
    guint64 H;
    double d;
    const char *s;
  };
} VcXdrParam;

/* Members are xdr's own. */
typedef struct
{
  const char *signature;
  guint8 *at;
  struct
  {
    const char *start;
    guint left;
  } lists[VC_XDR_MAX_DEPTH];
  guint depth;
} VcXdrReader;

typedef struct
{
  const char *signature;
  GByteArray *out;
  gsize max; /* bytes of out               */
  gboolean is_over;
  struct
  {
    const char *start;
    guint count_at, n;
  } lists[VC_XDR_MAX_DEPTH];
  guint depth;
} VcXdrWriter;

/* vc_xdr_max - the most bytes a message of this signature can have */
guint64 vc_xdr_max (const char *signature);

/* vc_xdr_read - check a message and begin to read it
 *
 * Borrows both for as long as is read from it; the bytes are changed by reading texts, which are made to end
 * with a zero in their place.
 *
 * Returns: TRUE, or FALSE with VC_ERROR_PROTOCOL: too short, too long, over a limit, anything left over.
 */
gboolean vc_xdr_read (VcXdrReader *ret_reader, const char *signature, guint8 *bytes, gsize len,
                      GError **error);

/* Each reads what is next.  Texts and bytes are borrowed from the message. */
const char *vc_xdr_read_text (VcXdrReader *reader);         /* s        */
const char *vc_xdr_read_text_or_null (VcXdrReader *reader); /* S        */
gint32 vc_xdr_read_int (VcXdrReader *reader);               /* i        */
guint32 vc_xdr_read_uint (VcXdrReader *reader);             /* u        */
gint64 vc_xdr_read_hyper (VcXdrReader *reader);             /* h        */
guint64 vc_xdr_read_uhyper (VcXdrReader *reader);           /* H        */
double vc_xdr_read_double (VcXdrReader *reader);            /* d        */
const guint8 *vc_xdr_read_uuid (VcXdrReader *reader);       /* U        */
const guint8 *vc_xdr_read_bytes (VcXdrReader *reader, gsize *ret_len);
void vc_xdr_read_domain (VcXdrReader *reader, VcXdrDomain *ret_domain);
void vc_xdr_read_param (VcXdrReader *reader, VcXdrParam *ret_param);

/* vc_xdr_read_chars - c and C, with a zero behind it; buffer has room for N and that */
void vc_xdr_read_chars (VcXdrReader *reader, char *buffer, gsize size);

/* vc_xdr_read_list - how many times what is in the brackets is to be read next */
guint vc_xdr_read_list (VcXdrReader *reader);

/* vc_xdr_read_optional - is it there?  If not, it is passed over */
gboolean vc_xdr_read_optional (VcXdrReader *reader);

/* vc_xdr_is_read - was everything read? */
gboolean vc_xdr_is_read (VcXdrReader *reader);

/* vc_xdr_write - begin a message behind what is in out, which shall not grow over max bytes
 *
 * What does not fit, or is over a limit, is found by vc_xdr_is_written. */
void vc_xdr_write (VcXdrWriter *ret_writer, const char *signature, GByteArray *out, gsize max);

void vc_xdr_put_text (VcXdrWriter *writer, const char *text);
void vc_xdr_put_text_or_null (VcXdrWriter *writer, const char *text);
void vc_xdr_put_int (VcXdrWriter *writer, gint32 value);
void vc_xdr_put_uint (VcXdrWriter *writer, guint32 value);
void vc_xdr_put_hyper (VcXdrWriter *writer, gint64 value);
void vc_xdr_put_uhyper (VcXdrWriter *writer, guint64 value);
void vc_xdr_put_double (VcXdrWriter *writer, double value);
void vc_xdr_put_uuid (VcXdrWriter *writer, const guint8 *uuid);
void vc_xdr_put_bytes (VcXdrWriter *writer, gconstpointer bytes, gsize len);
void vc_xdr_put_domain (VcXdrWriter *writer, const VcXdrDomain *domain);
void vc_xdr_put_param (VcXdrWriter *writer, const VcXdrParam *param);

/* vc_xdr_put_chars - c, filled up with zeros, and C, with one zero; text that is too long is cut */
void vc_xdr_put_chars (VcXdrWriter *writer, const char *text);

/* vc_xdr_put_list - begin a list; what is put until vc_xdr_end_list is counted */
void vc_xdr_put_list (VcXdrWriter *writer);
void vc_xdr_end_list (VcXdrWriter *writer);

/* vc_xdr_put_optional - say whether it follows */
void vc_xdr_put_optional (VcXdrWriter *writer, gboolean is_there);

/* vc_xdr_is_written - is the message whole, and within its limits?
 *
 * Returns: TRUE, or FALSE with VC_ERROR_LIMIT.
 */
gboolean vc_xdr_is_written (VcXdrWriter *writer, GError **error);
