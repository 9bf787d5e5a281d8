/* SPDX-License-Identifier: GPL-2.0 */
/* What the user asked for: options, else the environment, else defaults. */
#ifndef VM_SETTINGS_H
#define VM_SETTINGS_H

#include <limits.h>
#include <sys/types.h>

/* vm's own exit statuses; others are those of the command in the guest. */
enum {
	EXIT_USAGE = 2,
	EXIT_ENDED = 123, /* the VM ended under the command */
	EXIT_TIMEOUT = 124, /* no answer within the deadline */
	EXIT_ENGINE = 125, /* vm itself failed */
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
};

struct settings {
	const char *name; /* of the VM: VM_NAME */
	const char *kernel; /* a folder below home/kernels: VM_KERNEL */
	const char *accel; /* kvm, tcg or NULL for what works: VM_ACCEL */
	const char *evidence; /* folder for reports, or NULL: VM_EVIDENCE */
	const char *entropy; /* seeds the guest's random pool: VM_ENTROPY */
	const char *qemu; /* VM_QEMU */
	char home[PATH_MAX]; /* kernels/, templates/, agent: VM_HOME */
	int smp; /* CPUs: VM_SMP */
	int icount; /* time is what was executed: VM_ICOUNT=1 */
	int cold; /* boot instead of cloning: VM_MODE=cold */
	pid_t owner; /* whose death ends the VM: VM_OWNER */
	double after_report; /* seconds to live then, 0: as ever: VM_AFTER_REPORT */
	double timeout; /* default seconds for a command: VM_TIMEOUT */
};

void settings_read(struct settings *s);

/* Printed formatted text, allocated; never NULL. */
char *format(const char *text, ...) __attribute__((format(printf, 1, 2)));

#endif
