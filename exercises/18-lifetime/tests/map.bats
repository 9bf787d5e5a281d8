#!/usr/bin/env bats
# A mapping needs no descriptor: it keeps the open file by itself.

load ../../lib/vm
load lifetime

setup() {
	vm_start
	lifetime_ready
}

# bats test_tags=points:6,todo:7,id:map
@test "a mapping outlives close, and releases without a flush when it goes" {
	local byte
	random_between byte 1 255
	lives 'a open' 'a map 3' 'a close 3' 'a rmmod' "a poke $byte" 'a fork b' 'a unmap' 'b peek' 'b unmap'
	assert_equal "$(results)" "3 0 0 -EAGAIN 0 0 0 $byte 0"
	assert_equal "$(counts)" "$(printf '%s' '1 0 0 1, 1 0 0 1, 1 1 0 1, 1 1 0 1, ' \
		'1 1 0 1, 1 1 0 1, 1 1 0 1, 1 1 0 1, 1 1 1 0')"
	assert_equal "$(events)" 'open 1 a call, flush 1 a call, release 1 b call'
	lives 'a open' 'a map 3' 'a close 3' 'a fork b' 'a exec' 'b kill'
	assert_equal "$(counts | sed 's/.*, 2 2 1 1, //')" '2 2 2 0'
	assert_equal "$(events 3)" 'open 2 a call, flush 2 a call, release 2 b exit'
}

# bats test_tags=points:5,todo:7,needs:map,kernel:stock,kernel:debug
@test "all mappings of an open file show its one page, zero at first, and nothing else" {
	local byte file dirty=() clean=()
	random_between byte 1 255
	lives 'a open' 'a map 3' 'a peek' "a poke $byte" 'a dup 3' 'a fork b' 'b map 4' 'b peek' \
		'b open' 'b map 5' 'b peek' "b poke $((byte - 1))" 'a peek' 'a exit' 'b map 3' 'b peek'
	assert_equal "$(results)" "3 0 0 0 4 0 0 $byte 5 0 0 0 $byte 0 0 $byte"
	lives 'a open' 'a map 3 8192' 'a map 3 4096 4096' 'a map 3 100' 'a grow' 'a peek'
	assert_equal "$(results)" '3 -EINVAL -EINVAL 0 -EFAULT 0'
	for file in {3..8}; do
		dirty+=('a open' "a map $file" "a poke $byte" 'a unmap')
		clean+=('a open' "a map $file" 'a peek')
	done
	lives "${dirty[@]}" 'a close-range 3 8' "${clean[@]}"
	output=$(grep peek <<<"$output")
	assert_equal "$(results)" '0 0 0 0 0 0'
}
