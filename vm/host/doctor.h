/* SPDX-License-Identifier: GPL-2.0 */
/* vm doctor: what this machine can do for VMs, and why; changes nothing. */
#ifndef VM_DOCTOR_H
#define VM_DOCTOR_H

#include "settings.h"

int command_doctor(const struct settings *s, int argc, char **argv);

#endif
