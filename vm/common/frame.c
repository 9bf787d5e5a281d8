// SPDX-License-Identifier: GPL-2.0
/* Frames and the buffers that carry them; linked into host and guest alike. */
#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct frame_head {
	uint32_t length;
	uint32_t type;
	uint32_t job;
};

static void buffer_reserve(struct buffer *b, size_t room)
{
	if (b->start == b->end)
		b->start = b->end = 0;
	if (b->size - b->end >= room)
		return;
	if (b->start) {
		memmove(b->data, b->data + b->start, buffer_length(b));
		b->end -= b->start;
		b->start = 0;
	}
	if (b->size - b->end < room) {
		b->size = (b->end + room) * 2;
		b->data = realloc(b->data, b->size);
		if (!b->data)
			abort(); /* there is no useful life without memory */
	}
}

void buffer_add(struct buffer *b, const void *data, size_t length)
{
	buffer_reserve(b, length);
	if (length)
		memcpy(b->data + b->end, data, length);
	b->end += length;
}

void buffer_free(struct buffer *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

long buffer_fill(struct buffer *b, int fd)
{
	ssize_t n;

	buffer_reserve(b, FRAME_MAX);
	n = read(fd, b->data + b->end, FRAME_MAX);
	if (n > 0)
		b->end += (size_t)n;
	return n;
}

int buffer_flush(struct buffer *b, int fd)
{
	while (buffer_length(b)) {
		ssize_t n = write(fd, b->data + b->start, buffer_length(b));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0)
			return -1;
		b->start += (size_t)n;
	}
	return 0;
}

int frame_next(struct buffer *b, struct frame *f)
{
	struct frame_head head;

	if (buffer_length(b) < sizeof(head))
		return 0;
	memcpy(&head, b->data + b->start, sizeof(head));
	if (head.length > FRAME_MAX)
		return -1;
	if (buffer_length(b) < sizeof(head) + head.length)
		return 0;
	f->type = head.type;
	f->job = head.job;
	f->length = head.length;
	f->data = b->data + b->start + sizeof(head);
	b->start += sizeof(head) + head.length;
	return 1;
}

void frame_add(struct buffer *b, uint32_t type, uint32_t job, const void *data,
	       uint32_t length)
{
	struct frame_head head = { .length = length, .type = type, .job = job };

	buffer_add(b, &head, sizeof(head));
	buffer_add(b, data, length);
}

void frame_add_u32(struct buffer *b, uint32_t type, uint32_t job,
		   uint32_t value)
{
	frame_add(b, type, job, &value, sizeof(value));
}

uint32_t frame_u32(const struct frame *f)
{
	uint32_t value = 0;

	if (f->length >= sizeof(value))
		memcpy(&value, f->data, sizeof(value));
	return value;
}
