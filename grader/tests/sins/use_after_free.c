// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what it has given back.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer kasan-use-after-free
 */
#include "sin.h"

static long *state;

static noinline void allocate(void)
{
	state = kzalloc(sizeof(*state), GFP_KERNEL);
}

static noinline void release(void)
{
	kfree(hidden(state));
}

static void read_after_free(void)
{
	allocate();
	release();
	READ_ONCE(*state);
}

static const struct sin sin = {
	.read = read_after_free,
};
