/* SPDX-License-Identifier: GPL-2.0 */
/* What is known of a VM, for `vm status` and for those who judge. */
#ifndef VM_EVIDENCE_H
#define VM_EVIDENCE_H

#include "console.h"
#include "settings.h"

#include <jansson.h>

struct evidence {
	const char *end; /* NULL: it runs; else stopped, owner, panic, ... */
	char *detail; /* one line */
	char *accel, *release;
	long long taint; /* -1: could not be read */
	char *backtrace; /* of a hang */
	json_t *tripwires; /* array of hits, see tripwire.h */
	json_t *audit; /* array of the audit's lines; NULL: there was none */
	int audit_clean;
	long long started_ms, ended_ms, cpu_ms;
	long peak_kib;
};

/* All of it as JSON text, newly allocated. */
char *evidence_text(const struct evidence *e, const struct settings *s,
		    const struct console *console);

/* Writes settings->evidence/NAME.json; silent where no folder was asked for. */
void evidence_write(const struct evidence *e, const struct settings *s,
		    const struct console *console);

#endif
