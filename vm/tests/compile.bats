# SPDX-License-Identifier: GPL-2.0
# Compiling a kernel, with a source of a few lines in place of Linux.

load common

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export PATH=$PWD/bin:$PATH SOURCE_ROOT=$PWD/src
	mkdir -p bin src linux
	cp -r "$BATS_TEST_DIRNAME/../kernels" .
	echo 'CONFIG_64BIT=y' >kernels/base.config
	printf '# steps 2\nCONFIG_KASAN=y\nCONFIG_KCSAN=n\n' >kernels/debug.config
	echo 'linux-source-6.1 1-1' >kernels/source
	pretend dpkg-query 0 1-1
	source_of_linux
}

teardown() {
	:
}

# source_of_linux() - packs a source that takes every option but CONFIG_DEAF;
# its build says when an object was made, and fails while there is a file fail
source_of_linux() {
	cat >linux/Makefile <<-'MAKE'
		KCONFIG_CONFIG ?= .config
		allnoconfig: ; @grep -v -e DEAF -e '=n$$' $(KCONFIG_ALLCONFIG) >$(KCONFIG_CONFIG)
		olddefconfig modules:
		object: ; @echo '  CC      object'; touch object
		bzImage: object ; @! test -e $(CURDIR)/../fail && echo image >image
		image_name: ; @echo image
		kernelrelease: ; @echo 6.1-debug
	MAKE
	mkdir -p linux/{include,arch/x86/include,scripts,tools/objtool}
	printf 'config 64BIT\nconfig KASAN\nconfig KCSAN\nconfig DEAF\n' >linux/Kconfig
	touch linux/Module.symvers
	tar -cJf src/linux-source-6.1.tar.xz linux
}

# pretend(PROGRAM, STATUS, WORDS) - a program that says its words and fails or not
pretend() {
	printf '#!/bin/sh\necho "%s"\nexit %d\n' "$3" "$2" >"bin/$1"
	chmod +x "bin/$1"
}

compile() {
	kernels/compile debug out/debug
}

@test "a kernel is compiled once, and then left alone" {
	run -0 compile
	assert_line --index 0 'steps 2'
	assert_equal "$(cat out/debug/release out/debug/image)" $'6.1-debug\nimage'
	assert [ -e out/debug/headers/Makefile ]
	refute [ -e out/debug.work ]
	run -0 compile
	refute_output
}

@test "a build that was interrupted goes on from where it was" {
	mkdir -p out
	touch out/fail
	run -1 compile
	assert_output --partial 'what is there is kept'
	refute [ -e out/debug ]
	rm out/fail
	run -0 compile
	refute_line '  CC      object'
	assert [ -e out/debug/image ]
}

@test "a fragment that changes makes another kernel" {
	run -0 compile
	echo '# a word on why' >>kernels/base.config
	run -0 compile
	refute_output
	echo 'CONFIG_ANOTHER=y' >>kernels/base.config
	run -0 compile
	assert_line 'steps 2'
}

@test "an option that does not exist is named with file and line" {
	echo 'CONFIG_SURELY_NOT=y' >>kernels/debug.config
	sed -i 's/-e DEAF/-e DEAF -e SURELY/' linux/Makefile
	tar -cJf src/linux-source-6.1.tar.xz linux
	run -1 compile
	assert_output --partial 'vm/kernels/debug.config:4: CONFIG_SURELY_NOT=y: the kernel has no such option'
}

@test "an option that is not taken, or on against the wish, is named" {
	printf 'CONFIG_DEAF=y\nCONFIG_64BIT=n\n' >>kernels/debug.config
	run -1 compile
	assert_output --partial 'debug.config:4: CONFIG_DEAF=y: not taken; see what it depends on'
	assert_output --partial 'debug.config:5: CONFIG_64BIT is on all the same'
}

@test "without room on the disk nothing is begun" {
	export ROOM_MIB=999999999
	run -1 compile
	assert_output --regexp 'needs 999999999 MB .* has [0-9]+ MB'
	refute [ -e out/debug.work/Makefile ]
}

@test "without the source it says what to run" {
	pretend dpkg-query 1 ''
	run -1 compile
	assert_output --partial 'linux-source-6.1 is not installed; run: make debug-kernel'
}

@test "a version that was not checked is built, and told" {
	pretend dpkg-query 0 2-1
	run -0 compile
	assert_output --partial 'linux-source-6.1 is 2-1 here, and 1-1 was checked'
}

@test "a compiler that the source does not know is told when it fails" {
	mkdir -p out
	touch out/fail
	pretend gcc-99 0 99
	CC=gcc-99 run -1 compile
	assert_output --partial 'gcc-99 is version 99, newer than the source knows'
}

@test "a kernel without a configuration is refused" {
	run -1 kernels/compile nonsense out/nonsense
	assert_output --partial 'no kernel is called nonsense: no vm/kernels/nonsense.config'
}
