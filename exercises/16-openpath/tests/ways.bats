#!/usr/bin/env bats
# Who is asked, and who refuses: the counts of the driver tell.
#
# shellcheck disable=SC2016 # the guest's shell expands it

load ../../lib/vm
load openpath

setup() { openpath_ready; }

# bats test_tags=points:8,todo:4
@test "by whichever name and call a file is opened, the driver is asked once" {
	vm_sh "set -e; ln -s openpath /dev/link; ln -s /dev/link /tmp/link
		mknod /tmp/node $(node)"
	goes <<-'END'
		open r /dev/openpath = 3, granted
		openat r /dev openpath = 4, granted
		openat r /tmp ../dev/./openpath = 5, granted
		openat2 r - /dev openpath = 6, granted
		open r /tmp/link = 7, granted
		open rw+creat+trunc+nonblock /dev/openpath = 8, granted
		open r /tmp/node = 9, granted
		close 9 = 0, not asked
		dup 3 = 9, not asked
	END
	assert_equal "$(counts)" '7 0'
}

# bats test_tags=points:9,todo:4
@test "what the VFS can tell by itself never reaches the driver" {
	# 40 symbolic links in a row are the limit
	vm_sh 'set -e; ln -s /dev/openpath /tmp/0; for k in $(seq 40); do ln -s $((k - 1)) /tmp/$k; done
		ln -s loop /tmp/loop'
	goes <<-'END'
		open r /tmp/39 = 3, granted
		open r /tmp/40 = -ELOOP, not asked
		open r /tmp/loop = -ELOOP, not asked
		open r+nofollow /tmp/0 = -ELOOP, not asked
		open r /dev/openpath/ = -ENOTDIR, not asked
		open r /dev/openpath/x = -ENOTDIR, not asked
		open r+directory /dev/openpath = -ENOTDIR, not asked
		open w+directory /dev/openpath = -ENOTDIR, not asked
		open r /dev/openpaths = -ENOENT, not asked
		open r+creat+excl /dev/openpath = -EEXIST, not asked
		full = 0, not asked
		open r /dev/openpath = -EMFILE, not asked
		open r /nowhere/at/all = -EMFILE, not asked
	END
}

# bats test_tags=points:9,todo:4
@test "openat2 goes no further than RESOLVE flags let it" {
	vm_sh 'set -e; ln -s openpath /dev/link; ln -s /dev/openpath /dev/absolute'
	goes <<-'END'
		openat2 r no_symlinks /dev openpath = 3, granted
		openat2 r no_symlinks /dev link = -ELOOP, not asked
		openat2 r beneath /dev link = 4, granted
		openat2 r beneath /dev ../dev/openpath = -EXDEV, not asked
		openat2 r beneath /dev absolute = -EXDEV, not asked
		openat2 r in_root /dev ../../openpath = 5, granted
		openat2 r in_root /dev absolute = -ENOENT, not asked
		openat2 r no_xdev /dev openpath = 6, granted
		openat2 r no_xdev / dev/openpath = -EXDEV, not asked
		openat2 r no_magiclinks /dev link = 7, granted
		openat2 r no_magiclinks / proc/self/fd/3 = -ELOOP, not asked
	END
}

# bats test_tags=points:8,todo:5
@test "O_WRONLY is refused by the driver, O_DIRECT by the VFS when the driver has agreed" {
	goes <<-'END'
		open w /dev/openpath = -EACCES, refused
		open w+trunc+nonblock /dev/openpath = -EACCES, refused
		open rw /dev/openpath = 3, granted
		open r+direct /dev/openpath = -EINVAL, granted
		open r /dev/openpath = 4, granted
	END
	assert_equal "$(counts)" '3 2'
	io 'rmmod openpath'
	assert_equal "$(results)" 0
}

# bats test_tags=points:8,todo:5,needs:read
@test "through /proc/self/fd a file is opened anew; dup and O_PATH open nothing" {
	goes <<-'END'
		open r+path /dev/openpath = 3, not asked
		open w+path /dev/openpath = 4, not asked
		read 3 = -EBADF, not asked
		dup 3 = 5, not asked
		open r /proc/self/fd/5 = 6, granted
		open w /proc/self/fd/4 = -EACCES, refused
		dup 6 = 7, not asked
		open r /proc/self/fd/7 = 8, granted
	END
	ways 'openat2 r - /dev openpath' 'dup 3' 'open r /proc/self/fd/3' 'read 4' 'read 3' 'read 5'
	assert_equal "$(system_call "$(way 4)") $(system_call "$(way 5)")" 'openat2 open'
	assert_line 'read 3 = 0, not asked'
}

# bats test_tags=points:9,todo:5
@test "who has no permission hears so from the VFS, and the driver hears nothing" {
	vm_sh 'set -e
		mkdir -m 700 /tmp/private; ln -s /dev/openpath /tmp/private/link
		mknod -m 666 /tmp/all $1; mknod -m 600 /tmp/root $1
		for k in nodev ro; do
			mkdir /tmp/$k; mount -t tmpfs $k /tmp/$k; mknod -m 777 /tmp/$k/node $1
			mount -o remount,$k /tmp/$k
		done' "$(node)"
	goes <<-'END'
		open rw /tmp/ro/node = 3, granted
		open r /tmp/nodev/node = -EACCES, not asked
		exec /tmp/ro/node = -EACCES, not asked
		open r /tmp/private/link = 4, granted
		as 1000 = 0, not asked
		open r /dev/openpath = 5, granted
		open rw /dev/openpath = -EACCES, not asked
		open w /dev/openpath = -EACCES, not asked
		open w /tmp/all = -EACCES, refused
		open r /tmp/root = -EACCES, not asked
		open r /tmp/private/link = -EACCES, not asked
	END
}
