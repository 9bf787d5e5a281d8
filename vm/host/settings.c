// SPDX-License-Identifier: GPL-2.0
#include "settings.h"

#include <err.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *setting(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

static double number(const char *name, const char *otherwise, double low,
		     double high)
{
	const char *text = setting(name, otherwise);
	char *end;
	double value = strtod(text, &end);

	if (*end || !(value >= low && value <= high))
		errx(EXIT_USAGE, "%s=%s: must be a number from %g to %g", name,
		     text, low, high);
	return value;
}

static const char *choice(const char *name, const char *a, const char *b)
{
	const char *value = setting(name, NULL);

	if (value && strcmp(value, a) && strcmp(value, b))
		errx(EXIT_USAGE, "%s=%s: must be %s or %s", name, value, a, b);
	return value;
}

/* The folder of this program, unless VM_HOME says otherwise. */
static void find_home(struct settings *s)
{
	char self[PATH_MAX] = "";
	const char *home = setting("VM_HOME", NULL);

	if (!home) {
		if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
			err(EXIT_ENGINE, "/proc/self/exe");
		home = dirname(self);
	}
	if (!realpath(home, s->home))
		err(EXIT_ENGINE, "VM_HOME %s", home);
}

void settings_read(struct settings *s)
{
	const char *mode = choice("VM_MODE", "clone", "cold");

	s->name = setting("VM_NAME", "vm");
	if (strchr(s->name, '/')) /* it becomes the name of a file */
		errx(EXIT_USAGE, "VM_NAME=%s: a name has no slash", s->name);
	s->kernel = setting("VM_KERNEL", "stock");
	s->accel = choice("VM_ACCEL", "kvm", "tcg");
	s->evidence = setting("VM_EVIDENCE", NULL);
	s->entropy = setting("VM_ENTROPY", NULL);
	s->qemu = setting("VM_QEMU", "qemu-system-x86_64");
	s->smp = (int)number("VM_SMP", "1", 1, 8);
	s->icount = (int)number("VM_ICOUNT", "0", 0, 1);
	if (s->icount && s->smp > 1)
		errx(EXIT_USAGE, "virtual time is for one CPU: VM_SMP=%d",
		     s->smp);
	if (s->icount) /* KVM executes uncounted */
		s->accel = "tcg";
	s->cold = mode && !strcmp(mode, "cold");
	s->owner = (pid_t)number("VM_OWNER", "0", 0, 1 << 30);
	if (!s->owner)
		s->owner = getppid();
	s->after_report = number("VM_AFTER_REPORT", "0", 0, 86400);
	s->timeout = number("VM_TIMEOUT", "60", 0, 86400);
	find_home(s);
}

char *format(const char *text, ...)
{
	va_list arguments;
	char *result;

	va_start(arguments, text);
	if (vasprintf(&result, text, arguments) < 0)
		err(EXIT_ENGINE, "memory");
	va_end(arguments);
	return result;
}
