#!/usr/bin/env bats
# Many at one tape: turns at a shared position, whole records, nothing lost.

load ../../lib/vm
load tape

setup() { tape_ready; }

# bats test_tags=points:7,todo:6,needs:write,kernel:stock
@test "who shares an open file waits for the call before, and goes on where it ended" {
	vm_write /dev/tape abc
	stuck shared 'read 1' 'read 1'
	assert_output $'first 1 1x61\nwaits 1 1x62'
	stuck shared 'write 2 d' 'write 2 e'
	assert_output $'first 2\nwaits 2'
	assert_equal "$(runs 4)" '2 64;2 65'
	stuck shared 'read 3' 'lseek 4'
	assert_output $'first 3 2x64 1x65\nwaits 7'
}

# bats test_tags=points:7,todo:6,needs:write,cpus:2,kernel:stock,kernel:race
@test "on two CPUs, all that share a descriptor read and write every byte exactly once" {
	local start
	vm_helper crowd
	crowd write 1500
	play
	run judge records "$BATS_TEST_TMPDIR/played" 0 6 1500 0
	assert_success
	draw "$SIZE"
	record "$BATS_TEST_TMPDIR/drawn"
	random_between start 61000 62000
	crowd read "$start"
	run judge shared "$BATS_TEST_TMPDIR" 6 "$BATS_TEST_TMPDIR/drawn" "$start"
	assert_success
}

# bats test_tags=points:5,todo:7,needs:write,kernel:stock
@test "a read sees all of a write or nothing of it" {
	stuck apart 'pwrite 5000 a 9' 'pread 5000 9'
	assert_line 'first 5000'
	assert_line --regexp '^(waits 5000 5000x61|returns 5000 5000x00)$'
	stuck apart 'pread 5000 9' 'pwrite 5000 b 9'
	assert_line --regexp '^first 5000 5000x6[12]$'
	assert_line --regexp '^(waits|returns) 5000$'
	stuck apart 'pwrite 5000 c 9' 'pwrite 5000 d 9'
	assert_line --regexp '^(waits|returns) 5000$'
	run runs 5009
	assert_output --regexp '^9 00;5000 6[34]$'
}

# bats test_tags=points:3,todo:7,needs:write,kernel:stock
@test "who waits for the tape can be killed" {
	stuck kill 'pwrite 5000 a 0' 'pread 5000 0'
	assert_line --regexp '^(killed|returns 5000 5000x00)$'
	stuck kill 'pread 5000 0' 'pwrite 5000 b 0'
	assert_line --regexp '^(killed|returns 5000)$'
	stuck kill 'pwrite 5000 a 0' 'pwrite 5000 b 0'
	assert_line --regexp '^(killed|returns 5000)$'
}

# bats test_tags=points:3,todo:7,needs:write,cpus:2,kernel:race
@test "KCSAN has nothing to say when some read, some write and some append" {
	vm_helper crowd
	crowd meet 400
	run judge blocks "$BATS_TEST_TMPDIR/2"
	assert_success
	play
	run judge records "$BATS_TEST_TMPDIR/played" 3 2 400 512
	assert_success
}
