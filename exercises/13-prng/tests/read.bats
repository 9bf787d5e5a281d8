#!/usr/bin/env bats
# The form of a stream: where it ends, how lseek() moves, what read() returns.

load ../../lib/vm
load prng

k=0 # a minor, drawn for each test

setup() {
	prng_ready
	random_between k 0 9
}

# bats test_tags=points:3,todo:5
@test "lseek moves as in a file of 1 MiB" {
	local at
	random_between at 1000 $((SIZE - 1000))
	io "open /dev/prng$k r" "lseek $at set" 'lseek -7 cur' 'lseek -9 end' \
		'lseek 0 end' 'lseek 1 cur' "lseek -1 set" "lseek $((SIZE + 1)) set" \
		'lseek 0 cur'
	assert_equal "$(results)" \
		"3 $at $((at - 7)) $((SIZE - 9)) $SIZE -EINVAL -EINVAL -EINVAL $SIZE"
}

# bats test_tags=points:4,todo:6
@test "a read that crosses the end is short, and one past it gives 0" {
	local past
	random_between past $((SIZE + 1)) $((SIZE * 1000))
	io "open /dev/prng$k r" "pread 16 $((SIZE - 8))" "pread 1 $((SIZE - 1))" \
		"pread 1 $SIZE" "pread 8 $past" 'pread 8 4294967296' \
		"lseek $((SIZE - 5)) set" 'read 100' 'read 100' 'lseek 0 cur'
	assert_equal "$(results)" "3 8 1 0 0 0 $((SIZE - 5)) 5 0 $SIZE"
}

# bats test_tags=points:3,todo:7
@test "reading or writing nothing gives 0 and changes nothing" {
	local before
	io "open /dev/prng$k rw" 'read 0' 'read-bad 0' 'write' 'write-bad 0' 'read 8' \
		"open /dev/prng$k r" 'read 8'
	assert_equal "$(results)" '3 0 0 0 0 8 4 8'
	before=$(bytes)
	assert_equal "${before:16}" "${before:0:16}"
}

# bats test_tags=points:4,todo:6
@test "a read to a bad pointer gives EFAULT and moves nothing" {
	local count
	random_between count 1 5000
	io "open /dev/prng$k r" "read-bad $count" 'lseek 0 cur' 'read 3' \
		"read-bad $count" 'lseek 0 cur'
	assert_equal "$(results)" '3 -EFAULT 0 3 -EFAULT 3'
}

# bats test_tags=points:4,todo:6,kernel:stock,kernel:debug
@test "a read of which only a part can be copied returns that part" {
	local fits parts
	random_between fits 0 499
	fits=$((2 * fits + 1)) # odd: in the middle of whatever is copied at a time
	io "open /dev/prng$k r" "read-edge 1000 $fits" 'lseek 0 cur' 'read 20'
	assert_equal "$(results)" "3 $fits $fits 20"
	parts=$(bytes)
	io "open /dev/prng$k r" "read $((fits + 20))"
	assert_equal "$parts" "$(bytes)"
}
