/* SPDX-License-Identifier: GPL-2.0 */
/* A synchronous client of the QEMU Machine Protocol (docs/interop/qmp-spec). */
#ifndef VM_QMP_H
#define VM_QMP_H

#include "../common/frame.h"

#include <jansson.h>

struct qmp {
	int fd;
	struct buffer in;
	char error[256]; /* why the last command failed */

	/* Called for every event, also while a command waits for its answer. */
	void (*event)(void *context, const char *name, json_t *data);
	/* Called while waiting, so that QEMU never blocks on a full console. */
	void (*drain)(void *context);
	int drain_fd;
	void *context;
};

/* Greets and negotiates; 0 or -1 with q->error. */
int qmp_open(struct qmp *q, int fd, int timeout_ms);

/*
 * Runs a command; steals the reference to arguments, which may be NULL.
 * Returns the answer (a new reference), or NULL with q->error.
 */
json_t *qmp_execute(struct qmp *q, const char *command, json_t *arguments,
		    int timeout_ms);

/* The same where only success matters; 0 or -1 with q->error. */
int qmp_do(struct qmp *q, const char *command, json_t *arguments,
	   int timeout_ms);

/* Hands an open file to QEMU under a name, for migrate-incoming fd:NAME. */
int qmp_give_fd(struct qmp *q, int fd, const char *name, int timeout_ms);

/* Reads what has arrived and reports events; -1 when QEMU closed the socket. */
int qmp_read(struct qmp *q);

/*
 * Waits until an event's handler has set *flag; 0, or -1 with q->error when
 * QEMU ended or the time is over.
 */
int qmp_wait(struct qmp *q, const int *flag, int timeout_ms);

/* Runs a command of the human monitor; a new string, or NULL. */
char *qmp_human(struct qmp *q, const char *line, int timeout_ms);

#endif
