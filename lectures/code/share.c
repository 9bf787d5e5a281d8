// SPDX-License-Identifier: GPL-2.0
/*
 * share FILE READS - two processes with one open file read byte by byte
 *
 * Each makes READS calls.  If every call had a byte of its own, the position
 * would move by twice as many.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_bytes(int fd, long reads)
{
	char byte;

	while (reads-- > 0)
		if (read(fd, &byte, 1) != 1)
			err(1, "read");
}

int main(int argc, char **argv)
{
	long reads, position;
	pid_t pid;
	int fd;

	if (argc != 3)
		errx(2, "usage: share FILE READS");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		err(1, "%s", argv[1]);
	reads = strtol(argv[2], NULL, 0);

	pid = fork();
	if (pid < 0)
		err(1, "fork");
	read_bytes(fd, reads);
	if (pid == 0)
		return 0;
	wait(NULL);

	position = lseek(fd, 0, SEEK_CUR);
	printf("%ld reads of a byte moved the position by %s%ld\n", 2 * reads,
	       position < 2 * reads ? "only " : "", position);
	return 0;
}
