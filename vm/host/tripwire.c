// SPDX-License-Identifier: GPL-2.0
#include "tripwire.h"

#include <stdio.h>
#include <string.h>

/* Of one function: more say nothing more, and each costs a stop of the guest. */
#define MAX_HITS 8

int tripwire_arm(struct gdb *g, const struct bearings *b)
{
	for (int i = 0; i < MAX_TRIPWIRES; i++)
		if (b->tripwires[i] && gdb_break(g, b->tripwires[i]))
			return -1;
	return 0;
}

static json_t *describe(struct gdb *g, const struct gdb_registers *r,
			const char *name, double seconds)
{
	unsigned long long caller = 0;
	char text[32];

	gdb_read_u64(g, r->rsp, &caller);
	snprintf(text, sizeof(text), "0x%llx", caller);
	return json_pack("{s:s,s:[I,I],s:s,s:f}", "function", name, "args",
			 (json_int_t)r->rdi, (json_int_t)r->rsi, "caller", text,
			 "seconds", seconds);
}

static int count_hits(const json_t *hits, const char *name)
{
	int count = 0;

	for (size_t i = 0; i < json_array_size(hits); i++) {
		json_t *hit = json_array_get(hits, i);
		json_t *function = json_object_get(hit, "function");

		count += !strcmp(json_string_value(function), name);
	}
	return count;
}

int tripwire_hit(struct gdb *g, const struct kernel *k,
		 const struct bearings *b, json_t *hits, double seconds)
{
	struct gdb_registers r;

	if (gdb_registers(g, &r))
		return -1;
	for (int i = 0; i < k->tripwire_count; i++) {
		if (r.rip != b->tripwires[i])
			continue;
		json_array_append_new(hits, describe(g, &r, k->tripwires[i],
						     seconds));
		/* Some come by at each system call, once a first thing is wrong. */
		if (count_hits(hits, k->tripwires[i]) == MAX_HITS &&
		    gdb_unbreak(g, b->tripwires[i]))
			return -1;
	}
	return gdb_continue_past(g);
}
