// SPDX-License-Identifier: GPL-2.0
/*
 * vector - one call that reads into, or writes from, several pieces of memory
 *
 *	vector POSITION PLACE read LENGTH...
 *	vector POSITION PLACE write TEXT...
 *
 * The tape is opened, and its position moved to POSITION.  PLACE is where the
 * call is made: "here" (readv, writev), an offset (preadv, pwritev), or "end"
 * (pwritev2 with RWF_APPEND).  Each LENGTH or TEXT is a piece of memory of its own;
 * with ":K" behind it only the first K bytes of it are mapped.
 *
 * Prints what the call gave, the position after it, and for a read what is now in
 * each piece, in hex; what was not read is 5a.
 */

#define _GNU_SOURCE
#include "../../lib/guest/errno_name.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define TAPE "/dev/tape"
#define POISON 0x5a
#define MOST 8

static struct iovec pieces[MOST];
static size_t mapped[MOST]; /* bytes of each */

/* Memory of which the first @there bytes exist, and no byte more. */
static unsigned char *guarded(size_t there)
{
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *start = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (there > page)
		errx(2, "a piece of %zu bytes is too long", there);
	if (start == MAP_FAILED || mprotect(start + page, page, PROT_NONE))
		err(2, "cannot map memory");
	memset(start, POISON, page);
	return start + page - there;
}

static void make_piece(int k, char *text, bool reads)
{
	char *colon = strchr(text, ':');

	if (colon)
		*colon = '\0';
	pieces[k].iov_len = reads ? strtoul(text, NULL, 10) : strlen(text);
	mapped[k] = colon ? strtoul(colon + 1, NULL, 10) : pieces[k].iov_len;
	pieces[k].iov_base = guarded(mapped[k]);
	if (!reads)
		memcpy(pieces[k].iov_base, text, mapped[k]);
}

static ssize_t call(int tape, bool reads, const char *place, int count)
{
	long offset = strtol(place, NULL, 10);

	if (!strcmp(place, "here"))
		return reads ? readv(tape, pieces, count) :
			       writev(tape, pieces, count);
	if (!strcmp(place, "end"))
		return syscall(SYS_pwritev2, tape, pieces, count, 0, 0,
			       RWF_APPEND);
	return reads ? preadv(tape, pieces, count, offset) :
		       pwritev(tape, pieces, count, offset);
}

static void print_piece(int k)
{
	const unsigned char *bytes = pieces[k].iov_base;
	size_t n;

	printf(" ");
	for (n = 0; n < mapped[k]; n++)
		printf("%02x", bytes[n]);
}

int main(int argc, char **argv)
{
	int tape, k, count = argc - 4;
	bool reads;
	ssize_t result;

	if (count < 1 || count > MOST)
		errx(2, "usage: vector POSITION PLACE read|write PIECE...");
	reads = !strcmp(argv[3], "read");
	for (k = 0; k < count; k++)
		make_piece(k, argv[4 + k], reads);
	tape = open(TAPE, O_RDWR | O_CLOEXEC);
	if (tape < 0 || lseek(tape, strtol(argv[1], NULL, 10), SEEK_SET) < 0)
		err(1, "%s", TAPE);

	result = call(tape, reads, argv[2], count);
	if (result < 0)
		printf("-%s", errno_name(errno) ?: "?");
	else
		printf("%zd", result);
	printf(" %ld", (long)lseek(tape, 0, SEEK_CUR));
	for (k = 0; reads && k < count; k++)
		print_piece(k);
	printf("\n");
	return 0;
}
