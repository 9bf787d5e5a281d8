#!/usr/bin/env bats
# What open() takes, release() gives back, and neither may lose.

load ../../lib/vm
load prng

k=0 # a minor, drawn for each test

setup() {
	prng_ready
	random_between k 0 9
}

# bats test_tags=points:4,todo:2
@test "rmmod is refused while a device is open" {
	io "open /dev/prng$k r" 'rmmod prng' close 'rmmod prng'
	assert_equal "$(results)" '3 -EAGAIN 0 0'
}

# bats test_tags=points:4,todo:4
@test "open gives ENOMEM when there is no memory" {
	vm_sweep io "open /dev/prng$k r"
}

# bats test_tags=points:4,todo:4,kernel:stock,kernel:debug
@test "every close frees what its open allocated" {
	local opens=()
	for _ in {1..20}; do
		opens+=("open /dev/prng$k r" close)
	done
	io "${opens[@]}"
	refute_line --regexp '= -'
	vm_audit # unloads prng, too
}

# bats test_tags=points:4,todo:8
@test "the seeds at load differ from minor to minor and from load to load" {
	local reads=() words='' minor
	for minor in 0 1 2 3 4 5 6 7 8 9; do
		reads+=("open /dev/prng$minor r" 'read 8')
	done
	for _ in first second; do
		io "${reads[@]}"
		words+=$(bytes)
		vm_unload prng
		vm_insmod prng
		prng_nodes
	done
	assert_equal "$(fold -w 16 <<<"$words" | sort -u | wc -l)" 20
}

# bats test_tags=points:4,todo:8
@test "an open file keeps its seed and position when its minor is written" {
	local old new
	random64 old
	random64 new
	vm_write "/dev/prng$k" "$old"
	io "open /dev/prng$k rw" 'read 5' "write $new" 'read 11' \
		"open /dev/prng$k r" 'read 16' 'use 3' 'read 9'
	assert_equal "$(bytes)" \
		"$(stream "$old" 0 16)$(stream "$new" 0 16)$(stream "$old" 16 9)"
}
