// SPDX-License-Identifier: GPL-2.0
#include "guest.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QMP_MS 20000 /* QEMU itself answers in microseconds */

/* What every command finds in its environment. */
static const char *const environment[] = {
	"PATH=/bin:/sbin",
	"HOME=/root",
	"TERM=linux",
	"USER=root",
};

static void on_event(void *context, const char *name, json_t *data)
{
	struct guest *g = context;
	const char *status = json_string_value(json_object_get(data, "status"));
	const char *reason = json_string_value(json_object_get(data, "reason"));

	if (!strcmp(name, "SHUTDOWN"))
		snprintf(g->shutdown, sizeof(g->shutdown), "%s",
			 reason ? reason : "unknown");
	else if (!strcmp(name, "MIGRATION") && status &&
		 !strcmp(status, "completed"))
		g->migrated = 1;
}

void guest_drain_console(struct guest *g)
{
	char data[65536];
	ssize_t n;

	while ((n = read(g->machine.console, data, sizeof(data))) > 0)
		console_add(&g->console, data, (size_t)n);
}

static void drain(void *context)
{
	guest_drain_console(context);
}

int guest_start(struct guest *g, const struct machine_spec *spec, char **why)
{
	memset(g, 0, sizeof(*g));
	machine_start(&g->machine, spec);
	return guest_greet(g, why);
}

int guest_greet(struct guest *g, char **why)
{
	g->gdb.fd = g->machine.gdb;
	g->qmp.event = on_event;
	g->qmp.drain = drain;
	g->qmp.drain_fd = g->machine.console;
	g->qmp.context = g;
	if (!qmp_open(&g->qmp, g->machine.qmp, QMP_MS))
		return 0;
	*why = machine_errors(&g->machine);
	if (!**why)
		*why = format("%s", g->qmp.error);
	guest_end(g);
	return -1;
}

static int enable(struct guest *g, const char *capability)
{
	return qmp_do(&g->qmp, "migrate-set-capabilities",
		      json_pack("{s:[{s:s,s:b}]}", "capabilities", "capability",
				capability, "state", 1),
		      QMP_MS);
}

int guest_resume(struct guest *g, int state, const struct bearings *b,
		 char **why)
{
	if (enable(g, "x-ignore-shared") || enable(g, "events") ||
	    qmp_give_fd(&g->qmp, state, "state", QMP_MS) ||
	    qmp_do(&g->qmp, "migrate-incoming",
		   json_pack("{s:s}", "uri", "fd:state"), QMP_MS))
		goto out_error;
	if (qmp_wait(&g->qmp, &g->migrated, QMP_MS))
		goto out_error;
	if (b && tripwire_arm(&g->gdb, b)) {
		snprintf(g->qmp.error, sizeof(g->qmp.error),
			 "QEMU's gdbstub took no breakpoint");
		goto out_error;
	}
	if (!qmp_do(&g->qmp, "cont", NULL, QMP_MS))
		return 0;
out_error:
	*why = machine_errors(&g->machine);
	if (!**why)
		*why = format("%s", g->qmp.error);
	return -1;
}

/*
 * Serves agent, console and QMP until the agent sent a frame; 1 with the
 * frame, 0 when the time is over, -1 when the guest is gone.
 */
static int next_frame(struct guest *g, struct frame *f, long long deadline)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = g->machine.agent, .events = POLLIN },
			{ .fd = g->machine.console, .events = POLLIN },
			{ .fd = g->qmp.fd, .events = POLLIN },
		};
		long long left = deadline - clock_ms();
		int status = frame_next(&g->from_agent, f);

		if (status)
			return status;
		if (buffer_length(&g->to_agent))
			fds[0].events |= POLLOUT;
		if (left <= 0)
			return 0;
		if (poll(fds, 3, (int)left) < 0 && errno != EINTR)
			return -1;
		if (fds[1].revents)
			guest_drain_console(g);
		if (fds[2].revents && qmp_read(&g->qmp))
			return -1;
		if (fds[0].revents & POLLOUT)
			buffer_flush(&g->to_agent, g->machine.agent);
		if (fds[0].revents & POLLIN &&
		    buffer_fill(&g->from_agent, g->machine.agent) <= 0)
			return -1;
	}
}

/* The last lines of the console, for the report of a guest that died. */
static char *last_words(struct guest *g, const char *what)
{
	char *text, *tail, *result;

	guest_drain_console(g);
	text = console_text(&g->console);
	tail = strlen(text) > 2500 ? text + strlen(text) - 2500 : text;
	result = format("%s; the console ends with:\n%s", what, tail);
	free(text);
	return result;
}

static int wait_frame(struct guest *g, struct frame *f, long long deadline,
		      char **why)
{
	int status = next_frame(g, f, deadline);

	if (status > 0)
		return 1;
	*why = last_words(g, status ? "the guest ended" :
				      "the guest did not answer in time");
	return -1;
}

int guest_ping(struct guest *g, const void *entropy, uint32_t length,
	       int timeout_ms, char **why)
{
	long long deadline = clock_ms() + timeout_ms;
	struct frame f;

	frame_add(&g->to_agent, FRAME_PING, 0, entropy, length);
	do {
		if (wait_frame(g, &f, deadline, why) < 0)
			return -1;
	} while (f.type != FRAME_PONG);
	return 0;
}

int guest_add_exec(struct buffer *b, uint32_t job, const struct exec_head *head,
		   char *const argv[])
{
	const size_t variables = sizeof(environment) / sizeof(*environment);
	struct exec_head full = *head;
	struct buffer payload = { 0 };
	int too_long;

	for (full.argc = 0; argv[full.argc]; full.argc++)
		;
	buffer_add(&payload, &full, sizeof(full));
	for (uint32_t i = 0; i < full.argc; i++)
		buffer_add(&payload, argv[i], strlen(argv[i]) + 1);
	for (size_t i = 0; i < variables; i++)
		buffer_add(&payload, environment[i],
			   strlen(environment[i]) + 1);
	too_long = buffer_length(&payload) > FRAME_MAX;
	if (!too_long)
		frame_add(b, FRAME_EXEC, job, payload.data + payload.start,
			  (uint32_t)buffer_length(&payload));
	buffer_free(&payload);
	return too_long ? -1 : 0;
}

int guest_run(struct guest *g, char *const argv[], int timeout_ms,
	      char **output, char **why)
{
	long long deadline = clock_ms() + timeout_ms;
	struct exec_head head = { .flags = EXEC_NO_INPUT };
	struct buffer text = { 0 };
	struct frame f;

	guest_add_exec(&g->to_agent, 1, &head, argv);
	do {
		if (wait_frame(g, &f, deadline, why) < 0) {
			buffer_free(&text);
			return -1;
		}
		if (f.type == FRAME_OUT || f.type == FRAME_ERR) {
			buffer_add(&text, f.data, f.length);
			frame_add_u32(&g->to_agent, FRAME_ACK_OUT, 1, f.length);
		}
	} while (f.type != FRAME_EXIT && f.type != FRAME_FAILED);
	buffer_add(&text, "", 1);
	*output = strdup((char *)text.data + text.start);
	buffer_free(&text);
	return f.type == FRAME_EXIT ? (int)frame_u32(&f) : 127 << 8;
}

/* A kernel image is mapped 1:1 here: it is neither moved nor paged. */
int guest_read_u64(struct guest *g, unsigned long long address,
		   unsigned long long *value)
{
	char *line = format("xp /1gx 0x%llx", address - 0xffffffff80000000ull);
	char *text = qmp_human(&g->qmp, line, 2000);
	char *colon = text ? strchr(text, ':') : NULL;
	int found = colon && sscanf(colon + 1, "%llx", value) == 1;

	free(line);
	free(text);
	return found ? 0 : -1;
}

long guest_end(struct guest *g)
{
	guest_drain_console(g);
	buffer_free(&g->from_agent);
	buffer_free(&g->to_agent);
	buffer_free(&g->qmp.in);
	buffer_free(&g->gdb.in);
	return machine_end(&g->machine);
}
