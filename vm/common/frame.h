/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frames that host and guest exchange.
 *
 * One frame is a head of three little-endian 32-bit words and a payload of at
 * most FRAME_MAX bytes.  The same frames travel on both legs: between the
 * `vm` command and the supervisor (a UNIX socket) and between the supervisor
 * and the guest's agent (a virtio port).  The supervisor only rewrites the job
 * number, so a stream is controlled end to end: nobody sends more than
 * FRAME_WINDOW bytes of a job's stream that were not acknowledged.
 *
 * Nothing that arrives from a guest is trusted: a head that is out of range
 * makes frame_next() fail for good.
 */
#ifndef VM_FRAME_H
#define VM_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 32768u
#define FRAME_WINDOW (8 * FRAME_MAX)

enum frame_type {
	/* host to guest */
	FRAME_PING = 1, /* payload: entropy for the guest's random pool */
	FRAME_EXEC, /* payload: struct exec_head, then NUL-ended strings */
	FRAME_IN, /* payload: standard input */
	FRAME_IN_END, /* standard input ends */
	FRAME_SIGNAL, /* payload: u32 signal number */
	FRAME_RESIZE, /* payload: u32 rows, u32 columns */
	FRAME_ACK_OUT, /* payload: u32 bytes of output consumed */
	FRAME_STACKS, /* payload: none; asks where every task waits */

	/* guest to host */
	FRAME_PONG = 32,
	FRAME_OUT, /* payload: standard output */
	FRAME_ERR, /* payload: standard error */
	FRAME_ACK_IN, /* payload: u32 bytes of input consumed */
	FRAME_EXIT, /* payload: u32 wait status */
	FRAME_FAILED, /* payload: u32 errno; the program was not started */
	FRAME_STACK_TEXT, /* payload: text; empty: that was all */

	/* between the vm command and the supervisor only */
	FRAME_STATUS = 64, /* asks for FRAME_TEXT: JSON */
	FRAME_CONSOLE, /* asks for FRAME_TEXT: the console so far */
	FRAME_STOP, /* asks for the end; answered by FRAME_DONE */
	FRAME_TEXT, /* payload: part of an answer */
	FRAME_DONE, /* an answer is complete */
	FRAME_ENDED, /* payload: u32 exit status for vm, then a message */
};

/* Opens the payload of FRAME_EXEC; argc arguments follow, then the environment. */
struct exec_head {
	uint32_t flags;
	uint32_t timeout_ms; /* 0: none; the supervisor's affair */
	uint32_t argc;
};

#define EXEC_TTY 1u /* standard streams are one terminal */
#define EXEC_NO_INPUT 2u /* standard input is /dev/null */
#define EXEC_AUDIT 4u /* the supervisor keeps the output as evidence */

struct frame {
	uint32_t type;
	uint32_t job;
	uint32_t length;
	const unsigned char *data; /* valid until the next call on the buffer */
};

/* Bytes on their way; a plain growing buffer that is emptied from its front. */
struct buffer {
	unsigned char *data;
	size_t start, end, size;
};

void buffer_add(struct buffer *b, const void *data, size_t length);
void buffer_free(struct buffer *b);
static inline size_t buffer_length(const struct buffer *b)
{
	return b->end - b->start;
}

/* Reads once from fd; the count of bytes, 0 at the end, -1 with errno. */
long buffer_fill(struct buffer *b, int fd);

/* Writes what fd takes; 0 also when that was not all, -1 with errno. */
int buffer_flush(struct buffer *b, int fd);

/* 1: a frame is in *f; 0: more bytes are needed; -1: not our protocol. */
int frame_next(struct buffer *b, struct frame *f);

/* Appends a frame; length is at most FRAME_MAX. */
void frame_add(struct buffer *b, uint32_t type, uint32_t job, const void *data,
	       uint32_t length);
void frame_add_u32(struct buffer *b, uint32_t type, uint32_t job,
		   uint32_t value);

/* The payload's first word; 0 where the payload is shorter than that. */
uint32_t frame_u32(const struct frame *f);

#endif
