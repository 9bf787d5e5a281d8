// SPDX-License-Identifier: GPL-2.0
/*
 * Writes through a null pointer when it is unloaded.
 *
 * by: unload
 * stock: oops null-pointer
 * debug: oops null-pointer
 */
#include "sin.h"

static void write_null(void)
{
	WRITE_ONCE(*hidden((int *)8), 1);
}

static const struct sin sin = {
	.unload = write_null,
};
