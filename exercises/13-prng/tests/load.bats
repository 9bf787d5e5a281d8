#!/usr/bin/env bats
# Loading, unloading, and the ways in which loading can fail.

load ../../lib/vm
load prng

setup() {
	vm_start
	vm_helper io
	vm_put "$MODULES/prng.ko" /prng.ko
}

# bats test_tags=points:5,todo:1
@test "loading registers prng, logs its major and makes no node" {
	local major
	vm_load prng
	major=$(prng_major)
	[[ $major =~ ^[0-9]+$ ]] || fail '/proc/devices does not show prng'
	run -0 vm_run dmesg
	assert_line --regexp "prng: .*major $major([^0-9]|\$)"
	run -0 vm_run find /dev /sys/class -name '*prng*'
	assert_output ''
}

# bats test_tags=points:5,todo:2
@test "the ten minors open and the eleventh gives ENXIO" {
	vm_load prng
	prng_nodes
	local opens=() k
	for k in 0 1 2 3 4 5 6 7 8 9 10; do
		opens+=("open /dev/prng$k rw")
	done
	io "${opens[@]}"
	assert_equal "$(results)" '3 4 5 6 7 8 9 10 11 12 -ENXIO'
}

# bats test_tags=points:9,todo:3
@test "when a step of init fails, insmod gives its error and nothing stays" {
	vm_sweep insmod prng
}

# bats test_tags=points:4,todo:2
@test "after rmmod a node gives ENXIO, and prng loads again" {
	for _ in first second; do
		io 'insmod /prng.ko'
		assert_equal "$(results)" 0
		prng_nodes
		io 'open /dev/prng4 r' close 'rmmod prng' 'open /dev/prng4 r'
		assert_equal "$(results)" '3 0 0 -ENXIO'
		assert_equal "$(prng_major)" ''
	done
}
