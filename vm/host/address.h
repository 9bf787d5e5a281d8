/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a VM's supervisor listens: an abstract UNIX address, which needs no
 * file and so cannot leave one behind, whatever kills the supervisor.
 */
#ifndef VM_ADDRESS_H
#define VM_ADDRESS_H

#include "settings.h"

#include <sys/socket.h>
#include <sys/un.h>

/* Anybody may bind or connect to a name: trust only ourselves and root. */
int peer_is_ours(int fd);

/* Fills in the address for settings' home and name; its length in bytes. */
socklen_t address_of(const struct settings *s, struct sockaddr_un *address);

#endif
