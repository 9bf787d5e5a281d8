// SPDX-License-Identifier: GPL-2.0
/*
 * Where tasks wait: for a hang that sleeps, the kernel stacks of the user
 * tasks and of whatever else cannot be woken tell more than an NMI would.
 */
#include "agent.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long read_file(char *text, size_t size, const char *pid,
		      const char *name)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.16s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

static void send_task(struct buffer *out, uint32_t job, const char *pid)
{
	char text[8192], command[64], stack[4096], status[512], *state;
	int is_kernel_thread, length;

	is_kernel_thread = read_file(text, sizeof(text), pid, "cmdline") <= 0;
	if (read_file(status, sizeof(status), pid, "status") <= 0 ||
	    read_file(command, sizeof(command), pid, "comm") <= 0 ||
	    read_file(stack, sizeof(stack), pid, "stack") <= 0)
		return;
	command[strcspn(command, "\n")] = '\0';
	state = strstr(status, "State:\t");
	state = state ? state + strlen("State:\t") : status;
	state[strcspn(state, "\n")] = '\0';
	if (is_kernel_thread && *state != 'D')
		return;
	length = snprintf(text, sizeof(text), "task %.16s (%s), %s\n%s", pid,
			  command, state, stack);
	frame_add(out, FRAME_STACK_TEXT, job, text, (uint32_t)length);
}

void stacks_send(struct buffer *out, uint32_t job)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)*entry->d_name) &&
		    atoi(entry->d_name) != getpid())
			send_task(out, job, entry->d_name);
	if (proc)
		closedir(proc);
	frame_add(out, FRAME_STACK_TEXT, job, NULL, 0);
}
