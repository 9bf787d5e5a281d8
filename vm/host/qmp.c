// SPDX-License-Identifier: GPL-2.0
#include "qmp.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Takes one line out of the buffer and parses it; NULL: no whole line yet. */
static json_t *next_message(struct qmp *q)
{
	unsigned char *line = q->in.data + q->in.start, *end;
	json_t *message;

	end = buffer_length(&q->in) ?
		      memchr(line, '\n', buffer_length(&q->in)) :
		      NULL;
	if (!end)
		return NULL;
	message = json_loadb((char *)line, (size_t)(end - line), 0, NULL);
	q->in.start += (size_t)(end - line) + 1;
	return message ? message : json_object();
}

/* The next message that is no event; NULL when there is none. */
static json_t *next_answer(struct qmp *q)
{
	json_t *message;

	while ((message = next_message(q))) {
		json_t *event = json_object_get(message, "event");

		if (!event)
			return message;
		if (q->event)
			q->event(q->context, json_string_value(event),
				 json_object_get(message, "data"));
		json_decref(message);
	}
	return NULL;
}

/* 1: QEMU wrote something; 0: only the console did; -1: the time is over. */
static int wait_readable(struct qmp *q, long long deadline, int timeout_ms)
{
	struct pollfd fds[2] = {
		{ .fd = q->fd, .events = POLLIN },
		{ .fd = q->drain ? q->drain_fd : -1, .events = POLLIN },
	};
	long long left = deadline - clock_ms();

	if (left <= 0 || poll(fds, 2, (int)left) == 0) {
		snprintf(q->error, sizeof(q->error),
			 "QEMU did not answer within %d ms", timeout_ms);
		return -1;
	}
	if (fds[1].revents)
		q->drain(q->context);
	return fds[0].revents != 0;
}

static json_t *wait_answer(struct qmp *q, int timeout_ms)
{
	long long deadline = clock_ms() + timeout_ms;
	json_t *answer;

	while (!(answer = next_answer(q))) {
		int status = wait_readable(q, deadline, timeout_ms);

		if (status < 0)
			return NULL;
		if (status && buffer_fill(&q->in, q->fd) <= 0) {
			snprintf(q->error, sizeof(q->error), "QEMU ended");
			return NULL;
		}
	}
	return answer;
}

static void handle_events(struct qmp *q)
{
	json_t *stray;

	while ((stray = next_answer(q)))
		json_decref(stray);
}

int qmp_read(struct qmp *q)
{
	if (buffer_fill(&q->in, q->fd) <= 0 && errno != EAGAIN)
		return -1;
	handle_events(q);
	return 0;
}

int qmp_wait(struct qmp *q, const int *flag, int timeout_ms)
{
	long long deadline = clock_ms() + timeout_ms;

	handle_events(q); /* some may have come with the last answer */
	while (!*flag) {
		int status = wait_readable(q, deadline, timeout_ms);

		if (status < 0)
			return -1;
		if (status && qmp_read(q)) {
			snprintf(q->error, sizeof(q->error), "QEMU ended");
			return -1;
		}
	}
	return 0;
}

static json_t *result_of(struct qmp *q, json_t *answer, const char *command)
{
	json_t *result, *error;

	if (!answer)
		return NULL;
	error = json_object_get(answer, "error");
	result = json_object_get(answer, "return");
	if (!result)
		snprintf(q->error, sizeof(q->error), "%s: %s", command,
			 json_string_value(json_object_get(error, "desc")) ?:
				 "no answer that QMP knows");
	json_incref(result);
	json_decref(answer);
	return result;
}

static int send_command(struct qmp *q, const char *command, json_t *arguments,
			int fd)
{
	json_t *request = json_pack("{s:s}", "execute", command);
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct msghdr message = { .msg_iovlen = 1 };
	struct iovec text;
	ssize_t sent;
	char *line;

	if (arguments)
		json_object_set_new(request, "arguments", arguments);
	line = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	text = (struct iovec){ .iov_base = line, .iov_len = strlen(line) };
	message.msg_iov = &text;
	if (fd >= 0) {
		struct cmsghdr *rights;

		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		rights = CMSG_FIRSTHDR(&message);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), &fd, sizeof(int));
	}
	sent = sendmsg(q->fd, &message, MSG_NOSIGNAL);
	free(line);
	if (sent < 0)
		snprintf(q->error, sizeof(q->error), "%s: %s", command,
			 strerror(errno));
	return sent < 0 ? -1 : 0;
}

json_t *qmp_execute(struct qmp *q, const char *command, json_t *arguments,
		    int timeout_ms)
{
	if (send_command(q, command, arguments, -1))
		return NULL;
	return result_of(q, wait_answer(q, timeout_ms), command);
}

int qmp_do(struct qmp *q, const char *command, json_t *arguments,
	   int timeout_ms)
{
	json_t *result = qmp_execute(q, command, arguments, timeout_ms);

	json_decref(result);
	return result ? 0 : -1;
}

int qmp_give_fd(struct qmp *q, int fd, const char *name, int timeout_ms)
{
	json_t *result;

	if (send_command(q, "getfd", json_pack("{s:s}", "fdname", name), fd))
		return -1;
	result = result_of(q, wait_answer(q, timeout_ms), "getfd");
	json_decref(result);
	return result ? 0 : -1;
}

int qmp_open(struct qmp *q, int fd, int timeout_ms)
{
	json_t *greeting;

	q->fd = fd;
	greeting = wait_answer(q, timeout_ms);
	json_decref(greeting);
	return greeting ? qmp_do(q, "qmp_capabilities", NULL, timeout_ms) : -1;
}

char *qmp_human(struct qmp *q, const char *line, int timeout_ms)
{
	json_t *result = qmp_execute(q, "human-monitor-command",
				     json_pack("{s:s}", "command-line", line),
				     timeout_ms);
	const char *text = json_string_value(result);
	char *copy = text ? strdup(text) : NULL;

	json_decref(result);
	return copy;
}
