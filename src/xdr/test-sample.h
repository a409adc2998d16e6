/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "xdr/xdr.h"

/* Messages of any signature, for tests. */

/* sample_put - puts what the signature asks for: a little of everything, lists of two
 *
 * end: where it ends; NULL: all of it. */
static inline void
sample_put (VcXdrWriter *writer, const char *end)
{
  while (*writer->signature != '\0' && (end == NULL || writer->signature < end))
    switch (*writer->signature)
      {
      case 's':
        vc_xdr_put_text (writer, "text");
        break;
      case 'S':
        vc_xdr_put_text_or_null (writer, "or not");
        break;
      case 'i':
        vc_xdr_put_int (writer, 1);
        break;
      case 'u':
        vc_xdr_put_uint (writer, 2);
        break;
      case 'h':
        vc_xdr_put_hyper (writer, -3);
        break;
      case 'H':
        vc_xdr_put_uhyper (writer, 4);
        break;
      case 'd':
        vc_xdr_put_double (writer, 0.5);
        break;
      case 'U':
        vc_xdr_put_uuid (writer, (const guint8 *) "0123456789abcdef");
        break;
      case 'o':
        vc_xdr_put_bytes (writer, "bytes", 5);
        break;
      case 'c':
      case 'C':
        vc_xdr_put_chars (writer, "chars");
        break;
      case 'D':
        vc_xdr_put_domain (writer, &(VcXdrDomain){ "domain", (const guint8 *) "0123456789abcdef", -1 });
        break;
      case 'P':
        vc_xdr_put_param (writer, &(VcXdrParam){ "param", VC_PARAM_STRING, .s = "value" });
        break;
      case '?':
        vc_xdr_put_optional (writer, TRUE);
        break;
      case '[':
        {
          const char *close = writer->signature + 1;

          for (guint depth = 1; depth > 0; close++)
            depth += *close == '[' ? 1u : *close == ']' ? -1u : 0u;
          vc_xdr_put_list (writer);
          sample_put (writer, close - 1);
          writer->lists[writer->depth - 1].n++; /* once more, as the next put would */
          writer->signature = writer->lists[writer->depth - 1].start;
          sample_put (writer, close - 1);
          vc_xdr_end_list (writer);
          break;
        }
      default:
        writer->signature++; /* a group's brackets */
      }
}

/* sample_read - reads all there is, whatever it is */
static inline void
sample_read (VcXdrReader *reader)
{
  while (!vc_xdr_is_read (reader))
    switch (*reader->signature)
      {
      case 's':
        g_assert_nonnull (vc_xdr_read_text (reader));
        break;
      case 'S':
        vc_xdr_read_text_or_null (reader);
        break;
      case 'i':
        vc_xdr_read_int (reader);
        break;
      case 'u':
        vc_xdr_read_uint (reader);
        break;
      case 'h':
        vc_xdr_read_hyper (reader);
        break;
      case 'H':
        vc_xdr_read_uhyper (reader);
        break;
      case 'd':
        vc_xdr_read_double (reader);
        break;
      case 'U':
        vc_xdr_read_uuid (reader);
        break;
      case 'o':
        {
          gsize len;

          vc_xdr_read_bytes (reader, &len);
          break;
        }
      case 'c':
      case 'C':
        {
          char buffer[8192];

          vc_xdr_read_chars (reader, buffer, sizeof buffer);
          break;
        }
      case 'D':
        {
          VcXdrDomain domain;

          vc_xdr_read_domain (reader, &domain);
          break;
        }
      case 'P':
        {
          VcXdrParam param;

          vc_xdr_read_param (reader, &param);
          break;
        }
      case '?':
        vc_xdr_read_optional (reader);
        break;
      default:
        g_assert_cmpint (*reader->signature, ==, '[');
        vc_xdr_read_list (reader);
      }
}
