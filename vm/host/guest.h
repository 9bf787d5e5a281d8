/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine together with the agent inside it: the part that a template under
 * construction and the supervisor of a clone have in common.
 */
#ifndef VM_GUEST_H
#define VM_GUEST_H

#include "console.h"
#include "machine.h"
#include "qmp.h"
#include "tripwire.h"

struct guest {
	struct machine machine;
	struct qmp qmp;
	struct gdb gdb; /* connected where the spec asked for tripwires */
	struct console console;
	struct buffer from_agent, to_agent;
	char shutdown[64]; /* QMP's reason once the guest went down */
	int migrated; /* the incoming state is complete */
};

/* Starts QEMU and greets it; 0, or -1 with the reason in why. */
int guest_start(struct guest *g, const struct machine_spec *spec, char **why);

/* Greets a machine that was started already; 0 or -1, and it is ended. */
int guest_greet(struct guest *g, char **why);

/*
 * Loads a saved state, arms the tripwires (b may be NULL: none) and lets the
 * guest run on from there; 0 or -1.
 */
int guest_resume(struct guest *g, int state, const struct bearings *b,
		 char **why);

/* Waits until the agent answers; entropy may be NULL.  0 or -1. */
int guest_ping(struct guest *g, const void *entropy, uint32_t length,
	       int timeout_ms, char **why);

/*
 * Runs a command without input and waits for its end.  Returns its wait
 * status, or -1 with why; output is what it wrote, as new text.
 */
int guest_run(struct guest *g, char *const argv[], int timeout_ms,
	      char **output, char **why);

/* Reads what the console has; safe to call at any time. */
void guest_drain_console(struct guest *g);

/* Reads guest memory from outside, at a kernel symbol's address; 0 or -1. */
int guest_read_u64(struct guest *g, unsigned long long address,
		   unsigned long long *value);

/* Writes a request for a command to the buffer; -1 when it is too long. */
int guest_add_exec(struct buffer *b, uint32_t job, const struct exec_head *head,
		   char *const argv[]);

long guest_end(struct guest *g);

#endif
