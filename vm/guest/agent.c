// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's side of the channel: PID 1 of every VM.
 *
 * It boots the userland, then serves frames: starts commands, carries their
 * standard streams, reaps whatever dies.  It survives its children; if it dies
 * itself the kernel panics, which the host sees.  The host trusts none of it.
 */
#include "agent.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_POLL 200

static const struct tool {
	const char *name;
	int (*main)(int argc, char **argv);
} tools[] = {
	{ "put", tool_put },	       { "get", tool_get },
	{ "insmod", tool_insmod },     { "symbols", tool_symbols },
	{ "baseline", tool_baseline }, { "audit", tool_audit },
};

/* Clones wake with one random state; the host's bytes make them differ. */
static void reseed(const struct frame *f)
{
	struct {
		struct rand_pool_info info;
		unsigned char bytes[64];
	} pool = { 0 };
	uint32_t length = f->length < 64 ? f->length : 64;
	int fd;

	if (!length)
		return;
	pool.info.entropy_count = (int)length * 8;
	pool.info.buf_size = (int)length;
	memcpy(pool.info.buf, f->data, length);
	fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ioctl(fd, RNDADDENTROPY, &pool);
	ioctl(fd, RNDRESEEDCRNG);
	close(fd);
}

static void serve_frame(struct buffer *out, const struct frame *f)
{
	switch (f->type) {
	case FRAME_PING:
		reseed(f);
		frame_add(out, FRAME_PONG, f->job, NULL, 0);
		break;
	case FRAME_EXEC:
		jobs_exec(out, f);
		break;
	case FRAME_STACKS:
		stacks_send(out, f->job);
		break;
	default:
		jobs_frame(out, f);
	}
}

static int watch_children(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* 0: the host has not opened its end yet, which reads as the end of file. */
static int read_host(struct buffer *in, int port)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	long n = buffer_fill(in, port);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		err(1, "read from the host");
	if (!n)
		nanosleep(&pause, NULL);
	return n > 0;
}

static void serve(int port)
{
	struct buffer in = { 0 }, out = { 0 };
	int children = watch_children();
	struct pollfd fds[MAX_POLL];

	for (;;) {
		struct signalfd_siginfo info;
		struct frame f;
		int count, status;

		fds[0] = (struct pollfd){ .fd = port, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = children, .events = POLLIN };
		count = 2 + jobs_poll_prepare(fds + 2, MAX_POLL - 2);
		if (poll(fds, (nfds_t)count, -1) < 0 && errno != EINTR)
			err(1, "poll");

		if (fds[0].revents & POLLIN && !read_host(&in, port))
			continue;
		while ((status = frame_next(&in, &f)) > 0)
			serve_frame(&out, &f);
		if (status < 0)
			errx(1, "the host sent what is no frame");
		jobs_poll_handle(&out, fds + 2, count - 2);
		if (fds[1].revents & POLLIN) {
			while (read(children, &info, sizeof(info)) > 0)
				;
			jobs_reap(&out);
		}
		if (buffer_flush(&out, port) < 0)
			err(1, "write to the host");
	}
}

int main(int argc, char **argv)
{
	if (getpid() == 1) {
		boot();
		serve(boot_open_port());
	}
	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++)
		if (argc > 1 && !strcmp(argv[1], tools[i].name))
			return tools[i].main(argc - 1, argv + 1);
	errx(2, "usage: agent put|get|insmod|symbols|baseline|audit");
}
