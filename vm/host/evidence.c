// SPDX-License-Identifier: GPL-2.0
#include "evidence.h"

#include "clock.h"
#include "files.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA 1

/* Splits the audit's lines: `module NAME ADDRESS` are facts, others findings. */
static void add_audit(json_t *root, const struct evidence *e)
{
	json_t *findings = json_array(), *modules = json_array(), *line;
	size_t i;

	json_array_foreach(e->audit, i, line)
	{
		const char *text = json_string_value(line);
		char name[64], address[32];

		if (sscanf(text, "module %63s %31s", name, address) == 2)
			json_array_append_new(modules,
					      json_pack("{s:s,s:s}", "name",
							name, "text", address));
		else
			json_array_append(findings, line);
	}
	json_object_set_new(root, "modules", modules);
	json_object_set_new(root, "audit",
			    e->audit ? json_pack("{s:b,s:O}", "clean",
						 e->audit_clean, "findings",
						 findings) :
				       json_null());
	json_decref(findings);
}

char *evidence_text(const struct evidence *e, const struct settings *s,
		    const struct console *console)
{
	long long end = e->end ? e->ended_ms : clock_ms();
	char *text = console_text(console), *result;
	json_t *root = json_pack(
		"{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:f,s:f,s:I,s:I,s:O,s:s}",
		"schema", SCHEMA, "name", s->name, "kernel", s->kernel,
		"release", e->release, "accel", e->accel, "mode",
		s->cold ? "cold" : "clone", "end", e->end ?: "running",
		"detail", e->detail ?: "", "backtrace", e->backtrace ?: "",
		"seconds", (double)(end - e->started_ms) / 1000, "cpu_seconds",
		(double)e->cpu_ms / 1000, "peak_kib", (json_int_t)e->peak_kib,
		"console_dropped", (json_int_t)console_dropped(console),
		"tripwires", e->tripwires, "console", text);

	json_object_set_new(root, "taint",
			    e->taint < 0 ? json_null() :
					   json_integer(e->taint));
	add_audit(root, e);
	result = json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	json_decref(root);
	free(text);
	return result;
}

void evidence_write(const struct evidence *e, const struct settings *s,
		    const struct console *console)
{
	char *path, *text;

	if (!s->evidence)
		return;
	path = format("%s/%s.json", s->evidence, s->name);
	text = evidence_text(e, s, console);
	write_file(path, text);
	free(text);
	free(path);
}
