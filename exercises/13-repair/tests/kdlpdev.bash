# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

load ../../lib/io

# kdlpdev_major - prints the major of kdlpdev in /proc/devices, nothing without one
kdlpdev_major() {
	vm_get /proc/devices - | awk '/^Block/ { exit } $2 == "kdlpdev" { print $1 }'
}

# kdlpdev_ready [PARAMETER...] - a VM with kdlpdev loaded, nodes /dev/kdlpdev0 to
# 10, of which the last is one too many, and io at hand
kdlpdev_ready() {
	local major nodes=() k
	vm_load kdlpdev "$@"
	major=$(kdlpdev_major)
	[[ $major =~ ^[0-9]+$ ]] || fail '/proc/devices does not show kdlpdev'
	for k in 0 1 2 3 4 5 6 7 8 9 10; do
		nodes+=("mknod /dev/kdlpdev$k $major $k")
	done
	vm_run io "${nodes[@]}" >/dev/null
}

# texts - what the reads of the last io brought, joined; a byte that is no text
# shows as \x and its number
texts() {
	printf '%b' "$(sed 's/../<&>/g; s/<0a>/\\n/g; s/<7f>/\\\\x7f/g
		s/<\([2-7].\)>/\\x\1/g; s/<\(..\)>/\\\\x\1/g' <<<"$(bytes)")"
}

# greeting MINOR GUEST - the line that this guest is to read
greeting() {
	printf 'hello from kdlpdev%u, guest %u' "$1" "$2"
}
