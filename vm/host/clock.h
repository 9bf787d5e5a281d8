/* SPDX-License-Identifier: GPL-2.0 */
/* Time as deadlines see it. */
#ifndef VM_CLOCK_H
#define VM_CLOCK_H

#include <sys/types.h>

/* Milliseconds of the monotonic clock. */
long long clock_ms(void);

/*
 * Milliseconds of the monotonic clock less those in which a thread of the
 * process was ready to run and the host let it wait.  A deadline in this time
 * is as long on a busy host as on an idle one, whether the guest spins or
 * sleeps.
 */
long long fair_clock_ms(pid_t pid);

/* CPU time that the process used, in milliseconds. */
long long cpu_ms(pid_t pid);

#endif
