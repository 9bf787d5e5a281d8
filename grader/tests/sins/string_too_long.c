// SPDX-License-Identifier: GPL-2.0
/*
 * Copies a string into an array that is too short for it.
 *
 * by: read
 * stock: oops fortify
 * debug: oops fortify
 */
#include "sin.h"

static char name[8];
static const char *long_name = "a name that is longer";

static void copy_name(void)
{
	strcpy(name, hidden(long_name));
}

static const struct sin sin = {
	.read = copy_name,
};
