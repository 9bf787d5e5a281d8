// SPDX-License-Identifier: GPL-2.0
#include "address.h"

#include "store.h"

#include <err.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

socklen_t address_of(const struct settings *s, struct sockaddr_un *address)
{
	char home[HASH_TEXT];
	int length;

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	store_hash_text(s->home, strlen(s->home), home);
	/* The NUL in front makes it abstract. */
	length = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1,
			  "kdlp-vm/%u/%.12s/%s", geteuid(), home, s->name);
	if (length >= (int)sizeof(address->sun_path) - 1)
		errx(EXIT_USAGE, "the name of VM '%.20s...' is too long",
		     s->name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			   (size_t)length);
}

int peer_is_ours(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) &&
	       (peer.uid == geteuid() || peer.uid == 0);
}
