// SPDX-License-Identifier: GPL-2.0
/*
 * Gives back memory that holds a lock that is taken.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer lockdep-freed
 */
#include "sin.h"

struct stream {
	struct mutex lock;
};

static void free_while_locked(void)
{
	struct stream *stream = kmalloc(sizeof(*stream), GFP_KERNEL);

	if (!stream)
		return;
	mutex_init(&stream->lock);
	mutex_lock(&stream->lock);
	kfree(hidden(stream));
}

static const struct sin sin = {
	.read = free_while_locked,
};
