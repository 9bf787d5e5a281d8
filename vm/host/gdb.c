// SPDX-License-Identifier: GPL-2.0
#include "gdb.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MS 5000
#define PACKET_MAX 4096

/* Where the registers are in the answer to `g`: 8 bytes each, in gdb's order. */
enum {
	RSI = 4,
	RDI = 5,
	RSP = 7,
	RIP = 16
};

static int send_packet(struct gdb *g, const char *text)
{
	struct buffer out = { 0 };
	unsigned char sum = 0;
	char tail[4];
	int status;

	for (const char *at = text; *at; at++)
		sum += (unsigned char)*at;
	snprintf(tail, sizeof(tail), "#%02x", sum);
	buffer_add(&out, "$", 1);
	buffer_add(&out, text, strlen(text));
	buffer_add(&out, tail, 3);
	status = buffer_flush(&out, g->fd);
	buffer_free(&out);
	return status;
}

/* Takes a whole packet out of the buffer and acks it; 0 when there is none. */
static int take_packet(struct gdb *g, char packet[PACKET_MAX])
{
	size_t length = buffer_length(&g->in);
	unsigned char *at = g->in.data + g->in.start;
	unsigned char *start = length ? memchr(at, '$', length) : NULL, *end;

	if (!start)
		return 0;
	end = memchr(start, '#', length - (size_t)(start - at));
	if (!end || (size_t)(end - at) + 3 > length)
		return 0;
	snprintf(packet, PACKET_MAX, "%.*s", (int)(end - start - 1), start + 1);
	g->in.start += (size_t)(end - at) + 3;
	return write(g->fd, "+", 1) == 1;
}

/* 1: a packet; 0: the time is over; -1: QEMU is gone. */
static int wait_packet(struct gdb *g, char packet[PACKET_MAX], int timeout_ms)
{
	long long deadline = clock_ms() + timeout_ms;

	while (!take_packet(g, packet)) {
		struct pollfd fd = { g->fd, POLLIN, 0 };
		long long left = deadline - clock_ms();

		if (left <= 0 || poll(&fd, 1, (int)left) == 0)
			return 0;
		if (buffer_fill(&g->in, g->fd) <= 0 && errno != EAGAIN)
			return -1;
	}
	return 1;
}

static int ask(struct gdb *g, const char *text, char packet[PACKET_MAX])
{
	if (send_packet(g, text))
		return -1;
	return wait_packet(g, packet, ANSWER_MS) == 1 ? 0 : -1;
}

int gdb_break(struct gdb *g, unsigned long long address)
{
	char packet[PACKET_MAX], text[64];

	/* Z1 is a breakpoint of the hardware where there is one, as in KVM. */
	snprintf(text, sizeof(text), "Z1,%llx,1", address);
	return ask(g, text, packet) || strcmp(packet, "OK") ? -1 : 0;
}

int gdb_unbreak(struct gdb *g, unsigned long long address)
{
	char packet[PACKET_MAX], text[64];

	snprintf(text, sizeof(text), "z1,%llx,1", address);
	return ask(g, text, packet) || strcmp(packet, "OK") ? -1 : 0;
}

int gdb_interrupt(struct gdb *g)
{
	char packet[PACKET_MAX];

	if (write(g->fd, "\x03", 1) != 1)
		return -1;
	return wait_packet(g, packet, ANSWER_MS) == 1 ? 0 : -1;
}

int gdb_continue(struct gdb *g)
{
	return send_packet(g, "c");
}

int gdb_continue_past(struct gdb *g)
{
	char packet[PACKET_MAX];

	return ask(g, "s", packet) ? -1 : gdb_continue(g);
}

int gdb_poll(struct gdb *g)
{
	char packet[PACKET_MAX];
	int stopped = 0;

	if (buffer_fill(&g->in, g->fd) <= 0 && errno != EAGAIN)
		return -1;
	while (take_packet(g, packet))
		stopped |= *packet == 'T';
	return stopped;
}

/* Eight bytes in hexadecimal, the lowest first. */
static unsigned long long parse_u64(const char *text)
{
	unsigned long long value = 0;
	char byte[3] = "";

	for (int i = 7; i >= 0; i--) {
		memcpy(byte, text + i * 2, 2);
		value = value << 8 | strtoul(byte, NULL, 16);
	}
	return value;
}

int gdb_registers(struct gdb *g, struct gdb_registers *r)
{
	char packet[PACKET_MAX];

	if (ask(g, "g", packet) || strlen(packet) < (RIP + 1) * 16)
		return -1;
	r->rdi = parse_u64(packet + RDI * 16);
	r->rsi = parse_u64(packet + RSI * 16);
	r->rsp = parse_u64(packet + RSP * 16);
	r->rip = parse_u64(packet + RIP * 16);
	return 0;
}

int gdb_read_u64(struct gdb *g, unsigned long long address,
		 unsigned long long *value)
{
	char packet[PACKET_MAX], text[64];

	snprintf(text, sizeof(text), "m%llx,8", address);
	if (ask(g, text, packet) || strlen(packet) != 16)
		return -1;
	*value = parse_u64(packet);
	return 0;
}
