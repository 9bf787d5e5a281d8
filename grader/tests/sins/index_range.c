// SPDX-License-Identifier: GPL-2.0
/*
 * Uses an index that the array does not have.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer ubsan-index
 */
#include "sin.h"

static int seeds[16];
static int minor = 10;

static noinline int seed_of(int number)
{
	static int of_minor[10];

	return READ_ONCE(of_minor[number]) + seeds[0];
}

static void read_seed(void)
{
	seed_of(hidden(minor));
}

static const struct sin sin = {
	.read = read_seed,
};
