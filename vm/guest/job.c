// SPDX-License-Identifier: GPL-2.0
/* One job is one command that the host asked for, with its three streams. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_JOBS 64
#define MAX_STRINGS 1024
#define MAX_LAST_READS 64 /* a pipe holds 64 KiB; its writers may live on */

enum {
	IN,
	OUT,
	ERR,
	STREAMS
};

struct job {
	uint32_t id;
	pid_t pid; /* 0: this place is free */
	int fd[STREAMS]; /* our ends; -1: closed */
	int slot[STREAMS]; /* where each is in the poll set; -1: nowhere */
	struct buffer input; /* from the host, not yet taken by the command */
	int input_ends, is_tty;
	uint32_t unacknowledged; /* bytes of output on their way */
};

static struct job jobs[MAX_JOBS];

static struct job *job_find(uint32_t id)
{
	for (int i = 0; i < MAX_JOBS; i++)
		if (jobs[i].pid && jobs[i].id == id)
			return &jobs[i];
	return NULL;
}

static struct job *job_new(uint32_t id)
{
	for (int i = 0; i < MAX_JOBS; i++) {
		struct job *job = &jobs[i];

		if (job->pid)
			continue;
		memset(job, 0, sizeof(*job));
		job->id = id;
		for (int s = 0; s < STREAMS; s++)
			job->fd[s] = job->slot[s] = -1;
		return job;
	}
	return NULL;
}

static void job_close(struct job *job, int s)
{
	if (job->fd[s] >= 0)
		close(job->fd[s]);
	job->fd[s] = -1;
}

static void job_free(struct job *job)
{
	for (int s = 0; s < STREAMS; s++)
		job_close(job, s);
	buffer_free(&job->input);
	job->pid = 0;
}

/* Makes the pipes or the terminal; theirs[] are the ends for the command. */
static int job_open_streams(struct job *job, uint32_t flags, int theirs[])
{
	int pair[2];

	if (flags & EXEC_TTY) {
		int master, slave;

		if (openpty(&master, &slave, NULL, NULL, NULL))
			return -1;
		job->is_tty = 1;
		job->fd[OUT] = master;
		job->fd[IN] = fcntl(master, F_DUPFD_CLOEXEC, 3);
		fcntl(master, F_SETFD, FD_CLOEXEC);
		theirs[IN] = theirs[OUT] = theirs[ERR] = slave;
		return 0;
	}
	for (int s = OUT; s <= ERR; s++) {
		if (pipe2(pair, O_CLOEXEC))
			return -1;
		job->fd[s] = pair[0];
		theirs[s] = pair[1];
	}
	if (flags & EXEC_NO_INPUT) {
		theirs[IN] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return theirs[IN] < 0 ? -1 : 0;
	}
	if (pipe2(pair, O_CLOEXEC))
		return -1;
	theirs[IN] = pair[0];
	job->fd[IN] = pair[1];
	return 0;
}

static void close_theirs(int theirs[])
{
	for (int s = 0; s < STREAMS; s++)
		if (theirs[s] >= 0 && (s == IN || theirs[s] != theirs[IN]))
			close(theirs[s]);
}

/* posix_spawn shares our memory until exec, which a fork would copy. */
static int job_spawn(struct job *job, int theirs[], char **argv, char **envp)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char terminal[64];
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID |
						      POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	for (int s = 0; s < STREAMS; s++)
		posix_spawn_file_actions_adddup2(&actions, theirs[s], s);
	/* A session's first terminal that it opens becomes its own. */
	if (job->is_tty && !ttyname_r(theirs[IN], terminal, sizeof(terminal)))
		posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR,
						 0);
	error = posix_spawnp(&job->pid, argv[0], &actions, &attributes, argv,
			     envp);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

/* Splits the NUL-ended strings of a request; -1 when they are malformed. */
static int parse_strings(const struct frame *f, struct exec_head *head,
			 char **argv, char **envp)
{
	char *at = (char *)f->data + sizeof(*head);
	char *end = (char *)f->data + f->length;
	uint32_t count = 0, variables = 0;

	if (f->length <= sizeof(*head) || end[-1] != '\0')
		return -1;
	memcpy(head, f->data, sizeof(*head));
	for (; at < end; at += strlen(at) + 1, count++) {
		if (count < head->argc && count < MAX_STRINGS - 1)
			argv[count] = at;
		else if (count >= head->argc && variables < MAX_STRINGS - 1)
			envp[variables++] = at;
		else
			return -1;
	}
	if (!head->argc || count < head->argc)
		return -1;
	argv[head->argc] = NULL;
	envp[variables] = NULL;
	return 0;
}

void jobs_exec(struct buffer *out, const struct frame *f)
{
	static char *argv[MAX_STRINGS], *envp[MAX_STRINGS];
	int theirs[STREAMS] = { -1, -1, -1 }, error;
	struct job *job = job_new(f->job);
	struct exec_head head;

	if (!job || parse_strings(f, &head, argv, envp)) {
		frame_add_u32(out, FRAME_FAILED, f->job, job ? EINVAL : EAGAIN);
		return;
	}
	error = job_open_streams(job, head.flags, theirs) ? errno : 0;
	if (!error)
		error = job_spawn(job, theirs, argv, envp);
	close_theirs(theirs);
	if (error) {
		job_free(job);
		frame_add_u32(out, FRAME_FAILED, f->job, (uint32_t)error);
		return;
	}
	for (int s = 0; s < STREAMS; s++)
		if (job->fd[s] >= 0)
			fcntl(job->fd[s], F_SETFL, O_NONBLOCK);
}

static void job_resize(struct job *job, const struct frame *f)
{
	struct winsize size = { 0 };
	uint32_t words[2];

	if (!job->is_tty || f->length < sizeof(words))
		return;
	memcpy(words, f->data, sizeof(words));
	size.ws_row = (unsigned short)words[0];
	size.ws_col = (unsigned short)words[1];
	ioctl(job->fd[OUT], TIOCSWINSZ, &size);
}

void jobs_frame(struct buffer *out, const struct frame *f)
{
	struct job *job = job_find(f->job);

	(void)out;
	if (!job)
		return; /* it ended while this was on its way */
	switch (f->type) {
	case FRAME_IN:
		buffer_add(&job->input, f->data, f->length);
		break;
	case FRAME_IN_END:
		if (job->is_tty) /* a terminal ends by a key, Ctrl-D */
			buffer_add(&job->input, "\x04", 1);
		else
			job->input_ends = 1;
		break;
	case FRAME_SIGNAL:
		kill(-job->pid, (int)frame_u32(f));
		break;
	case FRAME_RESIZE:
		job_resize(job, f);
		break;
	case FRAME_ACK_OUT:
		job->unacknowledged -= frame_u32(f);
		break;
	}
	if (job->input_ends && !buffer_length(&job->input))
		job_close(job, IN);
}

int jobs_poll_prepare(struct pollfd *fds, int room)
{
	int count = 0;

	for (int i = 0; i < MAX_JOBS; i++) {
		struct job *job = &jobs[i];
		int full = job->unacknowledged + FRAME_MAX > FRAME_WINDOW;

		if (!job->pid)
			continue;
		for (int s = 0; s < STREAMS; s++) {
			int wanted = s == IN ? buffer_length(&job->input) > 0 :
					       !full;

			job->slot[s] = -1;
			if (job->fd[s] < 0 || !wanted || count == room)
				continue;
			job->slot[s] = count;
			fds[count++] = (struct pollfd){
				.fd = job->fd[s],
				.events = s == IN ? POLLOUT : POLLIN,
			};
		}
	}
	return count;
}

static void job_feed(struct job *job, struct buffer *out)
{
	size_t before = buffer_length(&job->input);
	int gone = buffer_flush(&job->input, job->fd[IN]) < 0;
	size_t taken = before - buffer_length(&job->input);

	if (gone) { /* it reads no more: swallow the rest, as a shell would */
		buffer_free(&job->input);
		taken = before;
	}
	if (taken)
		frame_add_u32(out, FRAME_ACK_IN, job->id, (uint32_t)taken);
	if (job->input_ends && !buffer_length(&job->input))
		job_close(job, IN);
}

/* Sends one read's worth; 0 when there is nothing more for now. */
static int job_drain(struct job *job, int s, struct buffer *out)
{
	static unsigned char data[FRAME_MAX];
	ssize_t n = read(job->fd[s], data, sizeof(data));

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			job_close(job, s);
		return 0;
	}
	job->unacknowledged += (uint32_t)n;
	frame_add(out, s == OUT ? FRAME_OUT : FRAME_ERR, job->id, data,
		  (uint32_t)n);
	return 1;
}

void jobs_poll_handle(struct buffer *out, const struct pollfd *fds, int count)
{
	for (int i = 0; i < MAX_JOBS; i++) {
		struct job *job = &jobs[i];

		for (int s = 0; job->pid && s < STREAMS; s++) {
			int slot = job->slot[s];

			job->slot[s] = -1;
			if (slot < 0 || slot >= count || job->fd[s] < 0 ||
			    !fds[slot].revents)
				continue;
			if (s == IN)
				job_feed(job, out);
			else
				job_drain(job, s, out);
		}
	}
}

/*
 * A command that ended may have left up to a pipe's worth of output, which is
 * sent whatever the window says; what children of its own write later is lost.
 */
static void job_exit(struct job *job, int status, struct buffer *out)
{
	for (int s = OUT; s <= ERR; s++)
		for (int reads = 0; reads < MAX_LAST_READS; reads++)
			if (job->fd[s] < 0 || !job_drain(job, s, out))
				break;
	frame_add_u32(out, FRAME_EXIT, job->id, (uint32_t)status);
	job_free(job);
}

void jobs_reap(struct buffer *out)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < MAX_JOBS; i++)
			if (jobs[i].pid == pid)
				job_exit(&jobs[i], status, out);
}
