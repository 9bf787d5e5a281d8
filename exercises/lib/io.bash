# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# The helper program io, seen from a test: what it did, in words and in bytes.

# io(OPERATION...) - makes the system calls in one guest process
#
# $output has a line for each; it is printed too, for the report of a failure.
io() {
	run --separate-stderr vm_run io "$@"
	printf '%s\n' "$output" "$stderr"
	assert_equal "$status" 0
}

# results() - what the calls of the last io returned, on one line
results() {
	awk '{ sub(/.* = /, ""); print $1 }' <<<"$output" | paste -sd ' '
}

# bytes() - what the reads of the last io brought, joined, in hex
bytes() {
	sed -n 's/^p\{0,1\}read.* = [0-9]* \([0-9a-f]*\)$/\1/p' <<<"$output" | tr -d '\n'
}

# stores(FILE, VALUE...) - what a write of each VALUE to FILE gave, on one line
stores() {
	local value writes=()
	for value in "${@:2}"; do
		writes+=("write $value")
	done
	io "open $1 w" "${writes[@]}" >&2
	results | cut -d ' ' -f 2-
}
