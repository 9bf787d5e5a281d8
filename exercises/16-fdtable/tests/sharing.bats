#!/usr/bin/env bats
# Three things that can be shared: a file, a table of descriptors, a name.

load ../../lib/vm
load fdtable

setup() {
	vm_start
	fdtable_ready
}

# bats test_tags=points:6,todo:4
@test "fork copies the table, and both tasks have the same files" {
	fds 'me fork a' 'a open rw+creat /tmp/x' 'a open r /tmp/x' 'a fork b' 'me list a' 'me list b' \
		'a open r /tmp/x' 'b close 0' 'me list a' 'me list b'
	assert_lists \
		'users 1: 0 A 2 /tmp/x, 1 B 2 /tmp/x' \
		'users 1: 0 A 2 /tmp/x, 1 B 2 /tmp/x' \
		'users 1: 0 A 1 /tmp/x, 1 B 2 /tmp/x, 2 C 1 /tmp/x' \
		'users 1: 1 B 2 /tmp/x'
}

# bats test_tags=points:5,todo:3
@test "CLONE_FILES and threads share the table, until an exec unshares it" {
	fds 'me fork a' 'a open rw+creat /tmp/x' 'a share b' 'a thread c' 'b open r /tmp/x' \
		'me list a' 'me list b' 'me list c' 'b exec' 'b close 0' 'me list a' 'me list b'
	assert_lists \
		'users 3: 0 A 1 /tmp/x, 1 B 1 /tmp/x' \
		'users 3: 0 A 1 /tmp/x, 1 B 1 /tmp/x' \
		'users 3: 0 A 1 /tmp/x, 1 B 1 /tmp/x' \
		'users 2: 0 A 1 /tmp/x, 1 B 2 /tmp/x' \
		'users 1: 1 B 2 /tmp/x'
}

# bats test_tags=points:6,todo:6
@test "dup and SCM_RIGHTS share the file, and two opens do not" {
	fds 'me fork a' 'a make channel' 'a fork b' 'a open rw+creat /tmp/x' 'a open rw /tmp/x' \
		'a dup 2' 'a send 2' 'me list a' 'b receive' 'a seek 4 17' 'a close 2' \
		'me list a' 'me list b' 'me proc b'
	assert_equal "$(judge shared | sed 's/[01] [A-Z] 2 socket:[^,]*, //g' | head -n 3)" "$(printf '%s\n' \
		'users 1: 2 C 3 /tmp/x, 3 D 1 /tmp/x, 4 C 3 /tmp/x' \
		'users 1: 3 D 1 /tmp/x, 4 C 2 /tmp/x' \
		'users 1: 2 C 2 /tmp/x')"
	[[ $output == *$'\n| 2 0100002 17 /tmp/x' ]] || fail 'they share the position'
}

# bats test_tags=points:5,todo:5
@test "close-on-exec belongs to the descriptor, not to the file" {
	fds 'me fork a' 'a open r+creat+cloexec /tmp/x' 'a dup3 0 70 r' 'a dup3 0 5 cloexec' 'me list a' 'a exec' 'me list a'
	assert_lists \
		'users 1: 0 A 3 /tmp/x, 5 A 3 /tmp/x, 70 A 3 /tmp/x' \
		'users 1: 70 A 1 /tmp/x'
	assert_equal "$(awk '$1 == "|" && NF == 7 { print $2, $3 }' <<<"$output" | paste -sd ' ')" \
		'0 02100000 5 02100000 70 0100000 70 0100000'
}

# The kernel keeps a slab cache for PIDs of the second level from then on, so no audit.
# bats test_tags=points:5,todo:3,audit:no
@test "in another PID namespace numbers are those that the reader sees" {
	fds 'me fork a' 'a open rw+creat /tmp/x' 'a nsfork b' 'b list 1' 'b list nobody' 'me list b' 'b list a'
	assert_equal "$(gave | cut -d ' ' -f 4-)" '3 3 2 -ESRCH'
	assert_equal "$(sed -n 's/^| pid //p' <<<"$output" | paste -sd ';')" \
		"1 users 1;1 users 1;$(sed -n 's/^a nsfork b = //p' <<<"$output") users 1"
	assert_equal "$(shared | head -n 3 | cut -d , -f 1 | sort -u)" 'users 1: 0 A 2 /tmp/x'
}
