# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

load ../../lib/io
load ../../lib/fail

EVENTS=16384 # what the recorder holds
LEAP=/sys/module/leap/parameters/jiffies
export EVENTS

# What a module may call, as the linker knows it: the steps of init, the ways to
# make a device, and to get memory.
STEPS='alloc_chrdev_region|cdev_add|__class_(create|register)'
MAKERS='device_(create|create_with_groups|register|add)|cdev_device_add'
ALLOCATORS='kmalloc_trace|__kmalloc|krealloc|kvmalloc_node|vmalloc|vzalloc|kmem_cache_alloc'
ALLOCATORS+='|v?memdup_user|memdup_user_nul'
export STEPS MAKERS ALLOCATORS

# kkey_ready() - a VM with kkey loaded and io at hand
kkey_ready() {
	vm_start
	vm_helper io
	vm_load kkey
}

# time_ready() - kkey_ready, and sets tick, the microseconds in a jiffy; for tests
# with the tag clock:virtual
time_ready() {
	kkey_ready
	io tick
	tick=$(results)
}

# leap_ready() - time_ready, and what is written to $LEAP is how far jiffies leap,
# which watchdogs that count jiffies must not take for a hang; an hour is left
# until 32 bits of jiffies are full
leap_ready() {
	time_ready
	vm_helper leap
	vm_insmod leap
	vm_write /sys/module/rcupdate/parameters/rcu_cpu_stall_suppress 1
	vm_sh 'cd /sys/module/workqueue/parameters && [ ! -e watchdog_thresh ] ||
		echo 0 >watchdog_thresh'
	local full=$((1 << 32)) hour=$((3600 * 1000000 / tick)) now
	now=$(vm_get "$LEAP" -)
	vm_write "$LEAP" $((full - (now + hour) % full))
}

# calls(PATTERN) - which of the functions the module calls
calls() {
	nm -u "$MODULES/kkey.ko" | grep -owE "$1"
}

# fail_memory(FUNCTION) - this way to get memory fails, until failfn goes
fail_memory() {
	case $1 in
	*_user*) fail_call kkey "$1" -12 nth=0 ;;
	*) fail_call kkey "$1" 0 nth=0 ;;
	esac
}

# kkey_major() - prints the major of kkey in /proc/devices, nothing without one
kkey_major() {
	vm_get /proc/devices - | awk '/^Block/ { exit } $2 == "kkey" { print $1 }'
}

# traces() - what there is of kkey in /dev, /sys and /proc
traces() {
	vm_sh 'find /dev /sys/class /sys/module -name "*kkey*"; grep kkey /proc/devices || :'
}

# parse(FILE|-) - sets $song to what is in FILE, or in hex on standard input: a line
# for its head, one a key; fails where it is no MIDI file as the README has it
parse() {
	song=$(/usr/bin/python3 -I "$BATS_TEST_DIRNAME/song.py" "$@" 3>&-) || fail "$song"
}

# listen(NOTE) - takes the song out of the recorder into $song, through this node
listen() {
	vm_run cat "/dev/kkey$1" </dev/null >"$BATS_TEST_TMPDIR/song.mid"
	parse "$BATS_TEST_TMPDIR/song.mid"
}

# heard(LINE...) - sets $song to what these lines of the last io have read, joined
heard() {
	local line
	parse - < <(for line in "$@"; do sed -n "$line s/.* //p" <<<"$output"; done)
}

# played() - what happens in $song, on one line: on 69 off 69
played() {
	sed -n '2,$s/^[0-9]* //p' <<<"$song" | paste -sd ' '
}

# deltas() - the ticks in front of each event of $song, on one line
deltas() {
	sed -n '2,$s/ .*//p' <<<"$song" | paste -sd ' '
}

# pauses(TICKS...) - plays one key, pausing for exactly so many jiffies, one or
# more, before each further event, and listens.  The end of a jiffy is waited for
# and then a quarter of one slept, so that the calls have time inside of a jiffy.
pauses() {
	local plays=('open /dev/kkey69 w' tick "sleep $((tick / 4000))" 'write 1') ticks
	for ticks in "$@"; do
		plays+=(tick "sleep $(((4 * ticks - 3) * tick / 4000))" 'write 0')
	done
	io "${plays[@]}"
	listen 69
}

# leaps(TICKS...) - the same, but all jiffies of a pause save one are leapt over
leaps() {
	local plays=('open /dev/kkey69 w' "open $LEAP w" tick 'use 3' 'write 1') ticks
	for ticks in "$@"; do
		plays+=(tick 'use 4' "write $((ticks - 1))" 'use 3' 'write 0')
	done
	io "${plays[@]}"
	listen 69
}

# pitch(FILE) - plays a song to a file, and prints the loudest frequency in it
pitch() {
	timidity --config-file="$BATS_TEST_DIRNAME/../../lib/timidity.cfg" --quiet=2 \
		--output-mode=w1sl --sampling-freq=22050 --output-file="$1.wav" "$1" \
		>"$1.log" 2>&1 </dev/null 3>&- || fail "timidity: $(<"$1.log")"
	/usr/bin/python3 -I "$BATS_TEST_DIRNAME/pitch.py" "$1.wav" 3>&-
}
