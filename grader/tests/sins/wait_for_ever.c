// SPDX-License-Identifier: GPL-2.0
/*
 * Waits for what nobody will do.
 *
 * by: read
 * stock: hang hang-wait
 * debug: hang hang-wait
 */
#include <linux/completion.h>

#include "sin.h"

static DECLARE_COMPLETION(never);

static void wait(void)
{
	wait_for_completion(&never);
}

static const struct sin sin = {
	.read = wait,
};
