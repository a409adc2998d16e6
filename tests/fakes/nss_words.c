/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands before NSS in a QEMU with a card made of certificates, and writes down what it is asked: the
 * database and the nicknames, a zero byte after each, into the file VC_NSS_WORDS.  It has no certificate to
 * give.
 *
 *   LD_PRELOAD=./nss_words.so VC_NSS_WORDS=FILE qemu-system-x86_64 ... -device ccid-card-emulated,...
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *NSS_InitContext (const char *folder, ...);
int NSS_ShutdownContext (void *context);
void *PK11_FindSlotByName (const char *name);
void *PK11_FindCertFromNickname (const char *nickname, void *with);

static char place[64]; /* what is given for a context or a slot is only looked at for being there */

static void
note (const char *word)
{
  const char *path = getenv ("VC_NSS_WORDS");
  int fd = path != NULL ? open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

  if (fd < 0 || write (fd, word, strlen (word) + 1) < 0)
    abort ();
  close (fd);
}

void *
NSS_InitContext (const char *folder, ...)
{
  note (folder);
  return place;
}

int
NSS_ShutdownContext (void *context)
{
  return 0;
}

void *
PK11_FindSlotByName (const char *name)
{
  return place;
}

void *
PK11_FindCertFromNickname (const char *nickname, void *with)
{
  note (nickname);
  return NULL;
}
