/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* A folder of certificates and keys, as QEMU and libvirt expect one: which file is which, and all of their
 * bytes.  The bytes come from the disk, or from a child that read them as another user. */
typedef enum
{
  VC_PKI_CA_CERT,
  VC_PKI_CA_KEY, /* of our own CA only; nobody who checks looks at it */
  VC_PKI_CA_CRL,
  VC_PKI_SERVER_CERT,
  VC_PKI_SERVER_KEY,
  VC_PKI_CLIENT_CERT,
  VC_PKI_CLIENT_KEY,
  VC_PKI_DH_PARAMS,
  VC_PKI_N_PARTS,
} VcPkiPart;

typedef enum
{
  VC_PKI_QEMU,    /* ca-cert.pem, server-cert.pem, …              */
  VC_PKI_LIBVIRT, /* cacert.pem, servercert.pem, private/…        */
  VC_PKI_N_LAYOUTS,
} VcPkiLayout;

typedef struct
{
  char *path;
  int errsv;   /* why it could not be read: ENOENT, EACCES…; EFBIG: it is too long */
  mode_t mode; /* who may read it                                                   */
  char *bytes; /* with a zero after them; NULL: it could not be read                */
  gsize len;
} VcPkiFile;

typedef struct
{
  char *folder;
  VcPkiLayout layout;
  char *who;        /* "user libvirt-qemu": who tried to read it; NULL: we */
  char *missing_ca; /* "PATH is not there": a client's, which is to do without a CA; NULL: it needs one */
  VcPkiFile files[VC_PKI_N_PARTS];
} VcPkiFolder;

/* vc_pki_part_name - how a part's file is called, below the folder; NULL: the layout has none */
const char *vc_pki_part_name (VcPkiLayout layout, VcPkiPart part);

/* vc_pki_folder_new - the paths, and nothing read: every part has ENOENT.  Returns: new. */
VcPkiFolder *vc_pki_folder_new (const char *folder, VcPkiLayout layout);

/* vc_pki_folder_read - the same, with what is on the disk; never fails as a whole
 *
 * The CA's key is not read.  Returns: new (free with vc_pki_folder_free).
 */
VcPkiFolder *vc_pki_folder_read (const char *folder, VcPkiLayout layout);

/* vc_pki_folder_set_path - a part's file stands elsewhere; NULL: there is none */
void vc_pki_folder_set_path (VcPkiFolder *self, VcPkiPart part, const char *path);

/* vc_pki_folder_fill - read what is on the disk, but for the CA's key */
void vc_pki_folder_fill (VcPkiFolder *self);

/* vc_pki_folder_set - a part's bytes were read; copies them */
void vc_pki_folder_set (VcPkiFolder *self, VcPkiPart part, const char *bytes, gsize len, mode_t mode);

/* vc_pki_folder_send - read all parts and write them to a descriptor
 *
 * For a child between fork and exec: system calls only.  Returns: FALSE when it could not write.
 */
gboolean vc_pki_folder_send (const VcPkiFolder *self, int fd);

/* vc_pki_folder_receive - what vc_pki_folder_send wrote
 *
 * Returns: FALSE when it is not all there.
 */
gboolean vc_pki_folder_receive (VcPkiFolder *self, const guint8 *bytes, gsize len);

#define VC_PKI_FOLDER_MAX_SENT (VC_PKI_N_PARTS * (1024u * 1024 + 64)) /* bytes vc_pki_folder_send writes */

/* vc_pki_folder_free - wipes the bytes; NULL is fine */
void vc_pki_folder_free (VcPkiFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcPkiFolder, vc_pki_folder_free)
