// SPDX-License-Identifier: GPL-2.0
/* The vm command: reads its options and hands over. */
#include "accel.h"
#include "commands.h"
#include "doctor.h"
#include "start.h"
#include "template.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"vm - virtual machines that start in milliseconds and forget everything\n"
	"\n"
	"usage: vm COMMAND [OPTION...]\n"
	"\n"
	"  start                    start a VM; returns when it answers\n"
	"  run COMMAND [ARG...]     run a command in it: input, output, errors and\n"
	"                           exit status are passed through (128+N: signal N)\n"
	"  put FILE PATH [MODE]     copy a file into it (- is standard input)\n"
	"  get PATH FILE            copy a file out of it (- is standard output)\n"
	"  audit                    unload what was loaded; say what was left behind\n"
	"  console                  what its kernel printed\n"
	"  status                   what is known of it, as JSON\n"
	"  stop                     end it\n"
	"  template                 make the template that clones start from\n"
	"  doctor                   what this machine can do, and why\n"
	"\n"
	"options of all:  -n, --name NAME      which VM (default: vm)\n"
	"options of run:  -t, --timeout SEC    then the VM counts as hung (0: never)\n"
	"                 -T, --tty            on a terminal\n"
	"options of start, template, doctor:\n"
	"                 -k, --kernel NAME    which kernel (default: stock)\n"
	"                 -s, --smp N          CPUs (default: 1)\n"
	"                 -i, --icount         virtual time: sleep costs nothing\n"
	"                 -o, --owner PID      its death ends the VM (default: parent)\n"
	"\n"
	"environment:     VM_NAME VM_KERNEL VM_SMP VM_OWNER VM_TIMEOUT: as above\n"
	"                 VM_ICOUNT=1          the same as --icount\n"
	"                 VM_ACCEL=kvm|tcg     instead of what was found to work\n"
	"                 VM_MODE=cold         boot each VM, use no template\n"
	"                 VM_AFTER_REPORT=SEC  a VM in which the kernel reported trouble is\n"
	"                                      ended so much later (default 0: never)\n"
	"                 VM_EVIDENCE=FOLDER   where NAME.json goes when a VM ends\n"
	"                 VM_ENTROPY=TEXT      seeds the guest's random numbers\n"
	"                 VM_HOME=FOLDER       kernels and templates\n"
	"                 VM_QEMU=PROGRAM      instead of qemu-system-x86_64\n"
	"\n"
	"exit status:     the command's own; 2 usage; 123 the VM ended under it;\n"
	"                 124 it hung; 125 vm failed; 126, 127 it could not be run\n";

static int command_start(const struct settings *s, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return start(s);
}

static int command_template(const struct settings *s, int argc, char **argv)
{
	struct kernel kernel;
	struct machine_spec spec = { .settings = s, .kernel = &kernel };
	char *reason, *why = NULL;
	struct template t;
	int status = 1;

	(void)argc;
	(void)argv;
	kernel_open(&kernel, s);
	spec.accel = accel_choose(s, &kernel, &reason);
	for (int i = 0; status > 0 && i < 2; i++) {
		if (template_open(&t, &spec, &why))
			errx(EXIT_ENGINE, "no template: %s", why);
		status = template_verify(&t);
		if (status)
			template_discard(&t);
	}
	if (status)
		errx(EXIT_ENGINE,
		     "the template is damaged again; is the disk?");
	puts(t.folder);
	return 0;
}

static const struct command {
	const char *name;
	int (*main)(const struct settings *s, int argc, char **argv);
	int takes_arguments;
} commands[] = {
	{ "start", command_start, 0 },	     { "run", command_run, 1 },
	{ "put", command_put, 1 },	     { "get", command_get, 1 },
	{ "audit", command_audit, 0 },	     { "console", command_console, 0 },
	{ "status", command_status, 0 },     { "stop", command_stop, 0 },
	{ "template", command_template, 0 }, { "doctor", command_doctor, 0 },
};

/* Takes the options that all commands share out of argv; returns argc. */
static int common_options(struct settings *s, int argc, char **argv)
{
	int kept = 1;

	for (int i = 1; i < argc; i++) {
		const char *o = argv[i], *value = argv[i + 1];

		/* What follows the command in `run` belongs to the guest. */
		if (*o != '-' || !o[1] || !strcmp(o, "--")) {
			while (i < argc)
				argv[kept++] = argv[i++];
			break;
		}
		if (!strcmp(o, "-n") || !strcmp(o, "--name"))
			setenv("VM_NAME", value ?: "", 1);
		else if (!strcmp(o, "-k") || !strcmp(o, "--kernel"))
			setenv("VM_KERNEL", value ?: "", 1);
		else if (!strcmp(o, "-s") || !strcmp(o, "--smp"))
			setenv("VM_SMP", value ?: "", 1);
		else if (!strcmp(o, "-o") || !strcmp(o, "--owner"))
			setenv("VM_OWNER", value ?: "", 1);
		else if (!strcmp(o, "-i") || !strcmp(o, "--icount")) {
			setenv("VM_ICOUNT", "1", 1);
			continue;
		} else {
			argv[kept++] = argv[i];
			if (value &&
			    (!strcmp(o, "-t") || !strcmp(o, "--timeout")))
				argv[kept++] = argv[++i];
			continue;
		}
		if (!value)
			errx(EXIT_USAGE, "%s needs a value; see: vm --help", o);
		i++;
	}
	argv[kept] = NULL;
	settings_read(s);
	return kept;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "--help";
	static struct settings s;

	if (!strcmp(name, "--help") || !strcmp(name, "-h") ||
	    !strcmp(name, "help")) {
		fputs(usage, argc > 1 ? stdout : stderr);
		return argc > 1 ? 0 : EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(name, commands[i].name))
			continue;
		argc = common_options(&s, argc - 1, argv + 1);
		if (argc > 1 && !commands[i].takes_arguments)
			errx(EXIT_USAGE, "%s takes no '%s'; see: vm --help",
			     name, argv[2]);
		return commands[i].main(&s, argc, argv + 1);
	}
	errx(EXIT_USAGE, "no command '%s'; see: vm --help", name);
}
