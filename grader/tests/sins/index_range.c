// SPDX-License-Identifier: GPL-2.0
/*
 * Uses an index that the array does not have.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer ubsan-index
 */
#include "sin.h"

static int seeds[10];
static int minor = 10;

static noinline int seed_of(int number)
{
	return seeds[number];
}

static void read_seed(void)
{
	WRITE_ONCE(seeds[0], seed_of(hidden(minor)));
}

static const struct sin sin = {
	.read = read_seed,
};
