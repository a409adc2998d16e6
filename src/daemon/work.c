/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

typedef struct
{
  VcDaemon *daemon; /* only while it is not gone */
  VcRpcRequest *request;
  const VcJob *job;
  gpointer data;
} Task;

static void
task_free (gpointer data)
{
  Task *task = data;

  vc_rpc_request_free (task->request);
  if (task->job->free != NULL)
    task->job->free (task->data);
  g_free (task);
}

static void
run (GTask *gtask, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Task *task = data;
  GError *error = NULL;

  if (task->job->work (task->data, &error))
    g_task_return_boolean (gtask, TRUE);
  else
    g_task_return_error (gtask, error);
}

static void
answer (VcRpcRequest *request_taken, const GError *error)
{
  if (error != NULL)
    vc_rpc_answer_error (request_taken, error);
  else
    vc_rpc_answer (request_taken);
}

/* A daemon that ended meanwhile is told nothing. */
static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Task *task = g_task_get_task_data (G_TASK (result));
  VcRpcRequest *request = g_steal_pointer (&task->request);
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    {
      vc_rpc_request_free (request);
      return;
    }
  done = g_task_propagate_boolean (G_TASK (result), &error);
  if (done && task->job->finish != NULL)
    task->job->finish (task->daemon, task->data, request != NULL ? vc_rpc_begin (request) : NULL, &error);
  if (request != NULL)
    answer (request, error);
  else if (error != NULL && task->daemon->warn != NULL)
    task->daemon->warn (error->message);
}

void
vc_daemon_work_on (VcDaemon *daemon, VcRpcRequest *request_taken, const VcJob *job, gpointer data_taken)
{
  g_autoptr (GTask) gtask = g_task_new (NULL, daemon->gone, on_done, NULL);
  Task *task = g_new0 (Task, 1);

  task->daemon = daemon;
  task->request = request_taken;
  task->job = job;
  task->data = data_taken;
  g_task_set_task_data (gtask, task, task_free);
  g_task_set_check_cancellable (gtask, FALSE);
  g_task_run_in_thread (gtask, run);
}

void
vc_daemon_work (VcDaemon *daemon, VcRpcRequest *request, const VcJob *job, gpointer data_taken)
{
  vc_daemon_work_on (daemon, request != NULL ? vc_rpc_keep (request) : NULL, job, data_taken);
}
