/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/folder.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/wipe.h"
#include "pki/certificate.h"

static const char *const names[VC_PKI_N_LAYOUTS][VC_PKI_N_PARTS] = {
  [VC_PKI_QEMU] = {
    [VC_PKI_CA_CERT] = "ca-cert.pem",
    [VC_PKI_CA_KEY] = "ca-key.pem",
    [VC_PKI_CA_CRL] = "ca-crl.pem",
    [VC_PKI_SERVER_CERT] = "server-cert.pem",
    [VC_PKI_SERVER_KEY] = "server-key.pem",
    [VC_PKI_CLIENT_CERT] = "client-cert.pem",
    [VC_PKI_CLIENT_KEY] = "client-key.pem",
    [VC_PKI_DH_PARAMS] = "dh-params.pem",
  },
  [VC_PKI_LIBVIRT] = {
    [VC_PKI_CA_CERT] = "cacert.pem",
    [VC_PKI_CA_KEY] = "private/cakey.pem",
    [VC_PKI_CA_CRL] = "cacrl.pem",
    [VC_PKI_SERVER_CERT] = "servercert.pem",
    [VC_PKI_SERVER_KEY] = "private/serverkey.pem",
    [VC_PKI_CLIENT_CERT] = "clientcert.pem",
    [VC_PKI_CLIENT_KEY] = "clientkey.pem",
  },
};

/* What goes before a part's bytes. */
typedef struct
{
  gint32 errsv;
  guint32 mode;
  guint64 len;
} Header;

static_assert (VC_PKI_MAX_BYTES + sizeof (Header) <= VC_PKI_FOLDER_MAX_SENT / VC_PKI_N_PARTS,
               "every part has room");

const char *
vc_pki_part_name (VcPkiLayout layout, VcPkiPart part)
{
  return names[layout][part];
}

VcPkiFolder *
vc_pki_folder_new (const char *folder, VcPkiLayout layout)
{
  VcPkiFolder *self = g_new0 (VcPkiFolder, 1);

  self->folder = g_strdup (folder);
  self->layout = layout;
  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    {
      self->files[part].errsv = ENOENT;
      if (names[layout][part] != NULL)
        self->files[part].path = g_build_filename (folder, names[layout][part], NULL);
    }
  return self;
}

void
vc_pki_folder_set (VcPkiFolder *self, VcPkiPart part, const char *bytes, gsize len, mode_t mode)
{
  VcPkiFile *file = &self->files[part];

  vc_wipe_free (file->bytes, file->len);
  file->bytes = g_malloc (len + 1);
  memcpy (file->bytes, bytes, len);
  file->bytes[len] = '\0';
  file->len = len;
  file->errsv = 0;
  file->mode = mode;
}

/* Fills the buffer of more than VC_PKI_MAX_BYTES.  System calls only. */
static Header
read_part (const VcPkiFile *file, char *buffer, gsize size)
{
  Header header = { .errsv = ENOENT };
  gsize len = 0;
  struct stat st;

  if (file->path == NULL)
    return header;
  header.errsv = vc_file_read_some (file->path, buffer, size, &len, &st);
  header.mode = header.errsv == 0 ? st.st_mode & 07777 : 0;
  if (header.errsv == 0 && len > VC_PKI_MAX_BYTES)
    header.errsv = EFBIG;
  header.len = header.errsv == 0 ? len : 0;
  return header;
}

void
vc_pki_folder_set_path (VcPkiFolder *self, VcPkiPart part, const char *path)
{
  g_free (self->files[part].path);
  self->files[part].path = g_strdup (path);
}

void
vc_pki_folder_fill (VcPkiFolder *self)
{
  char *buffer = g_malloc (VC_PKI_MAX_BYTES + 1);

  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    if (part != VC_PKI_CA_KEY)
      {
        Header header = read_part (&self->files[part], buffer, VC_PKI_MAX_BYTES + 1);

        self->files[part].errsv = header.errsv;
        if (header.errsv == 0)
          vc_pki_folder_set (self, part, buffer, header.len, header.mode);
      }
  vc_wipe_free (buffer, VC_PKI_MAX_BYTES + 1);
}

VcPkiFolder *
vc_pki_folder_read (const char *folder, VcPkiLayout layout)
{
  VcPkiFolder *self = vc_pki_folder_new (folder, layout);

  vc_pki_folder_fill (self);
  return self;
}

static gboolean
write_all (int fd, const void *bytes, gsize len)
{
  const char *at = bytes;

  while (len > 0)
    {
      ssize_t n = write (fd, at, len);

      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        {
          at += n;
          len -= (gsize) n;
        }
    }
  return TRUE;
}

gboolean
vc_pki_folder_send (const VcPkiFolder *self, int fd)
{
  static char buffer[VC_PKI_MAX_BYTES + 1]; /* of the child alone: there is no memory to be had */

  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    if (part != VC_PKI_CA_KEY)
      {
        Header header = read_part (&self->files[part], buffer, sizeof buffer);

        if (!write_all (fd, &header, sizeof header) || !write_all (fd, buffer, header.len))
          return FALSE;
      }
  return TRUE;
}

gboolean
vc_pki_folder_receive (VcPkiFolder *self, const guint8 *bytes, gsize len)
{
  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    if (part != VC_PKI_CA_KEY)
      {
        Header header;

        if (len < sizeof header)
          return FALSE;
        memcpy (&header, bytes, sizeof header);
        bytes += sizeof header;
        len -= sizeof header;
        if (header.len > len)
          return FALSE;
        self->files[part].errsv = header.errsv;
        if (header.errsv == 0)
          vc_pki_folder_set (self, part, (const char *) bytes, header.len, header.mode);
        bytes += header.len;
        len -= header.len;
      }
  return TRUE;
}

VcPkiFolder *
vc_pki_folder_copy (const VcPkiFolder *self)
{
  VcPkiFolder *copy = vc_pki_folder_new (self->folder, self->layout);

  copy->who = g_strdup (self->who);
  copy->missing_ca = g_strdup (self->missing_ca);
  copy->has_system_cas = self->has_system_cas;
  copy->client_key_uri = g_strdup (self->client_key_uri);
  copy->ask = self->ask;
  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    {
      const VcPkiFile *file = &self->files[part];

      vc_pki_folder_set_path (copy, part, file->path);
      if (file->bytes != NULL)
        vc_pki_folder_set (copy, part, file->bytes, file->len, file->mode);
      copy->files[part].errsv = file->errsv;
    }
  return copy;
}

void
vc_pki_folder_free (VcPkiFolder *self)
{
  if (self == NULL)
    return;
  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    {
      g_free (self->files[part].path);
      vc_wipe_free (self->files[part].bytes, self->files[part].len);
    }
  g_free (self->folder);
  g_free (self->who);
  g_free (self->missing_ca);
  g_free (self->client_key_uri);
  g_free (self);
}
