// SPDX-License-Identifier: GPL-2.0
/*
 * Writes past the end of an array on the stack, over what lies behind.
 *
 * by: read
 * stock: oops stack-smash
 * debug: sanitizer|oops kasan-stack-out-of-bounds
 */
#include "sin.h"

static noinline void fill(char *text, int size)
{
	int i;

	for (i = 0; i < hidden(size); i++)
		WRITE_ONCE(text[i], 'x');
}

static noinline int smash(void)
{
	char text[24];

	fill(text, 40);
	return READ_ONCE(text[0]);
}

static void call_smash(void)
{
	smash();
}

static const struct sin sin = {
	.read = call_smash,
};
