#!/usr/bin/env bats
# close() that reports an error, and who gets to hear of it.

load ../../lib/vm
load lifetime

setup() {
	vm_start
	lifetime_ready
}

# bats test_tags=points:7,todo:6,id:fail
@test "after a write of fail close gives EIO, and has closed all the same" {
	lives 'a open' 'a write 3 fail' 'a close 3' 'a close 3' 'a open' 'a close 3'
	assert_equal "$(results)" '3 4 -EIO -EBADF 3 0'
	assert_equal "$(counts)" '1 0 0 1, 1 0 0 1, 1 1 1 0, 1 1 1 0, 2 1 1 1, 2 2 2 0'
	assert_equal "$(events 1)" "$(printf '%s' 'flush 1 a call, release 1 a call, ' \
		'open 2 a call, flush 2 a call, release 2 a call')"
}

# bats test_tags=points:5,todo:6
@test "the next flush of the file fails, once, and dup2 and exit tell nobody" {
	lives 'a open' 'a dup 3' 'a open' 'a write 3 fail' 'a close 5' 'a close 4' 'a close 3'
	assert_equal "$(results)" '3 4 5 4 0 -EIO 0'
	lives 'a open' 'a fork b' 'a write 3 fail' 'b exit' 'a close 3'
	assert_equal "$(results)" '3 0 4 0 0'
	lives 'a open' 'a dup 3' 'a write 3 fail' 'a dup2 0 4' 'a close 3'
	assert_equal "$(results)" '3 4 4 4 0'
	assert_equal "$(counts | sed 's/.*, //')" '4 7 4 0'
}

# bats test_tags=points:3,todo:6
@test "write takes fail, with a new line or without, and nothing else" {
	local word=$'fail\n'
	io 'open /dev/lifetime rw' 'write' 'write-bad 0' 'write-bad 4' 'write-edge 3 fail' \
		'write fai' 'write fall' 'write fails' $'write \n' $'write fail\n\n' 'writehex 6661696c00' close \
		'open /dev/lifetime rw' "write $word" close 'open /dev/lifetime w' 'write fail' 'write fail' close
	assert_equal "$(results)" \
		"3 0 0 -EFAULT -EFAULT$(printf ' %.0s-EINVAL' {1..6}) 0 3 5 -EIO 3 4 4 -EIO"
}
