// SPDX-License-Identifier: GPL-2.0
/* The vm commands that are connected, and the frames between them and the agent. */
#include "supervisor.h"

#include "address.h"
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_STACKS (256u * 1024) /* bytes of task stacks that are kept */
#define MAX_AUDIT (256u * 1024) /* bytes of an audit's output that are kept */

void clients_accept(struct supervisor *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (int i = 0; fd >= 0 && peer_is_ours(fd) && i < MAX_CLIENTS; i++) {
		if (s->clients[i].fd >= 0)
			continue;
		memset(&s->clients[i], 0, sizeof(s->clients[i]));
		s->clients[i].fd = fd;
		return;
	}
	if (fd >= 0)
		close(fd);
}

static void add_u32_text(struct buffer *b, uint32_t type, uint32_t value,
			 const char *text)
{
	struct buffer payload = { 0 };
	size_t length = strlen(text);

	buffer_add(&payload, &value, sizeof(value));
	buffer_add(&payload, text, length < 4000 ? length : 4000);
	frame_add(b, type, 0, payload.data + payload.start,
		  (uint32_t)buffer_length(&payload));
	buffer_free(&payload);
}

/* An answer of any length, in as many frames as it takes. */
static void add_text(struct buffer *b, char *text)
{
	size_t left = strlen(text);

	for (char *at = text; left;) {
		uint32_t part = left < FRAME_MAX ? (uint32_t)left : FRAME_MAX;

		frame_add(b, FRAME_TEXT, 0, at, part);
		at += part;
		left -= part;
	}
	frame_add(b, FRAME_DONE, 0, NULL, 0);
	free(text);
}

static void job_finished(struct client *c)
{
	c->job = 0;
	c->closing = 1;
}

static void tell_end(struct client *c, int status, const char *message)
{
	add_u32_text(&c->out, FRAME_ENDED, (uint32_t)status, message);
	job_finished(c);
}

void clients_tell_end(struct supervisor *s, int status, const char *message)
{
	for (int i = 0; i < MAX_CLIENTS; i++)
		if (s->clients[i].fd >= 0 && s->clients[i].job)
			tell_end(&s->clients[i], status, message);
}

/* The command line of a request, for messages. */
static char *command_of(const struct frame *f, const struct exec_head *head)
{
	const char *at = (const char *)f->data + sizeof(*head);
	const char *end = (const char *)f->data + f->length;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	for (uint32_t i = 0; out && i < head->argc && at < end; i++) {
		fprintf(out, "%s%.200s", i ? " " : "", at);
		at += strnlen(at, (size_t)(end - at)) + 1;
	}
	if (out)
		fclose(out);
	return text;
}

static void start_job(struct supervisor *s, struct client *c,
		      const struct frame *f)
{
	struct exec_head head;
	char *message;

	if (s->evidence.end) {
		message = format("the VM has ended (%s): %s", s->evidence.end,
				 s->evidence.detail);
		tell_end(c, EXIT_ENDED, message);
		free(message);
		return;
	}
	if (c->job || f->length <= sizeof(head))
		return;
	memcpy(&head, f->data, sizeof(head));
	c->job = ++s->last_job;
	c->command = command_of(f, &head);
	c->is_audit = !!(head.flags & EXEC_AUDIT);
	c->timeout_ms = head.timeout_ms;
	c->started_ms = fair_clock_ms(s->guest.machine.pid);
	frame_add(&s->guest.to_agent, FRAME_EXEC, c->job, f->data, f->length);
}

static void stop(struct supervisor *s, struct client *c)
{
	supervisor_end_vm(s, "stopped", format("by vm stop"));
	close(s->listener); /* its name is free before the answer */
	s->listener = -1;
	frame_add(&c->out, FRAME_DONE, 0, NULL, 0);
	s->stopping = 1;
}

static void serve_frame(struct supervisor *s, struct client *c,
			const struct frame *f)
{
	switch (f->type) {
	case FRAME_EXEC:
		start_job(s, c, f);
		return;
	case FRAME_STOP:
		stop(s, c);
		return;
	case FRAME_STATUS:
		add_text(&c->out, evidence_text(&s->evidence, s->settings,
						&s->guest.console));
		return;
	case FRAME_CONSOLE:
		if (!s->evidence.end)
			guest_drain_console(&s->guest);
		add_text(&c->out, console_text(&s->guest.console));
		return;
	}
	if (f->type >= FRAME_PONG || !c->job || s->evidence.end)
		return;
	if (f->type == FRAME_ACK_OUT)
		c->unacknowledged -= frame_u32(f);
	frame_add(&s->guest.to_agent, f->type, c->job, f->data, f->length);
}

void client_read(struct supervisor *s, struct client *c)
{
	long n = buffer_fill(&c->in, c->fd);
	struct frame f;
	int status;

	if (n < 0 && errno == EAGAIN)
		return;
	while (n > 0 && (status = frame_next(&c->in, &f))) {
		if (status < 0)
			n = 0;
		else
			serve_frame(s, c, &f);
	}
	if (n <= 0)
		client_close(s, c);
}

void client_write(struct client *c)
{
	if (buffer_flush(&c->out, c->fd)) /* it is gone: nothing more to say */
		buffer_free(&c->out);
}

/* A vm command that is gone takes its job with it. */
void client_close(struct supervisor *s, struct client *c)
{
	if (c->job && !s->evidence.end)
		frame_add_u32(&s->guest.to_agent, FRAME_SIGNAL, c->job,
			      SIGKILL);
	close(c->fd);
	buffer_free(&c->in);
	buffer_free(&c->out);
	buffer_free(&c->audit);
	free(c->command);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

static int has_entry(json_t *array, json_t *wanted)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (json_equal(json_array_get(array, i), wanted))
			return 1;
	return 0;
}

/* What one audit found, a later one cannot take back. */
static void record_audit(struct supervisor *s, struct client *c, int status)
{
	struct evidence *e = &s->evidence;
	char *at;

	if (!e->audit) {
		e->audit = json_array();
		e->audit_clean = 1;
	}
	e->audit_clean &= status == 0;
	buffer_add(&c->audit, "", 1);
	at = (char *)c->audit.data + c->audit.start;
	for (char *line; (line = strsep(&at, "\n"));) {
		json_t *entry = *line ? json_string(line) : NULL;

		/* NULL is no UTF-8, so not a line that the audit prints. */
		if (entry && !has_entry(e->audit, entry))
			json_array_append(e->audit, entry);
		json_decref(entry);
	}
}

static void deliver(struct supervisor *s, struct client *c,
		    const struct frame *f)
{
	switch (f->type) {
	case FRAME_OUT:
	case FRAME_ERR:
		c->unacknowledged += f->length;
		if (c->is_audit &&
		    buffer_length(&c->audit) + f->length < MAX_AUDIT)
			buffer_add(&c->audit, f->data, f->length);
		break;
	case FRAME_EXIT:
		if (c->is_audit)
			record_audit(s, c, (int)frame_u32(f));
		job_finished(c);
		break;
	case FRAME_FAILED:
		job_finished(c);
		break;
	}
	frame_add(&c->out, f->type, 0, f->data, f->length);
}

static void add_stack(struct supervisor *s, const struct frame *f)
{
	char *before = s->evidence.backtrace;

	s->stacks_wanted = s->stacks_wanted && f->length;
	if (!s->stacks_wanted || (before && strlen(before) > MAX_STACKS))
		return;
	s->evidence.backtrace = format("%s%.*s", before ?: "", (int)f->length,
				       (const char *)f->data);
	free(before);
}

/* A guest that floods us or breaks the protocol is ended, not believed. */
static int breaks_protocol(const struct client *c)
{
	return c->unacknowledged > 4 * FRAME_WINDOW;
}

void agent_read(struct supervisor *s)
{
	struct guest *g = &s->guest;
	long n = buffer_fill(&g->from_agent, g->machine.agent);
	int status = 0, broken = 0;
	struct frame f;

	while (n > 0 && !broken &&
	       (status = frame_next(&g->from_agent, &f)) > 0) {
		if (f.type == FRAME_STACK_TEXT)
			add_stack(s, &f);
		for (int i = 0; i < MAX_CLIENTS; i++) {
			struct client *c = &s->clients[i];

			if (c->fd < 0 || !c->job || c->job != f.job ||
			    s->hanging)
				continue; /* a hang is final */
			deliver(s, c, &f);
			broken |= breaks_protocol(c);
		}
	}
	if (status < 0 || broken)
		supervisor_end_vm(
			s, "broken",
			format("the guest's agent broke the protocol"));
}
