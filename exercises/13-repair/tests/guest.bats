#!/usr/bin/env bats
# What a guest of the device notices, once it loads and unloads.

load ../../lib/vm
load kdlpdev

setup() {
	vm_start
	vm_helper io
}

# bats test_tags=points:8,todo:3
@test "every close gives back the memory that its open took" {
	local opens=()
	kdlpdev_ready
	for _ in {1..20}; do
		opens+=('open /dev/kdlpdev0 r' close)
	done
	io "${opens[@]}"
	refute_line --regexp '= -'
	vm_audit # unloads kdlpdev, too
}

# bats test_tags=points:9,todo:4
@test "a read into memory that is not there gives EFAULT, or the part that fits" {
	local fits count
	kdlpdev_ready
	random_between fits 1 20
	random_between count 1 4000
	io 'open /dev/kdlpdev0 r' "read-bad $count" "read-edge 100 $fits"
	assert_equal "$(results)" "3 -EFAULT $fits"
}

# bats test_tags=points:9,todo:5
@test "cat gives the greeting once and ends" {
	local first at all
	kdlpdev_ready
	random_between first 1 20
	random_between at 1 24
	io 'open /dev/kdlpdev0 r' "read $first" 'read 100' 'read 100' "pread 3 $at" \
		'pread 1 29' 'pread 1 4294967296'
	assert_equal "$(results)" "3 $first $((29 - first)) 0 3 0 0"
	all=$(greeting 0 1)$'\n'
	assert_equal "$(texts)" "$all${all:at:3}"
}

# bats test_tags=points:8,todo:6
@test "all ten devices greet with their own number, and there is no eleventh" {
	local calls=() expected='' k
	kdlpdev_ready
	for k in 0 1 2 3 4 5 6 7 8 9; do
		calls+=("open /dev/kdlpdev$k r" 'read 100')
		expected+=$(greeting "$k" $((k + 1)))$'\n'
	done
	io "${calls[@]}"
	assert_equal "$(texts)" "${expected%$'\n'}"
	io 'open /dev/kdlpdev10 r'
	assert_equal "$(results)" -ENXIO
}

# bats test_tags=points:9,todo:11,kernel:debug
@test "the last guest that can be counted is greeted like the first" {
	local before
	random_between before 99 9999998
	kdlpdev_ready "guests=$before"
	io 'open /dev/kdlpdev0 r' 'read 100'
	assert_equal "$(texts)" "$(greeting 0 $((before + 1)))"
	vm_unload kdlpdev
	kdlpdev_ready guests=4294967294
	io 'open /dev/kdlpdev0 r' 'read 100' 'open /dev/kdlpdev0 r' 'read 100'
	assert_equal "$(texts)" "$(greeting 0 4294967295)
$(greeting 0 0)"
}
