#!/usr/bin/env bats
# The bytes themselves, held against the ones that the host computes.

load ../../lib/vm
load prng

k=0 seed=0 # a minor and a seed, drawn for each test

setup() {
	prng_ready
	random_between k 0 9
	random64 seed
}

# bats test_tags=points:5,todo:8
@test "a stream is SplitMix64's words, little-endian" {
	local any
	for any in "$seed" 0 18446744073709551615; do
		io "open /dev/prng$k w" "write $any" "open /dev/prng$k r" 'read 40'
		assert_equal "$(bytes)" "$(stream "$any" 0 40)"
	done
}

# bats test_tags=points:4,todo:8,kernel:stock,kernel:debug
@test "a stream does not depend on how it is cut into reads" {
	local reads=() total=0 count
	for _ in {1..12}; do
		random_between count 1 77
		reads+=("read $count")
		total=$((total + count))
	done
	vm_write "/dev/prng$k" "$seed"
	io "open /dev/prng$k r" "${reads[@]}" 'read 1000'
	assert_equal "$(bytes)" "$(stream "$seed" 0 $((total + 1000)))"
}

# bats test_tags=points:4,todo:8
@test "pread and lseek find the same bytes, and pread moves nothing" {
	local one two
	random_between one 0 $((SIZE - 100))
	random_between two 0 $((SIZE - 100))
	vm_write "/dev/prng$k" "$seed"
	io "open /dev/prng$k r" "pread 20 $one" "lseek $two set" 'read 9' \
		"pread 20 $one" 'read 20'
	assert_equal "$(bytes)" "$(stream "$seed" "$one" 20)$(stream "$seed" "$two" 9)$(
		stream "$seed" "$one" 20
	)$(stream "$seed" $((two + 9)) 20)"
}

# bats test_tags=points:4,todo:8
@test "cat gives the whole 1 MiB and ends" {
	vm_write "/dev/prng$k" "$seed"
	vm_run cat "/dev/prng$k" >"$BATS_TEST_TMPDIR/actual"
	run stream "$seed" 0 "$SIZE" "$BATS_TEST_TMPDIR/actual"
	assert_success
}

# bats test_tags=points:3,todo:8
@test "minors have seeds of their own, open files positions of their own" {
	local other second
	other=$(((k + 1) % 10))
	random64 second
	vm_write "/dev/prng$k" "$seed"
	vm_write "/dev/prng$other" "$second"
	io "open /dev/prng$k r" "open /dev/prng$other r" "open /dev/prng$k r" \
		'use 3' 'read 11' 'use 4' 'read 7' 'use 5' 'read 5' 'use 3' 'read 6'
	assert_equal "$(bytes)" \
		"$(stream "$seed" 0 11)$(stream "$second" 0 7)$(stream "$seed" 0 5)$(stream "$seed" 11 6)"
}
