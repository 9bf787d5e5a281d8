// SPDX-License-Identifier: GPL-2.0
/*
 * pass FILE - hands an open file to another process, as a message
 *
 * The child is forked before the file is opened, so it cannot have inherited it.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A message of one byte, with room for one descriptor beside it. */
struct parcel {
	char byte;
	struct iovec iov;
	struct msghdr header;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
};

static struct msghdr *wrap(struct parcel *parcel)
{
	memset(parcel, 0, sizeof(*parcel));
	parcel->iov.iov_base = &parcel->byte;
	parcel->iov.iov_len = sizeof(parcel->byte);
	parcel->header.msg_iov = &parcel->iov;
	parcel->header.msg_iovlen = 1;
	parcel->header.msg_control = &parcel->control;
	parcel->header.msg_controllen = sizeof(parcel->control);
	return &parcel->header;
}

static void send_descriptor(int socket, int fd)
{
	struct parcel parcel;
	struct msghdr *message = wrap(&parcel);
	struct cmsghdr *control = CMSG_FIRSTHDR(message);

	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(control), &fd, sizeof(fd));
	if (sendmsg(socket, message, 0) != 1)
		err(1, "sendmsg");
}

static int receive_descriptor(int socket)
{
	struct parcel parcel;
	struct msghdr *message = wrap(&parcel);
	struct cmsghdr *control;
	int fd;

	if (recvmsg(socket, message, MSG_CMSG_CLOEXEC) != 1)
		err(1, "recvmsg");
	control = CMSG_FIRSTHDR(message);
	if (!control || control->cmsg_type != SCM_RIGHTS)
		errx(1, "a message without a descriptor");
	memcpy(&fd, CMSG_DATA(control), sizeof(fd));
	return fd;
}

/* Says by which number, and from which position on, this process reads. */
static void read_two(const char *who, int fd)
{
	char text[3] = "";

	if (read(fd, text, 2) != 2)
		err(1, "%s: read", who);
	printf("%s: descriptor %d reads \"%s\"\n", who, fd, text);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int socket[2], fd;

	if (argc != 2)
		errx(2, "usage: pass FILE");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, socket))
		err(1, "socketpair");
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		close(socket[0]);
		read_two("receiver", receive_descriptor(socket[1]));
		return 0;
	}
	close(socket[1]);
	fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		err(1, "%s", argv[1]);
	read_two("sender", fd);
	send_descriptor(socket[0], fd);
	close(fd);
	wait(NULL);
	return 0;
}
