// SPDX-License-Identifier: GPL-2.0
/* Frames survive any cutting into pieces, and what is no frame is refused. */
#include "../common/frame.h"
#include "../host/console.h"
#include "../host/store.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static void test_frame_arrives_as_sent(void **state)
{
	struct buffer b = { 0 };
	struct frame f;

	(void)state;
	frame_add(&b, FRAME_OUT, 7, "a\0b", 3);
	assert_int_equal(frame_next(&b, &f), 1);
	assert_int_equal(f.type, FRAME_OUT);
	assert_int_equal(f.job, 7);
	assert_int_equal(f.length, 3);
	assert_memory_equal(f.data, "a\0b", 3);
	assert_int_equal(frame_next(&b, &f), 0);
	buffer_free(&b);
}

static void test_frame_in_single_bytes(void **state)
{
	struct buffer whole = { 0 }, b = { 0 };
	struct frame f;
	size_t length;

	(void)state;
	frame_add_u32(&whole, FRAME_EXIT, 3, 0x1234);
	frame_add(&whole, FRAME_PONG, 0, NULL, 0);
	length = buffer_length(&whole);
	for (size_t i = 0, seen = 0; i < length; i++) {
		buffer_add(&b, whole.data + i, 1);
		if (frame_next(&b, &f) == 1 && ++seen == 1)
			assert_int_equal(frame_u32(&f), 0x1234);
		if (i == length - 1)
			assert_int_equal(seen, 2);
	}
	buffer_free(&whole);
	buffer_free(&b);
}

static void test_too_long_a_frame_is_refused_at_its_head(void **state)
{
	uint32_t head[3] = { FRAME_MAX + 1, FRAME_OUT, 0 };
	struct buffer b = { 0 };
	struct frame f;

	(void)state;
	buffer_add(&b, head, sizeof(head));
	assert_int_equal(frame_next(&b, &f), -1);
	buffer_free(&b);
}

static void test_longest_frame_is_taken(void **state)
{
	char *data = calloc(1, FRAME_MAX);
	struct buffer b = { 0 };
	struct frame f;

	(void)state;
	frame_add(&b, FRAME_IN, 1, data, FRAME_MAX);
	assert_int_equal(frame_next(&b, &f), 1);
	assert_int_equal(f.length, FRAME_MAX);
	buffer_free(&b);
	free(data);
}

static void test_short_payload_has_no_word(void **state)
{
	struct frame f = { .length = 3, .data = (const void *)"abc" };

	(void)state;
	assert_int_equal(frame_u32(&f), 0);
}

static void test_random_bytes_never_overrun(void **state)
{
	unsigned int seed = 1;
	struct frame f;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct buffer b = { 0 };

		for (int i = 0; i < 64; i++) {
			unsigned char byte = (unsigned char)rand_r(&seed);

			/* small lengths, so that frames do come out */
			buffer_add(&b, i % 12 ? &byte : (void *)"\x05", 1);
		}
		while (frame_next(&b, &f) > 0)
			assert_true(f.data + f.length <= b.data + b.end);
		buffer_free(&b);
	}
}

static void test_console_keeps_head_and_tail(void **state)
{
	struct console c = { 0 };
	char *text, line[64];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		int n = snprintf(line, sizeof(line), "line %d of many\r\n", i);

		console_add(&c, line, (size_t)n);
	}
	assert_true(console_dropped(&c) > 0);
	text = console_text(&c);
	assert_int_equal(strncmp(text, "line 0 of many\nline 1", 21), 0);
	assert_non_null(strstr(text, "bytes of console not kept"));
	assert_non_null(strstr(text, "line 99999 of many\n"));
	assert_true(strlen(text) < CONSOLE_HEAD + CONSOLE_TAIL + 100);
	free(text);
	free(c.head);
	free(c.tail);
}

static void test_console_is_clean_text(void **state)
{
	struct console c = { 0 };
	char *text;

	(void)state;
	console_add(&c, "a\x1b[31m\xff\0z\n", 10);
	text = console_text(&c);
	assert_string_equal(text, "a\\x1b[31m\\xff\\x00z\n");
	free(text);
	free(c.head);
	free(c.tail);
}

static void test_hash_sees_one_changed_byte(void **state)
{
	int fd = memfd_create("test", 0);
	char before[HASH_TEXT], after[HASH_TEXT];

	(void)state;
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(pwrite(fd, "x", 1, 5000), 1);
	assert_int_equal(store_hash_file(fd, before), 0);
	assert_int_equal(store_hash_file(fd, after), 0);
	assert_string_equal(before, after);
	assert_int_equal(pwrite(fd, "y", 1, 900000), 1);
	assert_int_equal(store_hash_file(fd, after), 0);
	assert_string_not_equal(before, after);
	close(fd);
}

static void test_sparse_copy_is_the_same_file(void **state)
{
	char path[] = "/tmp/vm-sparse-XXXXXX", one[HASH_TEXT], two[HASH_TEXT];
	int fd = memfd_create("test", 0), copy = mkstemp(path);

	(void)state;
	close(copy);
	unlink(path);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(pwrite(fd, "content", 7, 70000), 7);
	assert_int_equal(store_copy_sparse(fd, path), 0);
	copy = open(path, O_RDONLY);
	unlink(path);
	assert_int_equal(store_hash_file(fd, one), 0);
	assert_int_equal(store_hash_file(copy, two), 0);
	assert_string_equal(one, two);
	close(copy);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame_arrives_as_sent),
		cmocka_unit_test(test_frame_in_single_bytes),
		cmocka_unit_test(test_too_long_a_frame_is_refused_at_its_head),
		cmocka_unit_test(test_longest_frame_is_taken),
		cmocka_unit_test(test_short_payload_has_no_word),
		cmocka_unit_test(test_random_bytes_never_overrun),
		cmocka_unit_test(test_console_keeps_head_and_tail),
		cmocka_unit_test(test_console_is_clean_text),
		cmocka_unit_test(test_hash_sees_one_changed_byte),
		cmocka_unit_test(test_sparse_copy_is_the_same_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
