# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

load ../../lib/io

SIZE=1048576 # bytes in a stream
export SIZE

# prng_major - prints the major of prng in /proc/devices, nothing without one
prng_major() {
	vm_get /proc/devices - | awk '/^Block/ { exit } $2 == "prng" { print $1 }'
}

# prng_nodes - makes /dev/prng0 to /dev/prng10; the last is one too many
prng_nodes() {
	local major
	major=$(prng_major)
	[[ $major =~ ^[0-9]+$ ]] || fail '/proc/devices does not show prng'
	local nodes=() k
	for k in 0 1 2 3 4 5 6 7 8 9 10; do
		nodes+=("mknod /dev/prng$k $major $k")
	done
	vm_run io "${nodes[@]}" >/dev/null
}

# prng_ready - a VM with prng loaded, its nodes made and io at hand
prng_ready() {
	vm_start
	vm_helper io
	vm_load prng
	prng_nodes
}

# stream SEED OFFSET LENGTH [FILE] - the right bytes in hex, or FILE held against them
stream() {
	/usr/bin/python3 -I -S "$BATS_TEST_DIRNAME/stream.py" "$@"
}
