// SPDX-License-Identifier: GPL-2.0
#include "tripwire.h"

#include <stdio.h>

#define MAX_HITS 100 /* a report each; more say nothing more */

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

int tripwire_hit(struct gdb *g, const struct kernel *k,
		 const struct bearings *b, json_t *hits, double seconds)
{
	struct gdb_registers r;

	if (gdb_registers(g, &r))
		return -1;
	for (int i = 0; i < k->tripwire_count; i++)
		if (r.rip == b->tripwires[i] &&
		    json_array_size(hits) < MAX_HITS)
			json_array_append_new(hits,
					      describe(g, &r, k->tripwires[i],
						       seconds));
	return gdb_continue_past(g);
}
