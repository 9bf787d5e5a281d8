// SPDX-License-Identifier: GPL-2.0
/*
 * calls FILE - reads in four ways, and says what each does to the position
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Says what a call gave, what it read, and where the file is now. */
static void tell(int fd, const char *call, long result, const char *bytes)
{
	if (result < 0)
		printf("%-22s %s\n", call, strerror(errno));
	else
		printf("%-22s = %ld \"%.*s\", position %ld\n", call, result,
		       (int)(bytes ? result : 0), bytes ? bytes : "",
		       (long)lseek(fd, 0, SEEK_CUR));
}

static void read_pieces(int fd, char *bytes)
{
	struct iovec pieces[] = { { bytes, 2 }, { bytes + 2, 3 } };

	tell(fd, "readv(2 and 3)", readv(fd, pieces, 2), bytes);
}

int main(int argc, char **argv)
{
	char bytes[16];
	int fd;

	if (argc != 2)
		errx(2, "usage: calls FILE");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		err(1, "%s", argv[1]);
	tell(fd, "read(4)", read(fd, bytes, 4), bytes);
	tell(fd, "pread(4, from 21)", pread(fd, bytes, 4, 21), bytes);
	read_pieces(fd, bytes);
	tell(fd, "lseek(100)", lseek(fd, 100, SEEK_SET), NULL);
	tell(fd, "lseek(0 from the end)", lseek(fd, 0, SEEK_END), NULL);
	tell(fd, "read(4)", read(fd, bytes, 4), bytes);
	return 0;
}
