// SPDX-License-Identifier: GPL-2.0
#include "commands.h"

#include "address.h"
#include "guest.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int connect_vm(const struct settings *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	socklen_t length = address_of(s, &address);

	if (fd < 0)
		err(EXIT_ENGINE, "socket");
	if (!connect(fd, (struct sockaddr *)&address, length) &&
	    peer_is_ours(fd)) {
		fcntl(fd, F_SETFL, O_NONBLOCK);
		return fd;
	}
	close(fd);
	return -1;
}

int connect_vm_or_exit(const struct settings *s)
{
	int fd = connect_vm(s);

	if (fd < 0)
		errx(EXIT_ENGINE,
		     "no VM named '%s' runs; start it: vm start -n %s", s->name,
		     s->name);
	return fd;
}

int command_run(const struct settings *s, int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "tty", no_argument, NULL, 'T' },
		{ 0 },
	};
	double timeout = s->timeout;
	int option, flags = 0;
	char *end;

	while ((option = getopt_long(argc, argv, "+t:T", options, NULL)) > 0) {
		if (option == 'T') {
			flags |= EXEC_TTY;
			timeout = 0;
		} else if (option == 't') {
			timeout = strtod(optarg, &end);
			if (*end || timeout < 0 || timeout > 86400)
				errx(EXIT_USAGE,
				     "-t %s: must be seconds from "
				     "0 (none) to 86400",
				     optarg);
		} else {
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		errx(EXIT_USAGE, "usage: vm run [-t SECONDS] [--tty] COMMAND "
				 "[ARGUMENT...]");
	return run_job(s, flags, timeout, argv + optind, STDIN_FILENO,
		       STDOUT_FILENO);
}

int command_put(const struct settings *s, int argc, char **argv)
{
	char *tool[] = { "/init", "put", NULL, "0644", NULL };
	int in = STDIN_FILENO;

	if (argc < 3 || argc > 4)
		errx(EXIT_USAGE, "usage: vm put FILE GUEST-PATH [MODE]");
	if (strcmp(argv[1], "-"))
		in = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (in < 0)
		err(EXIT_ENGINE, "%s", argv[1]);
	tool[2] = argv[2];
	if (argc == 4)
		tool[3] = argv[3];
	return run_job(s, 0, s->timeout, tool, in, STDOUT_FILENO);
}

int command_get(const struct settings *s, int argc, char **argv)
{
	char *tool[] = { "/init", "get", NULL, NULL };
	int out = STDOUT_FILENO;

	if (argc != 3)
		errx(EXIT_USAGE, "usage: vm get GUEST-PATH FILE");
	if (strcmp(argv[2], "-"))
		out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			   0644);
	if (out < 0)
		err(EXIT_ENGINE, "%s", argv[2]);
	tool[2] = argv[1];
	return run_job(s, 0, s->timeout, tool, -1, out);
}

int command_audit(const struct settings *s, int argc, char **argv)
{
	char *tool[] = { "/init", "audit", NULL };

	(void)argc;
	(void)argv;
	return run_job(s, EXEC_AUDIT, s->timeout, tool, -1, STDOUT_FILENO);
}

/* Asks the supervisor itself; its text goes to standard output. */
static int ask(int fd, uint32_t type)
{
	struct buffer request = { 0 }, answer = { 0 };
	struct frame f = { 0 };

	frame_add(&request, type, 0, NULL, 0);
	buffer_flush(&request, fd);
	while (f.type != FRAME_DONE) {
		struct pollfd ready = { fd, POLLIN, 0 };

		if (poll(&ready, 1, -1) < 0 && errno != EINTR)
			err(EXIT_ENGINE, "poll");
		if (buffer_fill(&answer, fd) <= 0)
			return EXIT_ENGINE;
		while (f.type != FRAME_DONE && frame_next(&answer, &f) > 0)
			if (f.type == FRAME_TEXT)
				fwrite(f.data, 1, f.length, stdout);
	}
	return fflush(stdout) ? EXIT_ENGINE : 0;
}

int command_console(const struct settings *s, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return ask(connect_vm_or_exit(s), FRAME_CONSOLE);
}

int command_status(const struct settings *s, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return ask(connect_vm_or_exit(s), FRAME_STATUS);
}

int command_stop(const struct settings *s, int argc, char **argv)
{
	int fd = connect_vm(s);

	(void)argc;
	(void)argv;
	if (fd >= 0)
		ask(fd, FRAME_STOP);
	return 0;
}
