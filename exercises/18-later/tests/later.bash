# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

load ../../lib/io

ROOM=256 # lines in the log
export ROOM

# What the debug kernel checks takes time, of the virtual kind, too: now and
# then the next tick comes first.
SLACK=0 # jiffies
[[ $VM_KERNEL != debug ]] || SLACK=1

# later_ready() - loads later, and puts the helper at hand
later_ready() {
	vm_helper io
	vm_load later
}

# lines() - what the reads of the last io brought, as text
lines() {
	bytes | /usr/bin/python3 -I -S -c \
		'import sys; print(bytes.fromhex(sys.stdin.read()).decode(), end="")'
}

# columns(LIST) - these words of each line that the last io read, lines joined by ;
columns() {
	lines | cut -d ' ' -f "$1" | paste -sd ';'
}

# lates() - how many jiffies late each call of the last io was
lates() {
	lines | sed 's/.* //'
}

# assert_late(LOW, HIGH, CALLS) - the last io read so many calls, none of them
# earlier or later than that, SLACK apart
assert_late() {
	local late high=$(($2 + SLACK))
	assert_equal "$(lates | wc -l)" "$3"
	for late in $(lates); do
		((late >= $1 && late <= high)) ||
			fail "a call is $late jiffies late, expected $1 to $high: $(lines)"
	done
}

# delay(VARIABLE, LOW, HIGH) - draws ms, LOW to HIGH jiffies of 4 ms
delay() {
	random_between "$1" "$2" "$3"
	printf -v "$1" %d $((4 * ${!1}))
}
