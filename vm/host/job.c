// SPDX-License-Identifier: GPL-2.0
/* The host's side of one job: our streams, signals and terminal, and its end. */
#include "commands.h"

#include "guest.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct job {
	int vm, in, out, signals;
	struct buffer to_vm, from_vm;
	uint32_t unacknowledged; /* bytes of input on their way */
	int in_ended, is_tty;
	int status; /* -1 until it is known */
};

static struct termios saved_terminal;

static void restore_terminal(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &saved_terminal);
}

static void raw_terminal(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &saved_terminal))
		return;
	atexit(restore_terminal);
	raw = saved_terminal;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void send_size(struct job *job)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	uint32_t words[2];

	ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	words[0] = size.ws_row;
	words[1] = size.ws_col;
	frame_add(&job->to_vm, FRAME_RESIZE, 0, words, sizeof(words));
}

static int watch_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGQUIT);
	sigaddset(&mask, SIGUSR1);
	sigaddset(&mask, SIGUSR2);
	sigaddset(&mask, SIGWINCH);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &mask, SFD_CLOEXEC);
}

static void pass_signal(struct job *job)
{
	struct signalfd_siginfo info;

	if (read(job->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH && job->is_tty)
		send_size(job);
	else if (info.ssi_signo != SIGWINCH)
		frame_add_u32(&job->to_vm, FRAME_SIGNAL, 0, info.ssi_signo);
}

static void read_input(struct job *job)
{
	static char data[FRAME_MAX];
	ssize_t n = read(job->in, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		frame_add(&job->to_vm, FRAME_IN_END, 0, NULL, 0);
		job->in_ended = 1;
		return;
	}
	job->unacknowledged += (uint32_t)n;
	frame_add(&job->to_vm, FRAME_IN, 0, data, (uint32_t)n);
}

/* Our own reader may be slow; then the guest waits, within its window. */
static void write_output(struct job *job, int fd, const struct frame *f)
{
	const unsigned char *data = f->data;
	uint32_t left = f->length;

	while (left) {
		ssize_t n = write(fd, data, left);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd ready = { fd, POLLOUT, 0 };

			poll(&ready, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE)
			break; /* like a local command whose reader is gone */
		if (n < 0)
			err(EXIT_ENGINE, "write output");
		data += n;
		left -= (uint32_t)n;
	}
	if (left)
		frame_add_u32(&job->to_vm, FRAME_SIGNAL, 0, SIGPIPE);
	frame_add_u32(&job->to_vm, FRAME_ACK_OUT, 0, f->length);
}

static int status_of(uint32_t wait_status)
{
	int status = (int)wait_status;

	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

static void serve_frame(struct job *job, const struct frame *f,
			const char *command)
{
	switch (f->type) {
	case FRAME_OUT:
		write_output(job, job->out, f);
		break;
	case FRAME_ERR:
		write_output(job, STDERR_FILENO, f);
		break;
	case FRAME_ACK_IN:
		job->unacknowledged -= frame_u32(f);
		break;
	case FRAME_EXIT:
		job->status = status_of(frame_u32(f));
		break;
	case FRAME_FAILED:
		warnx("%s: %s (in the guest)", command,
		      strerror((int)frame_u32(f)));
		job->status = frame_u32(f) == ENOENT ? EXIT_NOT_FOUND :
						       EXIT_CANNOT_RUN;
		break;
	case FRAME_ENDED:
		job->status = (int)frame_u32(f);
		if (f->length > 4)
			warnx("%.*s", (int)f->length - 4,
			      (const char *)f->data + 4);
		break;
	}
}

static void read_frames(struct job *job, const char *command)
{
	struct frame f;
	int status = 0;

	if (buffer_fill(&job->from_vm, job->vm) <= 0)
		status = -1;
	while (job->status < 0 && !status &&
	       (status = frame_next(&job->from_vm, &f)) > 0) {
		serve_frame(job, &f, command);
		status = 0;
	}
	if (job->status < 0 && status < 0) {
		warnx("the VM's supervisor is gone");
		job->status = EXIT_ENGINE;
	}
}

static void serve(struct job *job, const char *command)
{
	while (job->status < 0) {
		int full = job->unacknowledged + FRAME_MAX > FRAME_WINDOW;
		struct pollfd fds[] = {
			{ job->vm, POLLIN, 0 },
			{ job->signals, POLLIN, 0 },
			{ job->in_ended || full ? -1 : job->in, POLLIN, 0 },
		};

		if (buffer_length(&job->to_vm))
			fds[0].events |= POLLOUT;
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			err(EXIT_ENGINE, "poll");
		if (fds[1].revents)
			pass_signal(job);
		if (fds[2].revents)
			read_input(job);
		if (fds[0].revents & POLLOUT)
			buffer_flush(&job->to_vm, job->vm);
		if (fds[0].revents & (POLLIN | POLLHUP))
			read_frames(job, command);
	}
}

/* A command without input needs no frames for it. */
static int is_dev_null(int fd)
{
	struct stat st, null;

	return fd < 0 || (!fstat(fd, &st) && !stat("/dev/null", &null) &&
			  S_ISCHR(st.st_mode) && st.st_rdev == null.st_rdev);
}

int run_job(const struct settings *s, int flags, double timeout,
	    char *const argv[], int in, int out)
{
	struct exec_head head = { .flags = (uint32_t)flags,
				  .timeout_ms = (uint32_t)(timeout * 1000) };
	struct job job = { .in = in, .out = out, .status = -1 };

	job.vm = connect_vm_or_exit(s);
	job.is_tty = !!(flags & EXEC_TTY);
	if (!job.is_tty && is_dev_null(in)) {
		head.flags |= EXEC_NO_INPUT;
		job.in_ended = 1;
	}
	job.signals = watch_signals();
	if (guest_add_exec(&job.to_vm, 0, &head, argv))
		errx(EXIT_USAGE,
		     "the command line of %s is longer than %u "
		     "bytes; put a file into the guest instead",
		     argv[0], FRAME_MAX);
	if (job.is_tty) {
		send_size(&job);
		raw_terminal();
	}
	serve(&job, argv[0]);
	return job.status;
}
