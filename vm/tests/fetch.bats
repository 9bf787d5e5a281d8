# SPDX-License-Identifier: GPL-2.0
# Fetching a kernel: what can be missing, and what is said then.

load common

setup() {
	export HEADERS_ROOT=$BATS_TEST_TMPDIR/src PATH=$BATS_TEST_TMPDIR/bin:$PATH
	mkdir -p "$HEADERS_ROOT" "$BATS_TEST_TMPDIR/bin"
	fetch=$BATS_TEST_DIRNAME/../kernels/fetch
}

teardown() {
	:
}

# headers(RELEASE) - pretends that its headers are installed
headers() {
	mkdir -p "$HEADERS_ROOT/linux-headers-$1-cloud-amd64"
	touch "$HEADERS_ROOT/linux-headers-$1-cloud-amd64/Makefile"
}

# pretend(PROGRAM, STATUS, WORDS) - a program that says its words and fails or not
pretend() {
	printf '#!/bin/sh\necho "%s"\nexit %d\n' "$3" "$2" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

@test "without headers it says what to run" {
	run -1 "$fetch" "$BATS_TEST_TMPDIR/kernel"
	assert_output --partial "no headers of a cloud kernel are installed; run: make setup"
}

@test "headers that match no kernel image are named, with what to run" {
	headers 9.9.9
	run -1 "$fetch" "$BATS_TEST_TMPDIR/kernel"
	assert_output --partial "no kernel image matches the installed headers (9.9.9-cloud-amd64)"
	assert_output --partial "apt-get install linux-headers-cloud-amd64"
}

@test "a download that fails is said in apt's words" {
	headers 9.9.9
	pretend apt-cache 0 found
	pretend apt-get 100 "Could not resolve the archive"
	run -1 "$fetch" "$BATS_TEST_TMPDIR/kernel"
	assert_output --partial "Could not resolve the archive"
	assert_output --partial "could not be downloaded"
	refute [ -e "$BATS_TEST_TMPDIR/kernel" ]
}

@test "a kernel that is there already is left alone" {
	pretend apt-get 1 "must not be asked"
	mkdir -p "$BATS_TEST_TMPDIR/kernel/headers"
	touch "$BATS_TEST_TMPDIR/kernel/headers/Makefile"
	echo 9.9.9 >"$BATS_TEST_TMPDIR/kernel/release"
	echo elf >"$BATS_TEST_TMPDIR/kernel/image"
	run -0 "$fetch" "$BATS_TEST_TMPDIR/kernel"
	refute_output
}
