/* SPDX-License-Identifier: GPL-2.0 */
/* Choosing a CPU; who includes this defines _GNU_SOURCE first. */
#ifndef LIB_STAY_ON_H
#define LIB_STAY_ON_H

#include <err.h>
#include <sched.h>

/* From now on the caller runs on this CPU only; ends the program, with 2, if none. */
static inline void stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(2, "there is no CPU %d", cpu);
}

#endif
