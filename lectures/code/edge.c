// SPDX-License-Identifier: GPL-2.0
/*
 * edge FILE WANT THERE - reads WANT bytes to an address where only THERE are mapped
 *
 * Behind them begins a page that must not be touched.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

/* The address of memory that ends after @there bytes. */
static char *memory_of(size_t there)
{
	char *start = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED || mprotect(start + PAGE, PAGE, PROT_NONE))
		err(1, "memory");
	return start + PAGE - there;
}

int main(int argc, char **argv)
{
	size_t want, there;
	ssize_t got;
	int fd;

	if (argc != 4)
		errx(2, "usage: edge FILE WANT THERE");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		err(1, "%s", argv[1]);
	want = strtoul(argv[2], NULL, 0);
	there = strtoul(argv[3], NULL, 0);
	if (there > PAGE)
		errx(2, "at most %d bytes", PAGE);

	got = read(fd, memory_of(there), want);
	if (got < 0)
		printf("%s", strerror(errno));
	else
		printf("%zd bytes", got);
	printf(", position %ld\n", (long)lseek(fd, 0, SEEK_CUR));
	return 0;
}
