#!/usr/bin/env bats
# What the keyboard could do before it was tuned, and has to do still.

load ../../lib/vm
load kkey

k=0 # a key, drawn for each test

setup() {
	vm_start
	kkey_ready
	random_between k 0 127
}

# bats test_tags=points:2,cpus:1
@test "a song holds what was played, in its order" {
	local other=$(((k + 1) % 128))
	io "open /dev/kkey$k w" "open /dev/kkey$other w" 'write 10' 'use 3' \
		$'write \n01\n1' 'use 4' 'write 0' $'write \n\n' write
	assert_equal "$(results)" '3 4 2 3 5 4 1 2 0'
	assert_equal "$(notes)" "$other 1 64 $other 0 64 $k 0 64 $k 1 64 $k 1 64 $other 0 64"
}

# bats test_tags=points:1,cpus:1
@test "a song is taken out by the first read, and kept by its open file" {
	io "open /dev/kkey$k rw" 'write 10' "open /dev/kkey$k r" 'read 0' 'read 20' \
		"open /dev/kkey$k r" 'read 999' 'use 3' 'write 1' 'use 4' 'read 999' \
		'read 9' 'use 3' 'read 999'
	# 33 bytes of an empty song, and four a note
	assert_equal "$(results)" '3 2 4 0 20 5 33 3 1 4 21 0 3 37'
}

# bats test_tags=points:1,cpus:1
@test "a write that cannot be taken as a whole records nothing" {
	local zeros
	zeros=$(printf '0%.0s' {1..70})
	io "open /dev/kkey$k rw" 'write 102' 'write 1 0' 'writehex 3100' 'write-bad 4' \
		"write-edge 69 $zeros" 'read-bad 9' 'read 99'
	assert_equal "$(results)" \
		'3 -EINVAL -EINVAL -EINVAL -EFAULT -EFAULT -EFAULT 33'
}

# bats test_tags=points:2,cpus:1
@test "the last write that fits is recorded, the next gives ENOSPC and nothing" {
	local left
	random_between left 1 50
	run -0 vm_sh "head -c $((ROOM - left)) /dev/zero | tr '\\0' 1 | dd bs=32768 iflag=fullblock of=/dev/kkey$k"
	io "open /dev/kkey$k w" "write $(printf '0%.0s' $(seq $((left + 1))))" \
		"write $(printf '0%.0s' $(seq "$left"))" 'write 1' $'write \n'
	assert_equal "$(results)" "3 -ENOSPC $left -ENOSPC 1"
	run -0 song
	assert_equal "$(sed 1d <<<"$output" | cut -d ' ' -f 2- | uniq -c | tr -s ' ')" \
		" $((ROOM - left)) $k 1 64"$'\n'" $left $k 0 64"
}

# bats test_tags=points:1,cpus:1
@test "a write has at most 32768 bytes" {
	run -0 vm_sh "yes '' | head -c 32768 | dd bs=32768 iflag=fullblock of=/dev/kkey$k"
	run vm_sh "yes '' | head -c 32769 | dd bs=32769 iflag=fullblock of=/dev/kkey$k"
	assert_output --partial 'Invalid argument'
	io "open /dev/kkey$k r" 'read 99'
	assert_equal "$(results)" '3 33'
}
