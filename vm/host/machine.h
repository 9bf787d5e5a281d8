/* SPDX-License-Identifier: GPL-2.0 */
/* One QEMU process: how it is called, and what is connected to it. */
#ifndef VM_MACHINE_H
#define VM_MACHINE_H

#include "kernel.h"

enum memory {
	MEMORY_PRIVATE,
	MEMORY_SHARED
};

struct machine_spec {
	const struct settings *settings;
	const struct kernel *kernel;
	const char *accel; /* kvm or tcg */
	int ram; /* file that holds the guest's memory */
	enum memory memory; /* shared: the file is written to */
	int incoming; /* waits for a saved state instead of booting */
	int tripwires; /* has a gdbstub, for breakpoints */
};

struct machine {
	pid_t pid;
	int pidfd;
	int qmp, console, agent, gdb; /* our ends of its sockets */
	int errors; /* what QEMU wrote to its standard error */
};

/*
 * QEMU's whole command line for a machine, ended by NULL.  It depends on
 * nothing but the spec, so that it can be part of a template's key.
 */
char **machine_arguments(const struct machine_spec *spec);

/* Starts QEMU; it dies with the calling thread.  Ends the program on errors. */
void machine_start(struct machine *m, const struct machine_spec *spec);

/* Kills QEMU if it lives, reaps it, closes everything; its peak size in KiB. */
long machine_end(struct machine *m);

/* What QEMU had to say for itself, as one allocated line. */
char *machine_errors(const struct machine *m);

#endif
