#!/usr/bin/env bats
# Loading, unloading, and the ways in which loading can fail.

load ../../lib/vm
load tape

setup() { vm_start; }

# bats test_tags=points:5,todo:1
@test "loading makes /dev/tape; rmmod is refused while it is open, and takes it away" {
	vm_helper io
	for _ in first second; do
		vm_load tape
		run -0 vm_run stat -c '%a %F' /dev/tape
		assert_output '600 character special file'
		io 'open /dev/tape rw' 'rmmod tape' close 'rmmod tape' 'open /dev/tape r'
		assert_equal "$(results)" '3 -EAGAIN 0 0 -ENOENT'
	done
}

# bats test_tags=points:7,todo:1
@test "when a step of init fails, insmod gives its error and nothing stays" {
	vm_sweep insmod tape
}
