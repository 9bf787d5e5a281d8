// SPDX-License-Identifier: GPL-2.0
/*
 * faults - how many page faults it takes to touch 4 MiB, by the kind of page
 *
 * faults small|thp|hugetlb
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define SMALL 4096UL
#define HUGE (2UL << 20)
#define SIZE (2 * HUGE)

/* SIZE bytes at a multiple of HUGE, where alone a huge page can lie. */
static char *map(int flags)
{
	char *memory = mmap(NULL, SIZE + HUGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	return memory + (HUGE - (uintptr_t)memory % HUGE) % HUGE;
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* Prints the lines of smaps that say what `memory` is made of. */
static void show(const char *memory)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	char line[256];
	int here = 0;

	if (!smaps)
		err(1, "/proc/self/smaps");
	while (fgets(line, sizeof(line), smaps)) {
		uintptr_t start, end;

		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start <= (uintptr_t)memory &&
			       (uintptr_t)memory < end;
		else if (here && (!strncmp(line, "Kernel", 6) ||
				  !strncmp(line, "AnonHuge", 8) ||
				  !strncmp(line, "Private_Hugetlb", 15)))
			fputs(line, stdout);
	}
	fclose(smaps);
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "small";
	char *memory = map(strcmp(kind, "hugetlb") ? 0 : MAP_HUGETLB);
	long before;

	if (!strcmp(kind, "thp") && madvise(memory, SIZE, MADV_HUGEPAGE))
		err(1, "madvise");
	before = faults();
	for (size_t at = 0; at < SIZE; at += SMALL)
		memory[at] = 1;
	printf("%ld faults\n", faults() - before);
	show(memory);
	return 0;
}
