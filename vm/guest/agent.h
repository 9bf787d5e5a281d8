/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the guest's agent know of each other. */
#ifndef VM_AGENT_H
#define VM_AGENT_H

#include "../common/frame.h"

/* boot.c: makes a kernel that just started into a place to run commands. */
void boot(void);
int boot_open_port(void); /* the agent's end of the channel */

/* job.c: the commands that the host asked for. */
struct pollfd;
void jobs_exec(struct buffer *out, const struct frame *f);
void jobs_frame(struct buffer *out, const struct frame *f);
int jobs_poll_prepare(struct pollfd *fds, int room);
void jobs_poll_handle(struct buffer *out, const struct pollfd *fds, int count);
void jobs_reap(struct buffer *out);

/* stacks.c: where the guest's tasks wait, for the report of a hang. */
void stacks_send(struct buffer *out, uint32_t job);

/* tools.c, audit.c: commands that the agent's own binary carries out. */
int tool_put(int argc, char **argv);
int tool_get(int argc, char **argv);
int tool_insmod(int argc, char **argv);
int tool_symbols(int argc, char **argv);
int tool_baseline(int argc, char **argv);
int tool_audit(int argc, char **argv);

/* Writes text to a file that exists, such as one of /proc/sys; 0 or -1. */
int write_text(const char *path, const char *text);

#endif
