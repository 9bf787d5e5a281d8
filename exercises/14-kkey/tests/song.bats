#!/usr/bin/env bats
# What is in a song: held against what was played, and against the guest's clock.

load ../../lib/vm
load kkey

tick=0 song='' # microseconds in a jiffy; what listen hears

# bats test_tags=points:4,todo:7,kernel:stock
@test "a recorder that is empty gives a valid song without keys" {
	kkey_ready
	io tick
	for _ in first second; do
		listen 127
		assert_equal "$song" "format 0, 1 track, $((500000 / $(results))) ticks, tempo 500000"
	done
}

# bats test_tags=points:4,todo:8,kernel:stock,kernel:debug
@test "keys come in the order in which they were played" {
	local words=(off on) plays=() expected=() note down
	for _ in {1..60}; do
		random_between note 0 127
		random_between down 0 1
		plays+=("open /dev/kkey$note w" "write $down" close)
		expected+=("${words[down]} $note")
	done
	kkey_ready
	io "${plays[@]}"
	listen 69
	assert_equal "$(played)" "${expected[*]}"
}

# bats test_tags=points:4,todo:8,clock:virtual,kernel:stock
@test "times are those of the clock, from the first key on, to two jiffies" {
	local plays=() ms clock actual late at
	time_ready
	for _ in {1..9}; do
		random_between ms 0 1500
		plays+=("sleep $ms" clock 'write 1')
	done
	io 'open /dev/kkey69 w' "${plays[@]}"
	mapfile -t clock < <(sed -n 's/^clock = //p' <<<"$output")
	listen 69
	read -ra actual <<<"$(deltas)"
	assert_equal "${#actual[@]} ${actual[0]}" '9 0'
	for at in {1..8}; do
		late=$((actual[at] * tick - clock[at] + clock[at - 1]))
		((late * late <= 4 * tick * tick)) || fail "event $at is $late us late"
	done
}

# bats test_tags=points:2,todo:8,clock:virtual,kernel:stock
@test "a time takes one byte up to 0x7f and two from 0x80" {
	time_ready
	pauses 1 0x7f 0x80 0x81 0xff 0x100
	assert_equal "$(deltas)" '0 1 127 128 129 255 256'
}

# bats test_tags=points:2,todo:8,clock:virtual,kernel:stock
@test "a time takes two bytes up to 0x3fff and three from 0x4000" {
	local any
	random_between any 0x81 0x3ffe
	leap_ready
	leaps 0x3fff 0x4000 "$any" 0x4001 5
	assert_equal "$(deltas)" "0 16383 16384 $any 16385 5"
}

# bats test_tags=points:2,todo:8,clock:virtual,kernel:stock
@test "a time takes three bytes up to 0x1fffff and four from 0x200000" {
	local any
	random_between any 0x200001 0x0ffffffe
	leap_ready
	leaps 0x1fffff 0x200000 "$any" 0x200080 7
	assert_equal "$(deltas)" "0 2097151 2097152 $any 2097280 7"
}

# bats test_tags=points:3,todo:8,clock:virtual,kernel:stock
@test "a silence of more than 0x0fffffff ticks is cut to that" {
	local any
	random_between any 0x100000001 0x10fffffff # in 32 bits it would be short
	leap_ready
	leaps 0x0ffffffe 0x0fffffff 0x10000000 3 "$any" 1
	assert_equal "$(deltas)" '0 268435454 268435455 268435455 3 268435455 1'
}

# bats test_tags=points:2,todo:8,kernel:stock,kernel:debug
@test "there is room for a song of long silences" {
	kkey_ready
	io 'open /dev/kkey60 w' 'write 1' 'sleep 700' 'write 0' 'sleep 700' 'write 1'
	listen 60
	assert_equal "$(played)" 'on 60 off 60 on 60'
	[[ $(deltas) =~ ^0\ [1-9][0-9]{2,}\ [1-9][0-9]{2,}$ ]] || fail "no silence: $(deltas)"
}

# bats test_tags=points:4,todo:8,clock:virtual,kernel:stock
@test "note 69 sounds at 440 Hz" {
	local hertz
	time_ready
	io 'open /dev/kkey69 w' 'write 1' 'sleep 1500' 'write 0'
	listen 69
	hertz=$(pitch "$BATS_TEST_TMPDIR/song.mid")
	# a quarter of a semitone, by which samples may be out of tune
	[[ $hertz =~ ^4(3[4-9]|4[0-6])\. ]] || fail "expected: 440
actual:   $hertz"
}
