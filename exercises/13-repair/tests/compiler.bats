#!/usr/bin/env bats
# What the compiler stopped at.  No audit: what is left behind is for later steps.

load ../../lib/vm
load kdlpdev

setup() {
	vm_start
	vm_helper io
	kdlpdev_ready
}

# bats test_tags=points:5,todo:1,audit:no
@test "the log names the major under which the device is to be found" {
	run -0 vm_run dmesg
	assert_line --regexp "kdlpdev: .*major $(kdlpdev_major)([^0-9]|\$)"
}

# bats test_tags=points:5,todo:1,audit:no
@test "a device can be opened and closed" {
	io 'open /dev/kdlpdev0 r' close 'open /dev/kdlpdev0 rw' 'open /dev/kdlpdev0 w'
	assert_equal "$(results)" '3 0 3 4'
}

# bats test_tags=points:5,todo:1,audit:no
@test "a program that writes is told that all of it was taken" {
	local text=$RANDOM$RANDOM count
	random_between count 20 9000
	io 'open /dev/kdlpdev0 w' "write $text" "write-bad $count" write
	assert_equal "$(results)" "3 ${#text} $count 0"
}
