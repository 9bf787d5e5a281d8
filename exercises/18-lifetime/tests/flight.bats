#!/usr/bin/env bats
# A descriptor in a message: nobody has it open, and yet the file lives.

load ../../lib/vm
load lifetime

setup() {
	vm_start
	lifetime_ready
}

# bats test_tags=points:6,todo:5
@test "a descriptor in flight keeps the file alive until its receiver closes it" {
	lives 'a open' 'a pair' 'a fork b' 'b close 3' 'a send 4 3' 'a exit' 'b rmmod' \
		'b receive 5' 'b close 3'
	assert_equal "$(results)" '3 4 0 0 1 0 -EAGAIN 3 0'
	assert_equal "$(counts)" "$(printf '%s' '1 0 0 1, 1 0 0 1, 1 0 0 1, 1 1 0 1, 1 1 0 1, ' \
		'1 2 0 1, 1 2 0 1, 1 2 0 1, 1 3 1 0')"
	assert_equal "$(events)" "$(printf '%s' 'open 1 a call, flush 1 b call, flush 1 a exit, ' \
		'flush 1 b call, release 1 b call')"
}

# bats test_tags=points:5,todo:5
@test "a message that nobody receives releases without a flush when its socket goes" {
	lives 'a open' 'a pair' 'a send 4 3' 'a close 3' 'a close 4' 'a close 5'
	assert_equal "$(counts)" '1 0 0 1, 1 0 0 1, 1 0 0 1, 1 1 0 1, 1 1 0 1, 1 1 1 0'
	assert_equal "$(events)" 'open 1 a call, flush 1 a call, release 1 a call'
	lives 'a open' 'a pair' 'a send 4 3' 'a close 3' 'a kill'
	assert_equal "$(events 3)" 'open 2 a call, flush 2 a call, release 2 a exit'
}

# bats test_tags=points:8,todo:5
@test "when a kernel thread gives up the last reference, release is deferred" {
	lives 'a open' 'a pair' 'a send 4 3 5' 'a close 3' 'a close 5' 'a rmmod' 'a close 4' 'wait 1'
	assert_equal "$(results)" '3 4 1 0 0 -EAGAIN 0 0'
	assert_equal "$(counts | sed 's/.*, //')" '1 1 1 0'
	assert_equal "$(events)" 'open 1 a call, flush 1 a call, release 1 other deferred'
	lives 'a open' 'a pair' 'a send 4 3 5' 'a exit' 'wait 2'
	assert_equal "$(events 3)" 'open 2 a call, flush 2 a exit, release 2 other deferred'
}
