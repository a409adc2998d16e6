/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "lv.h"

typedef struct
{
  const char *uri, *call;
  guint n_calls;
  double *times;
  GMutex *mutex;
  GCond *cond;
  guint *n_ready; /* G_MAXUINT: go */
} Caller;

static virDomainPtr
get_domain (virConnectPtr connection)
{
  virDomainPtr *domains = NULL;
  virDomainPtr domain;
  int n = virConnectListAllDomains (connection, &domains, 0);

  if (n < 1)
    fail ("there is no domain");
  domain = domains[0];
  for (int i = 1; i < n; i++)
    virDomainFree (domains[i]);
  free (domains);
  return domain;
}

static void
call_once (virConnectPtr connection, virDomainPtr domain, const char *call)
{
  int state, reason;
  char *text;

  if (strcmp (call, "num") == 0)
    {
      if (virConnectNumOfDomains (connection) < 0)
        fail (call);
    }
  else if (strcmp (call, "state") == 0)
    {
      if (virDomainGetState (domain, &state, &reason, 0) < 0)
        fail (call);
    }
  else
    {
      text = virDomainGetXMLDesc (domain, 0);
      if (text == NULL)
        fail (call);
      free (text);
    }
}

static void
wait_for_all (Caller *self)
{
  g_mutex_lock (self->mutex);
  (*self->n_ready)++;
  g_cond_broadcast (self->cond);
  while (*self->n_ready < G_MAXUINT / 2)
    g_cond_wait (self->cond, self->mutex);
  g_mutex_unlock (self->mutex);
}

static gpointer
run_caller (gpointer data)
{
  Caller *self = data;
  virConnectPtr connection = virConnectOpen (self->uri);
  virDomainPtr domain;

  if (connection == NULL)
    fail (self->uri);
  domain = get_domain (connection);
  call_once (connection, domain, self->call); /* not counted */
  wait_for_all (self);
  for (guint i = 0; i < self->n_calls; i++)
    {
      double begin = now_us ();

      call_once (connection, domain, self->call);
      self->times[i] = now_us () - begin;
    }
  virDomainFree (domain);
  virConnectClose (connection);
  return NULL;
}

void
measure_calls (const char *uri, const char *call, guint n_connections, guint n_calls)
{
  g_autofree double *times = g_new0 (double, (gsize) n_connections *n_calls);
  g_autofree Caller *callers = g_new0 (Caller, n_connections);
  g_autofree GThread **threads = g_new0 (GThread *, n_connections);
  g_autofree char *name = g_strdup_printf ("%s:%u", call, n_connections);
  GMutex mutex;
  GCond cond;
  guint n_ready = 0;
  double begin;

  g_mutex_init (&mutex);
  g_cond_init (&cond);
  for (guint i = 0; i < n_connections; i++)
    {
      callers[i] = (Caller){ uri, call, n_calls, times + (gsize) i * n_calls, &mutex, &cond, &n_ready };
      threads[i] = g_thread_new ("caller", run_caller, &callers[i]);
    }
  g_mutex_lock (&mutex);
  while (n_ready < n_connections)
    g_cond_wait (&cond, &mutex);
  n_ready = G_MAXUINT;
  begin = now_us ();
  g_cond_broadcast (&cond);
  g_mutex_unlock (&mutex);
  for (guint i = 0; i < n_connections; i++)
    g_thread_join (threads[i]);
  report_rate (name, n_connections * n_calls, now_us () - begin);
  report (name, times, n_connections * n_calls);
  g_mutex_clear (&mutex);
  g_cond_clear (&cond);
}
