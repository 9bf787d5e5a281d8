/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One supervisor guards one VM: it owns QEMU's sockets, serves the vm
 * commands, keeps deadlines, and writes down how the VM ended.
 */
#ifndef VM_SUPERVISOR_H
#define VM_SUPERVISOR_H

#include "evidence.h"
#include "guest.h"
#include "template.h"

#define MAX_CLIENTS 64

/* A connected vm command; it asks one thing, mostly to run a job. */
struct client {
	int fd; /* -1: this place is free */
	struct buffer in, out;
	uint32_t job; /* 0: none */
	char *command; /* what the job runs, for messages */
	int is_audit;
	struct buffer audit; /* the audit's output */
	uint32_t unacknowledged; /* bytes of output that it has not taken */
	long long started_ms, timeout_ms; /* in fair time; 0: no deadline */
	int closing; /* hang up once everything was sent */
};

struct supervisor {
	const struct settings *settings;
	const struct kernel *kernel;
	struct guest guest;
	struct bearings bearings;
	struct client clients[MAX_CLIENTS];
	uint32_t last_job;
	int listener, owner;
	struct evidence evidence;
	int stopping, hanging, stacks_wanted;
	int reported; /* its kernel has, at reported_ms of fair time */
	long long reported_ms;
};

/* Serves until `vm stop` or the owner's death; the guest runs already. */
void supervisor_run(struct supervisor *s);

/* Ends the VM, notes why, tells every client; only the first call counts. */
void supervisor_end_vm(struct supervisor *s, const char *end, char *detail);

/* clients.c */
void clients_accept(struct supervisor *s);
void client_read(struct supervisor *s, struct client *c);
void client_write(struct client *c);
void client_close(struct supervisor *s, struct client *c);
void clients_tell_end(struct supervisor *s, int status, const char *message);
void agent_read(struct supervisor *s);

/*
 * hang.c: what a deadline that passed sets in motion, that of a command or of a
 * VM whose kernel has reported trouble.
 */
void check_deadlines(struct supervisor *s);

/* One round of the supervisor's loop; waits at most timeout_ms, -1: for ever. */
void supervisor_step(struct supervisor *s, int timeout_ms);

#endif
