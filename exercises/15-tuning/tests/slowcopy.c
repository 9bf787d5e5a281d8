// SPDX-License-Identifier: GPL-2.0
/*
 * slowcopy - a call whose copy to or from the program stops half-way
 *
 *	slowcopy KEY read|write
 *
 * The memory that the call is given has no page yet, and user space itself has
 * to supply it (userfaultfd), which it does only after another process has tried
 * to play a note with O_NONBLOCK.  Prints what that gave, then what the call gave.
 */

#define _GNU_SOURCE
#include "../../lib/guest/errno_name.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATIENCE 3000 /* ms until the copy has to touch the memory */

struct call {
	int key;
	bool reads;
	char *memory;
	size_t page;
	long result;
	int error;
};

static void *make_call(void *data)
{
	struct call *call = data;

	call->result = call->reads ? read(call->key, call->memory, call->page) :
				     write(call->key, call->memory, 2);
	call->error = errno;
	return NULL;
}

static void print_result(const char *what, long result, int error)
{
	const char *name = errno_name(error);

	if (result < 0)
		printf("%s -%s\n", what, name ? name : "?");
	else
		printf("%s %ld\n", what, result);
}

/* A descriptor that tells of the first touch of each page of @memory. */
static int watch(char *memory, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (unsigned long)memory, size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &range))
		err(2, "no userfaultfd");
	return fd;
}

static void supply(int fd, const struct call *call)
{
	static char page[65536] = "10";
	struct uffdio_copy copy = {
		.dst = (unsigned long)call->memory,
		.src = (unsigned long)page,
		.len = call->page,
	};

	if (ioctl(fd, UFFDIO_COPY, &copy))
		err(2, "cannot supply the page");
}

int main(int argc, char **argv)
{
	struct call call = { .page = sysconf(_SC_PAGESIZE) };
	struct pollfd touched = { .events = POLLIN };
	char path[32];
	pthread_t thread;
	int other;
	long result;

	if (argc != 3)
		errx(2, "usage: slowcopy KEY read|write");
	snprintf(path, sizeof(path), "/dev/kkey%s", argv[1]);
	call.reads = !strcmp(argv[2], "read");
	call.key = open(path, O_RDWR | O_CLOEXEC);
	other = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (call.key < 0 || other < 0)
		err(1, "cannot open %s", path);
	call.memory = mmap(NULL, call.page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (call.memory == MAP_FAILED)
		err(2, "cannot map memory");
	touched.fd = watch(call.memory, call.page);

	if (pthread_create(&thread, NULL, make_call, &call))
		errx(2, "cannot start a thread");
	if (poll(&touched, 1, PATIENCE) != 1 || touched.revents != POLLIN)
		errx(1, "the call does not touch the memory");
	result = write(other, "1", 1);
	print_result("meanwhile", result, errno);
	supply(touched.fd, &call);
	pthread_join(thread, NULL);
	print_result("call", call.result, call.error);
	return 0;
}
