#!/usr/bin/env bats
# Loading, unloading, and the ways in which loading can fail.

load ../../lib/vm
load kkey

setup() { vm_start; }

# bats test_tags=points:2,cpus:1
@test "loading makes 128 keys that anybody may play, and rmmod removes them" {
	kkey_ready
	run -0 vm_sh 'stat -c "%a %F" /dev/kkey* | sort | uniq -c | tr -s " "; ls /dev/kkey127'
	assert_output ' 128 666 character special file'$'\n''/dev/kkey127'
	for _ in first second; do
		vm_unload kkey
		run -0 vm_run find /dev /sys/class -name 'kkey*'
		assert_output ''
		vm_insmod kkey
	done
}

# bats test_tags=points:2,cpus:1
@test "whatever fails while loading, insmod fails with its error and leaves nothing" {
	local error nth call
	vm_helper io
	vm_put "$MODULES/kkey.ko" /lib/kkey.ko
	random_between nth 2 128
	for call in alloc_chrdev_region __class_register cdev_add device_create "device_create nth=$nth"; do
		random_between error 1 34
		# shellcheck disable=SC2086 # two words are two arguments
		fail_call kkey ${call%% *} "-$error" ${call#"${call%% *}"}
		io 'insmod /lib/kkey.ko' 'insmod /lib/kkey.ko' 'rmmod kkey'
		assert_equal "$(results)" "-$(errno_name "$error") 0 0"
		vm_run rmmod failfn
	done
	vm_audit
}

# bats test_tags=points:1,cpus:1
@test "rmmod is refused while a key is open" {
	kkey_ready
	io 'open /dev/kkey7 w' 'rmmod kkey' 'write 1' close 'rmmod kkey'
	assert_equal "$(results)" '3 -EAGAIN 1 0 0'
}

# bats test_tags=points:2,cpus:1
@test "open and the first read give ENOMEM when there is no memory" {
	vm_sweep --prepare kkey_ready io 'open /dev/kkey1 rw' 'write 1' 'read 10'
}
