// SPDX-License-Identifier: GPL-2.0
/* Small commands that the host runs through the agent's own binary. */
#include "agent.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void copy(int from, int to, const char *path)
{
	static char data[65536];
	ssize_t n;

	while ((n = read(from, data, sizeof(data))) > 0)
		for (ssize_t done = 0; done < n;) {
			ssize_t written = write(to, data + done, n - done);

			if (written < 0)
				err(1, "write %s", path);
			done += written;
		}
	if (n < 0)
		err(1, "read %s", path);
}

static void make_parents(const char *path)
{
	char *name = strdup(path);

	for (char *slash = name + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(name, 0755);
		*slash = '/';
	}
	free(name);
}

/* put PATH MODE - standard input becomes the file. */
int tool_put(int argc, char **argv)
{
	mode_t mode = argc > 2 ? (mode_t)strtoul(argv[2], NULL, 8) : 0644;
	int fd;

	if (argc < 2)
		errx(2, "usage: put PATH [MODE]");
	make_parents(argv[1]);
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		err(1, "%s", argv[1]);
	copy(STDIN_FILENO, fd, argv[1]);
	if (fchmod(fd, mode) || close(fd))
		err(1, "%s", argv[1]);
	return 0;
}

/* get PATH - the file goes to standard output. */
int tool_get(int argc, char **argv)
{
	int fd;

	if (argc < 2)
		errx(2, "usage: get PATH");
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[1]);
	copy(fd, STDOUT_FILENO, argv[1]);
	return 0;
}

/* insmod FILE [NAME=VALUE...] - loads a module, in the words of the old tool.
 */
int tool_insmod(int argc, char **argv)
{
	char parameters[4096] = "";
	size_t length = 0;
	int fd;

	if (argc < 2)
		errx(2, "usage: insmod FILE [NAME=VALUE...]");
	for (int i = 2; i < argc && length < sizeof(parameters); i++)
		length += (size_t)snprintf(parameters + length,
					   sizeof(parameters) - length, "%s ",
					   argv[i]);
	if (length >= sizeof(parameters))
		errx(2, "insmod: the parameters of '%s' are too long", argv[1]);
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !syscall(SYS_finit_module, fd, parameters, 0))
		return 0;
	fprintf(stderr, "insmod: can't insert '%s': %s\n", argv[1],
		strerror(errno));
	return 1;
}

/* symbols NAME... - the kernel's own symbols with their addresses, one a line.
 */
int tool_symbols(int argc, char **argv)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	char address[32], name[256], line[512];

	if (!symbols)
		err(1, "/proc/kallsyms");
	while (fgets(line, sizeof(line), symbols)) {
		if (strchr(line, '[') ||
		    sscanf(line, "%31s %*c %255s", address, name) != 2)
			continue;
		for (int i = 1; i < argc; i++)
			if (!strcmp(name, argv[i]))
				printf("%s 0x%s\n", name, address);
	}
	fclose(symbols);
	return 0;
}
