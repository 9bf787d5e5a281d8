#!/usr/bin/env bats
# What one read() or write() copies, and what becomes of the position.

load ../../lib/vm
load tape

at=0 # a position, drawn for each test

setup() {
	tape_ready
	random_between at 1000 $((SIZE - 1000))
}

# bats test_tags=points:6,todo:3,kernel:stock,kernel:debug
@test "a new tape is 64 KiB of zeros; a read is short at their end, and 0 past it" {
	play
	cmp -n "$SIZE" "$BATS_TEST_TMPDIR/played" /dev/zero || fail 'the tape is not all zeros'
	io 'open /dev/tape r' "pread 16 $((SIZE - 8))" "pread 1 $((SIZE - 1))" "pread 1 $SIZE" \
		'pread 8 4294967296' "lseek $((SIZE - 5)) set" 'read 100' 'read 100' 'lseek 0 cur'
	assert_equal "$(results)" "3 8 1 0 0 $((SIZE - 5)) 5 0 $SIZE"
}

# bats test_tags=points:6,todo:4,id:write,kernel:stock,kernel:debug
@test "what is written is read back, however it is cut" {
	local hex count done=0 writes=() reads=()
	draw "$SIZE"
	record "$BATS_TEST_TMPDIR/drawn"
	play
	cmp "$BATS_TEST_TMPDIR/drawn" "$BATS_TEST_TMPDIR/played" || fail 'the tape has other bytes'
	hex=$(head -c 300 "$BATS_TEST_TMPDIR/drawn" | od -An -v -tx1 | tr -d ' \n')
	while ((done < 240)); do
		random_between count 1 50
		writes+=("writehex ${hex:2*done:2*count}")
		reads+=("read $((51 - count))")
		done=$((done + count))
	done
	io 'open /dev/tape rw' "lseek $at set" "${writes[@]}" "lseek $at set" "${reads[@]}" "read 300"
	assert_equal "$(bytes | head -c $((2 * done)))" "${hex:0:2*done}"
}

# bats test_tags=points:7,todo:4,kernel:stock,kernel:debug
@test "a write is short where a part of it fits, and gives ENOSPC where nothing does" {
	io 'open /dev/tape rw' "lseek $((SIZE - 5)) set" 'write 123456789' 'write x' 'lseek 0 cur' \
		"pwrite $((SIZE - 3)) abcdef" "pwrite $SIZE x" 'pwrite 4294967296 x' \
		"pread 10 $((SIZE - 10))" 'pread 5 0'
	assert_equal "$(results)" "3 $((SIZE - 5)) 5 -ENOSPC $SIZE 3 -ENOSPC -ENOSPC 10 5"
	assert_equal "$(bytes)" '000000000031326162630000000000'
}

# bats test_tags=points:5,todo:4
@test "read and write move the position, pread and pwrite leave it alone" {
	io 'open /dev/tape rw' "lseek $at set" 'write hello' "pwrite $((at + 1)) a" 'lseek 0 cur' \
		"pread 3 $at" 'pwrite 7 b' 'lseek -5 cur' 'read 5' "pread 2 7" 'lseek 0 cur'
	assert_equal "$(results)" "3 $at 5 1 $((at + 5)) 3 1 $at 5 2 $((at + 5))"
	assert_equal "$(bytes)" "68616c68616c6c6f6200"
}

# bats test_tags=points:3,todo:4
@test "reading or writing nothing gives 0 and moves nothing, at the end as well" {
	io 'open /dev/tape rw+append' 'write abc' "lseek $at set" 'read 0' 'read-bad 0' 'write' \
		'write-bad 0' 'lseek 0 cur' 'lseek 0 end' 'write' 'read 0' 'lseek 0 cur'
	assert_equal "$(results)" "3 3 $at 0 0 0 0 $at $SIZE 0 0 $SIZE"
}

# bats test_tags=points:8,todo:4
@test "a copy that ends where the program's memory does counts; only one of nothing is EFAULT" {
	local fits place rest
	draw 3000
	record "$BATS_TEST_TMPDIR/drawn"
	random_between fits 0 499
	fits=$((2 * fits + 1)) # odd: in the middle of whatever is copied at a time
	io 'open /dev/tape r' "read-edge 3000 $fits" 'lseek 0 cur' 'read-bad 9' 'lseek 0 cur' 'read 9'
	assert_equal "$(results)" "3 $fits $fits -EFAULT $fits 9"
	rest=$(bytes)
	io 'open /dev/tape r' "read $((fits + 9))"
	assert_equal "$(bytes)" "$rest"

	random_between fits 1 39
	random_between place 3000 60000
	io 'open /dev/tape rw' "lseek $place set" "write-edge $fits $(printf 'x%.0s' {1..40})" \
		'lseek 0 cur' 'write-bad 9' 'lseek 0 cur' "pread $((fits + 2)) $place"
	assert_equal "$(results)" "3 $place $fits $((place + fits)) -EFAULT $((place + fits)) $((fits + 2))"
	assert_equal "$(bytes)" "$(printf '78%.0s' $(seq "$fits"))0000"
}

# bats test_tags=points:5,todo:4
@test "readv and writev go from piece to piece, and stop where memory or tape ends" {
	vm_helper vector
	assert_equal "$(vector "$at" here write ab cde f)" "6 $((at + 6))"
	assert_equal "$(vector "$at" here read 1 0 4 9)" "14 $((at + 14)) 61  62636465 660000000000000000"
	assert_equal "$(vector 0 "$at" read 2 3)" '5 0 6162 636465'
	assert_equal "$(vector "$at" here read 2 3:1 4)" "3 $((at + 3)) 6162 63 5a5a5a5a"
	assert_equal "$(vector 5 $((at + 1)) write XY 'ZZZ:1' W)" '3 5'
	assert_equal "$(vector 0 "$at" read 7)" '7 0 6158595a656600'
	assert_equal "$(vector $((SIZE - 4)) here write 123 456)" "4 $SIZE"
	assert_equal "$(vector $((SIZE - 4)) here read 3 3)" "4 $SIZE 313233 345a5a"
}
