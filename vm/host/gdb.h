/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client of QEMU's gdbstub, for breakpoints that the guest cannot see.
 *
 * Under TCG a breakpoint lives in the translator and guest memory stays
 * untouched, so code in ring 0 can neither find nor remove it.  The protocol
 * is the one of gdb's manual, appendix "Remote Protocol"; packets are acked.
 */
#ifndef VM_GDB_H
#define VM_GDB_H

#include "../common/frame.h"

struct gdb {
	int fd;
	struct buffer in;
};

/* The registers that say which function was called, by whom, with what. */
struct gdb_registers {
	unsigned long long rdi, rsi, rsp, rip;
};

/* Sets a breakpoint while the guest does not run; 0 or -1. */
int gdb_break(struct gdb *g, unsigned long long address);

/* Takes a breakpoint away while the guest does not run; 0 or -1. */
int gdb_unbreak(struct gdb *g, unsigned long long address);

/* Stops a guest that runs; 0 or -1. */
int gdb_interrupt(struct gdb *g);

/* Lets the guest run on. */
int gdb_continue(struct gdb *g);

/*
 * Lets the guest run on from a breakpoint, which means one instruction first,
 * past it.  0 or -1.
 */
int gdb_continue_past(struct gdb *g);

/* Reads what has arrived: 1 when the guest stopped, 0 when not, -1: gone. */
int gdb_poll(struct gdb *g);

int gdb_registers(struct gdb *g, struct gdb_registers *r);

/* Reads a word of guest memory at a virtual address; 0 or -1. */
int gdb_read_u64(struct gdb *g, unsigned long long address,
		 unsigned long long *value);

#endif
