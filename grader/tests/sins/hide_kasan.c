// SPDX-License-Identifier: GPL-2.0
/*
 * Turns KASAN off for its own task, and then reads past the end.
 *
 * by: read
 * debug: pass, which docs/trust.md says
 */
#include "sin.h"

static void turn_off_and_read(void)
{
	char *buffer = kmalloc(100, GFP_KERNEL);

	if (!buffer)
		return;
#ifdef CONFIG_KASAN
	current->kasan_depth++;
	READ_ONCE(buffer[hidden(100)]);
	current->kasan_depth--;
#endif
	kfree(buffer);
}

static const struct sin sin = {
	.read = turn_off_and_read,
};
