#!/usr/bin/env bats
# Loading, what appears in /dev and /sys, unloading, and how loading can fail.

load ../../lib/vm
load kkey

setup() {
	vm_start
	vm_helper io
	vm_put "$MODULES/kkey.ko" /lib/kkey.ko
}

# bats test_tags=points:2,todo:1,kernel:stock
@test "there is a class kkey while the module is loaded" {
	for _ in first second; do
		vm_insmod kkey
		run -0 vm_run find /sys/class/kkey -maxdepth 0
		vm_unload kkey
		run vm_run find /sys/class/kkey -maxdepth 0
		assert_failure
	done
}

# bats test_tags=points:3,todo:2,kernel:stock
@test "the class has the devices kkey0 to kkey127, and no others" {
	vm_insmod kkey
	run -0 vm_run ls /sys/class/kkey
	assert_equal "$(sort -V <<<"$output")" "$(printf 'kkey%d\n' {0..127})"
}

# bats test_tags=points:4,todo:2,kernel:stock
@test "a node has the major of kkey and its note as minor, and so says sysfs" {
	local major
	vm_insmod kkey
	major=$(kkey_major)
	[[ $major =~ ^[0-9]+$ ]] || fail '/proc/devices does not show kkey'
	run -0 vm_sh 'cd /sys/class/kkey && grep . */dev && cd /dev && stat -c "%n %F %t:%T" kkey*'
	assert_equal "$(sort <<<"$output")" "$(seq 0 127 | awk -v major="$major" '{
		printf "kkey%d/dev:%d:%d\n", $1, major, $1
		printf "kkey%d character special file %x:%x\n", $1, major, $1
	}' | sort)"
}

# bats test_tags=points:2,todo:4,kernel:stock
@test "everybody may read and write every node" {
	vm_insmod kkey
	run -0 vm_sh 'stat -c %a /dev/kkey* | sort | uniq -c'
	assert_output --regexp '^ *128 666$'
}

# bats test_tags=points:4,todo:2,kernel:stock,kernel:debug
@test "rmmod is refused while a key is open, and then leaves no trace" {
	local k
	random_between k 0 127
	for _ in first second; do
		vm_insmod kkey
		io "open /dev/kkey$k rw" 'rmmod kkey' close 'rmmod kkey'
		assert_equal "$(results)" '3 -EAGAIN 0 0'
		assert_equal "$(traces)" ''
	done
}

# bats test_tags=points:3,todo:3,kernel:stock,kernel:debug
@test "when a step of init fails, insmod gives its error and nothing stays" {
	local call error major
	[[ $(calls "$STEPS") == *class* ]] || fail 'no class is made'
	vm_insmod kkey
	major=$(kkey_major)
	vm_unload kkey
	for call in $(calls "$STEPS"); do
		random_between error 1 34
		fail_call kkey "$call" "-$error"
		io 'insmod /lib/kkey.ko' "mknod /old $major 5" 'open /old r'
		assert_equal "$(results)" "-$(errno_name "$error") 0 -ENXIO"
		vm_audit # unloads failfn, too
	done
	io 'insmod /lib/kkey.ko' 'open /dev/kkey127 r'
	assert_equal "$(results)" '0 3'
}

# bats test_tags=points:4,todo:3,kernel:stock
@test "when a device cannot be made, those before it go again" {
	local nth error
	random_between nth 2 127
	for nth in 1 "$nth" 128; do
		random_between error 1 34
		fail_call kkey "$(calls "$MAKERS" | tail -n 1)" "-$error" "nth=$nth"
		io 'insmod /lib/kkey.ko'
		assert_output "insmod /lib/kkey.ko = -$(errno_name "$error")"
		assert_equal "$(traces)" ''
		vm_audit # unloads failfn, too
	done
	io 'insmod /lib/kkey.ko' 'open /dev/kkey127 r'
	assert_equal "$(results)" '0 3'
}
