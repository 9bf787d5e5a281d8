#!/usr/bin/env bats
# Writes that begin where the last one of all ended.

load ../../lib/vm
load tape

setup() { tape_ready; }

# bats test_tags=points:7,todo:5
@test "a write that appends begins behind the last byte that was ever written" {
	local at
	random_between at 100 60000
	io 'open /dev/tape rw+append' 'write abc' 'lseek 1 set' 'write-edge 2 defg' 'write h' \
		'lseek 0 cur' 'pwrite 0 i' 'lseek 0 cur' 'pread 9 0'
	assert_equal "$(results)" '3 3 1 2 1 6 1 6 9'
	assert_equal "$(text "$(bytes | head -c 14)") $(bytes | tail -c 4)" 'abcdehi 0000'
	io 'open /dev/tape rw' "pwrite $at xyz" 'pwrite 2 C' 'open /dev/tape rw+append' 'write jk' \
		'lseek 0 cur' "pread 6 $at" 'use 3' "pwrite $((SIZE - 3)) l" 'use 4' 'write mnop' \
		'lseek 0 set' 'write q' 'lseek 0 cur'
	assert_equal "$(results)" "3 3 1 4 2 $((at + 5)) 6 3 1 4 2 0 -ENOSPC 0"
	assert_equal "$(bytes)" '78797a6a6b00'
}

# bats test_tags=points:5,todo:5,kernel:stock
@test "what appends is a property of the call, and two that append at once do not overlap" {
	vm_helper vector
	io 'open /dev/tape rw' 'write abc'
	assert_equal "$(vector 1 end write d ef)" '3 1'
	assert_equal "$(runs 7)" '1 61;1 62;1 63;1 64;1 65;1 66;1 00'
	stuck append 'write 3000 x' 'write 2000 y'
	assert_line 'first 3000'
	assert_line --regexp '^(waits|returns) 2000$'
	run runs 5007
	assert_output --regexp '1 66;(3000 78;2000 79|2000 79;3000 78);1 00$'
}
