#!/usr/bin/env bats
# What is a seed and what is not, and that a refused one does no harm.

load ../../lib/vm
load prng

k=0 seed=0 # a minor and a seed, drawn for each test

setup() {
	prng_ready
	random_between k 0 9
	random64 seed
}

# bats test_tags=points:3,todo:7,kernel:stock,kernel:debug
@test "the text of a seed has at most 31 bytes, a new line included" {
	local short long
	short=$(printf '0x%028x' "$seed")
	long=$(printf '0x%029x' "$seed")
	io "open /dev/prng$k w" "write $short" "write $short"$'\n' "write $long" \
		"write $long"$'\n' "write ${long}0" "write $long$long$long"
	assert_equal "$(results)" '3 30 31 31 -EINVAL -EINVAL -EINVAL'
}

# bats test_tags=points:3,todo:7
@test "text that is no number gives EINVAL, and so do signs, blanks and NULs" {
	io "open /dev/prng$k w" 'write 7' 'write seven' 'write 7x' 'write 0x' 'write 08' \
		'write 0xg' 'write 1,5' 'write +7' 'write -7' 'write  7' 'write 7 ' \
		$'write \n' $'write 7\n\n' 'writehex 3700' 'writehex 00' 'write 7'
	assert_equal "$(results)" "3 1$(printf ' %.0s-EINVAL' {1..14}) 1"
}

# bats test_tags=points:3,todo:7
@test "a number past 64 bits gives ERANGE, the last that fits does not" {
	io "open /dev/prng$k w" 'write 18446744073709551615' \
		'write 18446744073709551616' "write 9${seed:0:9}99999999999999999999" \
		'write 0xffffffffffffffff' 'write 0x10000000000000000' \
		'write 01777777777777777777777' 'write 02000000000000000000000'
	assert_equal "$(results)" '3 20 -ERANGE -ERANGE 18 -ERANGE 23 -ERANGE'
}

# bats test_tags=points:3,todo:7
@test "a write from a bad pointer gives EFAULT" {
	io "open /dev/prng$k w" "write $seed" 'write-bad 1' 'write-bad 31' \
		'write-edge 3 12345' 'write 12345'
	assert_equal "$(results)" "3 ${#seed} -EFAULT -EFAULT -EFAULT 5"
}

# bats test_tags=points:3,todo:8
@test "a write that fails leaves the old seed" {
	io "open /dev/prng$k w" "write $seed" 'write 12monkeys' 'write -1' \
		'write 18446744073709551616' 'write-bad 2' 'write-edge 1 12' \
		'write 00000000000000000000000000000001' "open /dev/prng$k r" 'read 16'
	assert_equal "$(bytes)" "$(stream "$seed" 0 16)"
}

# bats test_tags=points:4,todo:8
@test "a seed is decimal, hexadecimal or octal, with a new line or without" {
	local form text
	for form in '%u' '0x%x' '0X%X\n' '0%o' '%u\n' '0x%016x' '0%o\n'; do
		random64 seed
		# shellcheck disable=SC2059 # the form is the point
		text=$(printf "$form." "$seed") # the dot keeps the new line
		text=${text%.}
		io "open /dev/prng$k w" "write $text" "open /dev/prng$k r" 'read 8'
		assert_equal "$(results)" "3 ${#text} 4 8"
		assert_equal "$(bytes)" "$(stream "$seed" 0 8)"
	done
}
