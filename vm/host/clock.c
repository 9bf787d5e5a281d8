// SPDX-License-Identifier: GPL-2.0
#include "clock.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>

long long clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/*
 * From /proc/PID/task/TID/schedstat, whose words are nanoseconds on a CPU,
 * nanoseconds spent waiting for one, and time slices
 * (Documentation/scheduler/sched-stats.rst).  Threads run side by side, so time
 * on a CPU adds up; but they also wait side by side, and what the process lost
 * is what the one that waited longest did: a sum can pass faster than time.
 */
static void scheduled_ns(pid_t pid, unsigned long long *on_cpu,
			 unsigned long long *waiting)
{
	struct dirent *entry;
	char path[320];
	DIR *tasks;

	*on_cpu = *waiting = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		unsigned long long ran, waited;
		FILE *stat;

		snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid,
			 entry->d_name);
		stat = fopen(path, "re");
		if (!stat)
			continue;
		if (fscanf(stat, "%llu %llu", &ran, &waited) == 2) {
			*on_cpu += ran;
			if (waited > *waiting)
				*waiting = waited;
		}
		fclose(stat);
	}
	if (tasks)
		closedir(tasks);
}

long long fair_clock_ms(pid_t pid)
{
	unsigned long long on_cpu, waiting;

	scheduled_ns(pid, &on_cpu, &waiting);
	return clock_ms() - (long long)(waiting / 1000000);
}

long long cpu_ms(pid_t pid)
{
	unsigned long long on_cpu, waiting;

	scheduled_ns(pid, &on_cpu, &waiting);
	return (long long)(on_cpu / 1000000);
}
