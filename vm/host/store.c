// SPDX-License-Identifier: GPL-2.0
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define BLOCK 4096

static int is_zero(const char *block)
{
	return !*block && !memcmp(block, block + 1, BLOCK - 1);
}

static int write_all(int fd, const char *data, size_t length, off_t at)
{
	while (length) {
		ssize_t n = pwrite(fd, data, length, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

/* Writes the runs of blocks that are not zero; the rest become holes. */
static int copy_blocks(int to, const char *data, off_t size)
{
	off_t start = 0, end;

	if (ftruncate(to, size))
		return -1;
	for (; start < size; start = end) {
		int zero = is_zero(data + start);

		for (end = start + BLOCK; end < size; end += BLOCK)
			if (is_zero(data + end) != zero)
				break;
		if (!zero &&
		    write_all(to, data + start, (size_t)(end - start), start))
			return -1;
	}
	return 0;
}

int store_copy_sparse(int from, const char *path)
{
	struct stat st;
	int to, status = -1;
	char *data;

	if (fstat(from, &st))
		return -1;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, from, 0);
	if (data == MAP_FAILED)
		return -1;
	to = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		goto out_unmap;
	/*
	 * QEMU opens it for reading and writing, as another user and through
	 * a descriptor; the folder around it lets nobody else come near.
	 */
	if (!copy_blocks(to, data, st.st_size) && !fchmod(to, 0666))
		status = 0;
	if (close(to))
		status = -1;
out_unmap:
	munmap(data, (size_t)st.st_size);
	return status;
}

static void to_text(XXH128_hash_t hash, char text[HASH_TEXT])
{
	snprintf(text, HASH_TEXT, "%016llx%016llx",
		 (unsigned long long)hash.high64,
		 (unsigned long long)hash.low64);
}

void store_hash_text(const char *data, size_t length, char text[HASH_TEXT])
{
	to_text(XXH3_128bits(data, length), text);
}

/*
 * Skips zeros, stored or not: holes are the file system's own affair.  Reads
 * instead of mapping, which would cost a page fault for every 64 KiB.
 */
static int hash_data(XXH3_state_t *state, int fd, off_t size)
{
	static char data[64 * BLOCK];
	off_t at = 0, end;

	while (at < size && (at = lseek(fd, at, SEEK_DATA)) >= 0) {
		for (end = lseek(fd, at, SEEK_HOLE); at < end;) {
			ssize_t n = pread(fd, data, sizeof(data), at);

			if (n <= 0)
				return -1;
			for (ssize_t i = 0; i < n; i += BLOCK, at += BLOCK) {
				size_t left = n - i < BLOCK ? n - i : BLOCK;

				if (left == BLOCK && is_zero(data + i))
					continue;
				XXH3_128bits_update(state, &at, sizeof(at));
				XXH3_128bits_update(state, data + i, left);
			}
		}
	}
	return 0;
}

int store_hash_file(int fd, char text[HASH_TEXT])
{
	XXH3_state_t *state;
	struct stat st;
	int status;

	if (fstat(fd, &st) || !st.st_size)
		return -1;
	state = XXH3_createState();
	XXH3_128bits_reset(state);
	XXH3_128bits_update(state, &st.st_size, sizeof(st.st_size));
	status = hash_data(state, fd, st.st_size);
	lseek(fd, 0, SEEK_SET); /* who reads next starts at the beginning */
	to_text(XXH3_128bits_digest(state), text);
	XXH3_freeState(state);
	return status;
}
