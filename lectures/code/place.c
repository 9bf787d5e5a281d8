// SPDX-License-Identifier: GPL-2.0
/*
 * place - on which node the pages of a mapping lie, before and after they are touched
 *
 * place [NODE]    with NODE: only there
 */
#define _GNU_SOURCE
#include <err.h>
#include <linux/mempolicy.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096UL
#define PAGES 8

/* Pages between two that cannot be used, so that they stay a mapping of their own. */
static char *map(void)
{
	char *memory = mmap(NULL, (PAGES + 2) * PAGE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	if (mprotect(memory + PAGE, PAGES * PAGE, PROT_READ | PROT_WRITE))
		err(1, "mprotect");
	return memory + PAGE;
}

static void bind_to(void *memory, int node)
{
	unsigned long nodes = 1UL << node;

	/* musl has no mbind(); of the bits that it is told the kernel uses one less */
	if (syscall(SYS_mbind, memory, PAGES * PAGE, MPOL_BIND, &nodes,
		    8 * sizeof(nodes), 0U))
		err(1, "mbind to node %d", node);
}

/* Prints what numa_maps says of the mapping, without its address. */
static void show(const char *when, const char *memory)
{
	FILE *maps = fopen("/proc/self/numa_maps", "r");
	char line[256];

	if (!maps)
		err(1, "/proc/self/numa_maps");
	while (fgets(line, sizeof(line), maps)) {
		char *rest;

		if (strtoul(line, &rest, 16) == (uintptr_t)memory)
			printf("%s:%s", when, rest);
	}
	fclose(maps);
}

int main(int argc, char **argv)
{
	char *memory = map();

	if (argc > 1)
		bind_to(memory, atoi(argv[1]));
	show("untouched", memory);
	for (int page = 0; page < 3; page++)
		memory[page * PAGE] = 1;
	show("touched", memory);
	return 0;
}
