// SPDX-License-Identifier: GPL-2.0
/*
 * wrap - two ways to ask which of two moments is later, in 32 bits
 *
 * wrap NOW TICKS    NOW, against a deadline of TICKS later
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Wrong as soon as one of them has passed 2^32. */
static int is_after_badly(uint32_t a, uint32_t b)
{
	return a > b;
}

/* Right as long as they are less than half of the range apart. */
static int is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a) < 0;
}

int main(int argc, char **argv)
{
	uint32_t now = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	uint32_t ticks = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	uint32_t deadline = now + ticks;

	printf("now %u, deadline %u, over: %d by >, %d by subtraction\n", now,
	       deadline, is_after_badly(now, deadline),
	       is_after(now, deadline));
	return 0;
}
