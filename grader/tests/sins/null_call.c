// SPDX-License-Identifier: GPL-2.0
/*
 * Calls a function through a pointer that nobody set.
 *
 * by: read
 * stock: oops null-call
 * debug: oops null-call
 */
#include "sin.h"

static void (*callback)(void);

static void call_null(void)
{
	hidden(callback)();
}

static const struct sin sin = {
	.read = call_null,
};
