/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tripwires: breakpoints on the functions by which a kernel reports that
 * something is wrong.  Which they are, the kernel's machine file says.  A module
 * may clear the log, close the console and wipe the taint mask; it cannot have the
 * report without the call.
 */
#ifndef VM_TRIPWIRE_H
#define VM_TRIPWIRE_H

#include "gdb.h"
#include "kernel.h"

#include <jansson.h>

/* What the host knows of a kernel, from the day its template was made. */
struct bearings {
	unsigned long long tainted_mask; /* address of the variable */
	unsigned long long tripwires[MAX_TRIPWIRES]; /* 0: has no such function */
};

/* Sets all of them in a guest that does not run; 0 or -1. */
int tripwire_arm(struct gdb *g, const struct bearings *b);

/*
 * A guest stopped: notes which function was called with which arguments and
 * lets the guest run on.  Adds an object to hits, for each function the first few
 * times, after which it is no longer watched; 0, or -1 when QEMU is gone.
 */
int tripwire_hit(struct gdb *g, const struct kernel *k,
		 const struct bearings *b, json_t *hits, double seconds);

#endif
