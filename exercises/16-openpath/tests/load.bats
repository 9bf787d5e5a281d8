#!/usr/bin/env bats
# Loading, unloading, and the two counts.

load ../../lib/vm
load openpath

setup() {
	vm_start
	vm_helper io
	vm_put "$MODULES/openpath.ko" /lib/openpath.ko
}

# bats test_tags=points:5,todo:1
@test "loading makes /dev/openpath, of mode 0644, and two counts that nobody can set" {
	io 'insmod /lib/openpath.ko opens=1' 'insmod /lib/openpath.ko refused=1' 'insmod /lib/openpath.ko'
	assert_equal "$(results)" '-EPERM -EPERM 0'
	run -0 vm_run stat -c '%A' /dev/openpath "$COUNTS/opens" "$COUNTS/refused"
	assert_output "$(printf '%s\n' crw-r--r-- -r--r--r-- -r--r--r--)"
	assert_equal "$(counts)" '0 0'
}

# bats test_tags=points:4,todo:1
@test "when a step of init fails, insmod gives its error and nothing stays" {
	vm_sweep insmod openpath
}

# bats test_tags=points:5,todo:1
@test "rmmod is refused while a file is open, and takes all of it away" {
	for _ in first second; do
		io 'insmod /lib/openpath.ko' 'open /dev/openpath r' 'rmmod openpath' close 'rmmod openpath'
		assert_equal "$(results)" '0 3 -EAGAIN 0 0'
		run -0 vm_run find /dev /sys/class -name '*openpath*'
		assert_output ''
	done
}
