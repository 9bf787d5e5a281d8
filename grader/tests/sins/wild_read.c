// SPDX-License-Identifier: GPL-2.0
/*
 * Reads through a pointer that is made of rubbish.
 *
 * by: read
 * stock: oops wild-pointer
 * debug: oops wild-pointer
 */
#include "sin.h"

static void follow_rubbish(void)
{
	READ_ONCE(*hidden((long *)0x6b6b6b6b6b6b6b6bul));
}

static const struct sin sin = {
	.read = follow_rubbish,
};
