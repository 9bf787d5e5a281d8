// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a field of a structure that is not there.
 *
 * by: read
 * stock: oops null-pointer
 * debug: oops null-pointer
 */
#include "sin.h"

struct stream {
	long seed;
	long position;
};

static struct stream *stream;

static void follow_null(void)
{
	READ_ONCE(hidden(stream)->position);
}

static const struct sin sin = {
	.read = follow_null,
};
