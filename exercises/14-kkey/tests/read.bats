#!/usr/bin/env bats
# Who gets which song, and how it may be read.  What is in it is in song.bats.

load ../../lib/vm
load kkey

k=0 # a note, drawn for each test

setup() {
	kkey_ready
	random_between k 0 127
}

# twice() - the last io has read the same bytes twice, and not none
twice() {
	local all
	all=$(bytes)
	[[ $all ]] || fail 'nothing was read'
	assert_equal "${all:0:${#all}/2}" "${all:${#all}/2}"
}

# bats test_tags=points:3,todo:6,kernel:stock
@test "a song may be read in any pieces, and ends where it ends" {
	local pieces=(1 1 1) count
	for _ in {1..6}; do
		random_between count 1 5
		pieces+=("$count")
	done
	vm_write "/dev/kkey$k" 1010
	io 'open /dev/kkey0 r' "${pieces[@]/#/read }" 'readv 1 3' 'read 999' 'read 1' \
		'pread 9 4294967296' 'pread 999 0' 'read 999'
	assert_regex "$(results)" "^3 ${pieces[*]} 4 [1-9][0-9]* 0 0 [1-9][0-9]* 0\$"
	twice
}

# bats test_tags=points:3,todo:6,kernel:stock,kernel:debug
@test "a read of which only a part can be copied returns that part" {
	local fits
	random_between fits 1 21
	vm_write "/dev/kkey$k" 1010
	io "open /dev/kkey$k r" "read-edge 33 $fits" 'read 999' 'pread 999 0'
	assert_regex "$(results)" "^3 $fits [1-9][0-9]* [1-9][0-9]*\$"
	twice
}

# bats test_tags=points:3,todo:8,kernel:stock
@test "a read to a bad pointer gives EFAULT and loses nothing" {
	local count
	random_between count 1 500
	vm_write "/dev/kkey$k" 10
	io "open /dev/kkey$k r" "read-bad $count" 'read 3' "read-bad $count" 'pread 999 0'
	assert_regex "$(results)" '^3 -EFAULT 3 -EFAULT [1-9][0-9]*$'
	heard 5
	assert_equal "$(played)" "on $k off $k"
}

# bats test_tags=points:3,todo:8,kernel:stock
@test "a read or write of nothing gives 0 and takes nothing" {
	io "open /dev/kkey$k rw" 'write 1' 'write' 'write-bad 0' 'read 0' 'read-bad 0' \
		'pread 0 5' 'write 0'
	assert_equal "$(results)" '3 1 0 0 0 0 0 1'
	listen "$k"
	assert_equal "$(played)" "on $k off $k"
}

# bats test_tags=points:4,todo:8,kernel:stock,kernel:debug
@test "who has begun to read goes on in the same song while others play" {
	vm_write "/dev/kkey$k" 10
	io "open /dev/kkey$k rw" 'read 20' 'write 111' "open /dev/kkey0 w" 'write 00' \
		'use 3' 'read 999' 'write 1' 'read 9'
	assert_regex "$(results)" '^3 20 3 4 2 3 [1-9][0-9]* 1 0$'
	heard 2 7
	assert_equal "$(played)" "on $k off $k"
	listen "$k"
	assert_equal "$(played)" "on $k on $k on $k off 0 off 0 on $k"
}

# bats test_tags=points:4,todo:8,kernel:stock
@test "of two readers the first gets the song, the other what is played later" {
	vm_write "/dev/kkey$k" 10
	io "open /dev/kkey$k rw" 'open /dev/kkey127 r' 'open /dev/kkey0 r' 'read 5' \
		'use 3' 'write 0' 'read 999' 'use 5' 'read 999' 'use 4' 'read 999'
	heard 4 9
	assert_equal "$(played)" "on $k off $k"
	heard 7
	assert_equal "$(played)" "off $k"
	heard 11
	assert_equal "$(played)" ''
}

# bats test_tags=points:3,todo:8,kernel:stock
@test "reading empties the recorder, and the next song begins anew" {
	local next=$(((k + 1) % 128))
	vm_write "/dev/kkey$k" 10
	listen "$next"
	assert_equal "$(played)" "on $k off $k"
	listen "$k"
	assert_equal "$(played)" ''
	vm_write "/dev/kkey$next" 1
	listen "$k"
	assert_equal "$(played)" "on $next"
	assert_equal "$(deltas)" 0
}

# bats test_tags=points:3,todo:8,kernel:stock
@test "a read without memory gives ENOMEM and leaves the song for the next" {
	local call seen=''
	for call in $(calls "$ALLOCATORS"); do
		io "open /dev/kkey$k rw" 'write 10'
		fail_memory "$call"
		io "open /dev/kkey$k r" 'read 999'
		vm_run rmmod failfn
		seen+=" $(results)"
		[[ $seen != *-ENOMEM ]] || break
	done
	[[ $seen == *-ENOMEM ]] || fail "no read failed:${seen:- kkey.ko allocates nothing}"
	listen "$k"
	assert_equal "$(played)" "on $k off $k"
}

# bats test_tags=points:3,todo:6,kernel:stock,kernel:debug
@test "the last close gives the memory of a song back" {
	local rounds=()
	for _ in {1..20}; do
		rounds+=("open /dev/kkey$k rw" 'write 10' 'read 9' dup 'read 9' close
			'use 3' 'read 9' close "open /dev/kkey$k r" close)
	done
	io "${rounds[@]}"
	refute_line --regexp '= -'
	vm_audit # unloads kkey, too
}
