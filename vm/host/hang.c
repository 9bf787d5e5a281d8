// SPDX-License-Identifier: GPL-2.0
/* A command did not end in time: find out where the guest is, then end it. */
#include "supervisor.h"

#include "clock.h"

#include <stdlib.h>
#include <string.h>

#define STACKS_MS 2000 /* of the guest: an agent that lives answers at once */
#define PANIC_MS 3000 /* an NMI's backtrace takes milliseconds */

/* Asks the agent where tasks sleep; one that cannot answer says enough. */
static void collect_stacks(struct supervisor *s)
{
	pid_t pid = s->guest.machine.pid;
	long long deadline = fair_clock_ms(pid) + STACKS_MS;

	s->stacks_wanted = 1;
	frame_add(&s->guest.to_agent, FRAME_STACKS, 0, NULL, 0);
	while (s->stacks_wanted && fair_clock_ms(pid) < deadline &&
	       !s->evidence.end)
		supervisor_step(s, 20);
}

/*
 * The guest panics on an NMI it does not know, which prints what the CPU was
 * doing even if interrupts are off, and ends QEMU.  Returns that text.
 */
static char *collect_backtrace(struct supervisor *s)
{
	long long deadline = clock_ms() + PANIC_MS;
	char *console, *at, *text;
	size_t before;

	guest_drain_console(&s->guest);
	console = console_text(&s->guest.console);
	before = strlen(console);
	free(console);
	qmp_do(&s->guest.qmp, "inject-nmi", NULL, PANIC_MS);
	while (!*s->guest.shutdown && clock_ms() < deadline)
		supervisor_step(s, 20);
	guest_drain_console(&s->guest);
	console = console_text(&s->guest.console);
	at = strlen(console) > before ? console + before : console;
	text = strdup(at);
	free(console);
	return text;
}

static void end_hang(struct supervisor *s, struct client *c)
{
	char *nmi, *stacks, *detail;

	detail = format("no end of `%.60s%s` within %.1f s", c->command,
			strlen(c->command) > 60 ? " ..." : "",
			(double)c->timeout_ms / 1000);
	s->hanging = 1;
	collect_stacks(s);
	nmi = s->evidence.end ? strdup("") : collect_backtrace(s);
	stacks = s->evidence.backtrace;
	s->evidence.backtrace = format(
		"%s%sCPU:\n%s",
		stacks ? "tasks:\n" : "the guest's agent did not answer\n",
		stacks ?: "", nmi);
	free(stacks);
	free(nmi);
	supervisor_end_vm(s, "hang", detail);
	s->hanging = 0;
}

/* Its kernel said what is wrong, so what goes on in it only costs time. */
static void end_reported(struct supervisor *s)
{
	double seconds = s->settings->after_report;
	long long now;

	if (!s->reported || seconds <= 0 || s->evidence.end)
		return;
	now = fair_clock_ms(s->guest.machine.pid);
	if ((double)(now - s->reported_ms) > 1000 * seconds)
		supervisor_end_vm(
			s, "report",
			format("its kernel reported trouble, %.1f s before",
			       seconds));
}

void check_deadlines(struct supervisor *s)
{
	end_reported(s);
	for (int i = 0; i < MAX_CLIENTS && !s->evidence.end; i++) {
		struct client *c = &s->clients[i];

		if (c->fd < 0 || !c->job || !c->timeout_ms)
			continue;
		if (fair_clock_ms(s->guest.machine.pid) - c->started_ms >
		    c->timeout_ms) {
			end_hang(s, c);
			return;
		}
	}
}
