// SPDX-License-Identifier: GPL-2.0
#include "supervisor.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 50 /* how late a deadline may be noticed */

static const char *how_it_ended(struct supervisor *s, char **detail)
{
	char *console;
	int panicked;

	guest_drain_console(&s->guest);
	console = console_text(&s->guest.console);
	panicked = strstr(console, "Kernel panic - not syncing") != NULL;
	free(console);
	if (panicked) {
		*detail = format("the kernel panicked");
		return "panic";
	}
	/* What the guest itself did begins with "guest-". */
	if (!strncmp(s->guest.shutdown, "guest-", 6)) {
		*detail = format(
			"the machine went down without a word (%s): a triple fault, a forced reboot or power-off",
			s->guest.shutdown);
		return "reset";
	}
	*detail = machine_errors(&s->guest.machine);
	if (!**detail)
		*detail = format("QEMU ended (%s)", *s->guest.shutdown ?
							    s->guest.shutdown :
							    "killed");
	return "exit";
}

void supervisor_end_vm(struct supervisor *s, const char *end, char *detail)
{
	struct evidence *e = &s->evidence;
	unsigned long long taint;
	char *message;

	if (e->end) {
		free(detail);
		return;
	}
	e->ended_ms = clock_ms();
	if (!strcmp(end, "stopped") || !strcmp(end, "owner"))
		if (!guest_read_u64(&s->guest, s->bearings.tainted_mask,
				    &taint))
			e->taint = (long long)taint;
	e->cpu_ms = cpu_ms(s->guest.machine.pid);
	e->end = end;
	e->detail = detail;
	e->peak_kib = guest_end(&s->guest);
	evidence_write(e, s->settings, &s->guest.console);
	message = format("the VM ended (%s): %s", end, detail);
	clients_tell_end(s, strcmp(end, "hang") ? EXIT_ENDED : EXIT_TIMEOUT,
			 message);
	free(message);
}

static void note_report(struct supervisor *s)
{
	if (s->reported || !json_array_size(s->evidence.tripwires))
		return;
	s->reported = 1;
	s->reported_ms = fair_clock_ms(s->guest.machine.pid);
}

static void serve_machine(struct supervisor *s, const struct pollfd *fds)
{
	struct guest *g = &s->guest;
	const char *end;
	char *detail;

	if (fds[0].revents)
		guest_drain_console(g);
	if (fds[1].revents)
		qmp_read(&g->qmp);
	if (fds[2].revents & POLLOUT)
		buffer_flush(&g->to_agent, g->machine.agent);
	if (fds[2].revents & POLLIN)
		agent_read(s);
	if (!s->evidence.end && fds[4].revents && gdb_poll(&g->gdb) > 0) {
		tripwire_hit(
			&g->gdb, s->kernel, &s->bearings, s->evidence.tripwires,
			(double)(clock_ms() - s->evidence.started_ms) / 1000);
		note_report(s);
	}
	if (!s->evidence.end && fds[3].revents && !s->hanging) {
		end = how_it_ended(s, &detail);
		supervisor_end_vm(s, end, detail);
	}
}

static int prepare_machine(struct supervisor *s, struct pollfd *fds)
{
	struct guest *g = &s->guest;

	if (s->evidence.end)
		return 0;
	fds[0] = (struct pollfd){ g->machine.console, POLLIN, 0 };
	fds[1] = (struct pollfd){ g->qmp.fd, POLLIN, 0 };
	fds[2] = (struct pollfd){ g->machine.agent, POLLIN, 0 };
	if (buffer_length(&g->to_agent))
		fds[2].events |= POLLOUT;
	/* QEMU closes its sockets before it is gone; only the last counts. */
	fds[3] = (struct pollfd){ g->machine.pidfd, POLLIN, 0 };
	fds[4] = (struct pollfd){ g->gdb.fd, POLLIN, 0 };
	return 5;
}

void supervisor_step(struct supervisor *s, int timeout_ms)
{
	struct pollfd fds[2 + MAX_CLIENTS + 5];
	int machine = 2 + MAX_CLIENTS, count;

	/* Nobody interferes while a hang is looked into. */
	fds[0] = (struct pollfd){ s->hanging ? -1 : s->listener, POLLIN, 0 };
	fds[1] = (struct pollfd){ s->owner, POLLIN, 0 };
	for (int i = 0; i < MAX_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		fds[2 + i] =
			(struct pollfd){ s->hanging ? -1 : c->fd, POLLIN, 0 };
		if (buffer_length(&c->out) || c->closing)
			fds[2 + i].events |= POLLOUT;
	}
	count = machine + prepare_machine(s, fds + machine);
	if (poll(fds, (nfds_t)count, timeout_ms) < 0 && errno != EINTR)
		_exit(EXIT_ENGINE);

	if (count > machine)
		serve_machine(s, fds + machine);
	for (int i = 0; i < MAX_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		if (c->fd >= 0 && fds[2 + i].revents & (POLLIN | POLLHUP))
			client_read(s, c);
		if (c->fd >= 0 && fds[2 + i].revents & POLLOUT)
			client_write(c);
		if (c->fd >= 0 && c->closing && !buffer_length(&c->out))
			client_close(s, c);
	}
	if (fds[0].revents)
		clients_accept(s);
	if (fds[1].revents) {
		supervisor_end_vm(s, "owner",
				  format("its owner, process %d, ended",
					 s->settings->owner));
		s->stopping = 1;
	}
}

static int has_deadline(const struct supervisor *s)
{
	for (int i = 0; i < MAX_CLIENTS; i++)
		if (s->clients[i].job && s->clients[i].timeout_ms)
			return 1;
	return s->reported && s->settings->after_report > 0;
}

static int is_answering(const struct supervisor *s)
{
	for (int i = 0; i < MAX_CLIENTS; i++)
		if (s->clients[i].fd >= 0 && buffer_length(&s->clients[i].out))
			return 1;
	return 0;
}

void supervisor_run(struct supervisor *s)
{
	long long deadline;

	while (!s->stopping) {
		supervisor_step(s, has_deadline(s) ? TICK_MS : -1);
		check_deadlines(s);
	}
	deadline = clock_ms() + 1000;
	while (is_answering(s) && clock_ms() < deadline)
		supervisor_step(s, TICK_MS);
}
