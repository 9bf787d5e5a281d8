/* SPDX-License-Identifier: GPL-2.0 */
/* The vm commands that talk to a running VM; each returns the exit status. */
#ifndef VM_COMMANDS_H
#define VM_COMMANDS_H

#include "settings.h"

int command_run(const struct settings *s, int argc, char **argv);
int command_put(const struct settings *s, int argc, char **argv);
int command_get(const struct settings *s, int argc, char **argv);
int command_audit(const struct settings *s, int argc, char **argv);
int command_console(const struct settings *s, int argc, char **argv);
int command_status(const struct settings *s, int argc, char **argv);
int command_stop(const struct settings *s, int argc, char **argv);

/* job.c: runs argv in the guest with the given streams (EXEC_* flags). */
int run_job(const struct settings *s, int flags, double timeout,
	    char *const argv[], int in, int out);

/* Connects to the VM's supervisor; -1 when there is none. */
int connect_vm(const struct settings *s);

/* The same, but ends the program with advice when there is none. */
int connect_vm_or_exit(const struct settings *s);

#endif
