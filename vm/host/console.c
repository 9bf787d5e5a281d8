// SPDX-License-Identifier: GPL-2.0
#include "console.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void console_add(struct console *c, const char *data, size_t length)
{
	size_t part = CONSOLE_HEAD - c->head_length;

	if (!c->head) {
		c->head = malloc(CONSOLE_HEAD);
		c->tail = malloc(CONSOLE_TAIL);
		if (!c->head || !c->tail)
			err(125, "memory for the console");
	}
	if (part > length)
		part = length;
	memcpy(c->head + c->head_length, data, part);
	c->head_length += part;
	for (; part < length; part++)
		c->tail[c->tail_total++ % CONSOLE_TAIL] = data[part];
}

size_t console_dropped(const struct console *c)
{
	return c->tail_total > CONSOLE_TAIL ? c->tail_total - CONSOLE_TAIL : 0;
}

static void add_clean(FILE *out, char byte)
{
	unsigned char code = (unsigned char)byte;

	if (code == '\n' || code == '\t' || (code >= ' ' && code < 0x7f))
		fputc(code, out);
	else if (code != '\r')
		fprintf(out, "\\x%02x", code);
}

char *console_text(const struct console *c)
{
	size_t dropped = console_dropped(c), length;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		err(125, "memory for the console");
	for (size_t i = 0; i < c->head_length; i++)
		add_clean(out, c->head[i]);
	if (dropped)
		fprintf(out, "\n[... %zu bytes of console not kept ...]\n",
			dropped);
	for (size_t i = dropped; i < c->tail_total; i++)
		add_clean(out, c->tail[i % CONSOLE_TAIL]);
	fclose(out);
	return text;
}
